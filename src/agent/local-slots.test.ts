import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import type { HostList } from '../hosts/host.ts';
import { parseHosts } from '../hosts/parse.ts';
import { LocalSlots } from './local-slots.ts';

type Kind = 'forUndistributable' | 'forPreprocessor' | 'forFallback';

/** How many of a kind get a slot at once. */
async function countAtOnce(kind: Kind, hosts: HostList | undefined): Promise<number> {
  const slots = new LocalSlots();
  const leaving = new AbortController();
  let granted = 0;
  const asked = Array.from({ length: 200 }, () =>
    slots[kind](hosts, leaving.signal).then(
      () => granted++,
      () => undefined,
    ),
  );
  leaving.abort(new Error('enough'));
  await Promise.all(asked);
  return granted;
}

test('LocalSlots bounds what runs here by the host list, else as distcc does', async () => {
  const cores = availableParallelism();
  const cases: readonly [Kind, list: string | undefined, number][] = [
    ['forUndistributable', undefined, 4],
    ['forUndistributable', 'a', 4],
    ['forUndistributable', '--localslots=3 a', 3],
    ['forPreprocessor', 'a', 8],
    ['forPreprocessor', '--localslots_cpp=3 --localslots=5 a', 3],
    ['forFallback', undefined, cores],
    ['forFallback', 'a', cores],
    ['forFallback', '--localslots=3 a', 3],
  ];
  for (const [kind, text, expected] of cases) {
    const list = text === undefined ? undefined : parseHosts(text);
    assert.equal(
      await countAtOnce(kind, list?.ok === true ? list.value : undefined),
      expected,
      `${kind} ${text}`,
    );
  }
});
