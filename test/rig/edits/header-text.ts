/**
 * Texts of headers that include each other in all the ways there are, under names of equal length.
 *
 * A header includes only names greater than its own, and the next of its own name: whatever is changed,
 * there is an end to it.
 */
import type { Chance } from '../chaos/chance.ts';

export const NAMES: readonly string[] = Array.from(
  { length: 12 },
  (_, index) => `h${String(index).padStart(2, '0')}.h`,
);
const MACROS = ['A', 'B', 'C', 'D'];

/** For a header of this name. */
export function newHeader(own: string, chance: Chance): string {
  const body = newLines(own, { most: 3, chance });
  const guard = own.replace('.h', '_SEEN');
  const forms = [
    body,
    `#pragma once\n${body}`,
    `#ifndef ${guard}\n#define ${guard}\n${body}#endif\n`,
    `/* ${Math.floor(chance.between(100, 999))} */\n${body}`,
  ];
  return chance.pick(forms) ?? '';
}

export function newSource(chance: Chance): string {
  return newLines('', { most: 5, chance });
}

/** The same with one name exchanged for another: not a byte longer or shorter. */
export function exchangeName(text: string, own: string, chance: Chance): string {
  const told = chance.pick([...text.matchAll(/h\d\d\.h/g)].filter(([name]) => name > own));
  const other = chance.pick(NAMES.filter((name) => name > own));
  if (told === undefined || other === undefined) return text;
  return `${text.slice(0, told.index)}${other}${text.slice(told.index + other.length)}`;
}

interface LineOptions {
  readonly most: number;
  readonly chance: Chance;
}

function newLines(own: string, { most, chance }: LineOptions): string {
  const count = Math.floor(chance.between(0, most)) + (own === '' ? 1 : 0);
  return Array.from({ length: count }, () => newLine(own, chance)).join('');
}

function newLine(own: string, chance: Chance): string {
  const greater = NAMES.filter((name) => name > own);
  const [name, other] = [chance.pick(greater), chance.pick(greater)];
  const macro = chance.pick(MACROS) ?? '';
  const definition = chance.pick([`#undef ${macro}\n`, `#undef ${macro}\n#define ${macro} 1\n`]) ?? '';
  if (name === undefined) return definition;
  const forms = [
    `#include "${name}"\n`,
    `#include <${name}>\n`,
    `#include <deep/../${name}>\n`,
    `#if __has_include("${name}")\n#include "${name}"\n#endif\n`,
    `#if !__has_include(<${name}>)\n#define ${macro}\n#else\n#include <${name}>\n#endif\n`,
    `#if __has_include(<deep/${name}>)\n#include <deep/${name}>\n#endif\n`,
    own === '' ? '' : `#if __has_include_next(<${own}>)\n#include_next <${own}>\n#endif\n`,
    `#undef HEADER\n#define HEADER <${name}>\n#include HEADER\n`,
    `#undef HEADER\n#define TEXT(x) #x\n#define HEADER TEXT(${name})\n#include HEADER\n#undef TEXT\n`,
    `#ifdef ${macro}\n#include "${name}"\n#else\n#include "${other}"\n#endif\n`,
    definition,
  ];
  return chance.pick(forms) ?? '';
}
