/**
 * An entry that names a server of the Remote Execution API:
 *
 *     grpc://HOST[:PORT][/N][?NAME=VALUE[&NAME=VALUE]…][,down]
 *
 * NAME is `instance` (a name that the server knows), `headers` (`sent`, or `image`: the compiler's own headers are
 * left to the server's), or that of a platform property. Names and values are percent-encoded where they have blanks, `&`, `,`, `#` or `%` in them.
 */
import type { Entry } from './entry.ts';
import { parseLimit, parseName, parsePort } from './entry-parts.ts';
import type { ReapiHost } from './host.ts';

const SCHEME = /^(grpcs?):\/\//i;

export function isReapi(token: string): boolean {
  return SCHEME.test(token);
}

export function parseReapi(entry: Entry): ReapiHost {
  const { token } = entry;
  if (SCHEME.exec(token)?.[1]?.toLowerCase() === 'grpcs')
    return entry.passOver('TLS is not spoken; write grpc:// and lead it through ssh or a proxy');
  const [where = '', ...options] = token.replace(SCHEME, '').split(',');
  const other = options.find((option) => option !== 'down');
  if (other !== undefined)
    entry.refuse(`no option ${JSON.stringify(other)}; such a host has ,down and no others`);
  const [, address = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(where) ?? [];
  const [, host = '', port, limit, junk = ''] =
    /^(\[[^\]]*\]|[^[:/][^:/]*|)(?::([^:/]*))?(?:\/([^:/]*))?(.*)$/s.exec(address) ?? [];
  if (junk !== '') entry.complain(`write grpc://HOST:PORT/LIMIT; ${JSON.stringify(junk)} is too much`);
  return {
    kind: 'reapi',
    token,
    host: parseName(entry, host),
    port: parsePort(entry, port),
    limit: parseLimit(entry, limit === '' ? undefined : limit),
    isDown: options.includes('down'),
    ...parseQuery(entry, query),
  };
}

function parseQuery(entry: Entry, query: string): Pick<ReapiHost, 'instance' | 'hasHeaders' | 'platform'> {
  const platform = new Map<string, string>();
  let instance = '';
  let hasHeaders = false;
  for (const part of query.split('&').filter(Boolean)) {
    const [, name = '', value] = /^([^=]+)(?:=(.*))?$/s.exec(part)?.map((text) => decode(entry, text)) ?? [];
    if (value === undefined) entry.refuse(`write NAME=VALUE in place of ${JSON.stringify(part)}`);
    else if (name === 'instance') instance = value;
    else if (name !== 'headers') platform.set(name, value);
    else if (value === 'image' || value === 'sent') hasHeaders = value === 'image';
    else entry.refuse('write headers=sent or headers=image');
  }
  return { instance, hasHeaders, platform };
}

function decode(entry: Entry, text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return entry.refuse(`${JSON.stringify(text)} is not percent-encoded as it ought to be`);
  }
}
