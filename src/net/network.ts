/** Networks in CIDR notation, and whether an address is in one of them. */
import { BlockList, isIP, SocketAddress } from 'node:net';

export interface Network {
  readonly address: string;
  readonly prefixBits: number;
}

/** IPv4 in IPv6, as inet_ntop(3) writes it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const MAPPED_BITS = 96;

/** Those that no router of the Internet forwards, and this machine itself. */
export const PRIVATE_NETWORKS: readonly Network[] = [
  { address: '192.168.0.0', prefixBits: 16 },
  { address: '10.0.0.0', prefixBits: 8 },
  { address: '172.16.0.0', prefixBits: 12 },
  { address: '127.0.0.0', prefixBits: 8 },
  { address: 'fe80::', prefixBits: 10 },
  { address: 'fc00::', prefixBits: 7 },
  { address: '::1', prefixBits: 128 },
];

/**
 * Reads `ADDRESS[/BITS]`, the address in numbers. An IPv4 network that is written as an IPv6 one
 * (`::ffff:192.0.2.0/120`) is read as the IPv4 network.
 *
 * @returns undefined for everything else.
 */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  const most = family === 6 ? 128 : 32;
  if (family === 0 || address.includes('%') || rest.length > 0) return undefined;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return undefined;
  const prefixBits = bits === undefined ? most : Number(bits);
  if (family === 4 || prefixBits < MAPPED_BITS) return { address, prefixBits };
  const [, mapped] = MAPPED.exec(new SocketAddress({ address, family: 'ipv6' }).address) ?? [];
  return mapped === undefined
    ? { address, prefixBits }
    : { address: mapped, prefixBits: prefixBits - MAPPED_BITS };
}

/**
 * Tells whether an address is in one of the networks. An IPv4 address that an IPv6 socket shows as
 * `::ffff:192.0.2.1` is in the networks that 192.0.2.1 is in.
 */
export function networkMatcher(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, prefixBits } of networks) {
    list.addSubnet(address, prefixBits, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return (peer) => {
    const address = peer.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}
