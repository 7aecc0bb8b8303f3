/** Hosts over ssh: a real sshd, many jobs on one connection, and all the ways in which it can go wrong. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BIN } from '../rig/cluster.ts';
import { eventually, isAlive } from '../rig/our-distccd.ts';
import { needsBox, needsPeer } from '../rig/peers.ts';
import type { Ended } from '../rig/run.ts';
import { runWell } from '../rig/run.ts';
import { Site } from '../rig/site.ts';
import { USER_OPTIONS } from '../rig/shared-checkout.ts';
import { makeRelay, Sshd, type SshdOptions } from '../rig/sshd.ts';

const peers = needsPeer('ssh', 'sshd');
const site = await Site.open({ jobs: 8 });
after(() => site[Symbol.asyncDispose]());

const DAEMON = await makeRelay(site.scratch, site.workers[0]?.port ?? 0);

interface Build {
  readonly ended: Ended;
  readonly cwd: string;
}

/** `make -jN` of so many small files. */
async function build(count: number, jobs: number, env: NodeJS.ProcessEnv): Promise<Build> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const sources = numbers.map((n) => [`f${n}.c`, `int f${n}(int x) { return x * ${n}; }\n`] as const);
  const rule = `%.o: %.c\n\t@${site.client.launcher} gcc -O2 -c $< -o $@\n`;
  const makefile = `all:${numbers.map((n) => ` f${n}.o`).join('')}\n${rule}`;
  const cwd = site.project({ ...Object.fromEntries(sources), Makefile: makefile });
  const ended = await site.run(['make', '--silent', `-j${jobs}`], { cwd, env });
  return { ended, cwd };
}

/** That the objects are those of the compiler here. */
async function assertObjects({ ended, cwd }: Build): Promise<void> {
  assert.deepEqual([ended.status, ended.stdout], [0, ''], ended.stderr);
  const reference = site.newDirectory();
  const sources = readdirSync(cwd).filter((name) => name.endsWith('.c'));
  assert.ok(sources.length > 0);
  await runWell(['gcc', '-O2', '-c', ...sources.map((name) => path.join(cwd, name))], { cwd: reference });
  for (const name of sources) {
    const object = name.replace(/c$/, 'o');
    assert.deepEqual(
      readFileSync(path.join(cwd, object)),
      readFileSync(path.join(reference, object)),
      object,
    );
  }
}

function hostsOver(sshd: Sshd, hosts: string): NodeJS.ProcessEnv {
  const words = `ssh -F ${sshd.clientConfig}`;
  return { DISTCC_HOSTS: hosts, DISTCC_SSH: words, DISTCC_FALLBACK: '0', DISTCC_BACKOFF_PERIOD: '0' };
}

function writeScript(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  return Sshd.start(site.scratch, options);
}

async function compileOne(env: NodeJS.ProcessEnv): Promise<Ended & { readonly hasObject: boolean }> {
  const cwd = site.project({ 'a.c': 'int a;\n' });
  const ended = await site.distcc(['gcc', '-c', 'a.c'], { cwd, env });
  return { ...ended, hasObject: readdirSync(cwd).includes('a.o') };
}

test('100 files go over one connection', peers, async () => {
  await using sshd = await startSshd();
  const ran = await site.whereRan(async () => {
    await assertObjects(await build(100, 8, hostsOver(sshd, `@box/8:${DAEMON}`)));
  });
  assert.deepEqual(ran, { remote: 100, local: 0 });
  assert.deepEqual([sshd.logins, sshd.commands], [1, 100]);
  const { hosts } = await site.report();
  assert.equal(hosts[`@box/8:${DAEMON}`], 100, 'the host is called as its user wrote it');
});

test('more jobs at once than sshd takes sessions are no failure', peers, async () => {
  for (const maxSessions of [1, 3]) {
    await using sshd = await startSshd({ config: [`MaxSessions ${maxSessions}`] });
    const ran = await site.whereRan(async () => {
      await assertObjects(await build(20, 16, hostsOver(sshd, `@box/16:${DAEMON}`)));
    });
    assert.deepEqual(ran, { remote: 20, local: 0 });
    assert.ok(sshd.logins <= 16, `${sshd.logins} connections`);
  }
});

test('a text and an object of 20 MB', peers, async () => {
  await using sshd = await startSshd();
  const cwd = site.project({ 'big.c': `const char big[] = "${'0123456789abcdef'.repeat(1_250_000)}";\n` });
  for (const option of ['', ',lzo']) {
    const env = hostsOver(sshd, `@box:${DAEMON}${option}`);
    const ran = await site.whereRan(() =>
      site.assertNoDifference('for i in 1 2 3 4; do $CC -c big.c -o $i.o & done; wait', {
        cwd,
        env,
        outputs: ['1.o', '2.o', '3.o', '4.o'],
      }),
    );
    assert.deepEqual(ran, { remote: 4, local: 0 }, option);
  }
  assert.equal(sshd.logins, 1);
});

