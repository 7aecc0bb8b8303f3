import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { encodePacket, PacketDecoder, PacketReader, type Field } from '../wire/ssh/packet.ts';
import { WINDOW_BYTES, type SshChannel } from './channel.ts';
import { SharedConnection } from './shared-connection.ts';

const NO_HEAD = new Uint8Array();
const [OPEN, OPENED, NOT_OPENED, WINDOW, DATA, EOF, CLOSE, REQUEST, FAILURE] = [
  90, 91, 92, 93, 94, 96, 97, 98, 100,
];

/** A master that is played by the test: it says hello, grants proxy mode, and keeps what comes then. */
class FakeMaster {
  readonly socketPath: string;
  readonly #server: Server;
  readonly #received: Buffer[] = [];
  #client: Socket | undefined;

  constructor(t: TestContext, greeting = [encode([1, 4]), encode([0x8000_000f, 0])]) {
    const directory = mkdtempSync(path.join(tmpdir(), 'manyhands-ssh-'));
    this.socketPath = path.join(directory, 's');
    const decoder = new PacketDecoder();
    this.#server = createServer((socket) => {
      this.#client = socket;
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => this.#received.push(...decoder.push(chunk)));
      for (const packet of greeting) socket.write(packet);
    });
    this.#server.listen(this.socketPath);
    t.after(() => {
      this.drop();
      this.#server.close();
      rmSync(directory, { recursive: true });
    });
  }

  say(type: number | undefined, ...fields: Field[]): void {
    this.#client?.write(encodePacket(Buffer.of(0, type ?? 0), fields));
  }

  drop(): void {
    this.#client?.destroy();
  }

  /** The next packet of that type; those before it are passed over. */
  async next(type: number | undefined): Promise<PacketReader> {
    for (let triesLeft = 500; triesLeft > 0; triesLeft--) {
      const packet = this.#received.shift();
      if (packet === undefined) await delay(10);
      else if (packet.readUInt8(0) === 0 && packet.readUInt8(1) === type) return new PacketReader(packet, 2);
    }
    throw new Error(`No packet of type ${type} came`);
  }

  /** What has come and was not asked for, once nothing more comes for a moment. */
  async rest(): Promise<number[]> {
    await delay(50);
    return this.#received.splice(0).map((packet) => packet.readUInt8(1));
  }
}

function encode(fields: readonly Field[]): Buffer {
  return encodePacket(NO_HEAD, fields);
}

async function connect(master: FakeMaster): Promise<{ connection: SharedConnection; closed: () => number }> {
  let closed = 0;
  const { socketPath } = master;
  const opened = await SharedConnection.open({
    name: '@x',
    socketPath,
    onRoom: () => undefined,
    onClosed: () => closed++,
  });
  assert.ok(opened.ok);
  return { connection: opened.value, closed: () => closed };
}

async function openChannel(
  master: FakeMaster,
  connection: SharedConnection,
  { windowBytes = 1 << 20, packetBytes = 1 << 15 } = {},
): Promise<SshChannel> {
  const opening = connection.openChannel('daemon');
  const open = await master.next(OPEN);
  assert.equal(open.text(), 'session');
  master.say(OPENED, open.u32(), 7, windowBytes, packetBytes);
  const opened = await opening;
  assert.ok(opened.ok);
  await master.next(REQUEST);
  return opened.value;
}

test('SharedConnection tells why a master will not do', async (t) => {
  const rows: [greeting: Buffer[], reason: RegExp][] = [
    [[encode([1, 5])], /another protocol/],
    [[encode([1, 4]), encode([0x8000_0003, 0, 'unsupported request'])], /unsupported request/],
    [[Buffer.from('ffffffff', 'hex')], /broke: A packet of 4294967295 bytes/],
  ];
  const options = { name: '@x', onRoom: () => undefined, onClosed: () => assert.fail('it was never open') };
  for (const [greeting, reason] of rows) {
    const { socketPath } = new FakeMaster(t, greeting);
    const opened = await SharedConnection.open({ ...options, socketPath });
    assert.match(opened.ok ? '' : opened.error, reason);
  }
  const absent = await SharedConnection.open({ ...options, socketPath: '/none/socket' });
  assert.match(absent.ok ? '' : absent.error, /ENOENT/);
});

