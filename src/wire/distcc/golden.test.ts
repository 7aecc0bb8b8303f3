/** Conversations of the stock distcc and distccd: see `test/golden/record.ts`. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fromBytes } from '../../base/byte-string.ts';
import { exited } from '../../base/wait-status.ts';
import { encodeReply, ReplyDecoder } from './reply.ts';
import { decodeSource, encodeTextRequest, RequestDecoder } from './request.ts';

const GOLDEN = path.join(import.meta.dirname, '../../../test/golden/distcc');
const CASES = readdirSync(GOLDEN).flatMap((file) => /^(.+\.\d)\.request$/.exec(file)?.[1] ?? []);

function readGolden(file: string): Buffer {
  return readFileSync(path.join(GOLDEN, file));
}

function decodeRequest(name: string) {
  const request = new RequestDecoder().push(readGolden(`${name}.request`));
  assert(request?.kind === 'text', name);
  return { ...request, source: decodeSource(request) };
}

function decodeReply(name: string) {
  const reply = new ReplyDecoder(Number(name.at(-1))).push(readGolden(`${name}.reply`));
  assert.ok(reply, name);
  return reply;
}

for (const name of CASES) {
  const version = Number(name.at(-1));

  test(`${name}.request is read and written back`, () => {
    const request = decodeRequest(name);
    assert.equal(request.version, version);
    if (version === 0) return; // we read it, but say 1 ourselves
    const written = Buffer.concat(encodeTextRequest(request));
    if (version === 1) assert.deepEqual(written, readGolden(`${name}.request`));
    const again = new RequestDecoder().push(written);
    assert(again?.kind === 'text');
    assert.deepEqual(again.argv, request.argv);
    assert.deepEqual(Buffer.from(decodeSource(again)), Buffer.from(request.source));
  });

  test(`${name}.reply is read and written back`, () => {
    const reply = decodeReply(name);
    const written = Buffer.concat(encodeReply(reply));
    if (version < 2) assert.deepEqual(written, readGolden(`${name}.reply`));
    assert.deepEqual(new ReplyDecoder(version).push(written), reply);
  });
}

test('the recorded requests are what was asked', () => {
  for (const version of [1, 2]) {
    const { argv, source } = decodeRequest(`object.${version}`);
    assert.deepEqual(argv, ['gcc', '-O1', '-c', 'a.c', '-o', 'a.o']);
    assert.match(
      fromBytes(source),
      /^# 0 "a\.c"\n[^]*\nint twice\(int number\) \{ return 2 \* number; \}\n$/,
    );
  }
});

test('the recorded replies are what was answered', () => {
  for (const version of [1, 2]) {
    const object = decodeReply(`object.${version}`);
    assert.equal(object.waitStatus, 0);
    assert.match(fromBytes(object.object), /^\x7fELF/);

    const warning = decodeReply(`warning.${version}`);
    assert.equal(warning.waitStatus, 0);
    assert.match(fromBytes(warning.stderr), /warning: unused variable/);
    assert.match(fromBytes(warning.object), /^\x7fELF/);

    const error = decodeReply(`error.${version}`);
    assert.equal(error.waitStatus, exited(1));
    assert.match(fromBytes(error.stderr), /error: .*undeclared/);
    assert.equal(error.object.length, 0);

    assert.match(fromBytes(decodeReply(`assembly.${version}`).object), /^\s*\.file\t"a\.c"/);
    assert.equal(decodeReply(`empty.${version}`).object.length, 0);

    const talk = decodeReply(`talk.${version}`);
    assert.equal(fromBytes(talk.stdout), 'to stdout\n');
    assert.equal(fromBytes(talk.stderr), 'to stderr\n');
    assert.equal(fromBytes(talk.object), '\0object\xff');
  }
});

test('both protocols say the same', () => {
  for (const name of CASES.filter((each) => each.endsWith('.1'))) {
    const other = name.replace(/1$/, '2');
    assert.deepEqual(Buffer.from(decodeRequest(name).source), Buffer.from(decodeRequest(other).source));
  }
});
