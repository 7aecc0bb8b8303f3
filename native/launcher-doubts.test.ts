/** Whatever is wrong with the agent, the launcher runs the compiler: once, with its own output and status. */
import assert from 'node:assert/strict';
import { type ChildProcess } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeAck, encodeAlive, encodeRunHere, encodeSpawn } from '../src/wire/launcher/agent-message.ts';
import { encodeBytes, encodeList, encodeString, encodeU32 } from '../src/wire/launcher/fields.ts';
import { encodeFrame } from '../src/wire/launcher/frame.ts';
import {
  ACK_MS,
  SILENCE_MS,
  Scene,
  ending,
  OWN,
  type Connection,
  serve,
  HERE,
  exit,
  until,
} from './launcher-rig.ts';

const NONSENSE: Readonly<Record<string, readonly Uint8Array[]>> = {
  garbage: [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  'a length of 0': [Buffer.alloc(16)],
  'a huge length': [Buffer.from('ffffffff81', 'hex')],
  'a length over the limit': [encodeAck(), encodeU32((64 << 20) + 1)],
  'an outcome before ACK': [exit(0)],
  'a second ACK': [encodeAck(), encodeAck(), exit(0)],
  'an ACK with a payload': [encodeFrame(0x81, [Buffer.of(0)], 100), exit(0)],
  'an unknown type': [encodeAck(), encodeFrame(0x7f, [], 100)],
  'a REPORT': [encodeAck(), encodeFrame(0x86, [encodeString('{}')], 100)],
  'bytes left over': [encodeAck(), encodeFrame(0x82, [Buffer.of(0)], 100)],
  'a short EXIT': [encodeAck(), encodeFrame(0x85, [encodeU32(0)], 100)],
  'a string beyond its frame': [encodeAck(), encodeFrame(0x85, [encodeU32(0), encodeU32(1000)], 100)],
  'a string of 4 GiB': [encodeAck(), encodeFrame(0x85, [encodeU32(0), encodeU32(0xffff_ffff)], 100)],
  'a list beyond its frame': [encodeAck(), encodeFrame(0x83, [encodeU32(0x4000_0000)], 100)],
  'a NUL in a word': [
    encodeAck(),
    encodeFrame(0x83, [encodeU32(1), ...encodeBytes(Buffer.from('a\0b')), encodeU32(0), encodeU32(0)], 100),
  ],
  'a move without a target': [
    encodeAck(),
    encodeFrame(0x85, [encodeU32(0), encodeU32(0), encodeU32(0), encodeU32(0), ...encodeList(['x'])], 100),
  ],
  'the status of a stopped program': [encodeAck(), exit(0x137f)],
  'the status of a continued program': [encodeAck(), exit(0xffff)],
  'a status of 32 bits': [encodeAck(), exit(0x10000)],
  'a SPAWN without a name': [
    encodeAck(),
    encodeSpawn({ program: '', argv: [], environment: [], stdoutPath: 'x', stderrPath: 'y' }),
  ],
};

test('nonsense from the agent ends with the compiler here, once', async (t) => {
  for (const [name, frames] of Object.entries(NONSENSE)) {
    const scene = new Scene();
    await serve(t, scene, async (connection) => {
      await connection.invocation();
      connection.send(...frames);
    });
    assert.deepEqual(await scene.run(['gcc', '-c', 'a.c']), OWN, name);
    assert.equal(scene.runs, 1, name);
  }
});

test('a dialogue that is cut at any byte ends with the compiler here, once', async (t) => {
  const scene = new Scene();
  writeFileSync(scene.path('from'), '');
  const dialogues = [
    [
      encodeAck(),
      encodeAlive(),
      exit(0, { stdout: Buffer.from('no'), moves: [{ from: '/no/such', to: '/no' }] }),
    ],
    [encodeAck(), encodeRunHere({ argv: ['gcc', 'w'], environment: ['A=1', 'B'], message: 'no\n' })],
  ];
  let bytes = Buffer.alloc(0);
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.socket.end(bytes);
  });
  let runs = 0;
  for (const dialogue of dialogues) {
    const whole = Buffer.concat(dialogue);
    for (let cut = 0; cut < whole.length; cut++) {
      bytes = whole.subarray(0, cut);
      assert.deepEqual(await scene.run(['gcc']), OWN, `cut at ${cut}`);
      assert.equal(scene.runs, ++runs, `cut at ${cut}`);
    }
  }
});

