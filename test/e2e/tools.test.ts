/** The tools beside the compiler: each does what the one of its name does, on what is installed here. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { openClient, LAUNCHERS } from '../rig/client.ts';
import { BIN, START_DISTCCD, type Make } from '../rig/cluster.ts';
import { FakeDistccd } from '../rig/fake-distccd.ts';
import { needsPeer, needsRoot } from '../rig/peers.ts';
import { run, runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';
import { findSharedProgram } from '../rig/shared-checkout.ts';

const scratch = new Scratch();
const worker = new FakeDistccd(({ answer }) => answer({ object: Buffer.from('object') }));
const host = await worker.listen();
const client = openClient('ours', scratch, { hosts: `${host}/2` });
after(async () => {
  await client[Symbol.asyncDispose]();
  await worker[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
});

test('update-distcc-symlinks: compilers come and go, and a link compiles', async () => {
  const directory = scratch.path('prefix/lib/distcc');
  const compilers = scratch.openDirectory('compilers');
  const compiler = path.join(compilers, 'sparc-sun-gcc-99');
  const PATH = `${compilers}:${client.env['PATH']}`;
  const update = async (): Promise<string> => {
    const words = ['--directory', directory, '--link', LAUNCHERS.ours];
    return (await runWell([path.join(BIN, 'update-distcc-symlinks'), ...words], { env: { PATH } })).stdout;
  };
  writeFileSync(compiler, '', { mode: 0o755 });
  assert.match(await update(), /^added sparc-sun-gcc-99$/m);
  rmSync(compiler);
  assert.equal(await update(), 'removed sparc-sun-gcc-99\n');
  assert.equal(await update(), '');

  const cwd = scratch.openDirectory('masquerade');
  writeFileSync(path.join(cwd, 'm.c'), 'int x;\n');
  const env = { ...client.env, PATH: `${directory}:${client.env['PATH']}` };
  await runWell(['sh', '-c', 'gcc -c m.c'], { cwd, env });
  assert.equal(readFileSync(path.join(cwd, 'm.o'), 'utf8'), 'object');
});

const LSDISTCC: Readonly<Record<Make, string>> = {
  ours: path.join(BIN, 'lsdistcc'),
  debian: '/usr/bin/lsdistcc',
};

/** Too long for DNS, so that nobody is asked. */
const UNKNOWN = 'x'.repeat(64);

async function lsdistcc(make: Make, words: readonly string[]): Promise<string[]> {
  const { stdout, status } = await run([LSDISTCC[make], ...words], { timeoutMs: 30_000 });
  return [`exit ${status}`, ...stdout.split('\n').filter((line) => line !== '')];
}

test("lsdistcc lists what Debian's lists", needsPeer('lsdistcc'), async () => {
  const port = `-r${host.split(':')[1]}`;
  for (const words of [
    [port, '127.0.0.1'],
    [port, '-x', '127.0.0.1', '127.0.0.2', UNKNOWN],
    [port, '-P2', 'localhost'],
    [port, '-P3', '-x', '127.0.0.1', '127.0.0.2'],
    [port, '-c0', '-n', '127.0.0.1', '127.0.0.2'],
    [port, '-m30', '-c0', '127.0.0.1', '127.0.0.2'],
    ['-c0', '127.0.0.1'],
    [port, UNKNOWN],
    [port, '-g2', `${UNKNOWN}%d`],
    [port, '-x', '127.0.0.25%d'],
  ]) {
    const [ours, theirs] = [await lsdistcc('ours', words), await lsdistcc('debian', words)];
    // Theirs come as they answer, ours in the order of the names.
    assert.deepEqual(ours.toSorted(), theirs.toSorted(), words.join(' '));
  }
});

// Theirs keeps the net of whoever answers first, so only ours says which that is.
test("lsdistcc keeps hosts of the first name's net", async () => {
  assert.deepEqual(await lsdistcc('ours', ['-r1', '-m31', '-c0', '127.0.0.1', '127.0.0.2']), [
    'exit 0',
    '127.0.0.1:1',
  ]);
});

