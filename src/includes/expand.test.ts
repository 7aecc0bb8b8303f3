import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { Doubt } from './doubt.ts';
import { Expander, type MacroTable } from './expand.ts';
import { Macro } from './macro.ts';
import { tokenize } from './token.ts';

function tableOf(lines: readonly string[]): MacroTable {
  const macros = new Map<string, Macro>();
  for (const line of lines) {
    const macro = Macro.parse(line);
    assert(macro !== undefined, line);
    macros.set(macro.name, macro);
  }
  return { get: (name) => macros.get(name), special: () => undefined };
}

/** What a text becomes, one blank between all tokens. */
function expand(text: string, ...lines: string[]): string {
  const tokens = new Expander(tableOf(lines), tokenize(text)).rest();
  return tokens.map((token) => token.text).join(' ');
}

const CASES: readonly (readonly [name: string, text: string, expected: string, ...lines: string[]])[] = [
  ['an object-like macro', 'A', '1 + 2', 'A 1 + 2'],
  ['a name that is no macro', 'B', 'B', 'A 1'],
  ['one that is made of another', 'A', '3', 'A B', 'B 3'],
  ['one that names itself', 'A', 'A + 1', 'A A + 1'],
  ['two that name each other', 'A', 'A', 'A B', 'B A'],
  ['a function-like macro', 'F(1, 2)', '2 1', 'F(a, b) b a'],
  ['one without its parenthesis', 'F + 1', 'F + 1', 'F(a) a'],
  ['a space before the parenthesis of the definition', 'F(1)', '( a ) a ( 1 )', 'F (a) a'],
  ['arguments with commas in parentheses', 'F((1, 2), 3)', '3', 'F(a, b) b'],
  ['empty arguments', 'F(,)', '[ ] [ ]', 'F(a, b) [a] [b]'],
  ['no arguments', 'F( )', '1', 'F() 1'],
  ['arguments that are macros', 'F(A)', '1 1', 'A 1', 'F(a) a a'],
  ['a call whose name comes of a macro', 'G(1)', '[ 1 ]', 'G F', 'F(a) [a]'],
  ['a call that begins inside of a macro', 'A (1)', '[ 1 ]', 'A F', 'F(a) [a]'],
  ['a string', 'S(a  "b\\n" \'"\')', String.raw`"a \"b\\n\" '\"'"`, 'S(a) #a'],
  ['a string of nothing', 'S()', '""', 'S(a) #a'],
  ['a string is of what was written', 'S(A) T(A)', '"A" "1"', 'A 1', 'S(a) #a', 'T(a) S(a)'],
  ['joined names', 'J(a, b)', 'ab', 'J(x, y) x##y'],
  ['joined with nothing on the left', 'J(, b)', 'b', 'J(x, y) x##y'],
  ['joined with nothing on the right', 'J(a, )', 'a', 'J(x, y) x##y'],
  ['joined three with nothing between', 'J(a, , c)', 'ac', 'J(x, y, z) x##y##z'],
  ['what is joined is looked up', 'J(A, B)', '7', 'J(x, y) x##y', 'AB 7'],
  ['what is joined is not expanded before', 'J(A, 1)', 'A1', 'J(x, y) x##y', 'A 5'],
  ['joined numbers', 'J(1, 2)', '12', 'J(x, y) x##y'],
  ['## in an object-like macro', 'A', 'xy', 'A x ## y'],
  ['the digraph of ##', 'J(a, b) S(c)', 'ab "c"', 'J(x, y) x %:%: y', 'S(x) %:x'],
  ['variadic arguments', 'F(1, 2, 3)', '[ 2 , 3 ]', 'F(a, ...) [__VA_ARGS__]'],
  ['variadic arguments with a name', 'F(1, 2, 3)', '[ 2 , 3 ]', 'F(a, r...) [r]'],
  ['no variadic arguments', 'F(1)', '[ ]', 'F(a, ...) [__VA_ARGS__]'],
  ['the comma goes where there are none', 'F(1)', 'x ( 1 )', 'F(a, ...) x(a, ## __VA_ARGS__)'],
  ['the comma stays where there is an empty one', 'F(1,)', 'x ( 1 , )', 'F(a, ...) x(a, ## __VA_ARGS__)'],
  ['the comma stays where there are some', 'F(1, A)', 'x ( 1 , 2 )', 'A 2', 'F(a, ...) x(a, ## __VA_ARGS__)'],
  ['__VA_OPT__ with arguments', 'F(1, 2)', '1 , 2', 'F(a, ...) a __VA_OPT__(,) __VA_ARGS__'],
  ['__VA_OPT__ without', 'F(1)', '1', 'F(a, ...) a __VA_OPT__(,) __VA_ARGS__'],
  ['what is blue stays blue', 'f(f)(1)', 'f ( 1 )', 'f(x) x f'.replace(' f', '')],
  ['a name at its own expansion’s end', 'f(2)(9)', '2 f ( 9 )', 'f(x) x f'],
  ['a macro called by its argument', 'f(g)(3)', '[ 3 ]', 'f(x) x', 'g(x) [x]'],
  ['letters beyond ASCII', 'voil\xc3\xa0', '1', 'voil\xc3\xa0 1'],
];

