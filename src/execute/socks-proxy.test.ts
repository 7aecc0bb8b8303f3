import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { connectThrough, parseProxy } from './socks-proxy.ts';

/** Answers the greeting and the request with these bytes, the second of them one byte at a time. */
async function startProxy(t: TestContext, answers: readonly [string, string]): Promise<string> {
  const directory = mkdtempSync(path.join(tmpdir(), 'manyhands-socks-'));
  const server: Server = createServer((socket) => {
    let count = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      const answer = Buffer.from((answers[count++] ?? '').replaceAll(' ', ''), 'hex');
      if (count === 1) socket.write(answer);
      else for (const byte of answer) socket.write(Uint8Array.of(byte));
      if (answer.length === 0) socket.end();
    });
  });
  t.after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  const file = path.join(directory, 'socket');
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return file;
}

const HOST = { host: 'build7', port: 3632, timeoutMs: 10_000 };

test('connectThrough() gives a connection from which the first byte of the host can be read', async (t) => {
  const proxy = await startProxy(t, ['0500', '05000001 00000000 0000 44']);
  const connected = await connectThrough(proxy, { ...HOST, signal: new AbortController().signal });
  assert(connected.ok);
  const { value: socket } = connected;
  t.after(() => socket.destroy());
  const [first] = await new Promise<[Buffer]>((resolve) => socket.once('data', (data) => resolve([data])));
  assert.equal(first.toString('latin1', 0, 1), 'D');
});

test('connectThrough() says what the proxy said', async (t) => {
  const rows: readonly (readonly [[string, string], RegExp])[] = [
    [['0500', '05050001 00000000 0000'], /^Cannot connect to build7:3632 by the SOCKS proxy \S+: refused$/],
    [['05ff', ''], /it wants a password$/],
    [['0500', ''], /it hung up$/],
    [['48', ''], /it does not speak SOCKS5$/],
  ];
  for (const [answers, message] of rows) {
    const proxy = await startProxy(t, answers);
    const connected = await connectThrough(proxy, { ...HOST, signal: new AbortController().signal });
    assert(!connected.ok);
    assert.equal(connected.error.kind, 'unreachable');
    assert.match(connected.error.message, message);
  }
});

test('connectThrough() gives up when the caller goes, and when nobody answers', async (t) => {
  const silent = createServer((socket) => t.after(() => socket.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => silent.close());
  const proxy = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const controller = new AbortController();
  const gone = connectThrough(proxy, { ...HOST, signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  assert.partialDeepStrictEqual(await gone, { ok: false, error: { kind: 'cancelled' } });
  const late = await connectThrough(proxy, { ...HOST, timeoutMs: 20, signal: new AbortController().signal });
  assert.partialDeepStrictEqual(late, { ok: false, error: { kind: 'unreachable' } });
  const nobody = await connectThrough('/none', { ...HOST, signal: new AbortController().signal });
  assert.partialDeepStrictEqual(nobody, { ok: false, error: { kind: 'unreachable' } });
});

test('parseProxy() knows the port of SOCKS', () => {
  assert.deepEqual(parseProxy('proxy'), { host: 'proxy', port: 1080 });
  assert.deepEqual(parseProxy('proxy:9050'), { host: 'proxy', port: 9050 });
  assert.deepEqual(parseProxy('[::1]:9050'), { host: '::1', port: 9050 });
  assert.deepEqual(parseProxy('::1'), { host: '::1', port: 1080 });
});
