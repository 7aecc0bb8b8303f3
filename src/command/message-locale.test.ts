import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromText } from '../base/byte-string.ts';
import { inCallersCharacters, languagesOf } from './message-locale.ts';

type Variables = Readonly<Record<string, string>>;
const environmentOf = (variables: Variables): Map<string, string> => new Map(Object.entries(variables));

test('languagesOf() reads the variables as gettext does', () => {
  const cases: readonly [Variables, readonly string[]][] = [
    [{}, []],
    [{ LANG: 'C.UTF-8' }, []],
    [{ LANG: 'en_GB.UTF-8' }, []],
    [{ LANG: 'de_AT.UTF-8' }, ['de_AT', 'de']],
    [{ LANG: 'de_DE@euro' }, ['de_DE', 'de']],
    [{ LANG: 'de_DE', LC_MESSAGES: 'C' }, []],
    [{ LANG: 'C', LC_ALL: 'fr' }, ['fr']],
    [{ LC_ALL: '', LANG: 'fr' }, ['fr']],
    [{ LANG: 'de_DE', LANGUAGE: 'sv:pt_BR' }, ['sv', 'pt_BR', 'pt']],
    [{ LANG: 'de_DE', LANGUAGE: 'sv:en:de' }, ['sv']],
    [{ LANG: 'C', LANGUAGE: 'sv' }, []],
  ];
  for (const [variables, languages] of cases) {
    assert.deepEqual(languagesOf(environmentOf(variables)), languages, JSON.stringify(variables));
  }
});

test('inCallersCharacters() makes quotes plain where the caller’s characters are not UTF-8', () => {
  const text = fromText('unused variable ‘x’\n');
  const cases: readonly [Variables, expected: string][] = [
    [{}, "unused variable 'x'\n"],
    [{ LANG: 'C' }, "unused variable 'x'\n"],
    [{ LANG: 'C.UTF-8' }, text],
    [{ LANG: 'C.UTF-8', LC_ALL: 'POSIX' }, "unused variable 'x'\n"],
    [{ LANG: 'C', LC_CTYPE: 'de_DE.utf8' }, text],
  ];
  for (const [variables, expected] of cases) {
    assert.equal(inCallersCharacters(text, environmentOf(variables)), expected, JSON.stringify(variables));
  }
});
