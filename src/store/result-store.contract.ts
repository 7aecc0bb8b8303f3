/** What every store of results keeps to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../base/digest.ts';
import type { ResultStore } from './result-store.ts';

/** @param open gives an empty store for one test. */
export function testResultStore(name: string, open: () => Promise<ResultStore>): void {
  test(`${name}: the last result that was put is found`, async () => {
    const store = await open();
    const action = digestOf(Buffer.from('action'));
    assert.equal(await store.find(action), undefined);
    for (const text of ['first', 'second', '']) {
      assert.ok((await store.put(action, Buffer.from(text))).ok);
      assert.equal(Buffer.from((await store.find(action)) ?? 'none').toString(), text);
    }
    assert.equal(await store.find(digestOf(Buffer.from('other'))), undefined);
  });
}
