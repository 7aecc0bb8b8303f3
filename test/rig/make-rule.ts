/**
 * Reads the rule that `gcc -M` and `clang -M` print: which files stand behind its colon.
 *
 * Both quote as GNU make wants it, and a little otherwise than make reads it:
 *
 *   $$               a dollar
 *   \#               a number sign; backslashes before it stand for themselves
 *   2N+1 \ and space N backslashes and a space that belongs to the name (a tab likewise)
 *   \ at line's end  the rule goes on
 *
 * Source: gcc libcpp/mkdeps.cc munge(); clang lib/Frontend/DependencyFile.cpp PrintFilename().
 */
import assert from 'node:assert/strict';
import type { ByteString } from '../../src/base/byte-string.ts';

export function readPrerequisites(rule: ByteString): readonly ByteString[] {
  const colon = /:(?=\s|\\\r?\n)/.exec(rule);
  assert(colon !== null, `no rule: ${rule.slice(0, 200)}`);
  const names: string[] = [];
  let name = '';
  for (const [token] of rule.slice(colon.index + 1).matchAll(/\\\r?\n|\\+[ \t#]|\$\$|[\s\S]/g)) {
    const { text, ends } = meaningOf(token);
    name += text;
    if (ends && name !== '') names.push(name);
    if (ends) name = '';
  }
  if (name !== '') names.push(name);
  return names;
}

/** What the token adds to the name, and whether the name ends with it. */
function meaningOf(token: string): { readonly text: string; readonly ends: boolean } {
  if (/^(?:\\?\r?\n|[ \t])$/.test(token)) return { text: '', ends: true };
  if (token === '$$') return { text: '$', ends: false };
  if (!/^\\+[ \t#]$/.test(token)) return { text: token, ends: false };
  const backslashes = token.length - 1;
  const last = token.slice(-1);
  if (last === '#') return { text: token.slice(1), ends: false };
  const kept = '\\'.repeat(backslashes >> 1);
  return backslashes % 2 === 1 ? { text: kept + last, ends: false } : { text: kept, ends: true };
}
