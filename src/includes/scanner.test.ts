import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { analyze } from '../command/analyze.ts';
import { INCLUDE_READER } from '../files/include-reader.ts';
import { SOURCE_PLACE } from './compiler-facts.ts';
import { Scanner, type ScanAnswer } from './scanner.ts';

/** A directory with files in it, and a scanner that may ask the real gcc. */
class Bench {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'scanner-test-'));
  readonly scanner = new Scanner(INCLUDE_READER, SYSTEM_CLOCK);
  questions = 0;

  constructor(t: TestContext, files: Readonly<Record<string, string>>) {
    t.after(() => rmSync(this.directory, { recursive: true }));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const file = path.join(this.directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  scan(...argv: string[]): ScanAnswer {
    const command = analyze(argv, { environment: new Map(), readText: () => undefined });
    assert(command.kind === 'compile');
    for (;;) {
      this.scanner.openPass();
      const answer = this.scanner.scan({
        command,
        compiler: '/usr/bin/gcc',
        compilerVersion: '',
        directory: this.directory,
        environment: new Map(),
      });
      if (answer.kind !== 'ask') return answer;
      this.questions++;
      const { key, argv: words, text, suffix } = answer.question;
      this.write(`question${suffix}`, text);
      const [program = '', ...args] = words.map((word) =>
        word === SOURCE_PLACE ? `question${suffix}` : word,
      );
      const said = spawnSync(program, args, { cwd: this.directory, encoding: 'latin1' });
      this.scanner.learn(key, { isWell: said.status === 0, stdout: said.stdout, stderr: said.stderr });
    }
  }

  /** Names of the files in the directory that are in the closure, or why there is none. */
  own(answer: ScanAnswer): string {
    if (answer.kind !== 'closure') return answer.kind === 'unsure' ? answer.reason : answer.kind;
    const names = answer.closure.files.map(({ typed }) => typed);
    return names.filter((name) => !name.startsWith('/')).join(' ');
  }
}

test('Scanner finds what a condition and a macro lead to', (t) => {
  const bench = new Bench(t, {
    'a.c':
      '#if __GNUC__ >= 4 && __has_builtin(__builtin_expect)\n#define NAME "b.h"\n#endif\n#include NAME\n',
    'b.h': '#include <stddef.h>\n#ifdef NEVER\n#include "none.h"\n#endif\n',
  });
  const answer = bench.scan('gcc', '-c', 'a.c');
  assert.equal(bench.own(answer), 'a.c b.h');
  assert(answer.kind === 'closure');
  assert(answer.closure.files.some(({ entry }) => entry.path.endsWith('/stddef.h')));
  assert.equal(bench.questions, 2);
});

test('Scanner remembers an answer until something under it changes its meaning', (t) => {
  const bench = new Bench(t, { 'a.c': '#include <b.h>\n', 'late/b.h': 'int x;\n' });
  const argv = ['gcc', '-Iearly', '-Ilate', '-c', 'a.c'];
  const first = bench.scan(...argv);
  assert.equal(bench.own(first), 'a.c late/b.h');
  assert(first.kind === 'closure');
  const again = bench.scan(...argv);
  assert(again.kind === 'closure' && again.closure === first.closure);
  bench.write('late/b.h', 'int x, y;\n');
  const edited = bench.scan(...argv);
  assert(edited.kind === 'closure' && edited.closure === first.closure);
  assert.equal(Buffer.from(edited.closure.files.at(-1)?.entry.content.bytes ?? []).toString(), 'int x, y;\n');
  bench.write('early/b.h', '#include "c.h"\n');
  assert.equal(bench.own(bench.scan(...argv)), 'no-such-header');
  bench.write('early/c.h', '');
  assert.equal(bench.own(bench.scan(...argv)), 'a.c early/b.h early/c.h');
  rmSync(path.join(bench.directory, 'early'), { recursive: true });
  assert.equal(bench.own(bench.scan(...argv)), 'a.c late/b.h');
});
