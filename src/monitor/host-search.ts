/**
 * Looks for hosts by their names: all of a list, or `distcc1`, `distcc2` and so on until one is not known.
 * Each is probed as soon as it has an address, all at the same time.
 */
import { networkMatcher } from '../net/network.ts';
import type { Probed } from './probe.ts';

export interface HostSearchOptions {
  /** Names looked up at the same time. */
  readonly lookups: number;
  /** Missing names in a row that do not end the search; Infinity for a list. */
  readonly gap: number;
  /** Bits of its address in which a host has to be as the first one; 0 for none. */
  readonly matchingBits: number;
  /** All addresses of a name; none when it is not known, or not in time. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly probe: (address: string) => Promise<Probed>;
  /** Ends the search for names. */
  readonly signal: AbortSignal;
  /** Told of each step. */
  readonly tell: (text: string) => void;
}

export interface FoundHost extends Probed {
  readonly name: string;
  /** The one that answered, else the last one tried. */
  readonly address: string;
}

/** More are not looked for. */
export const HOSTS_MAX = 500;

/** The names that a format with `%d` stands for, from 1 on; `%03d` has leading zeros. */
export function* namesOf(format: string): Generator<string> {
  for (let number = 1; number <= HOSTS_MAX; number++) {
    yield format.replaceAll(/%(?:(0?)(\d*)[di]|%)/g, (match, zero: string, width: string) =>
      match === '%%' ? '%' : String(number).padStart(Number(width), zero || ' '),
    );
  }
}

export function isFormat(word: string): boolean {
  return /%0?\d*[di]/.test(word);
}

/** Those that have an address, in the order of their names. */
export async function searchHosts(names: Iterable<string>, options: HostSearchOptions): Promise<FoundHost[]> {
  const { lookups, gap, resolve, signal } = options;
  const found: Promise<FoundHost>[] = [];
  const queue = names[Symbol.iterator]();
  let isNear = (_address: string): boolean => true;
  let missing = 0;
  while (missing <= gap && found.length < HOSTS_MAX && !signal.aborted) {
    const batch = take(queue, lookups);
    if (batch.length === 0) break;
    const answers = await Promise.all(batch.map(async (name) => ({ name, addresses: await resolve(name) })));
    for (const { name, addresses } of answers) {
      missing = addresses.length === 0 ? missing + 1 : 0;
      if (missing > gap) break;
      if (found.length === 0) isNear = nearTo(addresses[0], options.matchingBits);
      const near = addresses.filter((address) => isNear(address));
      if (near.length > 0) found.push(probeAll(name, near, options));
      else options.tell(addresses.length === 0 ? `${name}: not known` : `${name}: of another network`);
    }
  }
  return Promise.all(found);
}

function take(queue: Iterator<string>, count: number): string[] {
  const batch: string[] = [];
  while (batch.length < count) {
    const next = queue.next();
    if (next.done === true) break;
    batch.push(next.value);
  }
  return batch;
}

function nearTo(address: string | undefined, bits: number): (address: string) => boolean {
  if (address === undefined || bits === 0) return () => true;
  const prefixBits = Math.min(bits, address.includes(':') ? 128 : 32);
  return networkMatcher([{ address: address.replace(/%.*$/, ''), prefixBits }]);
}

/** One address after the other, until one is up. */
async function probeAll(
  name: string,
  addresses: readonly string[],
  { probe, tell }: HostSearchOptions,
): Promise<FoundHost> {
  let last: FoundHost | undefined;
  for (const address of addresses) {
    const probed = await probe(address);
    tell(`${name} (${address}): ${probed.problem ?? 'up'}, after ${Math.round(probed.elapsedMs)} ms`);
    last = { name, address, ...probed };
    if (probed.problem === undefined) break;
  }
  if (last === undefined) throw new Error(`${name} has no address to probe`);
  return last;
}
