import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { TestDoor } from '../../../test/rig/reapi-door.ts';
import { digestOf, type Digest } from '../../base/digest.ts';
import { encodeExecute, encodeWrite } from '../../wire/reapi/client-messages.ts';
import { encodeUpdate } from '../../wire/reapi/inputs.ts';
import { METHODS } from '../../wire/reapi/methods.ts';
import { AFTER_HEADER, UPLOAD_HEADER } from '../../wire/reapi/headers.ts';
import { Uploads } from './uploads.ts';

const { signal } = new AbortController();

test('ended() waits for all that are named, whether they have begun or not', async () => {
  const uploads = new Uploads();
  const order: string[] = [];
  const first = uploads.begin('a');
  const waiting = uploads.ended(['a', 'b'], signal).then(() => order.push('both'));
  const one = uploads.ended(['a'], signal).then(() => order.push('a'));
  first[Symbol.dispose]();
  await one;
  uploads.begin('b')[Symbol.dispose]();
  await waiting;
  assert.deepEqual(order, ['a', 'both']);
  await uploads.ended(['b', 'a'], signal);
  await uploads.ended([], signal);
});

test('ended() waits no longer for one that broke off, nor for a caller that has gone', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const uploads = new Uploads();
  const never = uploads.ended(['never'], signal);
  context.mock.timers.tick(5000);
  await never;
  const caller = new AbortController();
  const gone = uploads.ended(['never'], caller.signal);
  caller.abort();
  await gone;
});

test('an execution waits for the uploads that it names, of any size, though it overtakes them', async () => {
  await using door = await TestDoor.open();
  const options = { signal, silenceMs: 10_000 };
  const execute = async (action: Digest, name?: string): Promise<string> => {
    const headers = name === undefined ? {} : { [AFTER_HEADER]: `before,${name}` };
    const request = encodeExecute({ instance: '', action, inlineOutputs: [] });
    const reply = await door.session.call(METHODS.execute, [request], { ...options, headers });
    return reply.ok ? reply.value.message : reply.error.message;
  };
  const before = { ...options, headers: { [UPLOAD_HEADER]: 'before' } };
  await door.session.call(METHODS.updateInputs, [encodeUpdate([], { bases: [], level: 1 })], before);
  for (const size of [100, 17_000, 500_000]) {
    const bytes = randomBytes(size);
    const blob = { digest: digestOf(bytes), bytes };
    const bring = (name: string): Promise<unknown> => {
      const named = { ...options, headers: { [UPLOAD_HEADER]: name } };
      const resource = `uploads/u/blobs/${blob.digest.hash}/${size}`;
      return size === 500_000
        ? door.session.call(METHODS.write, encodeWrite(resource, bytes, 1 << 20), named)
        : door.session.call(METHODS.updateInputs, [encodeUpdate([blob], { bases: [], level: 1 })], named);
    };
    assert.equal(await execute(blob.digest), 'the Action is not here');
    const [said] = await Promise.all([execute(blob.digest, `u${size}`), bring(`u${size}`)]);
    // It is there by then, and turns out to be none.
    assert.notEqual(said, 'the Action is not here');
  }
});
