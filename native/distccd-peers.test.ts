/** Peers that are no clients: hostile, broken, or not allowed in. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { program, GOOD_JOB, token, nothingLeft, scratch } from '../test/rig/distccd-world.ts';
import { compile, dial, Distccd, whenClosed } from '../test/rig/our-distccd.ts';

test('what is no request is closed, and others are served', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const nonsense = [
    'SSH-2.0-x\r\n',
    'D',
    'DISX00000001',
    'DIST00000004',
    'DIST0000000g',
    `${token('DIST', 1)}${token('ARGC', 0xffffffff)}`,
    `${token('DIST', 1)}${token('ARGC', 0)}`,
    `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 0xffffffff)}`,
    `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 0xffffffff)}`,
    `${token('DIST', 2)}${token('ARGC', 3)}${token('ARGV', 3)}gcc${token('ARGV', 2)}-c${token('ARGV', 3)}a.c${token('DOTI', 4)}abcd`,
    `${token('DIST', 1)}${token('DOTI', 1)}`,
    'POST / HTTP/1.0\r\n\r\n',
  ];
  for (const text of nonsense) {
    const socket = await dial(daemon.port);
    const closed = whenClosed(socket);
    socket.write(text);
    if (text === 'D') socket.end();
    assert.equal(await closed, '', text);
    assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  }
  await nothingLeft(daemon);
});

test('who would keep something here by HTTP is told that it may not', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const socket = await dial(daemon.port);
  const closed = whenClosed(socket);
  socket.write('PUT /cas/x HTTP/1.0\r\n\r\n');
  assert.match(await closed, /^HTTP\/1\.1 405 /);
  await nothingLeft(daemon);
});

test('a command that no program can be started with fails alone', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const worker = daemon.workerPid();
  const commands: [more: string[], status: number, why: RegExp][] = [
    [[`-DX=${'x'.repeat(300_000)}`], 110 << 8, /argument list too long/],
    [Array.from({ length: 16 }, () => `-D${'x'.repeat(900_000)}`), 113 << 8, /too long/],
    [['', '-Wno-\xff\n'], 1 << 8, /./],
  ];
  for (const [more, status, why] of commands) {
    const reply = await compile(daemon.port, { ...GOOD_JOB, argv: ['gcc', ...more, '-c', 'a.c'] });
    assert.match(Buffer.from(reply.stderr).toString(), why);
    assert.equal(reply.waitStatus, status);
  }
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  assert.equal(daemon.workerPid(), worker);
  await nothingLeft(daemon);
});

test('500 silent connections keep nobody waiting, and are closed', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const sockets = await Promise.all(Array.from({ length: 500 }, () => dial(daemon.port)));
  const startedMs = performance.now();
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  const closed = sockets.map(whenClosed);
  const half = await dial(daemon.port);
  half.write('DIS');
  assert.equal(await whenClosed(half), '');
  await Promise.all(closed);
  assert.ok(performance.now() - startedMs < 30_000);
});

test('a sender that stalls is timed out', async () => {
  await using daemon = await Distccd.start(program, scratch, { env: { DISTCC_IO_TIMEOUT: '1' } });
  const socket = await dial(daemon.port);
  socket.write(`${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 1000)}int`);
  assert.equal(await whenClosed(socket), '');
  await daemon.whenLogged(/stalled in its request/);
});

test('announced lengths and sent bytes do not fill the memory', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const worker = daemon.workerPid() ?? 0;
  const before = residentKib(worker);
  const head = `${token('DIST', 1)}${token('ARGC', 1)}${token('ARGV', 3)}gcc${token('DOTI', 1 << 30)}`;
  const sockets = await Promise.all(Array.from({ length: 50 }, () => dial(daemon.port)));
  for (const socket of sockets) socket.write(`${head}int x;`);
  assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
  assert.ok(residentKib(worker) - before < 64 << 10);
  for (const socket of sockets) socket.destroy();
});

test('a peer that is not on the list is told so and not served', async () => {
  await using daemon = await Distccd.start(program, scratch, { args: ['--allow', '10.0.0.0/8'] });
  const reply = await compile(daemon.port, GOOD_JOB);
  assert.equal(reply.waitStatus, 113 << 8);
  assert.match(Buffer.from(reply.stderr).toString(), /not in its access list/);
  const status = await dial(daemon.port);
  status.write('GET / HTTP/1.0\r\n\r\n');
  assert.equal(await whenClosed(status), '');
  await daemon.whenLogged(/connection from client '127\.0\.0\.1:\d+' denied by access list/);
});

test('a peer that comes over IPv6 as IPv4 is in the IPv4 networks, and names are looked up', async (t) => {
  for (const allow of ['127.0.0.0/8', 'localhost']) {
    const options = { listen: '::ffff:127.0.0.1', args: ['--allow', allow] };
    const daemon = await Distccd.launch(program, scratch, options);
    await Promise.race([daemon.whenLogged(/ready: /).catch(() => {}), daemon.exited]);
    if (/no such address/.test(daemon.log)) return t.skip('no IPv6 here');
    assert.equal((await compile(daemon.port, GOOD_JOB)).waitStatus, 0);
    await daemon[Symbol.asyncDispose]();
  }
  return undefined;
});

function residentKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
