/** The text of one directive → what it means. */
import type { ByteString } from '../base/byte-string.ts';
import type { ConditionText, Directive, IncludeWay } from './directive.ts';
import { Macro } from './macro.ts';
import { tokenize } from './token.ts';

const NAME = /^[A-Za-z_$\x80-\xff][\w$\x80-\xff]*/;
const ALWAYS: ConditionText = { kind: 'always' };

/**
 * @param text without `#`, comments and joined lines, and without white space around it.
 * @returns undefined for what does not matter to which files are read: `#error`, `#line`, most `#pragma`.
 */
export function readDirective(text: ByteString): Directive | undefined {
  const name = NAME.exec(text)?.[0] ?? '';
  const rest = text.slice(name.length).trimStart();
  switch (name) {
    case 'define': {
      const macro = Macro.parse(rest);
      return macro && { kind: 'define', macro };
    }
    case 'undef': {
      const undefined_ = NAME.exec(rest)?.[0];
      return undefined_ === undefined ? undefined : { kind: 'undef', name: undefined_ };
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
    default:
      return undefined;
  }
}

function condition(kind: 'if' | 'elif' | 'else', text: ConditionText): Directive {
  return { kind, condition: text, next: Number.MAX_SAFE_INTEGER };
}

function readDefined(rest: ByteString, holds: boolean): ConditionText {
  const name = NAME.exec(rest)?.[0];
  return name === undefined ? { kind: 'expression', tokens: [] } : { kind: 'defined', name, holds };
}

/** Many ask for one macro only. */
const SIMPLE = /^(!?)\s*defined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|\s([A-Za-z_]\w*))$/;

function readExpression(rest: ByteString): ConditionText {
  const [, not, bracketed, bare] = SIMPLE.exec(rest) ?? [];
  const name = bracketed ?? bare;
  if (name !== undefined) return { kind: 'defined', name, holds: not === '' };
  return { kind: 'expression', tokens: tokenize(rest) };
}

function readInclude(way: IncludeWay, rest: ByteString): Directive {
  const header = /^(?:"[^"]*"|<[^>]*>)/.exec(rest)?.[0];
  return { kind: 'include', way, header, tokens: header === undefined ? tokenize(rest) : [] };
}

function readPragma(rest: ByteString): Directive | undefined {
  if (/^once\b/.test(rest)) return { kind: 'once' };
  const [, way, name = ''] = /^(push|pop)_macro\s*\(\s*"([^"]*)"\s*\)/.exec(rest) ?? [];
  if (way === 'push' || way === 'pop') return { kind: way, name };
  if (/^GCC\s+dependency\b/.test(rest)) return { kind: 'doubt', reason: 'header-age', detail: rest };
  if (/^GCC\s+pch_preprocess\b/.test(rest))
    return { kind: 'doubt', reason: 'precompiled-header', detail: rest };
  return /^clang\s+module\b/.test(rest) ? { kind: 'doubt', reason: 'modules', detail: rest } : undefined;
}
