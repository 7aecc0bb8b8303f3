/** `lsdistcc`: lists the hosts on which a distccd answers, to be used as a host list. */
import { isIP } from 'node:net';
import { BUILD } from '../base/build.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import {
  formatLsdistccHelp,
  parseLsdistccOptions,
  type LsdistccOptions,
} from '../config/lsdistcc-options.ts';
import { formatHost } from '../hosts/format.ts';
import { DEFAULT_LIMIT } from '../hosts/host.ts';
import { isFormat, namesOf, searchHosts, type FoundHost } from '../monitor/host-search.ts';
import { probe } from '../monitor/probe.ts';
import { findDomain } from '../net/domain.ts';
import { resolveAddresses } from '../net/resolve.ts';
import { run } from './main.ts';

/** The original has no other: for a wrong call, for no host, and for its help. */
const EXIT_NOTHING = 1;

async function main(argv: readonly string[]): Promise<number> {
  const options = parseLsdistccOptions(argv);
  if (!options.ok) return complain(`${options.error}\n`);
  switch (options.value.action) {
    case 'help':
      process.stdout.write(formatLsdistccHelp());
      return EXIT_NOTHING;
    case 'version':
      process.stdout.write(`lsdistcc ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'list':
      return list(options.value);
  }
}

async function list(options: LsdistccOptions): Promise<number> {
  const domain = options.appendsDomain ? findDomain() : '';
  if (domain === undefined) return complain('the DNS domain of this machine is not known: -d cannot be\n');
  const words = options.words.map((word) => (domain === '' ? word : `${word}.${domain}`));
  const [format = ''] = words;
  const isCounted = words.length === 1 && isFormat(format);
  const tell = (text: string): void => {
    if (options.isVerbose) process.stderr.write(`lsdistcc: ${text}\n`);
  };
  const signal = AbortSignal.timeout(options.timeoutSeconds * 1000);
  const hosts = await searchHosts(isCounted ? namesOf(format) : words, {
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
  const shown = hosts.filter(({ problem }) => problem === undefined || options.showsDown);
  process.stdout.write(shown.map((host) => formatLine(host, options)).join(''));
  const exitCode = hosts.length === 0 ? EXIT_NOTHING : 0;
  // A question to a DNS server that is silent would keep us here.
  if (signal.aborted) process.exit(exitCode);
  return exitCode;
}

function testCompileOf({ compiler, protocol, compileTimeoutMs }: LsdistccOptions) {
  if (compiler === undefined || compileTimeoutMs === 0) return undefined;
  return { compiler, protocol: protocol === 1 ? 1 : 2, timeoutMs: compileTimeoutMs } as const;
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

function formatLine({ name, address, problem, elapsedMs }: FoundHost, options: LsdistccOptions): string {
  const token = formatHost({
    kind: 'tcp',
    token: '',
    host: options.showsAddress ? address : unbracketed(name),
    port: options.port,
    limit: DEFAULT_LIMIT,
    isCompressed: options.protocol >= 2,
    preprocessesThere: options.protocol === 3,
    isDown: problem !== undefined,
  });
  return `${token}${options.showsLatency ? ` ${Math.round(elapsedMs)}` : ''}\n`;
}

/** `[::1]` stands for the address in a host list. */
function unbracketed(name: string): string {
  const [, inner = ''] = /^\[(.*)\]$/.exec(name) ?? [];
  return isIP(inner) === 6 ? inner : name;
}

function complain(sentence: string): number {
  process.stderr.write(`lsdistcc: ${sentence}`);
  return EXIT_NOTHING;
}

run('lsdistcc', main);
