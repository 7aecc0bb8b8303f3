/** What scripts and people do with `pump`: it lets a build be as if it had been started without, but for its hosts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { formatHosts } from '../rig/client.ts';
import { BIN } from '../rig/cluster.ts';
import { make } from '../rig/installed.ts';
import { needsPeer, needsRoot } from '../rig/peers.ts';
import { runWell, type Ended } from '../rig/run.ts';
import { Site } from '../rig/site.ts';

const PUMP = path.join(BIN, 'pump');
const MAKEFILE = `CC = distcc gcc
all: a.o b.o c.o d.o
%.o: %.c
\t$(CC) -c $<
`;

const site = await Site.open({ workers: 2, limit: 2 });
after(() => site[Symbol.asyncDispose]());
const hosts = formatHosts(site.workers, { limit: 2, compression: ',lzo,cpp' });

function pump(words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<Ended> {
  return site.run([PUMP, ...words], {
    env: { DISTCC_HOSTS: hosts, ...env },
    ...(cwd !== undefined && { cwd }),
  });
}

function newProject(): string {
  const sources = ['a', 'b', 'c', 'd'].map((name) => [`${name}.c`, `int ${name}(int x) { return x; }\n`]);
  return site.project({ Makefile: MAKEFILE, ...Object.fromEntries(sources) });
}

test('pump make: compiles go to both hosts, and nothing comes between', async () => {
  const cwd = newProject();
  const { stdout } = await site.runWell(['make', '-n', '-j4'], { cwd });
  const before = await site.compiledBy(0);
  const ended = await pump(['make', '-j4'], {}, cwd);
  assert.deepEqual([ended.status, ended.stdout.split('\n').sort()], [0, stdout.split('\n').sort()]);
  assert.equal(ended.stderr, 'pump: 2 of 2 hosts are sent headers (,cpp)\n');
  const compiled = (await site.compiledBy(before.reduce((sum, count) => sum + count, 4))).map(
    (count, index) => count - (before[index] ?? 0),
  );
  assert.ok(
    compiled.every((count) => count > 0),
    compiled.join(),
  );
  assert.equal(compiled[0]! + compiled[1]!, 4);
});

test('the command has descriptors, standard input and the bytes of its environment', async () => {
  const cwd = site.newDirectory();
  const line = `X=$(printf 'a\\351b') "$0" sh -c 'printf %s "$X" >&5; cat >&7; echo "$@"' sh "two  words" "it's" '*' \\
    5>five 7>seven <<END
typed
END`;
  const { stdout } = await site.runWell(['sh', '-c', line, PUMP], { cwd, env: { DISTCC_HOSTS: hosts } });
  assert.equal(stdout, "two  words it's *\n");
  assert.equal(readFileSync(path.join(cwd, 'five'), 'latin1'), 'a\u00e9b');
  assert.equal(readFileSync(path.join(cwd, 'seven'), 'utf8'), 'typed\n');
});

test('the exit status is that of the command, and 127 or 126 where there is none', async () => {
  const endings = await Promise.all(
    [['sh', '-c', 'exit 7'], ['sh', '-c', 'kill -TERM $$'], ['no-such-command'], ['/etc/passwd']].map(
      async (words) => {
        const { status, signal } = await pump(words);
        return status ?? signal;
      },
    ),
  );
  assert.deepEqual(endings, [7, 'SIGTERM', 127, 126]);
  const line = '"$0" sh -c \'kill -TERM $$\'; exit $?';
  const { status } = await site.run(['sh', '-c', line, PUMP], { env: { DISTCC_HOSTS: hosts } });
  assert.equal(status, 143);
});

test('signals reach the command, once', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const count = `n=0; trap 'n=$((n + 1))' ${signal.slice(3)}; echo ready
      for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.05; done; exit $n`;
    const child = spawn(PUMP, ['sh', '-c', count], {
      env: { ...site.client.env, DISTCC_HOSTS: hosts },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill(signal);
    assert.deepEqual(await Promise.race([exit, delay(10_000)]), [1, null], signal);
  }
});

test('the variables: INCLUDE_SERVER_PORT is set, DISTCC_HOSTS the same list, distcc ours', async () => {
  const list = '# mine\n--randomize a,lzo,cpp\n  b # his';
  const show =
    'echo "$INCLUDE_SERVER_PORT|${INCLUDE_SERVER_DIR-}|${INCLUDE_SERVER_PID-}|$DISTCC_HOSTS"; command -v distcc';
  const { stdout, stderr } = await pump(['sh', '-c', show], { DISTCC_HOSTS: list });
  assert.equal(
    stdout,
    `/dev/null/distcc-pump/socket|||--randomize a,lzo,cpp b\n${path.join(BIN, 'distcc')}\n`,
  );
  assert.equal(stderr, 'pump: 1 of 2 hosts is sent headers (,cpp)\n');
});

test('the host list may be in the files that distcc reads', async () => {
  const directory = site.scratch.privateDirectory('hosts');
  const home = site.scratch.privateDirectory('hosts-home');
  mkdirSync(path.join(home, '.distcc'));
  writeFileSync(path.join(directory, 'hosts'), 'one,lzo,cpp\n');
  writeFileSync(path.join(home, '.distcc', 'hosts'), 'one,lzo,cpp two,lzo,cpp three\n');
  const ask = (DISTCC_DIR: string | undefined) =>
    pump(['sh', '-c', 'echo "${DISTCC_HOSTS-unset}"'], { DISTCC_HOSTS: undefined, DISTCC_DIR, HOME: home });
  const [own, ofHome] = [await ask(directory), await ask(undefined)];
  assert.deepEqual([own.stdout, ofHome.stdout], ['unset\n', 'unset\n']);
  assert.match(own.stderr, /1 of 1 hosts/);
  assert.match(ofHome.stderr, /2 of 3 hosts/);
});

interface Mistake {
  readonly env: NodeJS.ProcessEnv;
  readonly says: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  // The machine may have a list in /etc/distcc.
  { env: { DISTCC_HOSTS: undefined }, says: /no host list is set|\/etc\/distcc\/hosts: / },
  { env: { DISTCC_HOSTS: '' }, says: /\$DISTCC_HOSTS: there is no host$/m },
  { env: { DISTCC_HOSTS: 'a localhost b,lzo' }, says: /\$DISTCC_HOSTS: no host has ,cpp/ },
  { env: { DISTCC_HOSTS: 'a,cpp' }, says: /cpp needs lzo as well/ },
  { env: { DISTCC_LOCATION: '/nowhere' }, says: /there is no distcc in \/nowhere$/m },
  { env: { DISTCC_POTENTIAL_HOSTS: 'a', LSDISTCC_ARGS: '-z' }, says: /LSDISTCC_ARGS: Unknown option -z/ },
];

test('what cannot be is 1 and one sentence, and the command is not run', async () => {
  for (const { env, says } of MISTAKES) {
    for (const words of [['echo', 'ran'], ['--startup']]) {
      const { status, stdout, stderr } = await pump(words, env);
      assert.deepEqual([status, stdout], [1, ''], stderr);
      assert.match(stderr, /^pump: [^\n]*\n$/);
      assert.match(stderr, says);
    }
  }
  const { status, stdout, stderr } = await pump(['--startup'], { TMPDIR: '/none' });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^pump: cannot make a directory in TMPDIR: ENOENT/);
});

test('distcc --scan-includes lists what a host with ,cpp is sent', async () => {
  const cwd = site.project({ 'a b.c': '#include "h.h"\n', 'h.h': 'int h;\n' });
  const env = { DISTCC_HOSTS: hosts };
  for (const words of [
    ['gcc', '-c', 'a b.c'],
    ['-c', 'a b.c'],
    ['a b.c', '-c'],
  ]) {
    const { status, stdout, stderr } = await site.distcc(['--scan-includes', ...words], { cwd, env });
    assert.equal(status, 0, stderr);
    const own = stdout.split('\n').filter((line) => line.includes(cwd));
    assert.deepEqual(own, [`FILE      ${cwd}/a b.c`, `FILE      ${cwd}/h.h`]);
    assert(!existsSync(path.join(cwd, 'a b.o')));
  }
});

/** The codes are those that distcc has. */
const NOT_SCANNED: readonly (readonly [words: string, code: number, says: RegExp, hosts?: string])[] = [
  ['', 101, /needs a compile/],
  ['gcc -c a.c', 106, /cpp needs lzo as well/, 'one,cpp'],
  ['gcc -c a.c', 100, /no host has ,cpp/, 'one,lzo'],
  ['no-such-compiler -c a.c', 110, /no-such-compiler/],
  ['gcc -E a.c', 100, /./],
];

