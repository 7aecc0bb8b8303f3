/** HostList → text that parses to the same list, in one spelling. */
import type { DistccdHost, Host, HostList, ReapiHost, SshHost, TcpHost } from './host.ts';
import { DEFAULT_LIMIT, DEFAULT_LOCALHOST_LIMIT, DEFAULT_PORT, queryOf } from './host.ts';

export function formatHosts(list: HostList): string {
  const { hosts, isRandomized, zeroconfIndex, localSlots, localPreprocessorSlots } = list;
  const entries = hosts.map((host) => formatHost(host));
  if (zeroconfIndex !== undefined) entries.splice(zeroconfIndex, 0, '+zeroconf');
  if (localPreprocessorSlots !== undefined) {
    entries.unshift(`--localslots_cpp=${localPreprocessorSlots}`);
  }
  if (localSlots !== undefined) entries.unshift(`--localslots=${localSlots}`);
  if (isRandomized) entries.unshift('--randomize');
  return entries.join(' ');
}

export function formatHost(host: Host): string {
  if (host.kind === 'local') return `localhost${formatLimit(host.limit, DEFAULT_LOCALHOST_LIMIT)}`;
  if (host.kind === 'reapi') return formatReapi(host);
  return (host.kind === 'tcp' ? formatTcp(host) : formatSsh(host)) + formatOptions(host);
}

function formatReapi(host: ReapiHost): string {
  const name = host.host.includes(':') ? `[${host.host}]` : host.host;
  const port = host.port === DEFAULT_PORT ? '' : `:${host.port}`;
  const query = queryOf(host);
  return `grpc://${name}${port}${formatLimit(host.limit, DEFAULT_LIMIT)}${query && `?${query}`}${host.isDown ? ',down' : ''}`;
}

function formatTcp({ host, limit, port }: TcpHost): string {
  const name = host.includes(':') ? `[${host}]` : host;
  // Bare `localhost` would be the local host, so a TCP host of that name keeps its port.
  const isPortSaid = port !== DEFAULT_PORT || name === 'localhost';
  return name + formatLimit(limit, DEFAULT_LIMIT) + (isPortSaid ? `:${port}` : '');
}

function formatSsh({ user = '', host, limit, command }: SshHost): string {
  return `${user}@${host}${formatLimit(limit, DEFAULT_LIMIT)}${command === undefined ? '' : `:${command}`}`;
}

function formatLimit(limit: number, usual: number): string {
  return limit === usual ? '' : `/${limit}`;
}

function formatOptions(host: DistccdHost): string {
  const { isCompressed, preprocessesThere, mayBeNative, isDown, authentication } = host;
  return [
    isCompressed ? ',lzo' : '',
    preprocessesThere ? ',cpp' : '',
    mayBeNative ? '' : ',nonative',
    isDown ? ',down' : '',
    authentication === undefined ? '' : authentication === '' ? ',auth' : `,auth=${authentication}`,
  ].join('');
}
