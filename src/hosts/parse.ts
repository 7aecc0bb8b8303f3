/**
 * The text of a host list (`$DISTCC_HOSTS` or a hosts file) → HostList.
 *
 *     list    = entries parted by blanks, tabs, line ends, form feeds; # begins a comment, to the line's end
 *     entry   = --randomize | --localslots=N | --localslots_cpp=N | +zeroconf      (/N as well as =N)
 *             | localhost[/N]
 *             | HOST[/N][:PORT][/N][,OPTION]…         HOST a name, an IPv4 address or [an IPv6 address]
 *             | [USER]@HOST[/N][:COMMAND][,OPTION]…
 *     OPTION  = lzo | cpp | down | auth | auth=NAME
 *
 * One bad entry makes the whole list invalid, as in distcc. Where distcc silently understood something
 * else (junk after an entry, a misspelt --option as the name of a host), we say so. `localhost,lzo` and
 * `localhost:3632` are TCP hosts, as there.
 *
 * Source: distcc(1), "HOST SPECIFICATIONS"; distcc src/hosts.c.
 */
import type { Host, HostList, SshHost, TcpHost } from './host.ts';
import { type Result, err, ok } from '../base/result.ts';
import {
  DEFAULT_LIMIT,
  DEFAULT_LOCALHOST_LIMIT,
  DEFAULT_LOCAL_PREPROCESSOR_SLOTS,
  DEFAULT_LOCAL_SLOTS,
  DEFAULT_PORT,
} from './host.ts';

const MAX_CHARACTERS = 1024 * 1024;
const MAX_SLOTS = 10_000;

export interface HostListError {
  /** The entry that is wrong. */
  readonly token: string;
  /** One sentence: what is wrong with it, and what to write instead. */
  readonly message: string;
}

/** An empty list is a valid one. */
export function parseHosts(text: string): Result<HostList, HostListError> {
  try {
    return ok(parseList(text));
  } catch (error) {
    if (error instanceof BadEntry) return err({ token: error.token, message: error.message });
    throw error;
  }
}

class BadEntry extends Error {
  readonly token: string;

  constructor(token: string, what: string) {
    super(`Bad host list entry ${JSON.stringify(token)}: ${what}`);
    this.token = token;
  }
}

