/** What each variable does for a compile: the exit code, the words, the files, and whether the build goes on. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BIN, findFreePort } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import type { Ended } from '../rig/run.ts';
import { Site, sum } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const SOURCE = 'int twice(int x) { return 2 * x; }\n';
const { port } = site.workers[0]!;
const host = `127.0.0.1:${port}/8`;
const closedPort = await findFreePort();

async function compile(env: NodeJS.ProcessEnv, source = SOURCE): Promise<Ended & { isMade: boolean }> {
  const cwd = site.project({ 'a.c': source });
  const ended = await site.distcc(['gcc', '-c', 'a.c'], { cwd, env });
  return { ...ended, isMade: existsSync(path.join(cwd, 'a.o')) };
}

interface Mistake {
  readonly set: NodeJS.ProcessEnv;
  /** With DISTCC_FALLBACK=1 and with 0. */
  readonly codes: readonly [number, number];
  readonly says: RegExp;
}

/** The codes are those that distcc 3.4 gives. */
const MISTAKES: readonly Mistake[] = [
  { set: { DISTCC_IO_TIMEOUT: '0' }, codes: [101, 101], says: /DISTCC_IO_TIMEOUT=0 is no number/ },
  { set: { DISTCC_IO_TIMEOUT: '-3' }, codes: [101, 101], says: /DISTCC_IO_TIMEOUT=-3 is no number/ },
  { set: { DISTCC_IO_TIMEOUT: 'abc' }, codes: [101, 101], says: /DISTCC_IO_TIMEOUT=abc is no number/ },
  { set: { DISTCC_IO_TIMEOUT: '' }, codes: [101, 101], says: /DISTCC_IO_TIMEOUT= is no number/ },
  { set: { TMPDIR: '/none' }, codes: [0, 107], says: /TMPDIR=\/none cannot be written to: ENOENT/ },
];

for (const { set, codes, says } of MISTAKES) {
  test(`a variable that says what cannot be: ${Object.entries(set).join()}`, async () => {
    for (const [index, fallback] of ['1', '0'].entries()) {
      const { status, stderr, isMade } = await compile({ ...set, DISTCC_FALLBACK: fallback });
      assert.equal(status, codes[index], stderr);
      assert.equal(isMade, status === 0);
      assert.match(stderr, says);
      assert.equal(stderr.split('\n').length, 2, stderr);
    }
    const cwd = site.project({ 'a.c': SOURCE });
    const stays = await site.distcc(['gcc', '-E', 'a.c'], { cwd, env: { ...set, DISTCC_FALLBACK: '0' } });
    assert.deepEqual([stays.status, stays.stderr], [0, ''], 'what stays here needs none of it');
  });
}

test('values that mean nothing change nothing', async () => {
  const ran = await site.whereRan(async () => {
    for (const set of [
      { DISTCC_FALLBACK: 'no' },
      { DISTCC_VERBOSE: 'yes' },
      { DISTCC_SAVE_TEMPS: 'yes' },
      { DISTCC_BACKOFF_PERIOD: 'abc' },
      { DISTCC_PAUSE_TIME_MSEC: '-1' },
      { DISTCC_TCP_CORK: 'x' },
      { DISTCC_LOG: '' },
      { UNCACHED_ERR_FD: '99' },
      { TMPDIR: '' },
    ]) {
      const { status, stdout, stderr, isMade } = await compile({ DISTCC_FALLBACK: '0', ...set });
      assert.deepEqual([status, stdout, stderr, isMade], [0, '', '', true], Object.keys(set)[0]);
    }
  });
  assert.deepEqual(ran, { remote: 9, local: 0 });
});

