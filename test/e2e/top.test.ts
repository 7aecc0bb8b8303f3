/** `manyhands top` in a real terminal. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BIN } from '../rig/cluster.ts';
import { needsBox } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { Site } from '../rig/site.ts';

const FILES = 40;
const NEEDS = needsBox('tmux');
const site = await Site.open({ isNative: true, workers: 2 });
after(() => site[Symbol.asyncDispose]());

const names = Array.from({ length: FILES }, (_, index) => `f${index}.c`);
const cwd = site.project({
  ...Object.fromEntries(names.map((name) => [name, '#include <stdio.h>\nint f(void) { return 1; }\n'])),
  Makefile: `all: ${names.map((name) => name.replace('.c', '.o')).join(' ')}\n`,
});

class Terminal implements AsyncDisposable {
  readonly #socket = site.scratch.path(`tmux-${process.hrtime.bigint()}`);
  readonly written = `${this.#socket}.out`;

  static async open(columns: number, rows: number): Promise<Terminal> {
    const terminal = new Terminal();
    const size = ['-x', `${columns}`, '-y', `${rows}`];
    // What the terminal is sent is kept as well.
    const command = `script -qefc '${path.join(BIN, 'manyhands')} top' ${terminal.written}; sleep 60`;
    await terminal.tmux('new-session', '-d', ...size, command);
    return terminal;
  }

  async tmux(...words: readonly string[]): Promise<string> {
    const { stdout } = await runWell(['tmux', '-f', '/dev/null', '-S', this.#socket, ...words], {
      env: { ...site.client.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
    });
    return stdout;
  }

  /** @returns the screen once it shows that. */
  async see(wanted: RegExp): Promise<string> {
    for (let triesLeft = 300; ; triesLeft--) {
      const screen = await this.tmux('capture-pane', '-p');
      if (wanted.test(screen)) return screen;
      assert.ok(triesLeft > 0, `there is no ${wanted} in\n${screen}`);
      await delay(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(this.#socket)) await this.tmux('kill-server').catch(() => {});
  }
}

for (const [columns, rows] of [
  [80, 24],
  [200, 60],
] as const)
  test(`a build is seen in ${columns}×${rows}, and left with q`, NEEDS, async () => {
    await using terminal = await Terminal.open(columns, rows);
    const before = await terminal.see(/quit/);
    assert.match(before, /^(?:No agent runs|0 under way)/);
    const building = site.runWell(['make', '-j6', '-B', `CC=${site.client.launcher} gcc`], { cwd });
    const during = await terminal.see(
      /^127\.0\.0\.1:\d+\/8 {2}\d of \d.*\n {2}(?:compile|send|connect|receive)/m,
    );
    assert.ok(during.split('\n').length <= rows + 1);
    await building;
    const { endings } = await site.report();
    const end = await terminal.see(
      new RegExp(`^0 under way {2}${endings.remote} remote {2}0 cached {2}0 here`),
    );
    assert.match(end, /^Last ended\n {2}remote +\d\.\d\d s {2}f\d+\.c {2}127/m);
    await terminal.tmux('send-keys', '/');
    await terminal.tmux('send-keys', 'f17', 'Enter');
    const filtered = await terminal.see(/^filter: f17$/m);
    assert.deepEqual([...new Set(filtered.match(/f\d+\.c/g))], ['f17.c']);
    await terminal.tmux('send-keys', 's', 'p');
    await terminal.see(/^PAUSED {2}filter: f17[^]*sort: time/m);
    await terminal.tmux('resize-window', '-x', '60', '-y', '20');
    const small = await terminal.see(/sort: time/);
    assert.ok(
      small.split('\n').every((line) => line.length <= 60),
      small,
    );
    await terminal.tmux('send-keys', 'q');
    await terminal.see(/^\s*$/);
    const written = readFileSync(terminal.written, 'latin1');
    // Cleared at the start and where the size has changed, and at no other time.
    assert.ok(written.split('\u001b[2J').length <= 4, 'it flickers');
    assert.ok(written.includes('\u001b[?1049l'), 'the other screen is left');
  });

test('it ends with its terminal', NEEDS, async () => {
  const terminal = await Terminal.open(80, 24);
  await terminal.see(/quit/);
  const pids = (await runWell(['pgrep', '-f', `^[^ ]*node.*manyhands.cjs top`])).stdout.trim().split('\n');
  const own = pids.filter((pid) =>
    readFileSync(`/proc/${pid}/environ`, 'latin1').includes(site.scratch.directory),
  );
  assert.equal(own.length, 1);
  await terminal.tmux('kill-server');
  for (let triesLeft = 100; existsSync(`/proc/${own[0]}`); triesLeft--) {
    assert.ok(triesLeft > 0, 'it goes on without a terminal');
    await delay(50);
  }
});

test('for programs each file that ends is an object', NEEDS, async () => {
  const command = `timeout 5 ${path.join(BIN, 'manyhands')} top --json | head -n 3`;
  const top = site.run(['sh', '-c', command], { cwd });
  await delay(1000);
  await site.runWell(['make', '-j6', '-B', `CC=${site.client.launcher} gcc`], { cwd });
  const { stdout } = await top;
  const ended = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(ended.length, 3);
  for (const { source, ending, job, elapsedMs } of ended) {
    assert.match(String(source), /^f\d+\.c$/);
    assert.deepEqual([ending, typeof job, typeof elapsedMs], ['remote', 'number', 'number']);
  }
});

test('in a pipe there is a line for each file that ends', NEEDS, async () => {
  const top = site.run(['sh', '-c', `timeout 5 ${path.join(BIN, 'manyhands')} top | head -n 3`], { cwd });
  await delay(1000);
  await site.runWell(['make', '-j6', '-B', `CC=${site.client.launcher} gcc`], { cwd });
  const { stdout } = await top;
  assert.match(stdout, /^(?: {2}remote +\d\.\d\d s {2}f\d+\.c {2}127\S+\n){3}$/);
});
