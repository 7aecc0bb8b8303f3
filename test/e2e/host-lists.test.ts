/** Host lists that cannot be understood, or not wholly: distcc's exit code, one clear line, and whether the build goes on. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { assertOneLine } from '../rig/one-line.ts';
import { needsRoot } from '../rig/peers.ts';
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