test('variables that are not read change nothing', async () => {
  const names =
    'DISTCC_PRINCIPAL INCLUDE_SERVER_PORT INCLUDE_SERVER_PID INCLUDE_SERVER_DIR ' +
    'INCLUDE_SERVER_ARGS INCLUDE_SERVER_STUB DISTCC_TESTING_INCLUDE_SERVER DISTCC_MAX_DISCREPANCY ' +
    'DISTCC_EXCLUDE_FRESH_FILES DISTCC_ENABLE_DISCREPANCY_EMAIL DISTCC_EMAILLOG_WHOM_TO_BLAME ' +
    'DCC_EMAILLOG_WHOM_TO_BLAME DISTCC_LOCATION DISTCC_POTENTIAL_HOSTS LSDISTCC_ARGS DISTCC_CLIENT_TMP';
  for (const value of ['0', '/none']) {
    const set = Object.fromEntries(names.split(' ').map((name) => [name, value]));
    const ran = await site.whereRan(async () => {
      const { status, stderr } = await compile({ ...set, DISTCC_FALLBACK: '0' });
      assert.deepEqual([status, stderr], [0, '']);
    });
    assert.deepEqual(ran, { remote: 1, local: 0 });
  }
});

test('a host with ,lzo,cpp is sent the source with its headers', async () => {
  const TMPDIR = site.scratch.privateDirectory('cpp');
  const env = { DISTCC_HOSTS: `${host},lzo,cpp`, DISTCC_FALLBACK: '0', DISTCC_SAVE_TEMPS: '1', TMPDIR };
  const ran = await site.whereRan(async () => {
    const { status, stderr } = await compile(env);
    assert.deepEqual([status, stderr], [0, '']);
  });
  assert.deepEqual(ran, { remote: 1, local: 0 });
  assert(!readdirSync(TMPDIR).some((name) => name.endsWith('.i')), 'nothing was preprocessed here');
});

test('DISTCC_VERBOSE=1 and `manyhands status` tell why headers are not sent', async () => {
  const before = sum(await site.compiledBy(0));
  const env = { DISTCC_HOSTS: `${host},lzo,cpp`, DISTCC_FALLBACK: '0', DISTCC_VERBOSE: '1' };
  const { status, stderr } = await compile(env, 'const char *when = __TIME__;\n');
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^distcc\[\d+\] headers are not sent: A file has the date, the time.*: a\.c$/m);
  assert.equal(sum(await site.compiledBy(before + 1)), before + 1, 'it was sent');
  const shown = await site.runWell([path.join(BIN, 'manyhands'), 'status']);
  assert.match(shown.stdout, /^preprocessed here for hosts with ,cpp, by reason\n +1 {2}clock$/m);
});

test('without HOME and DISTCC_DIR compiles are sent all the same', async () => {
  const before = await site.compiledBy(0);
  const { status, stderr } = await compile({ HOME: undefined, DISTCC_DIR: undefined });
  assert.deepEqual([status, stderr], [0, '']);
  assert.equal(sum(await site.compiledBy(sum(before) + 1)), sum(before) + 1, 'it was sent');
});

test('a DISTCC_DIR that cannot be used is no reason to compile here', async () => {
  for (const DISTCC_DIR of ['/dev/null/x', '/proc/none']) {
    const before = sum(await site.compiledBy(0));
    const { status, stderr } = await compile({ DISTCC_DIR, DISTCC_FALLBACK: '0' });
    assert.deepEqual([status, stderr], [0, ''], DISTCC_DIR);
    assert.equal(sum(await site.compiledBy(before + 1)), before + 1, 'it was sent');
  }
});

