import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { text } from 'node:stream/consumers';
import { TraceExporter } from './exporter.ts';

test('each job that its caller wants traced is a span, with one for each phase below it', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/v1/traces`;
  using exporter = new TraceExporter('1.2');
  const what = { pid: 7, directory: '/w', argv: [] };
  const traces = { endpoint, headers: { 'x-key': 'secret' }, service: 'builds' };
  exporter.add({ kind: 'started', job: 1, atMs: 1000, source: 'a.c', ...what, traces });
  exporter.add({ kind: 'started', job: 2, atMs: 1000, source: 'b.c', ...what });
  exporter.add({ kind: 'phase', job: 1, atMs: 1002, phase: 'compile', host: 'h' });
  const end = { host: 'h', detail: 'no', elapsedMs: 10, bytesSent: 3, bytesReceived: 0 };
  for (const job of [1, 2])
    exporter.add({ kind: 'finished', job, atMs: 1010, ending: 'failed', reason: 'x', ...end });
  const [request] = (await once(server, 'request')) as [IncomingMessage, { end(): void }];
  assert.equal(request.url, '/v1/traces');
  assert.equal(request.headers['x-key'], 'secret');
  const { resourceSpans } = JSON.parse(await text(request)) as {
    resourceSpans: { resource: object; scopeSpans: { spans: Record<string, unknown>[] }[] }[];
  };
  const spans = resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  assert.deepEqual(
    spans.map(({ name, startTimeUnixNano, endTimeUnixNano, status }) => [
      name,
      startTimeUnixNano,
      endTimeUnixNano,
      status,
    ]),
    [
      ['compile a.c', '1000000000', '1010000000', { code: 2, message: 'no' }],
      ['compile', '1002000000', '1010000000', { code: 0 }],
    ],
  );
  assert.match(String(spans[0]?.['traceId']), /^[\da-f]{32}$/);
  assert.equal(spans[1]?.['parentSpanId'], spans[0]?.['spanId']);
  server.close();
  server.closeAllConnections();
});
