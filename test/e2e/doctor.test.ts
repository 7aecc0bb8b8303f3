/** `manyhands doctor` with troubles that were planted: each is named in one sentence, with what to do. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Finding, FindingKind } from '../../src/monitor/doctor/finding.ts';
import { BIN, findFreePort, START_DISTCCD } from '../rig/cluster.ts';
import { needsBox, needsPeer, needsRoot } from '../rig/peers.ts';
import { USER_OPTIONS } from '../rig/shared-checkout.ts';
import { Distccd } from '../rig/our-distccd.ts';
import { Site } from '../rig/site.ts';

const MANYHANDS = path.join(BIN, 'manyhands');
const MASQUERADE = path.join(BIN, '..', 'lib', 'distcc');
const site = await Site.open({ isNative: true });
after(() => site[Symbol.asyncDispose]());

const HOST = site.client.env['DISTCC_HOSTS'] ?? '';
const PLAIN_PATH = site.client.env['PATH'] ?? '';
const ON_PATH = `${MASQUERADE}:${PLAIN_PATH}`;
const cwd = site.project({ 'a.c': 'int a;\n' });

async function examine(env: NodeJS.ProcessEnv, words: readonly string[] = []): Promise<readonly Finding[]> {
  const { stdout } = await site.run([...words, MANYHANDS, 'doctor', '--json'], {
    cwd,
    env: { PATH: ON_PATH, ...env },
  });
  return JSON.parse(stdout) as readonly Finding[];
}

function assertFound(
  findings: readonly Finding[],
  kind: FindingKind,
  sentence: RegExp,
  remedy: RegExp,
): void {
  const found = findings.find((one) => one.kind === kind && sentence.test(one.sentence));
  assert.ok(found, `${kind} is not among ${JSON.stringify(findings, undefined, 1)}`);
  assert.match(found.remedy ?? '', remedy);
  assert.ok(!found.sentence.includes('\n'));
}

test('where all is well it says so', needsBox(), async () => {
  const findings = await examine({});
  assert.deepEqual(
    findings.filter(({ severity }) => severity !== 'good').map(({ sentence }) => sentence),
    [],
  );
  assert.ok(findings.some(({ kind }) => kind === 'host-good'));
  const { stdout, status } = await site.run([MANYHANDS, 'doctor'], { cwd, env: { PATH: ON_PATH } });
  assert.match(
    stdout,
    /✓ 127\.0\.0\.1:\d+\/8 compiles to the same bytes, in \d+ ms\nNothing stands in the way\.\n$/,
  );
  assert.equal(status, 0);
});

const NOBODY = await findFreePort();

/** What only the environment says. */
const PLANTED: readonly (readonly [what: string, NodeJS.ProcessEnv, FindingKind, RegExp, RegExp])[] = [
  [
    'no other machine',
    { DISTCC_HOSTS: 'localhost/2' },
    'only-localhost',
    /names no other machine/,
    /add hosts/,
  ],
  ['a wrong entry', { DISTCC_HOSTS: `${HOST} b:99999` }, 'bad-entry', /b:99999.*1 to 65535/, /correct/],
  [
    'a host that is down',
    { DISTCC_HOSTS: `127.0.0.1:${NOBODY}` },
    'host-unreachable',
    /refused/,
    /start distccd/,
  ],
  ['an unknown name', { DISTCC_HOSTS: 'nosuch.invalid' }, 'host-unreachable', /no such name/, /its address/],
  ['a wrong setting', { DISTCC_IO_TIMEOUT: 'soon' }, 'bad-setting', /DISTCC_IO_TIMEOUT=soon/, /variable/],
  [
    'native in CFLAGS',
    { CFLAGS: '-O2 -march=native' },
    'native-flag',
    /-march=native in CFLAGS/,
    /-march=(?!native)/,
  ],
  ['few jobs', { MAKEFLAGS: '-j2' }, 'few-jobs', /-j2.*8 slots/, /MAKEFLAGS=-j8/],
  [
    'more jobs than it runs',
    { DISTCC_HOSTS: HOST.replace('/8', '/60') },
    'host-limit',
    /60 jobs.*runs 4/,
    /\/6 /,
  ],
  ['compilers first', { PATH: `${PLAIN_PATH}:${MASQUERADE}` }, 'behind-compiler', /before ours/, /PATH="/],
  ['no links on PATH', { PATH: PLAIN_PATH }, 'not-on-path', /call distcc by name/, /CC='distcc gcc'/],
  ['no compiler', { PATH: '/nowhere' }, 'no-compiler', /no gcc on PATH/, /install gcc/],
];

for (const [what, env, kind, sentence, remedy] of PLANTED)
  test(`planted: ${what}`, needsBox(), async () => {
    assertFound(await examine(env), kind, sentence, remedy);
  });

test('planted: an access list without us, and a compiler that is not there', needsBox(), async () => {
  const options = { args: ['--allow', '10.11.12.0/24', ...USER_OPTIONS] };
  await using others = await Distccd.start(path.join(BIN, 'distccd'), site.scratch, options);
  const denied = await examine({ DISTCC_HOSTS: `127.0.0.1:${others.port}` });
  assertFound(denied, 'host-refuses', /does not let this machine in/, /--allow/);
  const lean = await START_DISTCCD.ours(site.scratch, { jobs: 2, env: { DISTCC_CMDLIST: '/dev/null' } });
  await using _lean = lean;
  const lacking = await examine({ DISTCC_HOSTS: `127.0.0.1:${lean.port}` });
  assertFound(lacking, 'host-compiler', /has no gcc that it may run/, /install gcc there/);
});

test('planted: ccache behind us', needsBox('ccache'), async () => {
  const links = site.newDirectory();
  symlinkSync('/usr/bin/ccache', path.join(links, 'gcc'));
  const found = await examine({ PATH: `${MASQUERADE}:${links}:${PLAIN_PATH}` });
  assertFound(found, 'before-ccache', /ccache comes behind distcc/, /CCACHE_PREFIX=distcc/);
});

test('planted: a stock distccd, and a stock client in the same directory', needsPeer('distcc'), async () => {
  const old = await START_DISTCCD.debian(site.scratch, { jobs: 2 });
  await using _old = old;
  const locks = path.join(site.client.env['DISTCC_DIR'] ?? '', 'lock');
  mkdirSync(locks, { recursive: true });
  writeFileSync(path.join(locks, 'cpu_tcp_host_3632_0'), '');
  const found = await examine({ DISTCC_HOSTS: `127.0.0.1:${old.port}` });
  assertFound(found, 'host-old', /stock distccd/, /manyhands/);
  assertFound(found, 'stock-client', /stock distcc works with the same/, /DISTCC_DIR/);
});

test('planted: a clock that is off, and a worker that is full', needsBox(), async () => {
  const worker = Number(/:(\d+)/.exec(HOST)?.[1]);
  const metrics = createServer((_request, response) => {
    response.sendDate = false;
    response.setHeader('date', new Date(Date.now() + 90_000).toUTCString());
    response.end(
      'manyhands_worker_info{version="0"} 1\nmanyhands_worker_job_slots 4\nmanyhands_worker_jobs_running 4\nmanyhands_worker_jobs_queued 7\n',
    );
  });
  await listen(metrics);
  // What is asked by HTTP is answered by that, all else by the worker.
  const between = createTcpServer((client) => {
    client.once('data', (begun: Buffer) => {
      const isHttp = begun.toString('latin1', 0, 4) === 'GET ';
      const target = connect(isHttp ? portOf(metrics) : worker, '127.0.0.1');
      target.write(begun);
      client.pipe(target).pipe(client);
      for (const socket of [client, target]) socket.on('error', () => {});
    });
  });
  await listen(between as unknown as Server);
  const found = await examine({ DISTCC_HOSTS: `127.0.0.1:${portOf(between as unknown as Server)}/4` });
  assertFound(found, 'host-clock', /clock is (?:89|90|91) s ahead/, /NTP/);
  assertFound(found, 'host-full', /4 of 4 jobs run there, 7 wait/, /add hosts/);
  metrics.close();
  metrics.closeAllConnections();
  between.close();
});

test('planted: an agent that was killed', needsBox(), async () => {
  await site.distcc(['gcc', '-c', 'a.c'], { cwd });
  await site.killAgents();
  assertFound(await examine({}), 'agent-gone', /agent is gone/, /next compile/);
});

test('planted: a build of one job, in which all stays here', needsBox(), async () => {
  for (let round = 0; round < 20; round++) await site.distcc(['gcc', '-march=native', '-c', 'a.c'], { cwd });
  const found = await examine({});
  assertFound(found, 'one-job', /no two ran at the same time/, /-j8/);
  assertFound(found, 'stays-here', /2\d of the last 2\d compiles stayed here: .*native/i, /processor/);
});

test('planted: a directory that cannot be written to, and one that is full', needsRoot(), async () => {
  const own = site.newDirectory();
  const mounted = (options: string): string[] => [
    'unshare',
    '-m',
    'sh',
    '-c',
    `mount -t tmpfs -o ${options} none ${own} && exec "$@"`,
    'sh',
  ];
  const found = await examine({ DISTCC_DIR: own, HOME: own }, mounted('ro'));
  assertFound(found, 'directory-unwritable', /cannot be written to/, /chown or chmod/);
  const full = await examine({ MANYHANDS_CACHE: 'on', MANYHANDS_CACHE_DIR: own }, mounted('size=1m'));
  assertFound(full, 'disk-full', /The cache.*has only 1 MiB left/, /make room/);
});

test('planted: another version of the compiler there', needsRoot('unshare', 'mount'), async () => {
  const driver = realpathSync('/usr/bin/gcc');
  const other = path.join(site.newDirectory(), 'gcc');
  const bytes = readFileSync(driver);
  const version = /gcc version (\d+\.\d+\.\d+)/.exec((await site.run(['gcc', '-v'])).stderr)?.[1] ?? '';
  const places = placesOf(bytes, version);
  assert.ok(places.length > 0, `${driver} does not have ${version} in it`);
  // The last digit: only what the driver says of itself is another version.
  for (const place of places) bytes.write('9', place + version.length - 1, 'latin1');
  writeFileSync(other, bytes, { mode: 0o755 });
  const covered = `mount --bind ${other} ${driver} && exec "$@"`;
  const found = await examine({}, ['unshare', '-m', 'sh', '-c', covered, 'sh']);
  assertFound(
    found,
    'host-compiler',
    new RegExp(`another version of gcc: .*${version.replaceAll('.', '\\.')}`),
    /install the same/,
  );
});

function placesOf(bytes: Buffer, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}

test('planted: no host list anywhere', needsRoot(), async () => {
  const hidden = 'mkdir -p /etc/distcc && mount -t tmpfs none /etc/distcc && exec env -u DISTCC_HOSTS "$@"';
  const found = await examine({}, ['unshare', '-m', 'sh', '-c', hidden, 'sh']);
  assertFound(found, 'no-host-list', /everything is compiled here/, /DISTCC_HOSTS/);
});

test('what native stands for, as flags that a compiler takes and that leave', needsBox(), async () => {
  const { stdout } = await site.runWell([MANYHANDS, 'native-flags'], { cwd });
  assert.match(stdout, /^-march=\S+ /);
  const before = (await site.report()).endings.remote;
  await site.distcc(['gcc', ...stdout.trim().split(' '), '-c', 'a.c'], { cwd });
  assert.equal((await site.report()).endings.remote, before + 1);
});

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