test('DISTCC_LOG has the lines that scripts look for', async () => {
  const log = site.scratch.path('log');
  const cwd = site.project({ 'a.c': SOURCE, 'bad.c': 'int f( {\n' });
  const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    site.distcc(words, { cwd, env: { DISTCC_LOG: log, DISTCC_FALLBACK: '1', ...env } });
  const prefix = String.raw`^distcc\[\d+\] `;
  const cases: readonly [words: string, env: NodeJS.ProcessEnv, lines: readonly string[]][] = [
    [
      'gcc -O1 -c a.c',
      {},
      [
        'compile from a\\.c to a\\.o',
        'cpp a\\.c on localhost completed ok',
        `exec on ${host}: \\S*gcc a\\.c -c -o a\\.o -O1`,
        '\\d+ bytes from a\\.c compiled on 127\\.0\\.0\\.1 in \\d\\.\\d{4}s, rate \\d+kB/s',
        `compile a\\.c on ${host} completed ok`,
        'elapsed compilation time \\d\\.\\d{6}s',
        'exit: code 0; self: \\S+ user \\S+ sys; children: \\d\\.\\d{6} user \\d\\.\\d{6} sys',
      ],
    ],
    [
      'gcc -c bad.c',
      {},
      [
        `ERROR: compile bad\\.c on ${host} failed with exit code 1`,
        "Warning: remote compilation of 'bad\\.c' failed, retrying locally",
        'exec on localhost: gcc -c bad\\.c',
        'elapsed compilation time \\d\\.\\d{6}s',
      ],
    ],
    [
      'gcc -c bad.c',
      { DISTCC_SKIP_LOCAL_RETRY: '' },
      [`ERROR: compile bad\\.c on ${host} failed with exit code 1`, 'exit: code 1; .*'],
    ],
    [
      'gcc -c a.c',
      { DISTCC_HOSTS: `127.0.0.1:${closedPort}` },
      [
        `exec on 127\\.0\\.0\\.1:${closedPort}: .*`,
        `Warning: failed to distribute a\\.c to 127\\.0\\.0\\.1:${closedPort}, running locally instead`,
        'exec on localhost: gcc -c a\\.c',
      ],
    ],
    ['gcc -E a.c -o a.i', {}, ['exec on localhost: gcc -E a\\.c -o a\\.i']],
  ];
  for (const [words, env, lines] of cases) {
    writeFileSync(log, '');
    const { stderr } = await run(words.split(' '), env);
    await site.report();
    const text = readFileSync(log, 'utf8');
    for (const line of lines) assert.match(text, new RegExp(`${prefix}${line}$`, 'm'), words);
    assert.doesNotMatch(stderr, /^distcc/m, 'nothing of it on standard error');
  }
});

test('DISTCC_VERBOSE=1 tells all on standard error, why a job stays here among it', async () => {
  const { stderr } = await compile({ DISTCC_VERBOSE: '1' });
  assert.match(stderr, /^distcc\[\d+\] compile a\.c on \S+ completed ok$/m);
  const cwd = site.project({ 'a.c': SOURCE });
  const stays = await site.distcc(['gcc', '-E', 'a.c'], { cwd, env: { DISTCC_VERBOSE: '1' } });
  assert.match(stays.stderr, /^distcc\[\d+\] compiled here: It only preprocesses \(-E\): -E$/m);
});

