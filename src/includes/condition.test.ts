import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTrue, type ConditionContext } from './condition.ts';
import { Doubt } from './doubt.ts';
import { Macro } from './macro.ts';
import { readDirective } from './read-directive.ts';

const MACROS = new Map(
  ['A 1', 'Z 0', 'F(x) x', 'D defined(A)', 'EMPTY', 'HEADER <sys/a.h>', 'HAS(x) __has_include(x)'].map(
    (line) => {
      const macro = Macro.parse(line);
      assert(macro !== undefined);
      return [macro.name, macro];
    },
  ),
);

class Context implements ConditionContext {
  readonly hasWords: boolean;
  readonly hasTrue: boolean;
  readonly hasUnsignedCharacters = false;
  readonly files: string[] = [];

  constructor(hasWords = true) {
    this.hasWords = hasWords;
    this.hasTrue = hasWords;
  }
  get(name: string): Macro | undefined {
    return MACROS.get(name);
  }
  special(name: string): undefined {
    if (name === '__COUNTER__') throw new Doubt('odd-macro', name);
  }
  isDefined(name: string): boolean {
    return MACROS.has(name) || name.startsWith('__has_');
  }
  hasFile(_: string, name: string, counts: boolean): boolean {
    if (counts) this.files.push(name);
    return true;
  }
  ask(operator: string, operand: string): bigint {
    return operator === '__has_attribute' && operand.replaceAll(' ', '') === 'gnu::x' ? 201_907n : 0n;
  }
  isQuery(name: string): boolean {
    return name === '__has_attribute';
  }
  nameHeader(tokens: readonly { readonly text: string }[]): string {
    return tokens
      .map(
        ({ text }) =>
          MACROS.get(text)
            ?.body.map((token) => token.text)
            .join('') ?? text,
      )
      .join('');
  }
}

function compute(text: string, context = new Context()): boolean {
  const directive = readDirective(`if ${text}`);
  assert(directive?.kind === 'if');
  const { condition } = directive;
  if (condition.kind === 'defined') return context.isDefined(condition.name) === condition.holds;
  assert(condition.kind === 'expression');
  return isTrue(condition.tokens, context);
}

const TRUE = `1|A|!Z|!UNKNOWN|A+1==2|1?2:0|0?0:1|0?0:0?0:5|(1)|-1<0|-1>0u|~0==-1|~0u==18446744073709551615u
0x10==16|010==8|0b11==3|1'000==1000|5/2==2|-5/2==-2|-5%3==-2|7%4==3|1<<3==8|-8>>1==-4|(1u<<63)>>63==1
9223372036854775807+1<0|9223372036854775807u+1>0|18446744073709551615>0|0xffffffffffffffff>0|(-1)*2==-2
(0?1u:-1)>0|(1,2)==2|1||1/0|!(0&&1/0)|1?1:1/0|3&1|2|1^3|0||0||2|1<2==1|!0==1|'a'==97|'\\n'==10|'\\\\'==92|'\\x41'==65
'\\101'==65|'\\377'==-1|L'a'==97|defined A|defined(A)|!defined B|!defined(B)|defined A && !defined B|D|F(1)|F (1)|F(F(1))
true|not false|1 and 1|0 or 1|not 0|1 bitand 3|2 xor 3|compl 0|1 not_eq 2|__has_attribute(gnu :: x)|__has_attribute( gnu::x )
__has_include(<a.h>)|__has_include("a.h")|defined __has_include && __has_include(<a b//c.h>)|HAS(<x.h>)|__has_include(HEADER)
F|| 1|EMPTY 1|1 EMPTY|0xFFFFFFFFu==4294967295`
  .split(/\n|(?<![|])[|](?![|])/)
  .filter((text) => text !== '2');

test('isTrue() computes as compilers do', () => {
  for (const text of TRUE) {
    const isPart = /^F$/.test(text);
    if (!isPart) assert.equal(compute(text), true, text);
  }
  for (const text of [
    '0',
    'Z',
    'F',
    'UNKNOWN',
    '1&&0',
    '0?1:0',
    "'\\0'",
    '__has_attribute(y)',
    'false',
    '1,0',
    '-1 > 0',
  ]) {
    assert.equal(compute(text), false, text);
  }
});

test('isTrue() doubts what is no condition, or differs from compiler to compiler', () => {
  const texts = [
    '',
    '1 2',
    '1 +',
    '(1',
    '1)',
    '1/0',
    '1%0',
    '1<<64',
    '1<<-1',
    '1>>64',
    '1.0',
    '"a"',
    "'ab'",
    "u8'\\377'",
    "'\\777'",
    "''",
  ]
    .concat(
      'defined',
      'defined(',
      'defined 1',
      'x(1)',
      '1 ? 2',
      '1 : 2',
      '1_km',
      '09',
      '@',
      '#',
      '__COUNTER__',
      'A\\u00e4',
    )
    .concat(
      'F(1',
      'F(1,2)',
      '('.repeat(5000),
      '!'.repeat(5000),
      '1?'.repeat(5000),
      '9'.repeat(5000),
      '1 = 1',
      'A++',
    )
    .concat('__has_include', '__has_include(', '__has_attribute');
  for (const text of texts) assert.throws(() => compute(text), Doubt, text.slice(0, 30));
});

test('isTrue() does not let count what a short circuit leaves out', () => {
  const context = new Context();
  assert.equal(compute('0 && __has_include(<a>) || 1 || __has_include(<b>) || 1 << 64', context), true);
  assert.equal(compute('1 ? __has_include(<c>) : __has_include(<d>)', context), true);
  assert.deepEqual(context.files, ['<c>']);
});

test('isTrue() reads words as operators in C++ only', () => {
  assert.throws(() => compute('1 and 1', new Context(false)), Doubt);
  assert.equal(compute('true', new Context(false)), false);
  assert.equal(compute('false', new Context(false)), false);
});
