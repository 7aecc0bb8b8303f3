/** Names of hosts to addresses, all families. */
import { lookup } from 'node:dns/promises';

/** All addresses of the name, or of the address itself. @returns none when it cannot be resolved. */
export async function resolveAddresses(name: string): Promise<string[]> {
  try {
    const found = await lookup(name, { all: true, order: 'verbatim' });
    return [...new Set(found.map(({ address }) => address))];
  } catch {
    return [];
  }
}