test('a dialogue with any byte wrong still ends with one run of the compiler', async (t) => {
  const scene = new Scene();
  const whole = Buffer.concat([
    encodeAck(),
    encodeRunHere({ argv: ['gcc', 'word'], environment: ['A=1', 'B'], message: 'm' }),
  ]);
  let bytes = whole;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.socket.end(bytes);
  });
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 0x85, 0xff]) {
      bytes = Buffer.from(whole);
      bytes[at] = value;
      rmSync(scene.path('runs'), { force: true });
      const { status, stdout } = await scene.run(['gcc']);
      assert.deepEqual({ status, stdout }, { status: OWN.status, stdout: OWN.stdout }, `${value} at ${at}`);
      assert.equal(scene.runs, 1, `${value} at ${at}`);
    }
  }
});

test('frames may come in any pieces', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    connection.socket.setNoDelay(true);
    await connection.invocation();
    for (const byte of Buffer.concat([
      encodeAck(),
      encodeAlive(),
      exit(0x500, { stdout: Buffer.from('1') }),
    ])) {
      connection.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  assert.deepEqual(await scene.run(['gcc']), { status: 5, signal: null, stdout: '1', stderr: '' });
});

test('silence ends with the compiler here after the deadline', async (t) => {
  const silences: [frames: Uint8Array[], deadlineMs: number][] = [
    [[], ACK_MS],
    [[encodeAck().subarray(0, 3)], ACK_MS],
    [[encodeAck()], SILENCE_MS],
    [[encodeAck(), exit(0).subarray(0, 7)], SILENCE_MS],
  ];
  await Promise.all(
    silences.map(async ([frames, deadlineMs]) => {
      const scene = new Scene();
      await serve(t, scene, async (connection) => {
        await connection.invocation();
        connection.send(...frames);
      });
      const startedMs = performance.now();
      assert.deepEqual(await scene.run(['gcc']), OWN);
      assert.ok(performance.now() - startedMs >= deadlineMs);
      assert.equal(scene.runs, 1);
    }),
  );
});

test('an agent that says it is there is waited for', async (t) => {
  const scene = new Scene();
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck());
    for (let beats = 0; beats < 6; beats++) {
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 3));
      connection.send(encodeAlive());
    }
    connection.send(exit(0));
  });
  assert.equal((await scene.run(['gcc'])).status, 0);
  assert.equal(scene.runs, 0);
});

test('a launcher that was stopped itself does not take that for silence', async (t) => {
  const scene = new Scene();
  let child: ChildProcess | undefined;
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck());
    await new Promise((resolve) => setTimeout(resolve, 50));
    child?.kill('SIGSTOP');
    for (let beats = 0; beats < 5; beats++) {
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS / 3));
      connection.send(encodeAlive());
    }
    child?.kill('SIGCONT');
    connection.send(exit(0));
  });
  child = scene.start(['gcc']);
  assert.equal((await ending(child)).status, 0);
  assert.equal(scene.runs, 0);
});

test('a spawned program is gone before the compiler runs here', async (t) => {
  const waiting = `#!/bin/sh
echo $$ >> "$SCENE/pids"
trap '' TERM
[ "$1" = -E ] || { kill -0 $(head -n1 "$SCENE/pids") 2>/dev/null && echo still there; exit 7; }
while :; do sleep 0.01; done
`;
  const request = encodeSpawn({
    program: '',
    argv: ['gcc', '-E'],
    environment: [],
    stdoutPath: '/dev/null',
    stderrPath: '/dev/null',
  });
  const ends: Record<string, (connection: Connection) => void> = {
    silence: () => {},
    death: ({ socket }) => socket.destroy(),
    'a second SPAWN': (connection) => connection.send(request),
    'an outcome': (connection) => connection.send(HERE),
  };
  await Promise.all(
    Object.entries(ends).map(async ([name, end]) => {
      const scene = new Scene();
      scene.script(scene.compiler, waiting);
      await serve(t, scene, async (connection) => {
        await connection.invocation();
        connection.send(encodeAck(), request);
        await until(() => scene.read('pids') !== '');
        end(connection);
      });
      assert.deepEqual(
        await scene.run(['gcc', '-c']),
        { status: 7, signal: null, stdout: '', stderr: '' },
        name,
      );
    }),
  );
});
