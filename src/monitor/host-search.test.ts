import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOSTS_MAX, isFormat, namesOf, searchHosts, type HostSearchOptions } from './host-search.ts';

interface World {
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly down?: readonly string[];
  readonly options?: Partial<HostSearchOptions>;
}

async function search(
  names: Iterable<string>,
  { addresses, down = [], options = {} }: World,
): Promise<string[]> {
  const found = await searchHosts(names, {
    lookups: 2,
    gap: 0,
    matchingBits: 0,
    resolve: async (name) => addresses[name] ?? [],
    probe: async (address) => ({ problem: down.includes(address) ? 'refused' : undefined, elapsedMs: 1 }),
    signal: new AbortController().signal,
    tell: () => undefined,
    ...options,
  });
  return found.map(({ name, address, problem }) => `${name} ${address} ${problem ?? 'up'}`);
}

test('namesOf() counts from 1', () => {
  const first = (format: string): string[] => [...namesOf(format)].slice(0, 2);
  assert.deepEqual(first('distcc%d'), ['distcc1', 'distcc2']);
  assert.deepEqual(first('127.0.0.%d'), ['127.0.0.1', '127.0.0.2']);
  assert.deepEqual(first('a%03db%i%%'), ['a001b1%', 'a002b2%']);
  assert.equal([...namesOf('x%d')].length, HOSTS_MAX);
});

test('isFormat() wants a number to count', () => {
  for (const word of ['distcc%d', 'a%02d', '%i']) assert(isFormat(word), word);
  for (const word of ['build7', '100%', '%s', '%%']) assert(!isFormat(word), word);
});

test('searchHosts() counts until a name is missing, and tolerates as many as it is told', async () => {
  const addresses = { h1: ['10.0.0.1'], h2: ['10.0.0.2'], h4: ['10.0.0.4'], h7: ['10.0.0.7'] };
  const [one, two, four, seven] = ['h1 10.0.0.1 up', 'h2 10.0.0.2 up', 'h4 10.0.0.4 up', 'h7 10.0.0.7 up'];
  assert.deepEqual(await search(namesOf('h%d'), { addresses }), [one, two]);
  assert.deepEqual(await search(namesOf('h%d'), { addresses, options: { gap: 1 } }), [one, two, four]);
  const options = { gap: 2, lookups: 1 };
  assert.deepEqual(await search(namesOf('h%d'), { addresses, options }), [one, two, four, seven]);
});

test('searchHosts() shows all of a list that are known, in its order', async () => {
  const addresses = { b: ['10.0.0.2'], a: ['10.0.0.1'] };
  const options = { gap: Infinity, lookups: 4 };
  assert.deepEqual(await search(['b', 'none', 'other', 'a'], { addresses, down: ['10.0.0.1'], options }), [
    'b 10.0.0.2 up',
    'a 10.0.0.1 refused',
  ]);
});

test('searchHosts() tries each address of a name', async () => {
  const addresses = { a: ['::1', '127.0.0.1', '127.0.0.2'] };
  assert.deepEqual(await search(['a'], { addresses, down: ['::1'] }), ['a 127.0.0.1 up']);
});

test('searchHosts() keeps to the network of the first host', async () => {
  const addresses = { h1: ['10.0.0.1'], h2: ['10.0.1.1'], h3: ['192.0.2.1', '10.0.0.3'], h4: ['fe80::1'] };
  assert.deepEqual(await search(namesOf('h%d'), { addresses, options: { matchingBits: 24 } }), [
    'h1 10.0.0.1 up',
    'h3 10.0.0.3 up',
  ]);
});

test('searchHosts() stops to look for more when its time is over', async () => {
  const time = new AbortController();
  const resolve = async (name: string): Promise<readonly string[]> => {
    if (name === 'h4') time.abort();
    return ['10.0.0.1'];
  };
  const found = await search(namesOf('h%d'), { addresses: {}, options: { resolve, signal: time.signal } });
  assert.equal(found.length, 4);
});
