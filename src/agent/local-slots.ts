/**
 * The right to compile or preprocess on this machine. Preprocessors and compilers are counted apart, so
 * that a full house of one does not stop the other.
 */
import { availableParallelism } from 'node:os';
import type { HostList } from '../hosts/host.ts';
import { Slots, type Slot } from '../hosts/slots.ts';

/** distcc's limits where the host list gives none. */
const COMPILES_DEFAULT = 4;
const PREPROCESSORS_DEFAULT = 8;

export class LocalSlots {
  readonly #slots = new Slots();

  /** For what cannot be distributed: linking, assembling, the caller's own business. */
  forUndistributable(hosts: HostList | undefined, signal: AbortSignal): Promise<Slot> {
    return this.#acquire('compile', hosts?.localSlots ?? COMPILES_DEFAULT, signal);
  }

  forPreprocessor(hosts: HostList | undefined, signal: AbortSignal): Promise<Slot> {
    return this.#acquire('preprocess', hosts?.localPreprocessorSlots ?? PREPROCESSORS_DEFAULT, signal);
  }

  /** For compiles that should have gone away: by the list, else as many as there are cores, however large the `-j`. */
  forFallback(hosts: HostList | undefined, signal: AbortSignal): Promise<Slot> {
    return this.#acquire('compile', hosts?.localSlots ?? availableParallelism(), signal);
  }

  #acquire(key: string, limit: number, signal: AbortSignal): Promise<Slot> {
    return this.#slots.acquire([{ key, limit }], signal);
  }
}
