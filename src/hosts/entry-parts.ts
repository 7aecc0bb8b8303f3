/** The parts that entries of all kinds have: name, limit, port. */
import type { Entry } from './entry.ts';
import { DEFAULT_LIMIT, DEFAULT_PORT } from './host.ts';

export const MAX_SLOTS = 10_000;

/** The name without brackets. One that began with - would be an option to ssh. */
export function parseName(entry: Entry, name: string): string {
  if (name.startsWith('[')) {
    const address = name.slice(1, -1);
    return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:%[\w.-]+)?$/.test(address)
      ? address
      : entry.passOver(`${name} is no IPv6 address`);
  }
  if (name === '') return entry.refuse('the name of the host is missing');
  if (!/^(?![%+~-])(?:[\w.%+~-]|[^\p{ASCII}\p{C}\s])+$/u.test(name)) {
    return entry.passOver(`${JSON.stringify(name)} is no name`);
  }
  return name;
}

export function parseLimit(entry: Entry, text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const [, digits = '', junk = ''] = /^(-?\d*)(.*)$/s.exec(text) ?? [];
  const limit = Number(digits);
  const what = `write a number from 1 to ${MAX_SLOTS} for the limit`;
  if (limit < 0) return entry.passOver(what);
  if (!(limit > 0)) return entry.refuse(what);
  if (junk !== '') entry.complain(`${what}; ${JSON.stringify(junk)} is too much`);
  return Math.min(limit, MAX_SLOTS);
}

export function parsePort(entry: Entry, text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  const what = 'write a number from 1 to 65535 for the port';
  if (!/^\d+$/.test(text)) return entry.refuse(what);
  return port < 1 || port > 65_535 ? entry.passOver(what) : port;
}
