import assert from 'node:assert/strict';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { makeDeafSocket } from './deaf-socket.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'manyhands-deaf-'));
after(() => rmSync(directory, { recursive: true }));

test('makeDeafSocket() leaves a socket that can be written to, and refuses whoever connects', async () => {
  const file = path.join(directory, 'socket');
  await makeDeafSocket(file);
  assert.deepEqual(readdirSync(directory), ['socket']);
  assert.ok(statSync(file).isSocket());
  accessSync(file, constants.W_OK);
  const [error] = (await once(connect(file), 'error')) as [NodeJS.ErrnoException];
  assert.equal(error.code, 'ECONNREFUSED');
});

test('makeDeafSocket() makes one whose name is too long to be connected to', async () => {
  const deep = path.join(directory, 'x'.repeat(200));
  mkdirSync(deep);
  await makeDeafSocket(path.join(deep, 'socket'));
  assert.ok(statSync(path.join(deep, 'socket')).isSocket());
});

test('makeDeafSocket() rejects where nothing can be made', async () => {
  await assert.rejects(makeDeafSocket(path.join(directory, 'none', 'socket')), { code: 'ENOENT' });
});