test('user@host, a port and a key on DISTCC_SSH, and distccd by its name alone', peers, async () => {
  const environment = { PATH: `${path.dirname(DAEMON)}:/usr/bin:/bin` };
  await using sshd = await startSshd({ environment });
  const user = process.env['USER'] ?? (await site.run(['id', '-un'])).stdout.trim();
  const key = sshd.clientConfig.replace('ssh_config', 'key');
  const known = sshd.clientConfig.replace('ssh_config', 'known');
  const words = `ssh -F none -p ${sshd.port} -i ${key} -oUserKnownHostsFile=${known}`;
  const env = { ...hostsOver(sshd, `${user}@127.0.0.1`), DISTCC_SSH: words };
  const { status, stderr, hasObject } = await compileOne(env);
  assert.deepEqual([status, stderr, hasObject], [0, '', true]);
});

test('our distccd behind it, one worker for all jobs', peers, async () => {
  const command = site.scratch.path('far', 'ours');
  writeScript(command, `exec ${path.join(BIN, 'distccd')} ${USER_OPTIONS.join(' ')} "$@"`);
  const environment = {
    PATH: '/usr/bin:/bin',
    TMPDIR: site.scratch.openDirectory('far-tmp'),
    XDG_RUNTIME_DIR: site.scratch.privateDirectory('far-run'),
    DISTCCD_KEEP_SECONDS: '1',
  };
  await using sshd = await startSshd({ environment });
  const ran = await site.whereRan(async () => {
    await assertObjects(await build(20, 8, hostsOver(sshd, `@box/8:${command}`)));
  });
  assert.deepEqual(ran, { remote: 20, local: 0 });
  assert.deepEqual([sshd.logins, sshd.commands], [1, 20]);
});

test("a stock distccd behind the other side's shell", needsPeer('ssh', 'sshd', 'distccd'), async () => {
  await using sshd = await startSshd();
  const env = hostsOver(sshd, '@box/8:/usr/bin/distccd,lzo');
  await assertObjects(await build(8, 8, env));
  assert.equal(sshd.logins, 1);
});

const REFUSALS: readonly (readonly [title: string, host: string, reason: RegExp])[] = [
  ['a key that is not taken', '@stranger', /Permission denied .*takes no key of ours/],
  ['a host key that is not known', '@unknown', /Host key verification failed.*log in once by hand/],
  [
    'a daemon that is not there',
    '@box-bare:/none/distccd',
    /Cannot run \/none\/distccd .*Is distccd there\?/,
  ],
];

for (const [title, host, reason] of REFUSALS) {
  test(`${title} sends the job home at once, with the reason`, peers, async () => {
    await using sshd = await startSshd();
    const env = { ...hostsOver(sshd, host), DISTCC_FALLBACK: '1', DISTCC_BACKOFF_PERIOD: '60' };
    const first = await compileOne(env);
    assert.deepEqual([first.status, first.hasObject], [0, true]);
    assert.match(first.stderr, reason);
    assert.ok(first.stderr.includes(host), first.stderr);
    assert.ok(first.elapsedMs < 10_000, `${first.elapsedMs} ms`);
    const attempts = sshd.log.length;
    const second = await compileOne(env);
    assert.deepEqual([second.status, second.hasObject], [0, true]);
    assert.match(second.stderr, /left alone for a while/);
    assert.equal(sshd.log.length, attempts, 'the host is left alone');
  });
}

test('a DISTCC_SSH that is no ssh gets a process for each job', peers, async () => {
  const wrapper = site.scratch.path('no-ssh');
  writeScript(wrapper, `echo "$@" >>${wrapper}.log; exec ${DAEMON}-relay ${site.workers[0]?.port}`);
  const env = {
    DISTCC_HOSTS: 'me@some-host/4:far-distccd',
    DISTCC_SSH: `${wrapper} -x y`,
    DISTCC_FALLBACK: '0',
  };
  const ran = await site.whereRan(async () => assertObjects(await build(10, 4, env)));
  assert.deepEqual(ran, { remote: 10, local: 0 });
  const calls = readFileSync(`${wrapper}.log`, 'utf8')
    .split('\n')
    .filter((line) => !line.endsWith('-V'));
  const call = '-x y -l me some-host far-distccd --inetd --enable-tcp-insecure';
  assert.deepEqual(calls, [...Array.from({ length: 10 }, () => call), '']);
});

