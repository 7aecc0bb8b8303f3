/** The DNS domain of this machine. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What follows the first dot of the machine's name, else what /etc/resolv.conf searches first. Undefined
 * when neither says.
 *
 * Source: resolv.conf(5).
 */
export function findDomain(): string | undefined {
  const [, ofName] = /\.(.+)$/.exec(hostname()) ?? [];
  return ofName ?? parseDomain(readResolverFile());
}

/** The last `domain` or `search` line counts. */
export function parseDomain(text: string): string | undefined {
  const lines = [...text.matchAll(/^[ \t]*(?:domain|search)[ \t]+([^\s.]\S*)/gm)];
  return lines.at(-1)?.[1]?.replace(/\.$/, '');
}

function readResolverFile(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return '';
  }
}