test('distcc --scan-includes is one sentence where nothing would be sent', async () => {
  const cwd = site.project({ 'a.c': 'int a;\n' });
  for (const [words, code, says, list = hosts] of NOT_SCANNED) {
    const argv = ['--scan-includes', ...words.split(' ').filter((word) => word !== '')];
    const { status, stdout, stderr } = await site.distcc(argv, { cwd, env: { DISTCC_HOSTS: list } });
    assert.deepEqual([status, stdout], [code, ''], words);
    assert.match(stderr, /^distcc: [^\n]*\n$/);
    assert.match(stderr, says);
  }
});

test('pump tells about itself, and takes no other option', async () => {
  for (const words of [[], ['-h'], ['--help']]) {
    const { status, stdout, stderr } = await pump(words, { DISTCC_HOSTS: undefined });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^Usage: pump COMMAND/);
  }
  assert.match((await pump(['--version'])).stdout, /^pump \d+\.\d+\.\d+ \(manyhands\)\n$/);
  for (const words of [['--foo'], ['--startup', 'make']]) {
    const { status, stdout, stderr } = await pump(words);
    assert.deepEqual([status, stdout], [127, '']);
    assert.match(stderr, /^pump: .* Try --help\n$/);
  }
});

/** How scripts have it; without quotes, a shell sees one line. */
const SHELLS: readonly (readonly [shell: string, call: string])[] = [
  ['sh', 'eval "$("$PUMP" --startup)"'],
  ['sh', 'eval `"$PUMP" --startup`'],
  ['bash', 'eval $("$PUMP" --startup)'],
  ['bash', 'source <("$PUMP" --startup)'],
];

