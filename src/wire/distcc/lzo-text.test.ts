import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compress } from './lzo-compress.ts';
import { decompress } from './lzo-decompress.ts';
import { compressText } from './lzo-text.ts';

const restore = (body: Uint8Array): string =>
  Buffer.from(decompress(body, { maxBytes: 1 << 26 })).toString('latin1');

/** A text like a preprocessor's: headers entered and left, some of them twice, the source in between. */
function textOf(headers: readonly number[], own: string): string {
  const parts = headers.map((header) => {
    const name = `/usr/include/header-${header}.h`;
    const lines = Array.from(
      { length: 40 + header * 7 },
      (_, line) => `extern int f_${header}_${line}(int);\n`,
    );
    return `# 1 "${name}" 1 3 4\n${lines.join('')}# 2 "a.c" 2\n${own}`;
  });
  return `# 0 "a.c"\n# 1 "a.c"\n${parts.join('')}`;
}

test('compressText() restores, whatever has been seen before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
      fc.string({ maxLength: 60 }),
      (headers, own) => {
        const text = textOf(headers, own);
        const bytes = Buffer.from(text, 'latin1');
        assert.equal(restore(compressText(bytes)), bytes.toString('latin1'));
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

test('compressText() notices each byte that is not as it was', () => {
  const text = Buffer.from(textOf([1, 2, 3, 4, 5, 6, 7, 8, 9], 'int x;\n'));
  compressText(text);
  for (let at = 0; at < text.length; at += 37) {
    const changed = Buffer.from(text);
    changed[at] = 0x7e;
    assert.equal(restore(compressText(changed)), changed.toString('latin1'), `byte ${at}`);
  }
});

test('compressText() remembers the bytes, not the memory that they were in', () => {
  const pooled = Buffer.alloc(1 << 20);
  for (let edition = 0; edition < 5; edition++) {
    const text = textOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 'int x;\n').replaceAll(
      '(int)',
      `(i${edition}t)`,
    );
    const length = pooled.write(text, 'latin1');
    assert.equal(restore(compressText(pooled.subarray(0, length))), text, `edition ${edition}`);
  }
});

test('compressText() restores texts that are no preprocessor’s, and those that are cut short', () => {
  const text = textOf([1, 2, 3], 'int x;\n');
  for (const odd of [
    '',
    'x',
    '# 1 "',
    '# 1 "a.h" 1',
    '\n# 1 "a.h" 1\n',
    '# 0 ""\n# 1 "" 2\n',
    'x'.repeat(100_000),
  ]) {
    assert.equal(restore(compressText(Buffer.from(odd))), odd);
  }
  for (let length = 0; length < text.length; length += 13) {
    assert.equal(restore(compressText(Buffer.from(text.slice(0, length)))), text.slice(0, length));
  }
});

test('compressText() costs few bytes more than compress()', () => {
  const text = Buffer.from(textOf([1, 2, 3, 4, 5, 6, 7, 8], 'int x;\n'.repeat(50)));
  compressText(text);
  assert.ok(compressText(text).length < compress(text).length * 1.3);
});
