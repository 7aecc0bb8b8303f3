/** `distccd --stats`: the page, compared with a stock distccd's, and peers that mean no good. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFreePort } from '../test/rig/cluster.ts';
import { GOOD_JOB, program, scratch } from '../test/rig/distccd-world.ts';
import { compile, dial, Distccd, untilListening, whenClosed } from '../test/rig/our-distccd.ts';
import { needsPeer } from '../test/rig/peers.ts';
import { startStockDistccd } from '../test/rig/stock-distcc.ts';

/** What a peer reads that says nothing. */
async function readPage(port: number): Promise<string> {
  return whenClosed(await dial(port));
}

const namesIn = (page: string): string[] => [...page.matchAll(/^(dcc_\w+) /gm)].map(([, name = '']) => name);
const valueIn = (page: string, name: string): string | undefined =>
  new RegExp(`^${name} (.*)$`, 'm').exec(page)?.[1];

test('the page has all that a stock distccd’s has, in its order and form', needsPeer('distccd'), async () => {
  const stockPort = await findFreePort();
  await using _stock = await startStockDistccd('/usr/bin:/bin', ['--stats', '--stats-port', `${stockPort}`]);
  const theirs = await untilListening(() => readPage(stockPort));
  const port = await findFreePort();
  await using _daemon = await Distccd.start(program, scratch, {
    args: ['--stats', '--stats-port', `${port}`],
  });
  const ours = await readPage(port);
  const head = (page: string): string => page.slice(0, page.indexOf('dcc_'));
  assert.equal(head(ours), head(theirs));
  // Of distcc's newest source, not of 3.4.
  assert.deepEqual(
    namesIn(ours).filter((name) => name !== 'dcc_free_mem'),
    namesIn(theirs),
  );
  const form = (text = ''): string => text.replaceAll(/\d+/g, '0').replace(/\(.*\)/, '()');
  for (const name of namesIn(theirs))
    assert.equal(form(valueIn(ours, name)), form(valueIn(theirs, name)), name);
  assert.match(ours, /^dcc_free_mem \d+ MB$/m);
  assert.match(ours, /<\/distccstats>\n$/);
});

test('it counts, and knows the longest job', async () => {
  const port = await findFreePort();
  await using daemon = await Distccd.start(program, scratch, {
    args: ['--stats', '--stats-port', `${port}`],
  });
  await compile(daemon.port, GOOD_JOB);
  await compile(daemon.port, { ...GOOD_JOB, source: 'x y z;\n' });
  await compile(daemon.port, { ...GOOD_JOB, argv: ['gcc', '-c', 'new\ndcc_compile_ok 99.c'] });
  const page = await readPage(port);
  const expected = { dcc_tcp_accept: 3, dcc_compile_ok: 2, dcc_compile_error: 1, dcc_num_compiles1: 3 };
  for (const [name, value] of Object.entries(expected)) assert.equal(valueIn(page, name), `${value}`, name);
  assert.match(page, /^dcc_longest_job (a\.c|new\?dcc_compile_ok 99\.c)$/m);
  assert.match(page, /^dcc_longest_job_compiler gcc$/m);
  assert.match(page, /^dcc_longest_job_time_msecs \d+$/m);
  assert.ok(Number(valueIn(page, 'dcc_free_mem')?.split(' ')[0]) > 0);
});

test('silent and slow readers keep nobody waiting', async () => {
  const port = await findFreePort();
  await using daemon = await Distccd.start(program, scratch, {
    args: ['--stats', '--stats-port', `${port}`],
  });
  const silent = await Promise.all(Array.from({ length: 40 }, () => dial(port)));
  for (const socket of silent) socket.pause();
  assert.match(await readPage(port), /distccstats/);
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  const closed = silent.map(whenClosed);
  for (const socket of silent) socket.resume();
  await Promise.all(closed);
});

test('it is for those on the access list, and not there unless wanted', async () => {
  const port = await findFreePort();
  const args = ['--stats', '--stats-port', `${port}`, '--allow', '10.0.0.0/8'];
  await using daemon = await Distccd.start(program, scratch, { args });
  assert.equal(await readPage(port), '');
  await daemon.whenLogged(/connection from client '127\.0\.0\.1:\d+' denied/);
  const other = await findFreePort();
  await using _without = await Distccd.start(program, scratch, { args: ['--stats-port', `${other}`] });
  await assert.rejects(dial(other), /ECONNREFUSED/);
});