test('a script around ssh shares its connection too', peers, async () => {
  await using sshd = await startSshd();
  const wrapper = site.scratch.path('my-ssh');
  writeScript(wrapper, `exec ssh -F ${sshd.clientConfig} "$@"`);
  await assertObjects(await build(10, 4, { ...hostsOver(sshd, `@box:${DAEMON}`), DISTCC_SSH: wrapper }));
  assert.equal(sshd.logins, 1);
});

test('a DISTCC_SSH that shares connections by itself is let alone', peers, async () => {
  await using sshd = await startSshd();
  const words = `ssh -F ${sshd.clientConfig} -S ${site.scratch.path('own-control')}`;
  await assertObjects(await build(4, 2, { ...hostsOver(sshd, `@box:${DAEMON}`), DISTCC_SSH: words }));
  assert.equal(sshd.logins, 4);
});

test('a connection that was opened by hand serves where no key is taken', peers, async () => {
  await using sshd = await startSshd();
  const key = sshd.clientConfig.replace('ssh_config', 'key');
  const options = ['-i', key, '-o', 'ControlMaster=yes', '-o', 'ControlPersist=60', '-N'];
  await runWell(['ssh', '-F', sshd.clientConfig, ...options, 'by-hand']);
  await assertObjects(await build(4, 2, hostsOver(sshd, `@by-hand:${DAEMON}`)));
  assert.deepEqual([sshd.logins, sshd.commands], [1, 4]);
});

test('a DISTCC_SSH that is not there is named', peers, async () => {
  const { status, stderr } = await compileOne({ DISTCC_HOSTS: '@nobody', DISTCC_SSH: '/none/ssh' });
  assert.equal(status, 116);
  assert.match(stderr, /Cannot reach @nobody over ssh: \/none\/ssh: .*ENOENT/);
});

test('connections that are cut in the middle cost time, and nothing else', peers, async () => {
  await using sshd = await startSshd();
  const env = { ...hostsOver(sshd, `@box/8:${DAEMON}`), DISTCC_FALLBACK: '1' };
  const building = build(60, 8, env);
  await eventually('some are compiled', () => (sshd.commands > 10 ? true : undefined));
  sshd.cut();
  const before = sshd.commands;
  await eventually('others go over a new connection', () => (sshd.commands > before + 5 ? true : undefined));
  sshd.cut({ isForGood: true });
  await assertObjects(await building);
  assert.equal(sshd.logins, 2);
});

test('callers with different agents for keys do not share a connection', peers, async () => {
  await using sshd = await startSshd();
  for (const socket of ['/none/1', '/none/2', '/none/1']) {
    const { status } = await compileOne({ ...hostsOver(sshd, `@box:${DAEMON}`), SSH_AUTH_SOCK: socket });
    assert.equal(status, 0);
  }
  assert.equal(sshd.logins, 2);
});

test('a job that is interrupted leaves the connection to the others', peers, async () => {
  await using sshd = await startSshd();
  const slow = site.scratch.path('far', 'slow');
  writeScript(slow, `sleep 1; exec ${DAEMON}`);
  const env = hostsOver(sshd, `@box:${slow}`);
  const cwd = site.project({ 'a.c': 'int a;\n' });
  const line = `${site.client.launcher} gcc -c a.c & sleep 0.5; kill $!; wait; ls`;
  const { stdout } = await site.run(['sh', '-c', line], { cwd, env });
  assert.equal(stdout, 'a.c\n');
  const { status } = await compileOne(env);
  assert.deepEqual([status, sshd.logins], [0, 1]);
});

test('no master outlives its agent, however that ends', peers, async () => {
  await using sshd = await startSshd();
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const { status } = await compileOne(hostsOver(sshd, `@box:${DAEMON}`));
    assert.equal(status, 0);
    const [master = 0] = sshd.masters;
    assert.ok(isAlive(master));
    const [agent = 0] = site.agents;
    process.kill(agent, signal);
    await eventually(`${signal} ends the agent and its master`, () =>
      isAlive(agent) || isAlive(master) ? undefined : true,
    );
  }
});

test('the native wire is one session on one channel', needsBox('ssh', 'sshd'), async () => {
  await using sshd = await startSshd();
  const env = { ...hostsOver(sshd, `@box/8:${DAEMON}`), MANYHANDS_NATIVE: 'on' };
  const ran = await site.whereRan(async () => assertObjects(await build(20, 8, env)));
  assert.deepEqual(ran, { remote: 20, local: 0 });
  assert.deepEqual([sshd.logins, sshd.commands], [1, 1]);
});
