import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { decodeSource } from '../wire/distcc/request.ts';
import { FakeDistccd, type Conversation } from '../../test/rig/fake-distccd.ts';
import { probe, type ProbeOptions } from './probe.ts';

const { signal } = new AbortController();

async function withWorker(
  onJob: (job: Conversation) => void,
  work: (options: ProbeOptions) => Promise<void>,
): Promise<void> {
  await using worker = new FakeDistccd(onJob);
  const port = Number((await worker.listen()).split(':')[1]);
  await work({ port, connectTimeoutMs: 5000, signal, clock: SYSTEM_CLOCK });
}

const OBJECT = Buffer.from('object');

for (const protocol of [1, 2] as const) {
  test(`probe() has a line compiled over protocol ${protocol}`, async () => {
    const seen: unknown[] = [];
    const onJob = ({ request, answer }: Conversation): void => {
      assert(request.kind === 'text');
      seen.push(request.protocol, request.argv, decodeSource(request).length > 0);
      answer({ object: OBJECT });
    };
    await withWorker(onJob, async (options) => {
      const testCompile = { compiler: 'gcc-12', protocol, timeoutMs: 5000 };
      const { problem } = await probe('127.0.0.1', { ...options, testCompile });
      assert.equal(problem, undefined);
      assert.deepEqual(seen, [protocol, ['gcc-12', '-c', 'probe.c', '-o', 'probe.o'], true]);
    });
  });
}

test('probe() has a line compiled with its file over protocol 3', async () => {
  const seen: unknown[] = [];
  const onJob = ({ request, answer }: Conversation): void => {
    assert(request.kind === 'tree');
    seen.push(request.directory, request.argv, ...request.entries.map(({ name }) => name));
    answer({ object: OBJECT });
  };
  await withWorker(onJob, async (options) => {
    const testCompile = { compiler: 'gcc-12', protocol: 3, timeoutMs: 5000 } as const;
    assert.equal((await probe('127.0.0.1', { ...options, testCompile })).problem, undefined);
    assert.deepEqual(seen, ['/probe', ['gcc-12', '-c', 'probe.c', '-o', 'probe.o'], '/probe/probe.c']);
  });
});

test('probe() finds that a host does not compile, and why', async () => {
  const testCompile = { compiler: 'cc', protocol: 1, timeoutMs: 100 } as const;
  const fails = ({ answer }: Conversation): void =>
    answer({ waitStatus: 256, stderr: Buffer.from('no such\n') });
  await withWorker(fails, async (options) => {
    assert.equal((await probe('127.0.0.1', { ...options, testCompile })).problem, 'cc fails there: no such');
  });
  await withWorker(
    () => undefined,
    async (options) => {
      assert.equal(
        (await probe('127.0.0.1', { ...options, testCompile })).problem,
        'no object within 100 ms',
      );
    },
  );
});

test('probe() without a test compile wants a connection, or nothing at all', async () => {
  const unasked = (): void => assert.fail('no job was to be sent');
  await withWorker(unasked, async (options) => {
    assert.equal((await probe('127.0.0.1', options)).problem, undefined);
    assert.match((await probe('127.0.0.1', { ...options, port: 1 })).problem ?? '', /refused/);
    const blind = { ...options, port: 1, connectTimeoutMs: 0 };
    assert.equal((await probe('127.0.0.1', blind)).problem, undefined);
    const late = { ...options, signal: AbortSignal.abort() };
    assert.equal((await probe('127.0.0.1', late)).problem, 'no time left');
  });
});