for (const [name, text, expected, ...lines] of CASES) {
  test(`Expander: ${name}`, () => assert.equal(expand(text, ...lines), expected));
}

const DOUBTS: readonly (readonly [name: string, text: string, ...lines: string[]])[] = [
  ['arguments that do not end', 'F(1', 'F(a) a'],
  ['too few arguments', 'F(1)', 'F(a, b) a'],
  ['too many arguments', 'F(1, 2)', 'F(a) a'],
  ['joined to what is no token', 'J(+, 1)', 'J(x, y) x##y'],
  ['__VA_OPT__ joined', 'F(1, 2)', 'F(a, ...) a ## __VA_OPT__(b)'],
  ['__VA_OPT__ with what expands to nothing', 'F(1, E)', 'E', 'F(a, ...) a __VA_OPT__(b)'],
  ['a comma before the only, empty, arguments', 'F()', 'F(...) x, ## __VA_ARGS__'],
  ['arguments in arguments without end', `${'F('.repeat(5000)}1${')'.repeat(5000)}`, 'F(a) a'],
  ['doubling 45 times', `${'F('.repeat(45)}1${')'.repeat(45)}`, 'F(a) a a'],
  ['strings that double', `${'F('.repeat(45)}"a"${')'.repeat(45)}`, 'S(a) #a', 'F(a) S(a)'],
  ['names that double', `${'F('.repeat(45)}a${')'.repeat(45)}`, 'J(a) a##a', 'F(a) J(a)'],
  ['a text without end', `"${'\\"'.repeat(100_000)}`],
];

for (const [name, text, ...lines] of DOUBTS) {
  test(`Expander doubts ${name}`, () => assert.throws(() => expand(text, ...lines), Doubt));
}

test('Expander bounds what 40 macros double', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `A${at + 1} A${at} A${at}`);
  assert.throws(() => expand('A40', ...lines), Doubt);
});

test('a macro of an option is one that is defined', () => {
  for (const [operand, text, expected] of [
    ['X', 'X', '1'],
    ['X=', 'X', ''],
    ['X Y', 'X', 'Y 1'],
    ['F(x)=x+x', 'F(2)', '2 + 2'],
    ['X="a//b"', 'X', '"a//b"'],
  ] as const) {
    const macro = Macro.parseOption(operand);
    const table: MacroTable = {
      get: (name) => (name === macro?.name ? macro : undefined),
      special: () => undefined,
    };
    const tokens = new Expander(table, tokenize(text)).rest();
    assert.equal(tokens.map((token) => token.text).join(' '), expected, operand);
  }
  for (const operand of ['X=1//2', 'X=a/*b*/', 'X=1\n#define Y'])
    assert.throws(() => Macro.parseOption(operand), Doubt);
  assert.equal(Macro.parseOption('1'), undefined);
});

const WORD = fc.constantFrom('A', 'B', 'F', 'G', 'x', 'y', '1', '+', ',', '(', ')', 'F(', 'G(', '()', '"s"');
const BODY = fc.array(
  fc.constantFrom('A', 'B', 'F', 'G(x)', 'x', 'y', '1', '+', '(', ')', ',', 'x ## 1', 'a ## x', '#x'),
  { maxLength: 6 },
);
const PROGRAM = fc.record({
  a: fc.array(WORD, { maxLength: 4 }),
  b: fc.array(WORD, { maxLength: 4 }),
  f: BODY,
  g: BODY,
  text: fc.array(WORD, { minLength: 1, maxLength: 8 }),
});

test('Expander says what gcc says', (t) => {
  const programs = fc.sample(PROGRAM, { numRuns: 1500, seed: 20_240_601 });
  const linesOf = ({ a, b, f, g }: (typeof programs)[number]): string[] => [
    `A ${a.join(' ')}`,
    `B ${b.join(' ')}`,
    `F(x) ${f.join(' ')}`,
    `G(x) ${g.join(' ').replaceAll('y', 'x')}`,
  ];
  const isSure = programs.map((program) => {
    try {
      return expand(program.text.join(' '), ...linesOf(program));
    } catch (error) {
      assert(error instanceof Doubt, String(error));
      return undefined;
    }
  });
  const source = programs.flatMap((program, at) =>
    isSure[at] === undefined
      ? []
      : [
          ...linesOf(program).flatMap((line) => [`#undef ${line[0]}`, `#define ${line}`]),
          `@${at}@`,
          program.text.join(' '),
        ],
  );
  const said = spawnSync('gcc', ['-E', '-P', '-x', 'c', '-std=gnu17', '-w', '-'], {
    input: `${source.join('\n')}\n@end@`,
    encoding: 'utf8',
  });
  if (said.error !== undefined) return t.skip('no gcc');
  const parts = said.stdout.split(/@ *(\w+) *@/);
  let count = 0;
  for (let at = 1; at + 1 < parts.length; at += 2) {
    if (parts[at] === 'end') break;
    const number = Number(parts[at]);
    const program = programs[number];
    assert(program !== undefined);
    const text = `${linesOf(program).join('\n')}\n${program.text.join(' ')}`;
    assert.equal(
      (isSure[number] ?? '').replaceAll(/\s/g, ''),
      (parts[at + 1] ?? '').replaceAll(/\s/g, ''),
      text,
    );
    count++;
  }
  assert(count > 500, `${count} were compared`);
});
