/** What a user sees who has made a mistake, or whose installation is broken: one clear line and the right end. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  chmodSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { needsRoot } from '../rig/peers.ts';
import { makePrivateBuild } from '../rig/private-build.ts';
import type { Ended } from '../rig/run.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const FILES = { 'a.c': 'int twice(int x) { return 2 * x; }\n' };
const OUR_LINE = /^distcc(?:\[\d+\])?:? .+$/;
const { port } = site.workers[0]!;
const closedPort = await findFreePort();

function distcc(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return site.distcc(words, { cwd: site.project(FILES), env });
}

/** One line of ours that says all of this, and nothing else. */
function assertOneLine(text: string, ...patterns: readonly RegExp[]): void {
  const lines = text.split('\n');
  assert.equal(lines.length, 2, `not one line: ${text}`);
  assert.match(lines[0] ?? '', OUR_LINE);
  for (const pattern of patterns) assert.match(text, pattern);
}

const BAD_LISTS: readonly (readonly [list: string, explanation: RegExp])[] = [
  ['127.0.0.1:none', /"127\.0\.0\.1:none".*number from 1 to 65535/],
  ['127.0.0.1/0', /"127\.0\.0\.1\/0".*number from 1 to/],
  ['127.0.0.1/', /"127\.0\.0\.1\/".*number from 1 to/],
  ['127.0.0.1:', /"127\.0\.0\.1:".*number from 1 to 65535/],
  ['127.0.0.1:3632;', /number from 1 to 65535/],
  ['127.0.0.1,zip', /no option "zip"; there are lzo/],
  ['127.0.0.1,', /no option ""; there are lzo/],
  ['127.0.0.1,cpp', /cpp needs lzo/],
  ['::1', /brackets/],
  ['[::1', /bracket .* not closed/],
  ['/4', /name of the host is missing/],
  ['@', /name of the host is missing/],
  [':3632', /name of the host is missing/],
  ['user@', /name of the host is missing/],
  ['@127.0.0.1/x', /number from 1 to/],
  ['localhost/0', /number from 1 to/],
  ['localhost/x', /number from 1 to/],
  ['good,lzo bad:port:port', /"bad:port:port"/],
];

for (const [list, explanation] of BAD_LISTS) {
  test(`a host list that cannot be understood: ${list}`, async () => {
    const env = { DISTCC_HOSTS: list };
    const refused = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '0' });
    assert.equal(refused.status, 116);
    assertOneLine(refused.stderr, explanation, /DISTCC_HOSTS/);

    const cwd = site.project(FILES);
    const line = '$CC -c a.c 2>errors; echo $?';
    await site.assertNoDifference(line, { cwd, outputs: ['a.o'], env: { ...env, DISTCC_FALLBACK: '1' } });
    const fellBack = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '1' });
    assertOneLine(fellBack.stderr, explanation, /running locally instead/);
    assert.equal(fellBack.status, 0);

    const shown = await distcc(['--show-hosts'], env);
    assertOneLine(shown.stderr, explanation);
  });
}

/** With which distcc goes on, as if they were hosts that cannot be reached, or were written better. */
const MISWRITTEN: readonly (readonly [entry: string, explanation: RegExp])[] = [
  ['127.0.0.1:70000', /"127\.0\.0\.1:70000".*number from 1 to 65535.*passed over/],
  ['127.0.0.1:0', /number from 1 to 65535.*passed over/],
  ['127.0.0.1/-2', /number from 1 to .*passed over/],
  ['[x]', /no IPv6 address.*passed over/],
  ['host!', /no name.*passed over/],
  ['@-oProxyCommand=x', /no name.*passed over/],
  ['--randomise', /--randomize/],
  ['--localslots=many', /--localslots=N/],
  ['--localslots=0', /--localslots=N/],
  ['+zeroconf', /cannot be discovered/],
  ['--randomizeX', /--randomize is all/],
];

for (const [entry, explanation] of MISWRITTEN) {
  test(`a list with an entry that means nothing: ${entry}`, async () => {
    const env = { DISTCC_HOSTS: `${entry} 127.0.0.1:${port}`, DISTCC_FALLBACK: '0' };
    const { status, stderr } = await distcc(['gcc', '-c', 'a.c'], env);
    assert.equal(status, 0);
    assertOneLine(stderr, explanation);
    const shown = await distcc(['--show-hosts'], env);
    assert.equal(shown.stdout, `127.0.0.1:${port}\n`);
    assertOneLine(shown.stderr, explanation);
  });
}

/** Of which distcc takes what it understands, in silence. */
const MISWRITTEN_WITHIN: readonly (readonly [rest: string, explanation: RegExp])[] = [
  ['/4x', /number from 1 to .*"x" is too much/],
  ['/4/5', /"\/5" is too much|HOST\/LIMIT:PORT/],
  [',lzox', /"lzox" is taken for lzo/],
];

