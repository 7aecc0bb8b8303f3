import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { inMessage, TestDoor } from '../../../test/rig/reapi-door.ts';
import { EMPTY_DIGEST, digestOf } from '../../base/digest.ts';
import { err, ok } from '../../base/result.ts';
import type { BoxedCommand, RunBoxed } from '../../execute/box.ts';
import { decodeStatus } from '../../wire/reapi/client-messages.ts';
import {
  ExecuteResponseSchema,
  Execution,
  type ExecuteResponse,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import type { Operation } from '../../wire/reapi/gen/google/longrunning/operations_pb.js';
import type { Toolchains } from '../../toolchain/toolchain-tree.ts';

const NOTHING = new Uint8Array();
const RAN = { waitStatus: 0, stdout: NOTHING, stderr: NOTHING, userUs: 0, systemUs: 0, maxRssKib: 0 };
const COMPILER = '/usr/bin/gcc';
const PLATFORM = {
  properties: [
    { name: 'toolchain', value: `${EMPTY_DIGEST.hash}/0` },
    { name: 'toolchain-compiler', value: COMPILER },
    { name: 'toolchain-version', value: 'gcc 1' },
  ],
};
const TOOLCHAIN = {
  compiler: COMPILER,
  version: 'gcc 1',
  banner: '',
  searchPath: '/usr/bin',
  root: EMPTY_DIGEST,
  directories: new Map(),
  files: new Map(),
};
const COMPILE = {
  arguments: [COMPILER, '-c', 'a.c', '-o', '.manyhands/out.o'],
  outputPaths: ['.manyhands/out.o'],
};

const HAS_IT: Toolchains = { find: () => Promise.resolve({ kind: 'found', toolchain: TOOLCHAIN }) };
const HAS_ANOTHER: Toolchains = { find: () => Promise.resolve({ kind: 'other', version: 'gcc 2' }) };

/** A box that notes what it is asked for, and makes the object OBJECT. */
function noting(commands: BoxedCommand[]): RunBoxed {
  return (command) => {
    commands.push(command);
    const outputs = command.outputPaths.map((path) => {
      return { kind: 'file', path, bytes: Buffer.from('OBJECT'), isExecutable: false } as const;
    });
    return Promise.resolve(ok({ ...RAN, outputs }));
  };
}

function responseOf(answers: readonly Operation[]): ExecuteResponse {
  const { done, result } = answers.at(-1) ?? {};
  assert.ok(done === true && result?.case === 'response');
  const response = anyUnpack(result.value, ExecuteResponseSchema);
  assert.ok(response);
  return response;
}

test('a compile is run once, and known afterwards', async () => {
  const commands: BoxedCommand[] = [];
  await using door = await TestDoor.open({
    box: { run: noting(commands), toolchains: HAS_IT, admits: 'compiles' },
  });
  const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
  const request = { actionDigest, inlineOutputFiles: ['.manyhands/out.o'] };
  const replies = await Promise.all([1, 2, 3].map(() => door.call(Execution.method.execute, request)));
  for (const { answers } of replies)
    assert.equal(
      Buffer.from(responseOf(answers).result?.outputFiles[0]?.contents ?? []).toString(),
      'OBJECT',
    );
  const again = responseOf((await door.call(Execution.method.execute, request)).answers);
  assert.ok(again.cachedResult);
  assert.equal(commands.length, 1);
  assert.equal(commands[0]?.room.kind, 'compile');
  const skipping = await door.call(Execution.method.execute, { ...request, skipCacheLookup: true });
  assert.ok(!responseOf(skipping.answers).cachedResult);
  assert.equal(commands.length, 2);
});

test('any command runs only where the owner lets it', async () => {
  for (const admits of ['compiles', 'any-command', 'plain'] as const) {
    const commands: BoxedCommand[] = [];
    await using door = await TestDoor.open({
      box: { run: noting(commands), toolchains: HAS_IT, admits },
    });
    const actionDigest = inMessage(await door.storeAction({ arguments: ['sh', '-c', 'true'] }));
    const { status } = await door.call(Execution.method.execute, { actionDigest });
    assert.deepEqual([status, commands.length], admits === 'compiles' ? [7, 0] : [0, 1]);
  }
});

test('a compile that is none is refused', async () => {
  const commands: BoxedCommand[] = [];
  await using door = await TestDoor.open({
    box: { run: noting(commands), toolchains: HAS_IT, admits: 'compiles' },
  });
  const [compiler = '', ...rest] = COMPILE.arguments;
  const wrong: readonly (readonly [string, Parameters<TestDoor['storeAction']>[0]])[] = [
    ['another program', { ...COMPILE, arguments: ['/bin/sh', ...rest] }],
    ['a plug-in', { ...COMPILE, arguments: [compiler, '-fplugin=x.so', ...rest] }],
    ['a wrapper', { ...COMPILE, arguments: [compiler, '-wrapper', 'sh', ...rest] }],
    ['specs', { ...COMPILE, arguments: [compiler, '-specs=x', ...rest] }],
    ['other programs', { ...COMPILE, arguments: [compiler, '-B/tmp', ...rest] }],
    ['options in a file', { ...COMPILE, arguments: [compiler, '@x', ...rest] }],
    ['a variable', { ...COMPILE, environmentVariables: [{ name: 'LD_PRELOAD', value: 'x.so' }] }],
    ['a NUL', { ...COMPILE, arguments: [compiler, 'a\0b', ...rest] }],
  ];
  for (const [what, command] of wrong) {
    const actionDigest = inMessage(await door.storeAction(command, { platform: PLATFORM }));
    const { status } = await door.call(Execution.method.execute, { actionDigest });
    assert.ok(status === 7 || status === 3, `${what}: ${status}`);
  }
  assert.equal(commands.length, 0);
});

test('what is missing is named', async () => {
  const missing = digestOf(Buffer.from('missing'));
  const run: RunBoxed = () => Promise.resolve(err({ kind: 'missing-blobs', digests: [missing] }));
  await using door = await TestDoor.open({ box: { run, toolchains: HAS_IT, admits: 'compiles' } });
  const action = digestOf(Buffer.from('no action'));
  const first = await door.call(Execution.method.execute, { actionDigest: inMessage(action) });
  assert.equal(first.status, 9);
  assert.deepEqual(first.details && decodeStatus(first.details).violations, [
    { type: 'MISSING', subject: `blobs/${action.hash}/${action.sizeBytes}` },
  ]);
  const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
  const { status } = responseOf((await door.call(Execution.method.execute, { actionDigest })).answers);
  assert.equal(status?.code, 9);
});

test('a compiler of other parts is told by its version', async () => {
  await using door = await TestDoor.open({
    box: { run: noting([]), toolchains: HAS_ANOTHER, admits: 'compiles' },
  });
  const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
  const { status, details } = await door.call(Execution.method.execute, { actionDigest });
  assert.equal(status, 9);
  assert.deepEqual(details && decodeStatus(details).violations, [{ type: 'TOOLCHAIN', subject: 'gcc 2' }]);
});

test('a worker that is to be like other servers has no toolchains', async () => {
  const commands: BoxedCommand[] = [];
  await using door = await TestDoor.open({
    box: { run: noting(commands), toolchains: HAS_IT, admits: 'plain' },
  });
  const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
  const { status, details } = await door.call(Execution.method.execute, { actionDigest });
  assert.deepEqual([status, commands.length], [9, 0]);
  assert.deepEqual(details && decodeStatus(details).violations, [{ type: 'TOOLCHAIN', subject: '' }]);
});

test('an execution that nobody waits for any more is stopped', async () => {
  const { promise: stopped, resolve } = Promise.withResolvers<string>();
  const run: RunBoxed = (_, signal) =>
    new Promise((done) => {
      signal.addEventListener('abort', () => {
        resolve('stopped');
        done(err({ kind: 'cancelled', message: 'stopped' }));
      });
    });
  await using door = await TestDoor.open({ box: { run, toolchains: HAS_IT, admits: 'compiles' } });
  const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
  void door.call(Execution.method.execute, { actionDigest }).catch(() => {});
  setTimeout(() => door.session[Symbol.dispose](), 100);
  assert.equal(await stopped, 'stopped');
});

test('results that are not certain are not kept', async () => {
  const endings: readonly (readonly [number, boolean])[] = [
    [0, true],
    [1 << 8, false],
    [4 << 8, false],
    [9, false],
  ];
  for (const [waitStatus, isKept] of endings) {
    let runs = 0;
    const run: RunBoxed = () => {
      runs++;
      return Promise.resolve(ok({ ...RAN, waitStatus, outputs: [] }));
    };
    await using door = await TestDoor.open({ box: { run, toolchains: HAS_IT, admits: 'compiles' } });
    const actionDigest = inMessage(await door.storeAction(COMPILE, { platform: PLATFORM }));
    for (let time = 0; time < 2; time++) await door.call(Execution.method.execute, { actionDigest });
    assert.equal(runs, isKept ? 1 : 2, `wait status ${waitStatus}`);
  }
});
