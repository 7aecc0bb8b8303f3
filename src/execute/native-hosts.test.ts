import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { TestDoor } from '../../test/rig/reapi-door.ts';
import type { BlobAction } from '../action/action.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { digestOf, EMPTY_DIGEST, formatDigest } from '../base/digest.ts';
import { ok } from '../base/result.ts';
import { connectTcp } from '../net/connect.ts';
import type { Toolchains } from '../toolchain/toolchain-tree.ts';
import { stateAction, stateCommand } from '../wire/reapi/statement.ts';
import type { RunBoxed } from './box.ts';
import { NativeHosts, type NativeTarget } from './native-hosts.ts';

const NOTHING = new Uint8Array();
const TOOLCHAIN = { root: EMPTY_DIGEST, version: 'gcc 1' };
const OPTIONS = {
  signal: new AbortController().signal,
  ioTimeoutMs: 10_000,
  onPhase: () => {},
  job: 'a-1',
  onComputed: () => {},
};

function target(port: number): NativeTarget {
  const connect = (signal: AbortSignal) => connectTcp({ host: '127.0.0.1', port, timeoutMs: 1000, signal });
  return { key: `host ${port}`, name: 'host', instance: '', isPlain: false, connect };
}

function actionOf(source: string): BlobAction {
  const bytes = Buffer.from(source);
  const platform = new Map([
    ['toolchain', formatDigest(TOOLCHAIN.root)],
    ['toolchain-compiler', '/usr/bin/gcc'],
    ['toolchain-version', TOOLCHAIN.version],
  ]);
  const outputs = { object: '.manyhands/out.o', dependencies: undefined };
  const command = stateCommand({
    arguments: ['/usr/bin/gcc', '-c', `${source}.c`],
    environment: new Map(),
    workingDirectory: '',
    outputPaths: [outputs.object],
    platform,
  });
  const root = { digest: EMPTY_DIGEST, bytes: NOTHING };
  return {
    kind: 'blobs',
    action: stateAction(command.digest, { inputRoot: root.digest, platform }),
    command,
    directories: [root],
    files: [{ digest: digestOf(bytes), bytes }],
    toolchain: TOOLCHAIN,
    outputs,
    argv: [],
  };
}

const OBJECT = Buffer.from('object '.repeat(1000));
const run: RunBoxed = ({ outputPaths: [path = ''] }) =>
  Promise.resolve(
    ok({
      waitStatus: 0,
      stdout: NOTHING,
      stderr: Buffer.from('warned'),
      outputs: [{ kind: 'file', path, bytes: OBJECT, isExecutable: false }],
      userUs: 0,
      systemUs: 0,
      maxRssKib: 0,
    }),
  );

function having(version: string | undefined): Toolchains {
  const tree = {
    compiler: '/usr/bin/gcc',
    searchPath: '',
    banner: '',
    directories: new Map(),
    files: new Map(),
    ...TOOLCHAIN,
  };
  return {
    find: () =>
      Promise.resolve(
        version === 'the same' ? { kind: 'found', toolchain: tree } : { kind: 'other', version },
      ),
  };
}

test('a host that has the compiler runs it, and what is there is not sent again', async () => {
  await using door = await TestDoor.open({
    box: { run, toolchains: having('the same'), admits: 'compiles' },
  });
  using hosts = new NativeHosts(SYSTEM_CLOCK);
  const sent: number[] = [];
  for (const source of ['a', 'a', 'b']) {
    const answer = await hosts.execute(target(door.port), actionOf(source), OPTIONS);
    assert.ok(answer.ok, JSON.stringify(answer));
    assert.deepEqual(Buffer.from(answer.value.result.object), OBJECT);
    assert.equal(Buffer.from(answer.value.result.stderr).toString(), 'warned');
    sent.push(answer.value.bytesSent);
  }
  assert.ok((sent[1] ?? 0) < (sent[2] ?? 0), sent.join());
  assert.equal(hosts.standing(target(door.port).key, TOOLCHAIN), 'may-be-native');
});

test('a host that has another compiler is known by it', async () => {
  const cases = [
    ['gcc 1', 'old-wire'],
    ['gcc 2', 'wrong-compiler'],
    [undefined, 'old-wire'],
  ] as const;
  for (const [version, standing] of cases) {
    await using door = await TestDoor.open({
      box: { run, toolchains: having(version), admits: 'compiles' },
    });
    using hosts = new NativeHosts(SYSTEM_CLOCK);
    const answer = await hosts.execute(target(door.port), actionOf('a'), OPTIONS);
    assert.equal(!answer.ok && answer.error.kind, 'no-toolchain');
    assert.equal(hosts.standing(target(door.port).key, TOOLCHAIN), standing, version);
    const other = { ...TOOLCHAIN, root: digestOf(Buffer.from('other')) };
    assert.equal(
      hosts.standing(target(door.port).key, other),
      'may-be-native',
      'another toolchain of the client',
    );
  }
});

test('a host that runs nothing, or speaks no HTTP/2, is no native one', async () => {
  await using door = await TestDoor.open();
  const stock = createServer((socket) => socket.once('data', () => socket.destroy()));
  stock.listen(0, '127.0.0.1');
  await once(stock, 'listening');
  using hosts = new NativeHosts(SYSTEM_CLOCK);
  for (const { port } of [door, stock.address() as AddressInfo]) {
    const answer = await hosts.execute(target(port), actionOf('a'), OPTIONS);
    assert.equal(!answer.ok && answer.error.kind, 'not-native');
    assert.equal(hosts.standing(target(port).key, undefined), 'old-wire');
  }
  stock.close();
});

test('a host that cannot be reached is asked again', async () => {
  using hosts = new NativeHosts(SYSTEM_CLOCK);
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const answer = await hosts.execute(target(port), actionOf('a'), OPTIONS);
  assert.equal(!answer.ok && answer.error.kind, 'unreachable');
  assert.equal(hosts.standing(target(port).key, TOOLCHAIN), 'may-be-native');
});
