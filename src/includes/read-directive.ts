/** The text of one directive → what it means. */
import type { ByteString } from '../base/byte-string.ts';
import type { ConditionText, Directive, IncludeWay, OptionsDirective } from './directive.ts';
import { Macro } from './macro.ts';
import { MOST_BYTES, tokenize, trimBlanks, type Token } from './token.ts';

const NAME = /^[A-Za-z_$\x80-\xff][\w$\x80-\xff]*/;
const ALWAYS: ConditionText = { kind: 'always' };

/**
 * @param text without `#`, comments and joined lines, and without white space around it.
 * @returns undefined for what does not matter to which files are read: `#error`, most `#pragma`.
 */
export function readDirective(text: ByteString): Directive | undefined {
  const name = NAME.exec(text)?.[0] ?? '';
  const rest = trimBlanks(text.slice(name.length));
  switch (name) {
    case 'define': {
      const macro = Macro.parse(rest);
      return macro === undefined || isSpelledOut(rest) ? doubt(text) : { kind: 'define', macro };
    }
    case 'undef': {
      const undefined_ = NAME.exec(rest)?.[0];
      return undefined_ === undefined || isSpelledOut(rest)
        ? doubt(text)
        : { kind: 'undef', name: undefined_ };
    }
    case 'include':
    case 'include_next':
    case 'import':
    case 'embed':
      return readInclude(name, rest);
    case 'if':
      return condition('if', readExpression(rest));
    case 'ifdef':
    case 'ifndef':
      return condition('if', readDefined(rest, name === 'ifdef'));
    case 'elif':
      return condition('elif', readExpression(rest));
    case 'elifdef':
    case 'elifndef':
      return condition('elif', readDefined(rest, name === 'elifdef'));
    case 'else':
      return condition('else', ALWAYS);
    case 'endif':
      return { kind: 'endif' };
    case 'pragma':
      return readPragma(rest);
    case 'line':
      return { kind: 'line' };
    default:
      return /^\d/.test(text) ? { kind: 'line' } : undefined;
  }
}

/** Whether the name goes on with `\u00e4`, which is the same as the letter. */
function isSpelledOut(rest: ByteString): boolean {
  return rest[NAME.exec(rest)?.[0].length ?? 0] === '\\';
}

function doubt(detail: ByteString): Directive {
  return { kind: 'doubt', reason: 'bad-directive', detail: detail.slice(0, 200) };
}

function condition(kind: 'if' | 'elif' | 'else', text: ConditionText): Directive {
  return { kind, condition: text, next: Number.MAX_SAFE_INTEGER };
}

function readDefined(rest: ByteString, holds: boolean): ConditionText {
  const name = NAME.exec(rest)?.[0];
  return name === undefined || isSpelledOut(rest)
    ? { kind: 'expression', tokens: [] }
    : { kind: 'defined', name, holds };
}

/** Many ask for one macro only. */
const SIMPLE = /^(!?)[ \t]*defined[ \t]*(?:\([ \t]*([A-Za-z_]\w*)[ \t]*\)|[ \t]([A-Za-z_]\w*))$/;
/** A header's name in its quotes or brackets is one token there. */
const FILE_OPERAND =
  /(__has_include(?:_next)?[ \t\v\f\0]*\([ \t\v\f\0]*)("[^"]{0,4096}"|<[^>]{0,4096}>)(?=[ \t\v\f\0]*\))/g;

/** No tokens are no condition: a doubt, where it is computed. */
function readExpression(rest: ByteString): ConditionText {
  const [, not, bracketed, bare] = SIMPLE.exec(rest) ?? [];
  const name = bracketed ?? bare;
  if (name !== undefined) return { kind: 'defined', name, holds: not === '' };
  if (rest.length > MOST_BYTES) return { kind: 'expression', tokens: [] };
  if (!rest.includes('__has_include')) return { kind: 'expression', tokens: tokenize(rest) };
  const lists: (readonly Token[])[] = [];
  let from = 0;
  for (const { index, 1: before = '', 2: header = '' } of rest.matchAll(FILE_OPERAND)) {
    const start = index + before.length;
    lists.push(tokenize(rest.slice(from, start)));
    lists.push([{ kind: 'string', text: header, isSpaced: false, leads: false }]);
    from = start + header.length;
  }
  lists.push(tokenize(rest.slice(from)));
  return { kind: 'expression', tokens: lists.flat() };
}

function readInclude(way: IncludeWay, rest: ByteString): Directive {
  const header = /^(?:"[^"]*"|<[^>]*>)/.exec(rest)?.[0];
  if (header === undefined && rest.length > MOST_BYTES) return doubt(rest);
  return { kind: 'include', way, header, tokens: header === undefined ? tokenize(rest) : [] };
}

const OPTION_WAYS: Readonly<Record<string, OptionsDirective['way']>> = {
  push_options: 'push',
  pop_options: 'pop',
  reset_options: 'reset',
  target: 'add',
  optimize: 'add',
};

function readPragma(rest: ByteString): Directive | undefined {
  if (/^once\b/.test(rest)) return { kind: 'once' };
  const [, way, name] = /^(push|pop)_macro\b(?:\s*\(\s*"([^"]*)"\s*\))?/.exec(rest) ?? [];
  if (way === 'push' || way === 'pop')
    return name === undefined ? { kind: 'doubt', reason: 'odd-macro', detail: rest } : { kind: way, name };
  const [, option] = /^GCC\s+(push_options|pop_options|reset_options|target|optimize)\b/.exec(rest) ?? [];
  const optionsWay = OPTION_WAYS[option ?? ''];
  if (optionsWay === 'add')
    return { kind: 'options', way: 'add', words: readOptions(option === 'target', rest) };
  if (optionsWay !== undefined) return { kind: 'options', way: optionsWay };
  if (/^GCC\s+dependency\b/.test(rest)) return { kind: 'doubt', reason: 'header-age', detail: rest };
  if (/^GCC\s+pch_preprocess\b/.test(rest))
    return { kind: 'doubt', reason: 'precompiled-header', detail: rest };
  if (/^include_alias\b/.test(rest)) return doubt(rest);
  return /^clang\s+module\b/.test(rest) ? { kind: 'doubt', reason: 'modules', detail: rest } : undefined;
}

/** `("avx2,no-bmi", "arch=haswell")` → -mavx2 -mno-bmi -march=haswell; `("O3,fast-math")` → -O3 -ffast-math. */
function readOptions(isTarget: boolean, rest: ByteString): readonly ByteString[] | undefined {
  const [, list = ''] = /^\S+\s+\w+\s*\(?((?:\s*,?\s*"[^"\\]*")+)\s*\)?$/.exec(rest) ?? [];
  const words = [...list.matchAll(/"([^"]*)"/g)].flatMap(([, text = '']) => text.split(','));
  const isPlain = words.every((word) => /^[\w.=-]+$/.test(word) && (!isTarget || !word.startsWith('-')));
  if (words.length === 0 || !isPlain) return undefined;
  return words.map((word) => (isTarget ? `-m${word}` : optimization(word)));
}

function optimization(word: ByteString): ByteString {
  if (word.startsWith('-')) return word;
  return /^(?:\d|s$)/.test(word) ? `-O${word}` : word.startsWith('O') ? `-${word}` : `-f${word}`;
}