function parseList(text: string): HostList {
  if (text.length > MAX_CHARACTERS) throw new BadEntry(text.slice(0, 40), 'the list is longer than 1 MiB');
  const hosts: Host[] = [];
  let list: Omit<HostList, 'hosts'> = {
    isRandomized: false,
    localSlots: DEFAULT_LOCAL_SLOTS,
    localPreprocessorSlots: DEFAULT_LOCAL_PREPROCESSOR_SLOTS,
  };
  for (const token of text.replaceAll(/#[^\r\n]*/g, ' ').split(/[ \t\r\n\f]+/)) {
    if (token === '') continue;
    if (token === '+zeroconf') list = { ...list, zeroconfIndex: hosts.length };
    else if (token.startsWith('-')) list = { ...list, ...parseSetting(token) };
    else hosts.push(parseHost(token));
  }
  return { ...list, hosts };
}

function parseSetting(token: string): Partial<HostList> {
  if (token === '--randomize') return { isRandomized: true };
  const [, name, value] = /^--(localslots(?:_cpp)?)[=/](.*)$/.exec(token) ?? [];
  if (name === undefined || value === undefined) {
    throw new BadEntry(token, 'write --randomize, --localslots=N or --localslots_cpp=N');
  }
  const slots = parseLimit(token, value);
  return name === 'localslots' ? { localSlots: slots } : { localPreprocessorSlots: slots };
}

function parseHost(token: string): Host {
  const local = /^localhost(?:\/(.*))?$/.exec(token);
  if (local !== null && !/[,:]/.test(token)) {
    const limit = local[1] === undefined ? DEFAULT_LOCALHOST_LIMIT : parseLimit(token, local[1]);
    return { kind: 'local', token, limit };
  }
  const [address = '', ...options] = token.split(',');
  return address.includes('@')
    ? { ...parseSsh(token, address), ...parseOptions(token, options) }
    : { ...parseTcp(token, address), ...parseOptions(token, options) };
}

type Options = Pick<TcpHost, 'isCompressed' | 'preprocessesThere' | 'isDown' | 'authentication'>;

function parseOptions(token: string, options: readonly string[]): Options {
  let authentication: string | undefined;
  for (const option of options) {
    const [, name] = /^auth(?:=(.+))?$/.exec(option) ?? [];
    if (option === 'auth' || name !== undefined) authentication = name ?? '';
    else if (!['lzo', 'cpp', 'down'].includes(option)) {
      throw new BadEntry(
        token,
        `no option ${JSON.stringify(option)}; there are lzo, cpp, down, auth, auth=NAME`,
      );
    }
  }
  if (options.includes('cpp') && !options.includes('lzo')) {
    throw new BadEntry(token, 'cpp needs lzo as well: write ,lzo,cpp');
  }
  return {
    isCompressed: options.includes('lzo'),
    preprocessesThere: options.includes('cpp'),
    isDown: options.includes('down'),
    ...(authentication !== undefined && { authentication }),
  };
}

function parseTcp(token: string, address: string): Omit<TcpHost, keyof Options> {
  const [, host = '', rest = ''] = /^(\[[^\]]*\]|[^[:/][^:/]*|)(.*)$/s.exec(address) ?? [];
  const [, firstLimit, port, lastLimit, junk] =
    /^(?:\/([^:/]*))?(?::([^:/]*))?(?:\/([^:/]*))?(.*)$/s.exec(rest) ?? [];
  if (/^[^[]*:.*:/.test(address))
    throw new BadEntry(token, 'write an IPv6 address in brackets, as [::1]:3632');
  if (host === '' && address.startsWith('['))
    throw new BadEntry(token, 'the bracket of the IPv6 address is not closed');
  if (junk !== '') throw new BadEntry(token, `write HOST/LIMIT:PORT; ${JSON.stringify(junk)} is too much`);
  if (firstLimit !== undefined && lastLimit !== undefined) throw new BadEntry(token, 'it has two limits');
  return {
    kind: 'tcp',
    token,
    host: parseName(token, host),
    limit: parseLimit(token, firstLimit ?? lastLimit),
    port: parsePort(token, port),
  };
}

function parseSsh(token: string, address: string): Omit<SshHost, keyof Options> {
  const [, user = '', host = '', limit, command] =
    /^([^@]*)@([^/:]*)(?:\/([^:]*))?(?::(.*))?$/s.exec(address) ?? [];
  if (user !== '') parseName(token, user);
  if (command === '') throw new BadEntry(token, 'the command after the colon is empty');
  return {
    kind: 'ssh',
    token,
    host: parseName(token, host),
    limit: parseLimit(token, limit),
    ...(user !== '' && { user }),
    ...(command !== undefined && { command }),
  };
}

/** The name without brackets. One that began with - would be an option to ssh. */
function parseName(token: string, name: string): string {
  if (name.startsWith('[')) {
    const address = name.slice(1, -1);
    if (!/^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?$/.test(address)) {
      throw new BadEntry(token, `${name} is no IPv6 address`);
    }
    return address;
  }
  if (name === '') throw new BadEntry(token, 'the name of the host is missing');
  if (!/^[\w.][\w.%+~-]*$/.test(name) && !/^[^\p{ASCII}]|[^\p{ASCII}]/u.test(name)) {
    throw new BadEntry(token, `${JSON.stringify(name)} is no name`);
  }
  return name;
}

function parseLimit(token: string, text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (!/^\d+$/.test(text) || limit < 1 || limit > MAX_SLOTS) {
    throw new BadEntry(token, `write a number from 1 to ${MAX_SLOTS} for the limit`);
  }
  return limit;
}

function parsePort(token: string, text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new BadEntry(token, 'write a number from 1 to 65535 for the port');
  }
  return port;
}
