/**
 * The text of a host list (`$DISTCC_HOSTS` or a hosts file) → HostList.
 *
 *     list    = entries parted by blanks, tabs, line ends, form feeds; # begins a comment, to the line's end
 *     entry   = --randomize | --localslots=N | --localslots_cpp=N | +zeroconf      (/N as well as =N)
 *             | localhost[/N]
 *             | HOST[/N][:PORT][/N][,OPTION]…         HOST a name, an IPv4 address or [an IPv6 address]
 *             | [USER]@HOST[/N][:COMMAND][,OPTION]…
 *             | grpc://HOST[:PORT][/N][?NAME=VALUE[&NAME=VALUE]…][,down]      see parse-reapi.ts
 *     OPTION  = lzo | cpp | nonative | down | auth | auth=NAME
 *
 * What makes the whole list invalid is what does so in distcc. Where distcc goes on with something that
 * nobody can have meant (junk after a limit, a misspelt --option as the name of a host), we go on as well,
 * without that entry or that part of it, and say so. `localhost,lzo` and `localhost:3632` are TCP hosts, but
 * whatever follows `localhost/N` means nothing, as there.
 *
 * Source: distcc(1), "HOST SPECIFICATIONS"; distcc src/hosts.c.
 */
import type { Host, HostList, SshHost, TcpHost } from './host.ts';
import { type Result, err, ok } from '../base/result.ts';
import { BadEntry, Entry, PassedOver } from './entry.ts';
import { MAX_SLOTS, parseLimit, parseName, parsePort } from './entry-parts.ts';
import { DEFAULT_LOCALHOST_LIMIT } from './host.ts';
import { isReapi, parseReapi } from './parse-reapi.ts';

const MAX_CHARACTERS = 1024 * 1024;

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

function parseList(text: string): HostList {
  if (text.length > MAX_CHARACTERS) throw new BadEntry(text.slice(0, 40), 'the list is longer than 1 MiB');
  const hosts: Host[] = [];
  const complaints: string[] = [];
  let list: Omit<HostList, 'hosts' | 'complaints'> = {
    isRandomized: false,
  };
  for (const token of text.replaceAll(/#[^\r\n]*/g, ' ').split(/[ \t\r\n\f]+/)) {
    if (token === '') continue;
    const entry = new Entry(token);
    try {
      if (token === '+zeroconf') {
        list = { ...list, zeroconfIndex: hosts.length };
        entry.complain('hosts cannot be discovered yet');
      } else if (token.startsWith('-')) list = { ...list, ...parseSetting(entry) };
      else hosts.push(parseHost(entry));
    } catch (error) {
      if (!(error instanceof PassedOver)) throw error;
      complaints.push(error.message);
    }
    complaints.push(...entry.complaints);
  }
  return { ...list, hosts, complaints };
}

function parseSetting(entry: Entry): Partial<HostList> {
  const [, name, value, junk = ''] =
    /^--(randomize|localslots_cpp|localslots)(?:[=/](\d+))?(.*)$/s.exec(entry.token) ?? [];
  if (name === undefined) return entry.passOver('write --randomize, --localslots=N or --localslots_cpp=N');
  if (name === 'randomize') {
    if (junk !== '' || value !== undefined) entry.complain('--randomize is all that counts of it');
    return { isRandomized: true };
  }
  const slots = Number(value ?? 0);
  if (slots < 1) return entry.passOver(`write --${name}=N with a number from 1 to ${MAX_SLOTS}`);
  if (junk !== '') entry.complain(`${JSON.stringify(junk)} means nothing there`);
  const limit = Math.min(slots, MAX_SLOTS);
  return name === 'localslots' ? { localSlots: limit } : { localPreprocessorSlots: limit };
}

function parseHost(entry: Entry): Host {
  const { token } = entry;
  const local = /^localhost(?:\/([^,:]*).*)?$/s.exec(token);
  if (local !== null) {
    const limit = local[1] === undefined ? DEFAULT_LOCALHOST_LIMIT : parseLimit(entry, local[1]);
    return { kind: 'local', token, limit };
  }
  if (isReapi(token)) return parseReapi(entry);
  const [address = '', ...options] = token.split(',');
  return address.includes('@')
    ? { ...parseSsh(entry, address), ...parseOptions(entry, options) }
    : { ...parseTcp(entry, address), ...parseOptions(entry, options) };
}

type Options = Pick<
  TcpHost,
  'isCompressed' | 'preprocessesThere' | 'mayBeNative' | 'isDown' | 'authentication'
>;

function parseOptions(entry: Entry, options: readonly string[]): Options {
  const found = new Set<string>();
  let authentication: string | undefined;
  for (const option of options) {
    const [, name, junk = ''] = /^(lzo|cpp|nonative|down|auth)(.*)$/s.exec(option) ?? [];
    if (name === undefined)
      return entry.refuse(
        `no option ${JSON.stringify(option)}; there are lzo, cpp, nonative, down, auth, auth=NAME`,
      );
    found.add(name);
    const isNamed = name === 'auth' && /^=./s.test(junk);
    if (name === 'auth') authentication = isNamed ? junk.slice(1) : '';
    if (junk !== '' && !isNamed) entry.complain(`${JSON.stringify(option)} is taken for ${name}`);
  }
  if (found.has('cpp') && !found.has('lzo')) entry.refuse('cpp needs lzo as well: write ,lzo,cpp');
  if (found.has('auth')) entry.complain('it is not asked, for this distcc is built without GSS-API');
  return {
    isCompressed: found.has('lzo'),
    preprocessesThere: found.has('cpp'),
    mayBeNative: !found.has('nonative'),
    isDown: found.has('down'),
    ...(authentication !== undefined && { authentication }),
  };
}

function parseTcp(entry: Entry, address: string): Omit<TcpHost, keyof Options> {
  const [, host = '', rest = ''] = /^(\[[^\]]*\]|[^[:/][^:/]*|)(.*)$/s.exec(address) ?? [];
  const [, firstLimit, port, lastLimit, junk = ''] =
    /^(?:\/([^:/]*))?(?::([^:/]*))?(?:\/([^:/]*))?(.*)$/s.exec(rest) ?? [];
  if (/^[^[]*:.*:/.test(address)) entry.refuse('write an IPv6 address in brackets, as [::1]:3632');
  if (host === '' && address.startsWith('[')) entry.refuse('the bracket of the IPv6 address is not closed');
  if (junk !== '') entry.complain(`write HOST/LIMIT:PORT; ${JSON.stringify(junk)} is too much`);
  return {
    kind: 'tcp',
    token: entry.token,
    host: parseName(entry, host),
    limit: parseLimit(entry, lastLimit ?? firstLimit),
    port: parsePort(entry, port),
  };
}

function parseSsh(entry: Entry, address: string): Omit<SshHost, keyof Options> {
  const [, user = '', host = '', limit, command] =
    /^([^@]*)@([^/:]*)(?:\/([^:]*))?(?::(.*))?$/s.exec(address) ?? [];
  if (user !== '') parseName(entry, user);
  if (command === '') entry.complain('the command after the colon is empty; distccd is meant');
  return {
    kind: 'ssh',
    token: entry.token,
    host: parseName(entry, host),
    limit: parseLimit(entry, limit),
    ...(user !== '' && { user }),
    ...(command !== undefined && command !== '' && { command }),
  };
}