for (const [rest, explanation] of MISWRITTEN_WITHIN) {
  test(`a host with something behind it that means nothing: ${rest}`, async () => {
    const env = { DISTCC_HOSTS: `127.0.0.1:${port}${rest}`, DISTCC_FALLBACK: '0' };
    const { status, stderr } = await distcc(['gcc', '-c', 'a.c'], env);
    assert.equal(status, 0);
    assertOneLine(stderr, explanation);
  });
}

test('a host that is to say who it is: not used, for there is no GSS-API', async () => {
  for (const option of [',auth', ',auth=name']) {
    const asking = `127.0.0.1:${port}${option}`;
    const alone = await distcc(['gcc', '-c', 'a.c'], { DISTCC_HOSTS: asking });
    assert.equal(alone.status, 116);
    assert.match(alone.stderr, /without GSS-API/);
    const closed = `127.0.0.1:${closedPort}${option}`;
    const other = await distcc(['gcc', '-c', 'a.c'], { DISTCC_HOSTS: `${closed} 127.0.0.1:${port}` });
    assert.equal(other.status, 0);
    assertOneLine(other.stderr, /without GSS-API/);
  }
});

const NOBODY_THERE: readonly (readonly [title: string, hosts: string | undefined, explanation: RegExp])[] = [
  ['an empty list', '', /empty/],
  ['a list of comments', '# nobody', /empty/],
  ['all are down', `127.0.0.1:${port},down`, /down/],
];

for (const [title, hosts, explanation] of NOBODY_THERE) {
  test(`nobody to ask: ${title}`, async () => {
    const env = { DISTCC_HOSTS: hosts };
    const refused = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '0' });
    assert.equal(refused.status, 116);
    assertOneLine(refused.stderr, explanation);
    const fellBack = await distcc(['gcc', '-c', 'a.c'], { ...env, DISTCC_FALLBACK: '1' });
    assert.equal(fellBack.status, 0);
    assertOneLine(fellBack.stderr, explanation);
  });
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

/** Debian's distcc brings a list for all users, which is not there when this runs. */
const SITE_LIST = '/etc/distcc/hosts';
const hasSiteList = existsSync(SITE_LIST);

test('nobody to ask: no list at all', hasSiteList ? needsRoot('mount') : {}, async () => {
  const hide = [
    'unshare',
    '-m',
    'sh',
    '-c',
    `mount -t tmpfs none ${path.dirname(SITE_LIST)} && exec "$@"`,
    'sh',
  ];
  const cwd = site.project(FILES);
  const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    site.run([...(hasSiteList ? hide : []), site.client.launcher, ...words], {
      cwd,
      env: { DISTCC_HOSTS: undefined, ...env },
    });
  const refused = await run(['gcc', '-c', 'a.c']);
  assert.equal(refused.status, 116);
  assertOneLine(refused.stderr, /No host list is set/);
  const fellBack = await run(['gcc', '-c', 'a.c'], { DISTCC_FALLBACK: '1' });
  assert.equal(fellBack.status, 0);
  assertOneLine(fellBack.stderr, /No host list is set/);
  const shown = await run(['--show-hosts']);
  assertOneLine(shown.stderr, /set DISTCC_HOSTS or write/);
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
  [['--scan-includes', 'gcc', '-c', 'a.c'], 100, /pump mode/],
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
  assert.match(version.stdout, /^distcc [\w.-]+ [.\w-]+\n[ \t]+\(protocol.*\) \(default port 3632\)\n/);
  const env = { DISTCC_HOSTS: `one/3,lzo two:4000/2 # comment\n localhost/1` };
  assert.equal((await distcc(['--show-hosts'], env)).stdout, 'one/3,lzo\ntwo:4000/2\nlocalhost/1\n');
  assert.equal((await distcc(['-j'], env)).stdout, '6\n');
});

test('the list comes from DISTCC_DIR/hosts where the variable is not set', async () => {
  const directory = site.scratch.privateDirectory('with-hosts');
  const env = { DISTCC_DIR: directory, DISTCC_HOSTS: undefined };
  writeFileSync(path.join(directory, 'hosts'), `# ours\n127.0.0.1:${port}/2\n`);
  assert.equal((await distcc(['--show-hosts'], env)).stdout, `127.0.0.1:${port}/2\n`);
  const well = await distcc(['gcc', '-c', 'a.c'], env);
  assert.deepEqual([well.status, well.stderr], [0, '']);
  writeFileSync(path.join(directory, 'hosts'), '127.0.0.1:x\n');
  const bad = await distcc(['gcc', '-c', 'a.c'], env);
  assert.equal(bad.status, 116);
  assertOneLine(bad.stderr, new RegExp(`${directory}/hosts`));
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
