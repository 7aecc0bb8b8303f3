import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { History } from '../../events/history.ts';
import { Journal } from '../../events/journal.ts';
import { formatReport } from './report-file.ts';
import { WebDoor } from './web-door.ts';

async function open(): Promise<{ door: WebDoor; journal: Journal }> {
  const journal = new Journal();
  const options = {
    page: { html: '', policy: '' },
    history: new History(),
    journal,
    identity: { version: '0', pid: 1 },
    nowMs: () => 0,
    metrics: () => '',
    describe: () => ({ sentence: undefined, remedy: undefined }),
  };
  return { door: await WebDoor.open(options, 0), journal };
}

test('a page that does not read is dropped before it costs much memory', async () => {
  const { door, journal } = await open();
  using _door = door;
  const { port, searchParams, host } = new URL(door.address);
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `GET /feed HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${searchParams.get('token')}\r\n\r\n`,
  );
  await once(socket, 'readable');
  assert.ok(door.isWatched);
  const source = 'x'.repeat(10_000);
  for (let round = 0; door.isWatched && round < 100; round++) {
    for (let job = 0; job < 100; job++)
      journal.publish({ kind: 'started', job, atMs: 0, pid: 1, directory: '', source, argv: [] });
    await delay(160);
  }
  assert.ok(!door.isWatched);
  socket.destroy();
});

test('a report cannot be left by what a file is called', () => {
  const page = { html: '<script type="application/json" id="saved"></script>', policy: '' };
  const report = formatReport(page, { source: '</script><script>alert(1)</script>$&' });
  assert.equal(report.match(/<script/g)?.length, 1);
  const json = /saved">(.*)<\/script>/.exec(report)?.[1] ?? '';
  assert.deepEqual(JSON.parse(json), { source: '</script><script>alert(1)</script>$&' });
});
