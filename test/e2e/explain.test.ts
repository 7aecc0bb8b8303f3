/** `manyhands explain`: each job's story, with the reason and what to do. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { BIN, findFreePort } from '../rig/cluster.ts';
import { needsBox } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open({ isNative: true });
after(() => site[Symbol.asyncDispose]());

const cwd = site.project({
  'near.c': 'int f(void) { return 1; }\n',
  'native.c': 'int g(void) { return 2; }\n',
  'dated.c': 'const char *d = __DATE__;\n',
});

async function explain(...words: readonly string[]): Promise<string> {
  const { stdout } = await site.runWell([path.join(BIN, 'manyhands'), 'explain', ...words], { cwd });
  return stdout;
}

test('why a job went as it did, by file, by the last one, and all that stayed', needsBox(), async () => {
  const hosts = site.client.env['DISTCC_HOSTS'];
  const missing = `127.0.0.1:${await findFreePort()}`;
  await site.distcc(['gcc', '-c', 'near.c'], { cwd, env: { DISTCC_HOSTS: `${missing} ${hosts}` } });
  await site.distcc(['gcc', '-march=native', '-c', 'native.c'], { cwd });
  await site.distcc(['gcc', '-c', 'dated.c'], { cwd });
  await site.report();

  const near = await explain('near.c');
  assert.match(near, /^near\.c in \S+: compiled on 127\.0\.0\.1:\d+\/8 in \d+\.\d\d s$/m);
  assert.ok(near.includes(`then  ${missing}: Cannot connect to ${missing}`), near);
  assert.match(near, /^ {2}took {2}.*compile \d+ ms/m);
  assert.match(near, /^ {2}wire {2}sent \d+ bytes, received \d+ bytes$/m);

  assert.match(
    await explain(path.join(cwd, 'native.c')),
    /compiled here in .*\n {2}why .*-march=native\n {2}do .*\n/,
  );
  assert.match(await explain('native.c'), /^ {2}try {3}cd \S+ && .*distcc gcc -march=native -c native\.c$/m);
  assert.match(await explain('--last'), /^dated\.c .*\n {2}then {2}sent in a lesser form: .*the date/);
  assert.match(await explain('--local'), /^1 compiled here: .*\n {2}such as native\.c$/m);
  assert.equal((await explain('--trouble')).match(/^\S+\.c in /gm)?.length, 2);
  assert.match(await explain('none.c'), /^No job of that name/);
  const all = JSON.parse(await explain('--all', '--json')) as readonly { readonly source: string }[];
  assert.deepEqual(
    all.map(({ source }) => source),
    ['near.c', 'native.c', 'dated.c'],
  );
});

test('a trace of each job goes to where OpenTelemetry is told to send it', needsBox(), async () => {
  const collector = createServer();
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const { port } = collector.address() as AddressInfo;
  const asked = once(collector, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_SERVICE_NAME: 'build' };
  await site.distcc(['gcc', '-c', 'near.c'], { cwd, env });
  const [request, response] = await asked;
  const told = await text(request);
  response.end('{}');
  assert.match(told, /"stringValue":"build"/);
  assert.match(told, /"name":"compile near\.c"/);
  assert.match(told, /"name":"receive"/);
  collector.close();
  collector.closeAllConnections();
  // A collector that is gone is nobody's trouble.
  const gone = await site.distcc(['gcc', '-c', 'near.c'], { cwd, env });
  assert.deepEqual([gone.status, gone.stderr], [0, '']);
});
