/** What a user sees who has made a mistake, or whose installation is broken: one clear line and the right end. */
import assert from 'node:assert/strict';
import { copyFileSync, chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { assertOneLine } from '../rig/one-line.ts';
import { makePrivateBuild } from '../rig/private-build.ts';
import type { Ended } from '../rig/run.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const FILES = { 'a.c': 'int twice(int x) { return 2 * x; }\n' };
const { port } = site.workers[0]!;
const closedPort = await findFreePort();

function distcc(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return site.distcc(words, { cwd: site.project(FILES), env });
}

test('a host that refuses connections: the line names it and asks the right question', async () => {
  const env = { DISTCC_HOSTS: `127.0.0.1:${closedPort}`, DISTCC_BACKOFF_PERIOD: '0' };
  const refused = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '0' });
  assert.equal(refused.status, 116);
  assert.match(refused.stderr, new RegExp(`127\\.0\\.0\\.1:${closedPort}.*refused.*distccd`));
  const fellBack = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '1' });
  assert.equal(fellBack.status, 0);
  const other = await distcc(['gcc', '-c', 'a.c'], {
    DISTCC_HOSTS: `127.0.0.1:${closedPort} 127.0.0.1:${port}`,
  });
  assert.equal(other.status, 0);
});

test('a compiler that is not there is 110, and a line that names it', async () => {
  for (const words of [
    ['no-such-gcc', '-c', 'a.c'],
    ['/none/gcc', '-c', 'a.c'],
  ]) {
    const { status, stderr } = await distcc(words);
    assert.equal(status, 110);
    assertOneLine(stderr, new RegExp(`cannot find the compiler ${words[0]}`));
  }
});

test('called in circles is 111', async () => {
  const { status, stderr } = await distcc(['gcc', '-c', 'a.c'], { _DISTCC_SAFEGUARD: '1' });
  assert.equal(status, 111);
  assertOneLine(stderr, /circles.*PATH/);
});

test('no words at all are 101, and a line that tells where help is', async () => {
  const { status, stdout, stderr } = await distcc([]);
  assert.deepEqual({ status, stdout }, { status: 101, stdout: '' });
  assertOneLine(stderr, /--help/);
});

const OPTIONS: readonly (readonly [words: readonly string[], code: number, explanation: RegExp])[] = [
  [['--scan-includes'], 101, /needs a compile/],
  [['--scan-includes', 'gcc', '-c', 'a.c'], 100, /no host has ,cpp/],
  [['--show-principal'], 101, /without GSS-API/],
];

for (const [words, code, explanation] of OPTIONS) {
  test(`an option that cannot be: ${words.join(' ')}`, async () => {
    const { status, stdout, stderr } = await distcc(words);
    assert.deepEqual({ status, stdout }, { status: code, stdout: '' });
    assertOneLine(stderr, explanation);
  });
}

test('an option that is not ours is the compiler’s', async () => {
  for (const option of ['--no-such-option', '-j4', '--versions']) {
    const theirs = await site.run(['cc', option], { cwd: site.project(FILES) });
    const { status, stderr } = await distcc([option]);
    assert.deepEqual([status, stderr], [theirs.status, theirs.stderr]);
  }
});

test('distcc tells about itself', async () => {
  const help = await distcc(['--help']);
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: distcc .*--show-hosts.*DISTCC_HOSTS/s);
  const version = await distcc(['--version']);
  assert.match(
    version.stdout,
    /^distcc [\w.-]+ [.\w-]+\n[ \t]+\(protocols 1, 2 and 3\) \(default port 3632\)\n/,
  );
  const env = { DISTCC_HOSTS: `one/3,lzo two:4000/2 # comment\n localhost/1` };
  assert.equal((await distcc(['--show-hosts'], env)).stdout, 'one/3,lzo\ntwo:4000/2\nlocalhost/1\n');
  assert.equal((await distcc(['-j'], env)).stdout, '6\n');
});

test('without Node, without the agent, with an agent that cannot start: just the compiler', async () => {
  const build = await makePrivateBuild(site.scratch.path('broken'));
  const cwd = site.project(FILES);
  const env = { DISTCC_DIR: site.scratch.path('broken-distcc') };
  const same = async (what: string): Promise<void> => {
    const theirs = await site.trace('gcc -c a.c', { cwd, outputs: ['a.o'] });
    const ours = await site.trace(`${build.launcher} gcc -c a.c`, { cwd, outputs: ['a.o'], env });
    assert.deepEqual(ours, theirs, what);
  };
  writeFileSync(build.agent, 'process.exit(1);\n');
  await same('an agent that ends at once');
  writeFileSync(build.agent, 'setTimeout(() => process.exit(1), 200);\n');
  await same('an agent that ends after a while');
  renameSync(build.agent, `${build.agent}.old`);
  await same('no agent');
  renameSync(`${build.agent}.old`, build.agent);
  chmodSync(build.node, 0o644);
  await same('Node may not be run');
  renameSync(build.node, `${build.node}.old`);
  await same('no Node');
  copyFileSync('/etc/passwd', build.node);
  chmodSync(build.node, 0o755);
  await same('Node is no program');
  const tool = await site.run([build.launcher, '--version'], { env });
  assert.equal(tool.status, 100);
  assertOneLine(tool.stderr, /build or install again/);
});

test('a masquerade directory that holds only us is 110', async () => {
  const only = site.scratch.path('only');
  mkdirSync(only);
  symlinkSync(site.client.launcher, path.join(only, 'gcc'));
  const cwd = site.project(FILES);
  const { status, stderr } = await site.run([path.join(only, 'gcc'), '-c', 'a.c'], {
    cwd,
    env: { PATH: only },
  });
  assert.equal(status, 110);
  assertOneLine(stderr, /cannot find the compiler gcc/);
});

test('a log that cannot be written goes to standard error; one that can keeps it quiet', async () => {
  const env = { DISTCC_HOSTS: '127.0.0.1:none', DISTCC_FALLBACK: '1' };
  const log = site.scratch.path('client.log');
  const quiet = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_LOG: log });
  assert.deepEqual([quiet.status, quiet.stderr], [0, '']);
  const loud = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_LOG: '/none/client.log' });
  assert.match(
    loud.stderr,
    /^distcc\[\d+\] ERROR: failed to open logfile \/none\/client\.log: ENOENT\ndistcc\[\d+\] Warning: .*127\.0\.0\.1:none.*\n$/,
  );
});
