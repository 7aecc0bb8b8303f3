/**
 * The text of a source or header → its directives, and what about it has to be known besides. Each content is
 * read once.
 *
 * Rejected: regular expressions over lines (a raw string or a comment that looks like a directive), and the
 * preprocessor's own tokens for all of the text (ten times the work for what is thrown away).
 *
 * Nothing is thrown here: a text that cannot be understood may stand where nobody gets to.
 */
import { hash } from 'node:crypto';
import type { ByteString } from '../base/byte-string.ts';
import { Cutter, type Dialect } from './cutter.ts';
import type { Directive, ScannedText } from './directive.ts';
import { linkConditions } from './group.ts';
import { findMarks } from './mark.ts';
import { findPragmas } from './pragma.ts';
import { LINE } from './lines.ts';
import { readDirective } from './read-directive.ts';

const RETURN = 0x0d;
const TRIGRAPHS: Readonly<Record<string, string>> = {
  '=': '#',
  '(': '[',
  '/': '\\',
  ')': ']',
  "'": '^',
  '<': '{',
  '!': '|',
  '>': '}',
  '-': '~',
};

export function scanText(content: Uint8Array, dialect: Dialect): ScannedText {
  const plain = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const bytes = endLines(replaceTrigraphs(plain, dialect));
  const cut = new Cutter(bytes, dialect).cut();
  const directives: Directive[] = [];
  for (const text of cut.texts) {
    const directive = readDirective(text);
    if (directive !== undefined) directives.push(directive);
  }
  linkConditions(directives);
  const { macros, marks: pragmaMarks } = findPragmas(bytes);
  const marks = [...findMarks(bytes, cut), ...pragmaMarks];
  return {
    directives,
    guard: cut.hasTextOutside || directives.length !== cut.texts.length ? undefined : findGuard(directives),
    marks,
    pragmaMacros: macros,
    queries: cut.texts.flatMap(findQueries),
    shape: hash('sha256', JSON.stringify([cut.texts, marks, macros]), 'base64'),
  };
}

/** Where one condition of the usual kind stands around everything. */
function findGuard(directives: readonly Directive[]): ByteString | undefined {
  const [first] = directives;
  if (first?.kind !== 'if' || first.condition.kind !== 'defined' || first.condition.holds) return undefined;
  return first.next === directives.length - 1 && directives.at(-1)?.kind === 'endif'
    ? first.condition.name
    : undefined;
}

/** `__has_builtin(x)`, and `HAS_BUILTIN(x)` in a condition, which a macro may make of it. */
function findQueries(text: ByteString): ByteString[] {
  const pattern = /^(?:el)?if\b/.test(text) ? CALL : text.includes('__has_') ? QUERY : undefined;
  if (pattern === undefined) return [];
  return [...text.matchAll(pattern)].map(([, name = '', operand = '']) => `${name}(${operand})`);
}

const CALL = /\b(?!defined\b)([A-Za-z_]\w*)\s*\(\s*([A-Za-z_][\w:]*)\s*\)/g;
const QUERY = /\b(__has_\w+)\s*\(\s*([A-Za-z_][\w:]*)\s*\)/g;

/** A carriage return alone ends a line, too. */
function endLines(bytes: Buffer): Buffer {
  let ended = bytes;
  for (let at = bytes.indexOf(RETURN); at >= 0; at = bytes.indexOf(RETURN, at + 1)) {
    if (bytes[at + 1] === LINE) continue;
    if (ended === bytes) ended = Buffer.from(bytes);
    ended[at] = LINE;
  }
  return ended;
}

function replaceTrigraphs(bytes: Buffer, { hasTrigraphs }: Dialect): Buffer {
  if (!hasTrigraphs || !bytes.includes('??', 0, 'latin1')) return bytes;
  const text = bytes
    .toString('latin1')
    .replaceAll(/\?\?([=(/)'<!>-])/g, (_: string, sign: string) => TRIGRAPHS[sign] ?? '');
  return Buffer.from(text, 'latin1');
}