test('DISTCC_SAVE_TEMPS=1 leaves what was sent, and what came back, in TMPDIR', async () => {
  const TMPDIR = site.scratch.privateDirectory('kept');
  await compile({ DISTCC_SAVE_TEMPS: '0', TMPDIR });
  assert.deepEqual(readdirSync(TMPDIR), []);
  await compile({ DISTCC_SAVE_TEMPS: '1', TMPDIR }, 'int f(void) { return "hm"; }\n');
  const names = readdirSync(TMPDIR).sort();
  assert.deepEqual(
    names.map((name) => name.replace(/[0-9a-f]{8}/, 'X')),
    ['distcc_X.i', 'distcc_server_stderr_X.txt', 'distcc_server_stdout_X.txt'],
  );
  const [text = '', errors = '', output = ''] = names.map((name) => path.join(TMPDIR, name));
  assert.match(readFileSync(text, 'utf8'), /^# \d+ "a\.c".*int f\(void\)/s);
  assert.match(readFileSync(errors, 'utf8'), /warning: /);
  assert.equal(readFileSync(output, 'utf8'), '');
  assert.equal(statSync(text).mode & 0o777, 0o600);
});

test('UNCACHED_ERR_FD gets our lines, and standard error the compiler’s', async () => {
  const cwd = site.project({ 'a.c': '#pragma GCC warning "hm"\n' });
  const env = { DISTCC_VERBOSE: '1', DISTCC_FALLBACK: '1', UNCACHED_ERR_FD: '7' };
  for (const words of ['-c a.c', '-E a.c -o a.i']) {
    const line = `${site.client.launcher} gcc ${words} 7>ours 2>theirs`;
    await site.run(['sh', '-c', line], { cwd, env });
    const [ours, theirs] = ['ours', 'theirs'].map((name) => readFileSync(path.join(cwd, name), 'utf8'));
    assert.match(ours ?? '', /^(?:distcc\[\d+\] .*\n)+$/);
    assert.match(theirs ?? '', /^(?!distcc)a\.c.*warning: hm/s);
  }
});

test('DISTCC_NO_REWRITE_CROSS has hosts called as typed', needsPeer('clang'), async () => {
  const cwd = site.project({ 'a.c': SOURCE });
  const target = (await site.run(['clang', '-dumpmachine'])).stdout.trim();
  const cases: readonly [typed: string, sent: RegExp][] = [
    ['gcc -c a.c', /^\w+(?:-[\w.]+){2,3}-gcc a\.c -c -o a\.o$/],
    ['cc -c a.c', /^\w+(?:-[\w.]+){2,3}-gcc a\.c -c -o a\.o$/],
    ['clang -c a.c', new RegExp(`^clang a\\.c -c -o a\\.o -target ${target}$`)],
    ['clang --target=i686-linux-gnu -c a.c', /^clang a\.c -c -o a\.o --target=i686-linux-gnu$/],
    ['/usr/bin/gcc -c a.c', /^\/usr\/bin\/gcc a\.c /],
  ];
  for (const [typed, sent] of cases) {
    const execution = async (set: NodeJS.ProcessEnv): Promise<string> => {
      const env = { DISTCC_VERBOSE: '1', ...set };
      const { stderr } = await site.distcc(typed.split(' '), { cwd, env });
      return / exec on \S+: (.*)/.exec(stderr)?.[1] ?? '';
    };
    assert.match(await execution({}), sent, typed);
    const plain = typed.replace(' -c a.c', '').replace(/^\S+/, '$& a.c -c -o a.o');
    assert.equal(await execution({ DISTCC_NO_REWRITE_CROSS: '' }), plain);
  }
});

test('quotes are those of the caller’s characters', async () => {
  const cwd = site.project({ 'w.c': 'int f(void) { int unused; return 0; }\n' });
  const line = '$CC -Wall -fno-diagnostics-show-caret -c w.c';
  for (const LC_ALL of ['C', 'C.UTF-8']) {
    const { stderr } = await site.assertNoDifference(line, { cwd, outputs: ['w.o'], env: { LC_ALL } });
    assert.match(stderr, LC_ALL === 'C' ? /'unused'/ : /‘unused’/);
  }
});

test('ccache does not keep our lines', needsPeer('ccache'), async () => {
  const cwd = site.project({ 'a.c': '#warning kept\n' });
  const env = {
    CCACHE_PREFIX: site.client.launcher,
    CCACHE_DIR: site.scratch.path('ccache'),
    DISTCC_HOSTS: '',
    DISTCC_FALLBACK: '1',
  };
  const said: string[] = [];
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = await site.run(['ccache', 'gcc', '-c', 'a.c'], { cwd, env });
    assert.equal(status, 0);
    assert.match(stderr, /warning: #warning kept/);
    said.push(stderr.replace(/^(?!distcc).*\n/gm, ''));
  }
  assert.match(said[0] ?? '', /^distcc\[\d+\] Warning: failed to distribute/);
  assert.equal(said[1], '', 'the second result comes from the cache');
});

/** What a compiler on a terminal says. */
async function onTerminal(words: string, env: NodeJS.ProcessEnv): Promise<string> {
  const files = { 'w.c': '#warning one\nint f(void) { }\n' };
  const { stdout } = await site.run(['script', '-qec', words, '/dev/null'], {
    cwd: site.project(files),
    env: { TERM: 'xterm', GCC_URLS: '', ...env },
  });
  return stdout;
}

test('colours are those that the compiler has on a terminal', needsPeer('script', 'clang'), async () => {
  // Without the lines of the source, which a worker has not got.
  for (const compiler of ['gcc -fno-diagnostics-show-caret', 'clang -fno-caret-diagnostics']) {
    const words = `${compiler} -Wall -c w.c`;
    for (const env of [{}, { TERM: 'dumb' }, { GCC_COLORS: '' }]) {
      const theirs = await onTerminal(words, env);
      const ran = await site.whereRan(async () => {
        assert.equal(await onTerminal(`${site.client.launcher} ${words}`, env), theirs, words);
      });
      assert.deepEqual(ran, { remote: 1, local: 0 });
    }
  }
});
