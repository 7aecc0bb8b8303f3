import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { test, type TestContext } from 'node:test';
import { SpoolDirectory } from './spool-directory.ts';

/** Where sockets are, on a disk, and a place in memory. */
function openPlaces(t: TestContext): { beside: string; memory: string } {
  const disk = mkdtempSync(path.join(tmpdir(), 'spool-test-'));
  const memory = mkdtempSync('/dev/shm/spool-test-');
  t.after(() => [disk, memory].forEach((directory) => rmSync(directory, { recursive: true })));
  return { beside: path.join(disk, 'socket.d'), memory };
}

const skip = existsSync('/dev/shm') ? false : 'there is no /dev/shm';

test('a SpoolDirectory is private, and leaves nothing', { skip }, (t) => {
  const { beside, memory } = openPlaces(t);
  {
    using spool = new SpoolDirectory(beside, memory);
    assert.equal(statSync(spool.path).mode & 0o777, 0o700);
    assert.equal(realpathSync(beside), realpathSync(spool.path));
  }
  assert.equal(lstatSync(beside, { throwIfNoEntry: false }), undefined);
  assert.deepEqual(readdirSync(memory), []);
});

test('a SpoolDirectory removes what a killed process has left', { skip }, (t) => {
  const { beside, memory } = openPlaces(t);
  if (statSync(memory).dev === statSync(path.dirname(beside)).dev) return t.skip('all is in memory here');
  const file = import.meta.resolve('./spool-directory.ts');
  const script = `const { SpoolDirectory } = await import(${JSON.stringify(file)});
    new SpoolDirectory(process.argv[1], process.argv[2]); process.kill(process.pid, 'SIGKILL');`;
  spawnSync(process.execPath, ['--input-type=module', '-e', script, `${beside}2`, memory]);
  const [left] = readdirSync(memory);
  assert(left !== undefined, 'the other one has left nothing');
  using _spool = new SpoolDirectory(beside, memory);
  assert.equal(existsSync(path.join(memory, left)), false);
  return undefined;
});