for (const [shell, call] of SHELLS) {
  test(`--startup has a shell build, and --shutdown leaves nothing: ${shell} ${call}`, async () => {
    const cwd = newProject();
    const TMPDIR = site.scratch.privateDirectory('it\'s \\odd $(x) `y` "z"');
    const script = `set -e
${call}
test -S "$INCLUDE_SERVER_PORT"; test -w "$INCLUDE_SERVER_PORT"
test "\${INCLUDE_SERVER_PORT%/*}" = "$INCLUDE_SERVER_DIR"; test "\${INCLUDE_SERVER_DIR%/*}" = "$TMPDIR"
if kill -0 "$INCLUDE_SERVER_PID" 2>/dev/null; then exit 1; fi
env | grep '^INCLUDE_SERVER_PORT='
test "$(command -v distcc)" = "\${PUMP%/*}/distcc"
make -s -j4
"$PUMP" --shutdown
test ! -e "$INCLUDE_SERVER_PORT"
"$PUMP" --shutdown`;
    const before = site.agents.length === 0 ? 0 : (await site.report()).endings.remote;
    const { status, stderr } = await site.run([shell, '-c', script], {
      cwd,
      env: { DISTCC_HOSTS: hosts, TMPDIR, PUMP },
    });
    assert.deepEqual([status, stderr], [0, '']);
    assert.deepEqual(readdirSync(TMPDIR), []);
    assert.equal((await site.report()).endings.remote - before, 4);
  });
}