for (const make of ['ours', 'debian'] as const) {
  test(`lsdistcc has a distccd compile, ${make}`, needsPeer('distccd'), async () => {
    await using daemon = await START_DISTCCD[make](scratch, { jobs: 2 });
    for (const [protocol, suffix] of [
      [1, ''],
      [2, ',lzo'],
      [3, ',lzo,cpp'],
    ] as const) {
      const words = [`-r${daemon.port}`, `-P${protocol}`, '-k20000', '-t30', '-x'];
      const line = `127.0.0.1:${daemon.port}${suffix}`;
      assert.deepEqual(await lsdistcc('ours', [...words, '-pgcc', '127.0.0.1']), ['exit 0', line]);
      const none = await lsdistcc('ours', [...words, '-pno-such-compiler', '127.0.0.1']);
      assert.deepEqual(none, ['exit 0', `${line},down`]);
    }
    const [, line = ''] = await lsdistcc('ours', [`-r${daemon.port}`, '-l', '127.0.0.1']);
    assert.match(line, /^127\.0\.0\.1:\d+ \d+$/);
  });
}

test('lsdistcc finds a host by IPv6', async (t) => {
  const server = createServer();
  const isThere = await new Promise((resolve) => {
    server.once('error', () => resolve(false)).listen(0, '::1', () => resolve(true));
  });
  if (isThere !== true) return t.skip('this machine has no IPv6');
  const { port } = server.address() as AddressInfo;
  assert.deepEqual(await lsdistcc('ours', [`-r${port}`, '::1', '[::1]']), [
    'exit 0',
    `[::1]:${port}`,
    `[::1]:${port}`,
  ]);
  server.close();
});

test("lsdistcc ends with the original's exit codes", async () => {
  const codes = await Promise.all(
    [['--help'], ['-z'], ['-P4'], [UNKNOWN], ['--version']].map(async (words) => {
      const { status } = await run([LSDISTCC.ours, ...words]);
      return status;
    }),
  );
  assert.deepEqual(codes, [1, 1, 1, 1, 0]);
});

interface ConfigOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly status?: number;
}

/** What `distcc-config` prints when it is called so; nobody's hosts are set but by it. */
async function configure(
  words: readonly string[],
  { env = {}, status = 0 }: ConfigOptions = {},
): Promise<string> {
  const own = { HOME: scratch.privateDirectory('config-home'), PATH: client.env['PATH'] };
  const ended = await run([path.join(BIN, 'distcc-config'), ...words], { env: { ...own, ...env } });
  assert.equal(ended.status, status, `${words.join(' ')}: ${ended.stderr}`);
  return ended.stdout + ended.stderr;
}

test('distcc-config shows and sets hosts', async () => {
  const prefix = `--prefix=${scratch.openDirectory('gentoo')}`;
  assert.match(await configure([prefix, '--get-hosts']), /no host list is set/);
  assert.equal(await configure([prefix, '--set-hosts', 'build7/8,lzo localhost/2']), '');
  assert.equal(readFileSync(scratch.path('gentoo/etc/distcc/hosts'), 'utf8'), 'build7/8,lzo localhost/2\n');
  assert.equal(await configure([prefix, '--get-hosts']), 'build7/8,lzo localhost/2\n');
  assert.equal(await configure([prefix, '--get-hosts'], { env: { DISTCC_HOSTS: 'other' } }), 'other\n');
  // A list that nobody understands would stop all distribution.
  assert.match(await configure([prefix, '--set-hosts', 'build7/none'], { status: 106 }), /build7\/none/);
  assert.equal(await configure([prefix, '--get-hosts']), 'build7/8,lzo localhost/2\n');
});

test('distcc-config writes the hosts of a user, and refuses the rest', needsRoot('setpriv'), async () => {
  const home = scratch.openDirectory('nobody');
  const program = scratch.path('distcc-config.cjs');
  copyFileSync(path.join(BIN, '..', 'dist', 'distcc-config.cjs'), program);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const asNobody = ['setpriv', ...nobody, findSharedProgram().node, program];
  const env = { ...PLAIN_ENVIRONMENT, HOME: home };
  await runWell([...asNobody, '--set-hosts', 'a b'], { env });
  assert.equal(readFileSync(path.join(home, '.distcc', 'hosts'), 'utf8'), 'a b\n');
  for (const words of [['--set-log', '/x'], ['--set-env', 'A', 'b'], ['--update-masquerade']]) {
    const { status, stderr } = await run([...asNobody, ...words], { env });
    assert.deepEqual([status, stderr], [1, 'distcc-config: only root may do that\n']);
  }
});

