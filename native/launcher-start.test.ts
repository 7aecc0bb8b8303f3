/** One agent is started, however many launchers come, and nothing of theirs goes along. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { encodeAck } from '../src/wire/launcher/agent-message.ts';
import { UID, LAUNCHER, Scene, OWN, serve, exit, startedAgents, stopAgents } from './launcher-rig.ts';

test('64 launchers at once start one agent, and nothing of theirs goes along', async () => {
  const scene = new Scene();
  const preload = { NODE_OPTIONS: '--no-such-option', SECRET: '1', LC_ALL: 'de_DE', TZ: 'UTC' };
  const script = `ulimit -S -n 256; umask 0; trap '' TERM; exec 9>"$SCENE/nine"; exec nice -n 3 "${LAUNCHER}" gcc`;
  const calls = Array.from({ length: 64 }, () =>
    scene.run(['-c', script], { program: '/bin/sh', environment: preload }),
  );
  for (const call of calls) assert.deepEqual(await call, OWN);
  assert.equal(scene.runs, 64);
  assert.equal(scene.compilerEnvironment().get('SERVED'), '1');

  const agents = startedAgents(scene);
  assert.equal(agents.length, 1);
  const [agent] = agents;
  assert.ok(agent);
  assert.deepEqual(agent.argv, ['--socket', scene.socketPath, '--dir', scene.distccDir]);
  const { PATH, ...environment } = agent.environment;
  assert.match(PATH ?? '', /^\/usr\/local\/bin:\/usr\/bin:\/bin(:|$)/);
  assert.deepEqual(environment, {
    LANG: 'C.UTF-8',
    HOME: scene.directory,
    TZ: 'UTC',
    XDG_RUNTIME_DIR: scene.path('run'),
  });
  assert.equal(agent.cwd, '/');
  assert.equal(agent.umask, 0o077);
  assert.deepEqual(agent.files.slice(0, 3), [
    [0, '/dev/null'],
    [1, '/dev/null'],
    [2, '/dev/null'],
  ]);
  assert.match(agent.files.find(([fd]) => fd === 3)?.[1] ?? '', /^socket:/);
  assert.ok(!agent.files.some(([, name]) => name.includes(scene.directory)));
  // After the name: state, parent, process group, session, terminal.
  const [, , group, session, terminal] = agent.stat.slice(agent.stat.lastIndexOf(')') + 2).split(' ');
  assert.equal(group, session);
  assert.notEqual(session, String(agent.pid));
  assert.equal(terminal, '0');
  assert.match(agent.status, /^SigBlk:\s*0+$/m);
  assert.doesNotMatch(agent.status.match(/^SigIgn:\s*(\w+)$/m)?.[1] ?? '', /[4-7c-f]...$/);
  const [, soft, hard] = agent.limits.match(/Max open files\s+(\S+)\s+(\S+)/) ?? [];
  assert.equal(soft, hard);
  assert.equal(lstatSync(scene.socketPath).mode & 0o777, 0o600);
  assert.equal(lstatSync(`${scene.socketPath}.lock`).mode & 0o777, 0o600);
  await stopAgents(scene);
});

test('a dead socket is replaced; an agent that dies again and again is given up', async () => {
  const scene = new Scene();
  const server = net.createServer();
  server.listen(scene.socketPath);
  await once(server, 'listening');
  // A name without a listener, as a killed agent leaves it.
  linkSync(scene.socketPath, `${scene.socketPath}.kept`);
  server.close();
  await once(server, 'close');
  linkSync(`${scene.socketPath}.kept`, scene.socketPath);

  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.equal(startedAgents(scene).length, 1);
  await stopAgents(scene);

  rmSync(scene.distccDir, { recursive: true });
  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.equal(scene.runs, 2);
});

test('a DISTCC_DIR whose link leads to what a reboot took away is made again', async () => {
  const scene = new Scene();
  const target = scene.path('memory/user/distcc');
  rmSync(scene.distccDir, { recursive: true });
  symlinkSync('between', scene.distccDir);
  symlinkSync(target, scene.path('between'));
  for (const _ of ['after one reboot', 'after another']) {
    assert.deepEqual(await scene.run(['gcc']), OWN);
    assert.equal(scene.compilerEnvironment().get('SERVED'), '1');
    const agents = startedAgents(scene);
    assert.deepEqual(
      agents.map(({ argv }) => argv.slice(2)),
      [['--dir', target]],
    );
    await stopAgents(scene);
    rmSync(scene.path('memory'), { recursive: true });
  }
});

test('a DISTCC_DIR whose link leads where nothing can be made is no obstacle to the compiler', async () => {
  for (const target of ['/proc/none/x', 'distcc-dir', '/dev/null/x']) {
    const scene = new Scene();
    rmSync(scene.distccDir, { recursive: true });
    symlinkSync(target, scene.distccDir);
    assert.deepEqual(await scene.run(['gcc']), OWN);
    assert.equal(scene.runs, 1);
  }
});

test('an agent that hangs up before ACK is asked once more', async (t) => {
  const scene = new Scene();
  let calls = 0;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    if (++calls === 1) connection.socket.destroy();
    else connection.send(encodeAck(), exit(0));
  });
  assert.equal((await scene.run(['gcc'])).status, 0);
  assert.equal(calls, 2);
});

test('a launcher that finds the lock taken waits for the agent, and not for long', async (t) => {
  if (spawnSync('flock', ['--version']).status !== 0) return t.skip('no flock(1) here');
  const scene = new Scene();
  const lock = `${scene.socketPath}.lock`;
  writeFileSync(lock, '', { mode: 0o600 });
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo; exec cat']);
  t.after(() => holder.stdin.end());
  await once(holder.stdout, 'data');
  assert.deepEqual(await scene.run(['gcc']), OWN);
  const over = scene.run(['gcc']);
  setTimeout(() => {
    void serve(t, scene, async (connection) => {
      await connection.invocation();
      connection.send(encodeAck(), exit(0));
    });
  }, 100);
  assert.equal((await over).status, 0);
  assert.equal(scene.runs, 1);
  return undefined;
});

test('a stopped agent is not waited for', async () => {
  const scene = new Scene();
  assert.deepEqual(await scene.run(['gcc']), OWN);
  const [agent] = startedAgents(scene);
  assert.ok(agent);
  process.kill(agent.pid, 'SIGSTOP');
  assert.deepEqual(
    await scene.run(['gcc', 'x'.repeat(100_000), 'y'.repeat(120_000), 'z'.repeat(120_000)]),
    OWN,
  );
  process.kill(agent.pid, 'SIGCONT');
  assert.equal(scene.runs, 2);
  await stopAgents(scene);
});

test('a caller without standard descriptors gets his compiler, and the agent has its own', async () => {
  const scene = new Scene();
  const script = `exec 0<&- 1>&- 2>&-; "${LAUNCHER}" gcc; echo $? > "$SCENE/code"`;
  await scene.run(['-c', script], { program: '/bin/sh' });
  assert.equal(scene.read('code'), '7\n');
  assert.deepEqual(
    startedAgents(scene)[0]
      ?.files.slice(0, 3)
      .map(([, name]) => name),
    ['/dev/null', '/dev/null', '/dev/null'],
  );
  await stopAgents(scene);
});

test('where there is no place for an agent, the compiler runs here', async () => {
  const scene = new Scene();
  writeFileSync(scene.path('plain'), '');
  const places: Record<string, Record<string, string | undefined>> = {
    'a relative DISTCC_DIR that is not there': { DISTCC_DIR: 'no/such' },
    'a DISTCC_DIR that is too long': { DISTCC_DIR: `/${'x'.repeat(5000)}` },
  };
  for (const [name, environment] of Object.entries(places)) {
    assert.deepEqual(await scene.run(['gcc'], { environment }), OWN, name);
  }
  const gone = scene.path('gone');
  const script = `mkdir "${gone}"; cd "${gone}"; rmdir "${gone}"; exec "${LAUNCHER}" gcc`;
  const { status, stdout } = await scene.run(['-c', script], { program: '/bin/sh' });
  assert.deepEqual({ status, stdout }, { status: OWN.status, stdout: OWN.stdout });
  assert.deepEqual(startedAgents(scene), []);
});

test('a runtime directory that is not private is not used', async (t) => {
  const scene = new Scene();
  let calls = 0;
  await serve(t, scene, async (connection) => {
    calls++;
    await connection.invocation();
    connection.send(encodeAck(), exit(0));
  });
  const elsewhere = [`/run/user/${UID}/manyhands`, `/tmp/manyhands-${UID}`];
  const long = scene.path('x'.repeat(80));
  mkdirSync(long, { mode: 0o700 });
  spawnSync('chmod', ['0755', path.dirname(scene.socketPath)]);
  assert.deepEqual(await scene.run(['gcc']), OWN);
  assert.deepEqual(await scene.run(['gcc'], { environment: { XDG_RUNTIME_DIR: long } }), OWN);
  assert.deepEqual(await scene.run(['gcc'], { environment: { XDG_RUNTIME_DIR: 'run' } }), OWN);
  assert.equal(calls, 0);
  const [agent] = startedAgents(scene);
  assert.ok(elsewhere.includes(path.dirname(agent?.argv[1] ?? '')));
  assert.equal(startedAgents(scene).length, 1);
  await stopAgents(scene);
  for (const directory of elsewhere) {
    for (const end of ['', '.lock'])
      rmSync(path.join(directory, path.basename(scene.socketPath)) + end, { force: true });
  }
});
