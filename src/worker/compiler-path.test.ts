import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { Scratch } from '../../test/rig/scratch.ts';
import { compilerPath } from './compiler-path.ts';

test('compilerPath() leaves out where a compiler’s name leads back to distcc', () => {
  using scratch = new Scratch();
  const [real, native, cross, hidden] = ['real', 'native', 'cross', 'hidden'].map((name) =>
    scratch.openDirectory(name),
  );
  writeFileSync(scratch.path('distcc'), '', { mode: 0o755 });
  writeFileSync(`${real}/gcc`, '', { mode: 0o755 });
  symlinkSync('../distcc', `${real}/distcc2`);
  symlinkSync('../distcc', `${native}/gcc`);
  symlinkSync('../distcc', `${cross}/aarch64-linux-gnu-g++-12`);
  symlinkSync(`${native}/gcc`, `${hidden}/clang-19`);
  assert.equal(compilerPath(`${native}:${real}:${cross}:${hidden}:/nowhere::`), `${real}:/nowhere`);
  assert.equal(compilerPath(native), '/usr/local/bin:/usr/bin:/bin');
});
