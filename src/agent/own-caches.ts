/** The caches that callers name: each is opened once; one that cannot be is left out, with a word in the log. */
import type { Log } from '../base/log.ts';
import type { CachePlace } from '../command/client-settings.ts';
import { DiskBlobs } from '../store/disk-blobs.ts';
import { DiskDirectory } from '../store/disk-directory.ts';
import { DiskResults } from '../store/disk-results.ts';
import { Eviction } from '../store/eviction.ts';
import { OwnCache } from './own-cache.ts';

const MOST_CACHES = 20;

export class OwnCaches {
  readonly #log: Log;
  readonly #open = new Map<string, OwnCache | undefined>();

  constructor(log: Log) {
    this.#log = log;
  }

  at({ directory, maxBytes }: CachePlace): OwnCache | undefined {
    const key = `${maxBytes} ${directory}`;
    if (!this.#open.has(key)) {
      if (this.#open.size >= MOST_CACHES) this.#open.clear();
      this.#open.set(key, this.#openAt(directory, maxBytes));
    }
    return this.#open.get(key);
  }

  #openAt(directory: string, maxBytes: number): OwnCache | undefined {
    const opened = DiskDirectory.open(directory);
    if (!opened.ok) {
      this.#log('warning', `results are not kept: ${opened.error}`);
      return undefined;
    }
    // It listens to what is written.
    void new Eviction(opened.value, maxBytes);
    return new OwnCache({
      blobs: new DiskBlobs(opened.value, maxBytes),
      results: new DiskResults(opened.value),
    });
  }
}
