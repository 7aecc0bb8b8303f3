import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import { analyze } from '../command/analyze.ts';
import { FakeLauncher, invocationOf } from '../../test/rig/fake-launcher.ts';
import { CallerGone, type Caller } from './caller.ts';
import { Door } from './door.ts';
import type { Demotion } from './demotion.ts';
import { Headers } from './headers.ts';

const FILES = {
  'a.c': '#if __GNUC__\n#include "h.h"\n#endif\n',
  'b.c': '#include "h.h"\n',
  'base.c': 'const char *name = __BASE_FILE__;\n',
  'h.h': 'int h;\n',
};

/** Launchers, and a Headers to which their jobs are given. */
class Bench {
  readonly headers = new Headers(SYSTEM_CLOCK);
  readonly project = mkdtempSync(path.join(tmpdir(), 'headers-test-'));
  readonly spool = path.join(this.project, 'spool');
  readonly #server = createServer();
  readonly #door: Door;
  readonly #callers: ((caller: Caller) => void)[] = [];

  constructor(t: TestContext) {
    mkdirSync(this.spool);
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(this.project, name), text);
    const onCaller = (caller: Caller): void => this.#callers.shift()?.(caller);
    this.#door = new Door(this.#server, { onCaller, onQuery: () => undefined }, () => undefined);
    t.after(() => {
      this.#door[Symbol.dispose]();
      rmSync(this.project, { recursive: true });
    });
  }

  /** A job, and the launcher that has it. */
  async call(words: readonly string[], pwd = this.project) {
    const socketPath = path.join(this.project, 'socket');
    if (!this.#server.listening)
      await new Promise<void>((resolve) => this.#server.listen(socketPath, resolve));
    const launcher = new FakeLauncher(socketPath);
    const came = new Promise<Caller>((resolve) => this.#callers.push(resolve));
    const argv = ['gcc', '-c', ...words];
    launcher.invoke({ ...invocationOf(this.project, argv), pwd });
    const command = analyze(argv, { environment: new Map(), readText: () => undefined });
    assert(command.kind === 'compile');
    const job = { command, compiler: { name: 'gcc' }, caller: await came, spool: this.spool };
    await launcher.expect('ack');
    return { launcher, job, tree: outcomeOf(this.headers.makeTree(job)) };
  }

  /** Makes the spool a file, in which no question can be written. */
  spoil(): void {
    rmSync(this.spool, { recursive: true });
    writeFileSync(this.spool, '');
  }

  /** What is sent of a job, or why it is not. */
  async makeTree(words: readonly string[], pwd?: string): Promise<string> {
    const { launcher, tree } = await this.call(words, pwd);
    void launcher.obey(this.project);
    const outcome = await tree;
    launcher.hangUp();
    return outcome;
  }

  get leftovers(): readonly string[] {
    return readdirSync(this.spool);
  }
}

async function outcomeOf(prepared: ReturnType<Headers['makeTree']>): Promise<string> {
  try {
    const tree: Result<unknown, Demotion> = await prepared;
    return tree.ok ? 'tree' : tree.error.reason;
  } catch (error) {
    if (error instanceof CallerGone) return 'gone';
    throw error;
  }
}

test('Headers does without an answer where the question cannot be written down, and asks again later', async (t) => {
  const bench = new Bench(t);
  bench.spoil();
  assert.equal(await bench.makeTree(['a.c']), 'cannot-ask');
  rmSync(bench.spool);
  assert.equal(await bench.makeTree(['a.c']), 'tree');
});

test('Headers has a question put by the launcher whose job needs the answer, and keeps no file of it', async (t) => {
  const bench = new Bench(t);
  const { launcher, tree } = await bench.call(['a.c']);
  const { names } = await launcher.expect('staged');
  const spawn = await launcher.expect('spawn');
  assert(
    spawn.argv.some((word) => names.includes(word)),
    'the launcher removes it if we are gone',
  );
  assert(names.includes(spawn.stdoutPath) && names.includes(spawn.stderrPath));
  launcher.ended(256);
  mkdirSync(path.dirname(spawn.stdoutPath), { recursive: true });
  for (const name of [spawn.stdoutPath, spawn.stderrPath]) writeFileSync(name, '');
  assert.equal(await tree, 'compiler-silent');
  assert.deepEqual(bench.leftovers, []);
  launcher.hangUp();
});

test('Headers asks once for all jobs that want to know the same', async (t) => {
  const bench = new Bench(t);
  const first = await bench.call(['a.c']);
  const second = await bench.call(['b.c']);
  void first.launcher.obey(bench.project);
  assert.deepEqual(await Promise.all([first.tree, second.tree]), ['tree', 'tree']);
  assert.equal(await bench.makeTree(['b.c', '-DX']), 'tree');
  for (const { launcher } of [first, second]) launcher.hangUp();
});

test('Headers has another launcher ask when the one that asks goes away', async (t) => {
  const bench = new Bench(t);
  const first = await bench.call(['a.c']);
  await first.launcher.expect('staged');
  await first.launcher.expect('spawn');
  const second = await bench.call(['b.c']);
  first.launcher.hangUp();
  assert.equal(await first.tree, 'gone');
  void second.launcher.obey(bench.project);
  assert.equal(await second.tree, 'tree');
  assert.deepEqual(bench.leftovers, []);
  second.launcher.hangUp();
});

test('Headers sends no job that failed with them, in whatever words it comes again', async (t) => {
  const bench = new Bench(t);
  const { launcher, job, tree } = await bench.call(['a.c']);
  void launcher.obey(bench.project);
  assert.equal(await tree, 'tree');
  bench.headers.distrust(job);
  assert.equal(await bench.makeTree(['-O2', 'a.c']), 'failed-with-headers');
  assert.equal(await bench.makeTree(['a.c', '-o', 'other.o']), 'tree');
  assert.equal(await bench.makeTree(['b.c']), 'tree');
  launcher.hangUp();
});

test('Headers knows what names the source, and where debug information names a directory', async (t) => {
  const bench = new Bench(t);
  const link = '/home/somewhere/else';
  const cases: readonly [words: readonly string[], outcome: string, pwd?: string][] = [
    [['base.c'], 'tree'],
    [[path.join(bench.project, 'base.c')], 'base-file'],
    [['a.c'], 'tree', link],
    [['-g', 'a.c'], 'logical-directory', link],
    [['-ggdb3', 'a.c'], 'logical-directory', link],
    [['-g', '-O2', 'a.c'], 'tree'],
    [['-g0', 'a.c'], 'tree', link],
    [['-grecord-gcc-switches', 'a.c'], 'tree', link],
    [['-gno-column-info', 'a.c'], 'tree', link],
  ];
  for (const [words, outcome, pwd] of cases)
    assert.equal(await bench.makeTree(words, pwd), outcome, words.join(' '));
});
