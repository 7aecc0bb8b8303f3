import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { digestOf } from '../base/digest.ts';
import { MemoryResults } from '../store/memory-store.ts';
import type { WorkerFigures } from '../wire/monitor/worker-figures.ts';
import { HttpDoor } from './http-door.ts';
import { PageDoor } from './page-door.ts';

const FIGURES: WorkerFigures = {
  version: '1',
  nowMs: 2,
  startedMs: 1,
  jobs: 4,
  running: 3,
  queued: 0,
  connections: 1,
  ended: { ok: 7 },
  uploadedBytes: 0,
  load: [0, 0, 0],
  processors: 2,
  freeMemoryBytes: 1,
  endedEach: [],
  runningEach: [],
};

async function open({ keeps = true } = {}): Promise<{ url: string; [Symbol.dispose](): void }> {
  const page = (): Promise<string> => Promise.resolve('all is well\n');
  const kept = keeps ? new MemoryResults(100) : undefined;
  const readPage = () => ({ html: '<p>page', policy: "default-src 'none'" });
  const site = new PageDoor({ readPage, figures: () => FIGURES });
  const door = new HttpDoor({ page, metrics: () => 'a 1\n', site, kept, log: () => {} });
  const server = createServer((socket) => {
    socket.once('data', (chunk: Buffer) => {
      socket.pause();
      door.accept(socket, chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.dispose]() {
      server.close();
      door.drain();
    },
  };
}

const BLOB = Buffer.from('blob'.repeat(10_000));
const { hash } = digestOf(BLOB);

test('what is put is got', async () => {
  using door = await open();
  const plain = [`/cas/${hash}`, `/ac/${hash}`, `/some/where/cas/${hash}`];
  for (const name of [...plain, `/ab/${hash.slice(2, 42)}`, `/${hash}`]) {
    const url = `${door.url}${name}`;
    assert.equal((await fetch(url)).status, 404, name);
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 404, name);
    assert.equal((await fetch(url, { method: 'PUT', body: BLOB })).status, 200, name);
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 200, name);
    const got = await fetch(url);
    assert.deepEqual(Buffer.from(await got.arrayBuffer()), BLOB, name);
  }
  assert.equal(await (await fetch(`${door.url}/`)).text(), 'all is well\n');
});

test('what is no name or no such blob is refused', async () => {
  using door = await open();
  const statuses = [];
  for (const [name, method] of [
    ['/', 'PUT'],
    ['/etc/passwd', 'PUT'],
    ['/cas/../../etc/passwd', 'PUT'],
    [`/cas/${hash.toUpperCase()}/x`, 'PUT'],
    [`/cas/${digestOf(Buffer.from('other')).hash}`, 'PUT'],
    [`/cas/${hash}`, 'DELETE'],
    [`/cas/${hash}`, 'POST'],
  ] as const) {
    const body = method === 'DELETE' ? undefined : BLOB;
    statuses.push((await fetch(`${door.url}${name}`, { method, ...(body && { body }) })).status);
  }
  assert.deepEqual(statuses, [404, 404, 404, 404, 400, 405, 405]);
});

test('who may keep nothing here is told what the worker does, all the same', async () => {
  using door = await open({ keeps: false });
  const metrics = await fetch(`${door.url}/metrics`);
  assert.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  assert.equal(await metrics.text(), 'a 1\n');
  assert.equal(await (await fetch(`${door.url}/healthz`)).text(), 'ok\n');
  assert.equal((await fetch(`${door.url}/cas/${hash}`)).status, 404);
  assert.equal((await fetch(`${door.url}/cas/${hash}`, { method: 'PUT', body: BLOB })).status, 405);
});

test('the page has a policy, and its feed tells figures until nobody listens or too many do', async () => {
  using door = await open();
  const shown = await fetch(`${door.url}/web`);
  assert.equal(await shown.text(), '<p>page');
  assert.equal(shown.headers.get('content-security-policy'), "default-src 'none'");
  assert.equal((await fetch(`${door.url}/web/other`)).status, 404);
  assert.notEqual((await fetch(`${door.url}/web`, { method: 'POST' })).status, 200);
  const controller = new AbortController();
  const { signal } = controller;
  const feeds = await Promise.all(
    Array.from({ length: 50 }, () => fetch(`${door.url}/web/feed`, { signal })),
  );
  const one = await fetch(`${door.url}/web/feed`, { signal });
  assert.equal(one.status, 503);
  assert.equal(feeds[0]?.headers.get('connection'), 'close');
  const reader = feeds[0]?.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  const told = Buffer.from((value as Uint8Array | undefined) ?? []).toString();
  assert.deepEqual(JSON.parse(told.replace(/^data: /, '')), FIGURES);
  const next = await reader?.read();
  assert.ok(next?.done === false, 'it goes on');
  controller.abort();
});