test('--shutdown takes away what --startup made, and nothing else', async () => {
  const shutDown = async (INCLUDE_SERVER_DIR?: string): Promise<string> => {
    const { status, stdout, stderr } = await pump(['--shutdown'], {
      INCLUDE_SERVER_DIR,
      DISTCC_HOSTS: undefined,
    });
    assert.deepEqual([status, stdout], [0, '']);
    return stderr;
  };
  assert.equal(await shutDown(), '');
  const other = site.project({ socket: '', precious: '' });
  assert.equal(await shutDown(other), '');
  assert.deepEqual(readdirSync(other), ['precious', 'socket']);
  const filled = path.join(site.newDirectory(), 'distcc-pump.abcdef');
  mkdirSync(filled);
  for (const name of ['socket', 'discrepancy_counter', 'precious'])
    writeFileSync(path.join(filled, name), '');
  assert.match(await shutDown(filled), /stays: ENOTEMPTY/);
  assert.deepEqual(readdirSync(filled), ['precious']);
});

test('DISTCC_POTENTIAL_HOSTS: those that answer are the hosts', async () => {
  const { port } = site.workers[0]!;
  const show = ['sh', '-c', 'echo "$DISTCC_HOSTS"'];
  const env = { DISTCC_POTENTIAL_HOSTS: '127.0.0.2\n127.0.0.1', LSDISTCC_ARGS: `-c900 -r${port}` };
  const list = `--randomize 127.0.0.1:${port},lzo,cpp`;
  const found = await pump(show, env);
  assert.deepEqual([found.stdout, found.stderr], [`${list}\n`, 'pump: hosts that answer: 1\n']);
  const started = await pump(['--startup'], env);
  assert.match(started.stdout, new RegExp(`^export DISTCC_HOSTS='${list}'$`, 'm'));
  assert.equal(started.stderr, '');

  const cwd = newProject();
  const ran = await site.whereRan(async () => {
    assert.equal((await pump(['make', '-j4'], env, cwd)).status, 0);
  });
  assert.deepEqual(ran, { remote: 4, local: 0 });

  const none = { DISTCC_POTENTIAL_HOSTS: '127.0.0.2', LSDISTCC_ARGS: `-r${port}`, DISTCC_FALLBACK: '1' };
  const alone = await pump(['distcc', 'gcc', '-c', 'a.c', '-o', 'alone.o'], none, cwd);
  assert.equal(alone.status, 0);
  assert.match(alone.stderr, /^pump: no host of DISTCC_POTENTIAL_HOSTS answers: compiles stay here$/m);
  assert.ok(existsSync(path.join(cwd, 'alone.o')));
});

test('LSDISTCC_ARGS has a compiler tried on each', async () => {
  const { port } = site.workers[0]!;
  for (const [compiler, entries] of [
    ['gcc', ` 127.0.0.1:${port},lzo,cpp`],
    ['no-such-compiler', ''],
  ]) {
    const LSDISTCC_ARGS = `-r${port} -P2 -k20000 -t30 -p${compiler}`;
    const { stdout } = await pump(['sh', '-c', 'echo "$DISTCC_HOSTS"'], {
      DISTCC_POTENTIAL_HOSTS: '127.0.0.1',
      LSDISTCC_ARGS,
    });
    assert.equal(stdout, `--randomize${entries}\n`);
  }
});

test('INCLUDE_SERVER_ARGS is without effect, and says so once', async () => {
  const { status, stderr } = await pump(['true'], { INCLUDE_SERVER_ARGS: '--stat_reset_triggers="*"' });
  assert.equal(status, 0);
  assert.equal(stderr.match(/INCLUDE_SERVER_ARGS is without effect/g)?.length, 1);
  assert.doesNotMatch((await pump(['true'], { INCLUDE_SERVER_ARGS: '' })).stderr, /INCLUDE/);
});

