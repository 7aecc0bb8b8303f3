/**
 * In which language and characters a compiler would speak to the caller; a remote one speaks as its own
 * machine does.
 *
 * Source: setlocale(3) and gettext(3) on what counts before what; gcc's own quotes, which are ‘these’ where
 * the characters are UTF-8 and 'these' elsewhere.
 */
import type { ByteString } from '../base/byte-string.ts';

type Environment = ReadonlyMap<string, string>;

/**
 * The languages that the caller wants messages in, the best first, each with the names that a catalogue of
 * it may have. Empty for English, which is what compilers speak by themselves.
 */
export function languagesOf(environment: Environment): readonly string[] {
  const locale = localeOf(environment, 'LC_MESSAGES');
  if (isPlain(locale)) return [];
  const wanted = (environment.get('LANGUAGE') || locale)
    .split(':')
    .map((name) => name.replace(/[.@].*$/, ''));
  const english = wanted.findIndex((name) => /^en(?:_|$)|^(?:C|POSIX)$/.test(name));
  const others = english < 0 ? wanted : wanted.slice(0, english);
  const names = others.flatMap((name) => [name, name.replace(/_.*$/, '')]);
  return [...new Set(names)].filter((name) => /^\w+$/.test(name));
}

/** `text` in the characters of the caller: quotes are plain where they are not UTF-8. */
export function inCallersCharacters(text: ByteString, environment: Environment): ByteString {
  if (speaksUtf8(environment)) return text;
  return text.replaceAll(QUOTES, "'");
}

/** Whether the caller's characters are UTF-8. */
export function speaksUtf8(environment: Environment): boolean {
  return /utf-?8/i.test(localeOf(environment, 'LC_CTYPE'));
}

/** U+2018 and U+2019 in UTF-8. */
const QUOTES = /\xe2\x80[\x98\x99]/g;

function localeOf(environment: Environment, category: 'LC_MESSAGES' | 'LC_CTYPE'): string {
  return environment.get('LC_ALL') || environment.get(category) || environment.get('LANG') || 'C';
}

function isPlain(locale: string): boolean {
  return /^(?:C|POSIX)(?:$|\.)/.test(locale);
}
