import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action, ActionResult, TextAction } from '../action/action.ts';
import { digestOf } from '../base/digest.ts';
import { ok } from '../base/result.ts';
import { MemoryBlobs, MemoryResults } from '../store/memory-store.ts';
import { remembering } from './remembered.ts';

const { signal } = new AbortController();
const bytes = (text: string): Uint8Array => Buffer.from(text);

function text(source: string, argv = ['gcc', '-c', 'a.i', '-o', 'a.o'], protocol = 1): TextAction {
  return { kind: 'text', argv, source: bytes(source), received: { protocol, body: bytes(source) } };
}

/** What it runs, in words, is the result's object. */
function bench(waitStatus = 0) {
  const blobs = new MemoryBlobs(1 << 20);
  const results = new MemoryResults(100);
  const settings = { toolchain: 'gcc' as string | undefined, environment: ['LC_ALL=C'] };
  let runs = 0;
  let remembered = 0;
  const run = async (action: Action): Promise<ActionResult & { runs: number }> => {
    const inner = () => {
      runs++;
      const object = waitStatus === 0 ? bytes(`object ${runs}`) : bytes('');
      return Promise.resolve(ok({ waitStatus, stdout: bytes('out'), stderr: bytes(''), object }));
    };
    const toolchainOf = () =>
      Promise.resolve(settings.toolchain === undefined ? undefined : digestOf(bytes(settings.toolchain)));
    const memory = { blobs, results, toolchainOf, environment: settings.environment };
    const outcome = await remembering(inner, memory, () => remembered++)(action, signal);
    assert.ok(outcome.ok);
    return { ...outcome.value, runs };
  };
  return { run, settings, blobs, remembered: () => remembered };
}

test('a text is compiled once, and what differs in anything is another one', async () => {
  const { run, settings, remembered } = bench();
  const first = await run(text('int a;'));
  const again = await run(text('int a;'));
  assert.equal(remembered(), 1);
  for (const part of ['stdout', 'stderr', 'object'] as const)
    assert.deepEqual(Buffer.from(again[part]), Buffer.from(first[part]), part);
  for (const other of [
    text('int b;'),
    text('int a;', ['gcc', '-g', '-c', 'a.i', '-o', 'a.o']),
    text('int a;', undefined, 2),
  ])
    await run(other);
  settings.environment = ['LC_ALL=de'];
  await run(text('int a;'));
  settings.toolchain = 'another gcc';
  assert.equal((await run(text('int a;'))).runs, 6);
  assert.equal(remembered(), 1);
});

test('what cannot be told from the request alone is compiled each time', async () => {
  const { run, settings, remembered } = bench();
  const actions: readonly Action[] = [
    text('__asm__(".incbin \\"/etc/hostname\\"");'),
    text('.include "/etc/x.s"'),
    text('int a;', ['gcc', '-specs=/sys/nano.specs', '-c', 'a.i']),
    text('#include <stdio.h>', ['gcc', '-x', 'c', '-c', 'a.i']),
    text('#include <stdio.h>', ['gcc', '-fno-preprocessed', '-c', 'a.i']),
    text('int a;', ['gcc', '--specs=/sys/nano.specs', '-c', 'a.i']),
    { kind: 'text', argv: ['gcc'], source: bytes('int a;') },
    { kind: 'tree', argv: ['gcc'], directory: '/', entries: [] },
  ];
  for (const action of [...actions, ...actions]) await run(action);
  settings.toolchain = undefined;
  for (let time = 0; time < 2; time++) await run(text('int a;'));
  assert.equal(remembered(), 0);
});

test('neither errors are remembered, nor what has been lost', async () => {
  const failing = bench(256);
  for (let time = 0; time < 2; time++) await failing.run(text('int a;'));
  assert.equal(failing.remembered(), 0);
  const { run, blobs, remembered } = bench();
  await run(text('int a;'));
  const large = new Uint8Array(1 << 20);
  await blobs.write(digestOf(large), large);
  await run(text('int a;'));
  assert.equal(remembered(), 0);
  await run(text('int a;'));
  assert.equal(remembered(), 1);
});
