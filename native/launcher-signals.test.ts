/** Signals end the launcher and what it started, as they would have ended the compiler. */
import assert from 'node:assert/strict';
import { type ChildProcess } from 'node:child_process';
import { test } from 'node:test';
import { encodeAck, encodeSpawn } from '../src/wire/launcher/agent-message.ts';
import { LAUNCHER, Scene, ending, serve, exit, until, isAlive } from './launcher-rig.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${signal} ends the launcher, and the program that it started`, async (t) => {
    const scene = new Scene();
    scene.script(scene.compiler, '#!/bin/sh\necho $$ > "$SCENE/pid"\nexec sleep 60\n');
    let child: ChildProcess | undefined;
    let spawns = false;
    const ended: Promise<void>[] = [];
    await serve(t, scene, async (connection) => {
      ended.push(connection.ended);
      await connection.invocation();
      connection.send(encodeAck());
      if (spawns) {
        connection.send(
          encodeSpawn({
            program: '',
            argv: ['gcc'],
            environment: [],
            stdoutPath: '/dev/null',
            stderrPath: '/dev/null',
          }),
        );
        await until(() => scene.read('pid').endsWith('\n'));
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
      child?.kill(signal);
    });
    for (spawns of [false, true]) {
      child = scene.start(['gcc']);
      assert.deepEqual(await ending(child), { status: null, signal, stdout: '', stderr: '' });
    }
    await Promise.all(ended);
    assert.ok(!isAlive(Number(scene.read('pid'))));
  });
}

test('a killed launcher takes the spawned program along', async (t) => {
  const scene = new Scene();
  scene.script(scene.compiler, '#!/bin/sh\necho $$ > "$SCENE/pid"\nexec sleep 60\n');
  let child: ChildProcess | undefined;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(
      encodeAck(),
      encodeSpawn({
        program: '',
        argv: ['gcc'],
        environment: [],
        stdoutPath: '/dev/null',
        stderrPath: '/dev/null',
      }),
    );
    await until(() => scene.read('pid').endsWith('\n'));
    child?.kill('SIGKILL');
  });
  child = scene.start(['gcc']);
  assert.equal((await ending(child)).signal, 'SIGKILL');
  await until(() => !isAlive(Number(scene.read('pid'))));
});

test('signals that the caller ignores stay ignored', async (t) => {
  const scene = new Scene();
  let pid = 0;
  await serve(t, scene, async (connection) => {
    pid = (await connection.invocation()).pid;
    connection.send(encodeAck());
    process.kill(pid, 'SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 30));
    connection.send(exit(0x400));
  });
  const over = await scene.run(['-c', `trap '' HUP; exec "${LAUNCHER}" gcc`], { program: '/bin/sh' });
  assert.equal(over.status, 4);
});
