import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { BufferPool } from './buffer-pool.ts';

test('BufferPool reads whole files, and no lease sees another one’s bytes', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'pool-test-'));
  try {
    const pool = new BufferPool();
    const names = ['', 'short', 'x'.repeat(3 << 20)].map((text, index) => {
      const name = path.join(directory, `${index}`);
      writeFileSync(name, text);
      return { name, text };
    });
    for (let round = 0; round < 3; round++) {
      const leases = names.map(({ name }) => pool.readFile(name));
      for (const [index, { bytes }] of leases.entries()) {
        assert.equal(Buffer.from(bytes).toString(), names[index]?.text);
      }
      for (const lease of leases) lease[Symbol.dispose]();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