test('SshChannel sends no more than the other side has granted', async (t) => {
  const master = new FakeMaster(t);
  const { connection } = await connect(master);
  const channel = await openChannel(master, connection, { windowBytes: 10, packetBytes: 4 });
  channel.on('error', () => undefined);
  let isSent = false;
  channel.write('0123456789abc', () => (isSent = true));
  for (const piece of ['0123', '4567', '89']) {
    const data = await master.next(DATA);
    assert.deepEqual([data.u32(), data.text()], [7, piece]);
  }
  assert.deepEqual(await master.rest(), []);
  assert.equal(isSent, false);
  master.say(WINDOW, 0, 100);
  const data = await master.next(DATA);
  assert.deepEqual([data.u32(), data.text()], [7, 'abc']);
  assert.equal(isSent, true);
  connection[Symbol.dispose]();
});

test('SshChannel lets the other side go on when its reader does', async (t) => {
  const master = new FakeMaster(t);
  const { connection } = await connect(master);
  const channel = await openChannel(master, connection);
  const piece = Buffer.alloc(1 << 15, 'x');
  for (let sent = 0; sent < WINDOW_BYTES; sent += piece.length) master.say(DATA, 0, piece);
  assert.deepEqual(await master.rest(), [], 'nobody reads');
  let readBytes = 0;
  channel.on('data', (chunk: Buffer) => (readBytes += chunk.length));
  const window = await master.next(WINDOW);
  assert.equal(window.u32(), 7);
  assert.ok(window.u32() >= WINDOW_BYTES / 2);
  master.say(EOF, 0);
  master.say(CLOSE, 0);
  await once(channel, 'end');
  assert.equal(readBytes, WINDOW_BYTES);
  await master.next(CLOSE);
  assert.equal(connection.channels, 0);
  connection[Symbol.dispose]();
});

test('SshChannel breaks quietly where nobody listens yet, and can be asked', async (t) => {
  const master = new FakeMaster(t);
  const { connection } = await connect(master);
  const refused = await openChannel(master, connection);
  master.say(FAILURE, 0);
  await new Promise((resolve) => refused.once('close', resolve));
  assert.match(refused.errored?.message ?? '', /does not let us run/);
  connection[Symbol.dispose]();
});

test('SharedConnection ends when more comes than was granted', async (t) => {
  const master = new FakeMaster(t);
  const { connection, closed } = await connect(master);
  const channel = await openChannel(master, connection);
  const broken = once(channel, 'error');
  const piece = Buffer.alloc(1 << 15, 'x');
  for (let sent = 0; sent <= WINDOW_BYTES; sent += piece.length) master.say(DATA, 0, piece);
  const [error] = (await broken) as [Error];
  assert.match(error.message, /More data has come/);
  assert.equal(closed(), 1);
});

test('SharedConnection is full at the first refusal, until a channel has closed', async (t) => {
  const master = new FakeMaster(t);
  const { connection } = await connect(master);
  const channel = await openChannel(master, connection);
  const opening = connection.openChannel('daemon');
  await master.next(OPEN);
  master.say(NOT_OPENED, 1, 2, 'open failed', '');
  assert.deepEqual(await opening, { ok: false, error: { kind: 'full' } });
  assert.equal(connection.hasRoom, false);
  channel.destroy();
  await master.next(EOF);
  assert.deepEqual(await master.rest(), [], 'the command may take its time to end');
  assert.equal(connection.hasRoom, false);
  master.say(CLOSE, 0);
  await master.next(CLOSE);
  assert.equal(connection.hasRoom, true);
  connection[Symbol.dispose]();
});

test('SharedConnection gives up when sshd opens not even one session', async (t) => {
  const master = new FakeMaster(t);
  const { connection } = await connect(master);
  for (let channel = 0; ; channel++) {
    const opening = connection.openChannel('daemon');
    await master.next(OPEN);
    master.say(NOT_OPENED, channel, 2, 'open failed', '');
    const opened = await opening;
    assert.ok(!opened.ok);
    if (opened.error.kind === 'full') continue;
    assert.equal(opened.error.message, 'sshd opens no session: open failed');
    break;
  }
  connection[Symbol.dispose]();
});

test('a master that goes takes its channels with it, those that are being opened too', async (t) => {
  const master = new FakeMaster(t);
  const { connection, closed } = await connect(master);
  const channel = await openChannel(master, connection);
  const broken = once(channel, 'error');
  const opening = connection.openChannel('daemon');
  await master.next(OPEN);
  master.drop();
  assert.equal((await opening).ok, false);
  await broken;
  assert.deepEqual([connection.channels, connection.hasRoom, closed()], [0, false, 1]);
});
