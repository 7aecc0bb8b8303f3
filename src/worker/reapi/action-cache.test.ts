import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { inMessage, TestDoor } from '../../../test/rig/reapi-door.ts';
import { digestOf } from '../../base/digest.ts';
import {
  ActionCache,
  ActionResultSchema,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

const ACTION = digestOf(Buffer.from('action'));
const OUTPUT = Buffer.from('output');
const RESULT = { outputFiles: [{ path: 'a.o', digest: inMessage(digestOf(OUTPUT)) }] };
const REQUEST = { actionDigest: inMessage(ACTION), inlineOutputFiles: ['a.o'] };

test('a result is given out only with all that it names', async () => {
  await using door = await TestDoor.open();
  assert.equal((await door.call(ActionCache.method.getActionResult, REQUEST)).status, 5);
  await door.results.put(ACTION, toBinary(ActionResultSchema, create(ActionResultSchema, RESULT)));
  assert.equal((await door.call(ActionCache.method.getActionResult, REQUEST)).status, 5);
  await door.store(OUTPUT);
  const { status, answers } = await door.call(ActionCache.method.getActionResult, REQUEST);
  assert.equal(status, 0);
  assert.equal(Buffer.from(answers[0]?.outputFiles[0]?.contents ?? []).toString(), 'output');
});

test('results of clients are kept only where the owner lets them', async () => {
  for (const keepsClientResults of [false, true]) {
    await using door = await TestDoor.open({ keepsClientResults });
    await door.store(OUTPUT);
    const update = { actionDigest: inMessage(ACTION), actionResult: RESULT };
    const { status } = await door.call(ActionCache.method.updateActionResult, update);
    assert.equal(status, keepsClientResults ? 0 : 7);
    const found = await door.call(ActionCache.method.getActionResult, REQUEST);
    assert.equal(found.status, keepsClientResults ? 0 : 5);
    // An execution never looks there.
    assert.equal(await door.results.find(ACTION), undefined);
  }
});
