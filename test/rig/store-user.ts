/**
 * Uses a store without end, until it is killed: `store-user.ts DIRECTORY SEED`. Ends by itself, with a word on what was
 * wrong, only where it is given something that was never put there.
 */
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { DiskBlobs } from '../../src/store/disk-blobs.ts';
import { DiskDirectory } from '../../src/store/disk-directory.ts';
import { DiskResults } from '../../src/store/disk-results.ts';

/** So many different results there are. */
export const RESULTS = 100;
const MOST_BYTES = 1 << 30;

export interface Stores {
  readonly blobs: DiskBlobs;
  readonly results: DiskResults;
}

export function openStores(directory: string): Stores {
  const opened = DiskDirectory.open(directory);
  if (!opened.ok) throw new Error(opened.error);
  return { blobs: new DiskBlobs(opened.value, MOST_BYTES), results: new DiskResults(opened.value) };
}

/** What is kept as the result of an action: the name of its blob. */
export function actionOf(index: number): Digest {
  return digestOf(Buffer.from(`action ${index}`));
}

export function blobOf(index: number): Buffer {
  return Buffer.alloc(1 + ((index * 7919) % 300_000), `blob ${index} `);
}

/** Whether the result of that action is there, with its blob. @throws for one that is not its. */
export async function check({ blobs, results }: Stores, index: number): Promise<boolean> {
  const found = await results.find(actionOf(index));
  if (found === undefined) return false;
  const wanted = blobOf(index);
  const digest = digestOf(wanted);
  if (Buffer.from(found).toString() !== digest.hash) throw new Error(`another result for action ${index}`);
  const bytes = await blobs.read(digest);
  if (bytes !== undefined && !wanted.equals(bytes)) throw new Error(`another blob for action ${index}`);
  return bytes !== undefined;
}

async function useForever(directory: string, seed: number): Promise<void> {
  const stores = openStores(directory);
  process.stdout.write('open\n');
  for (let turn = seed; ; turn++) {
    const index = (turn * 31) % RESULTS;
    await check(stores, (turn * 17) % RESULTS);
    const bytes = blobOf(index);
    const digest = digestOf(bytes);
    await stores.blobs.write(digest, bytes);
    await stores.results.put(actionOf(index), Buffer.from(digest.hash));
  }
}

const [, main, directory, seed] = process.argv;
if (import.meta.filename === main && directory !== undefined) await useForever(directory, Number(seed));
