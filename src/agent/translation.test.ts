import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { invocationOf } from '../../test/rig/fake-launcher.ts';
import { findTranslation } from './translation.ts';

test('findTranslation() finds the catalogue that the compiler would speak by', (t) => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'translation-test-'));
  t.after(() => rmSync(prefix, { recursive: true }));
  const catalogues = path.join(prefix, 'share', 'locale', 'xx', 'LC_MESSAGES');
  mkdirSync(catalogues, { recursive: true });
  const find = (LANG: string): string | undefined => {
    const invocation = invocationOf(prefix, ['gcc'], { LANG });
    return findTranslation({ ...invocation, compiler: path.join(prefix, 'bin', 'gcc') });
  };
  writeFileSync(path.join(catalogues, 'make.mo'), '');
  assert.equal(find('xx_XX.UTF-8'), undefined, 'another program’s');
  const own = path.join(catalogues, 'gcc-12.mo');
  writeFileSync(own, '');
  assert.equal(find('xx_XX.UTF-8'), own);
  assert.equal(find('xx'), own);
  assert.equal(find('yy'), undefined);
  assert.equal(find('C.UTF-8'), undefined);
  assert.equal(find('../xx'), undefined, 'no way out of the directory');
});
