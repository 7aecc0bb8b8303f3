/** Sizes as people write them: `500M`, `5G`, `1.5 GiB`. */
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** @returns bytes; undefined for what is no size. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Math.trunc(Number(number) * (UNITS[unit.toUpperCase()] ?? 1));
}