test('DISTCC_LOCATION names the directory that comes first on PATH', async () => {
  const directory = site.newDirectory();
  writeFileSync(path.join(directory, 'distcc'), '#!/bin/sh\necho other\n', { mode: 0o755 });
  const { stdout } = await pump(['distcc'], { DISTCC_LOCATION: directory });
  assert.equal(stdout, 'other\n');
  const relative = await pump(['sh', '-c', 'cd /; distcc'], { DISTCC_LOCATION: '.' }, directory);
  assert.equal(relative.stdout, 'other\n');
});

test('the masquerade directory keeps its place before distcc’s own', async () => {
  const cwd = newProject();
  const masquerade = path.join(BIN, '..', 'lib', 'distcc');
  const PATH = `${masquerade}:${BIN}:/usr/bin:/bin`;
  const { stdout } = await pump([PUMP, 'printenv', 'PATH'], { PATH });
  assert.equal(stdout, `${PATH}\n`);
  const ran = await site.whereRan(async () => {
    assert.equal((await pump(['gcc', '-c', 'a.c'], { PATH }, cwd)).status, 0);
  });
  assert.deepEqual(ran, { remote: 1, local: 0 });
});

test('a stock distcc that sees our variables preprocesses by itself', needsPeer('distcc'), async () => {
  const { port } = site.workers[0]!;
  const env = {
    DISTCC_HOSTS: `127.0.0.1:${port},lzo,cpp`,
    DISTCC_DIR: site.scratch.privateDirectory('stock'),
  };
  const compile = '/usr/bin/distcc gcc -c a.c';
  for (const script of [`"$0" ${compile}`, `eval "$("$0" --startup)"; ${compile}; "$0" --shutdown`]) {
    const cwd = newProject();
    const { ok } = await site.workers[0]!.counts();
    const { status, stderr } = await site.run(['sh', '-ec', script, PUMP], { cwd, env });
    assert.equal(status, 0, stderr);
    assert.ok(existsSync(path.join(cwd, 'a.o')));
    await site.compiledBy(ok + 1);
    assert.equal((await site.workers[0]!.counts()).ok, ok + 1, 'it was sent');
  }
});

test(
  'installed, for an ordinary user, in a directory with blanks and quotes',
  needsRoot('setpriv'),
  async () => {
    const prefix = path.join(site.scratch.openDirectory("some  one's"), 'a "prefix"');
    await make('install', { PREFIX: prefix });
    const home = site.scratch.openDirectory("user's home");
    writeFileSync(path.join(home, 'a.c'), 'int a;\n');
    const env = {
      ...site.client.env,
      HOME: home,
      TMPDIR: home,
      DISTCC_DIR: undefined,
      XDG_RUNTIME_DIR: undefined,
      DISTCC_HOSTS: hosts,
      PUMP: path.join(prefix, 'bin', 'pump'),
    };
    const script = `set -e
"$PUMP" distcc gcc -c a.c
eval "$("$PUMP" --startup)"
test "$(command -v distcc)" = "\${PUMP%/*}/distcc"
distcc gcc -c a.c -o b.o
"$PUMP" --shutdown`;
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { stderr } = await runWell([...nobody, 'sh', '-c', script], { env, cwd: home, timeoutMs: 60_000 });
    assert.equal(stderr, 'pump: 2 of 2 hosts are sent headers (,cpp)\n');
    assert.deepEqual(
      ['a.o', 'b.o'].filter((name) => existsSync(path.join(home, name))),
      ['a.o', 'b.o'],
    );
    assert.deepEqual(
      readdirSync(home).filter((name) => name.startsWith('distcc-pump')),
      [],
    );
  },
);