test('distcc-config shows and sets variables, and has them told to all', async () => {
  const root = scratch.openDirectory('gentoo-env');
  const prefix = `--prefix=${root}`;
  assert.equal(await configure([prefix, '--get-verbose']), 'DISTCC_VERBOSE not set.\n');
  assert.equal(await configure([prefix, '--set-verbose', '1']), '');
  mkdirSync(path.join(root, 'usr/sbin'), { recursive: true });
  const told = scratch.path('told');
  writeFileSync(path.join(root, 'usr/sbin/env-update'), `#!/bin/sh\necho told >>${told}\n`, { mode: 0o755 });
  assert.match(await configure([prefix, '--set-log', '/var/log/distcc.log']), /source \/etc\/profile/);
  await configure([prefix, '--set-env', 'DISTCC_SSH', 'ssh -p 2222']);
  assert.equal(readFileSync(told, 'utf8'), 'told\ntold\n');
  assert.equal(await configure([prefix, '--get-log']), 'DISTCC_LOG=/var/log/distcc.log\n');
  assert.equal(await configure([prefix, '--get-env', 'DISTCC_SSH']), 'DISTCC_SSH=ssh -p 2222\n');
  assert.equal(
    await configure([prefix, '--get-env']),
    'DISTCC_VERBOSE="1"\nDISTCC_LOG="/var/log/distcc.log"\nDISTCC_SSH="ssh -p 2222"\n',
  );
  await configure([prefix, '--set-env', 'NO-NAME', 'x'], { status: 1 });
  await configure([prefix, '--no-such'], { status: 1 });
});

test('distcc-config keeps the masquerade directory', async () => {
  const root = scratch.openDirectory('gentoo-masquerade');
  const prefix = `--prefix=${root}`;
  const bin = path.join(root, 'usr/bin');
  const directory = path.join(root, 'usr/lib/distcc');
  mkdirSync(bin, { recursive: true });
  const compiler = '#!/bin/sh\necho riscv64-sun-gnu\n';
  for (const name of ['gcc', 'riscv64-sun-gnu-gcc-14', 'sparc-moon-gnu-gcc'])
    writeFileSync(path.join(bin, name), compiler, { mode: 0o755 });
  assert.equal(await configure([prefix, '--install']), 'added gcc\nadded riscv64-sun-gnu-gcc-14\n');
  assert.equal(readlinkSync(path.join(directory, 'gcc')), '../../bin/distcc');
  assert.equal(readlinkSync(path.join(directory, 'bin')), '.');
  const crossdev = '--update-masquerade-with-crossdev';
  assert.equal(await configure([prefix, crossdev]), 'added sparc-moon-gnu-gcc\n');
  rmSync(path.join(bin, 'riscv64-sun-gnu-gcc-14'));
  // Without cross compilers, those that have their links keep them as long as they are there.
  assert.equal(await configure([prefix, '--update-masquerade']), 'removed riscv64-sun-gnu-gcc-14\n');
  assert.deepEqual(readdirSync(directory).sort(), ['bin', 'gcc', 'sparc-moon-gnu-gcc']);
});

test('each tool has --help and --version', async () => {
  for (const program of [
    'distcc-config',
    'distccmon-gnome',
    'distccmon-gui',
    'distccmon-text',
    'update-distcc-symlinks',
  ]) {
    const help = await run([path.join(BIN, program), '--help'], { env: client.env });
    assert.deepEqual([help.status, help.stderr], [0, '']);
    assert.match(help.stdout, new RegExp(`^Usage: ${program}`));
    const version = await run([path.join(BIN, program), '--version'], { env: client.env });
    assert.deepEqual([version.status, version.stderr], [0, '']);
    assert.match(version.stdout, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+ `));
  }
});

test('what is not installed cannot be taken away: 115', async () => {
  const words = ['setup', '--remove', '--prefix', scratch.openDirectory('nothing-there')];
  const { status, stderr } = await run([path.join(BIN, 'manyhands'), ...words], { env: client.env });
  assert.equal(status, 115);
  assert.match(stderr, /^manyhands: Nothing is installed in .*\n$/);
});

test('nothing takes the name of what we have not got', () => {
  assert.equal(existsSync(path.join(BIN, 'include_server')), false);
});
