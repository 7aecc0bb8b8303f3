/** What lsdistcc does, and pump with DISTCC_POTENTIAL_HOSTS: which of these names have a distccd that answers. */
import { isIP } from 'node:net';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { formatHost } from '../hosts/format.ts';
import { DEFAULT_LIMIT } from '../hosts/host.ts';
import { findDomain } from '../net/domain.ts';
import { resolveAddresses } from '../net/resolve.ts';
import { isFormat, namesOf, searchHosts, type FoundHost } from './host-search.ts';
import { probe } from './probe.ts';

/** As lsdistcc's options have it, which say what each is for. */
export interface HostFinderOptions {
  readonly words: readonly string[];
  readonly showsAddress: boolean;
  readonly showsDown: boolean;
  readonly timeoutSeconds: number;
  readonly lookupRetryMs: number;
  readonly connectTimeoutMs: number;
  readonly compileTimeoutMs: number;
  readonly matchingBits: number;
  readonly overlap: number;
  readonly gap: number;
  readonly port: number;
  /** 1, 2 or 3. */
  readonly protocol: number;
  readonly compiler: string | undefined;
  readonly appendsDomain: boolean;
}

interface FoundHosts {
  /** All that DNS knows. */
  readonly found: readonly FoundHost[];
  /** Those of them that belong into a host list. */
  readonly shown: readonly FoundHost[];
  /** The time was up. A question to a silent DNS server may go on, and would keep the process. */
  readonly isCutShort: boolean;
}

/** `tell` is told of each step. The error is a sentence for the user. */
export async function findHosts(
  options: HostFinderOptions,
  tell: (text: string) => void,
): Promise<Result<FoundHosts, string>> {
  const domain = options.appendsDomain ? findDomain() : '';
  if (domain === undefined) return err('the DNS domain of this machine is not known: -d cannot be');
  const words = options.words.map((word) => (domain === '' ? word : `${word}.${domain}`));
  const [format = ''] = words;
  const isCounted = words.length === 1 && isFormat(format);
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const found = await searchHosts(isCounted ? namesOf(format) : words, {
    lookups: isCounted ? options.overlap + 1 : words.length,
    gap: isCounted ? options.gap : Infinity,
    matchingBits: options.matchingBits,
    resolve: (name) => resolve(unbracketed(name), options.lookupRetryMs, signal),
    probe: (address) =>
      probe(address, {
        port: options.port,
        connectTimeoutMs: options.connectTimeoutMs,
        testCompile: testCompileOf(options),
        signal,
        clock: SYSTEM_CLOCK,
      }),
    signal,
    tell,
  });
  const shown = found.filter(({ problem }) => problem === undefined || options.showsDown);
  return ok({ found, shown, isCutShort: signal.aborted });
}

/** As an entry of a host list. */
export function formatFoundHost(
  { name, address, problem }: FoundHost,
  { showsAddress, port, protocol }: HostFinderOptions,
): string {
  return formatHost({
    kind: 'tcp',
    token: '',
    host: showsAddress ? address : unbracketed(name),
    port,
    limit: DEFAULT_LIMIT,
    isCompressed: protocol >= 2,
    preprocessesThere: protocol === 3,
    mayBeNative: true,
    isDown: problem !== undefined,
  });
}

function testCompileOf({ compiler, protocol, compileTimeoutMs: timeoutMs }: HostFinderOptions) {
  if (compiler === undefined || timeoutMs === 0) return undefined;
  return { compiler, protocol: protocol === 1 || protocol === 2 ? protocol : 3, timeoutMs } as const;
}

/** Asks again when no answer comes, as a datagram may be lost; whichever answer is the first counts. */
async function resolve(name: string, retryMs: number, signal: AbortSignal): Promise<readonly string[]> {
  const { promise, resolve: answer } = Promise.withResolvers<readonly string[]>();
  const ask = (): void => void resolveAddresses(name).then(answer);
  const timer = setInterval(ask, retryMs);
  signal.addEventListener('abort', () => answer([]), { once: true });
  ask();
  const addresses = await promise;
  clearInterval(timer);
  return addresses;
}

/** `[::1]` stands for the address in a host list. */
function unbracketed(name: string): string {
  const [, inner = ''] = /^\[(.*)\]$/.exec(name) ?? [];
  return isIP(inner) === 6 ? inner : name;
}
