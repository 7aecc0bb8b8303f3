/**
 * One compile's diagnostics out of those of its two steps.
 *
 * Both steps see the options and the tokens of the text, so both warn of an option that does not fit and
 * of a doubtful token, where a direct compile warns once (tried with gcc 12 and clang 14). What only one
 * step says is kept, the preprocessor's first, which has the source at hand to quote it. In another
 * language than English, where we do not know a warning when we see it, all is kept.
 */
import type { ByteString } from '../base/byte-string.ts';

/** What to show after both steps. */
export function joinDiagnostics(preprocessing: ByteString, compiling: ByteString): ByteString {
  if (preprocessing === '' || compiling === '') return preprocessing + compiling;
  const first = readDiagnostics(preprocessing);
  const second = readDiagnostics(compiling);
  const warned = new Set(first.blocks.filter(isWarning).map(headingOf));
  const noted = new Set(second.blocks.filter(isFinalNote));
  const blocks = [
    ...first.blocks.filter((block) => !noted.has(block)),
    ...second.blocks.filter((block) => !warned.has(headingOf(block))),
  ];
  const isCounted = first.isCounted || second.isCounted;
  return blocks.join('') + (isCounted ? formatCount(blocks.filter(isCountedWarning).length) : '');
}

interface Diagnostics {
  /** Each diagnostic with the lines that belong to it. */
  readonly blocks: readonly ByteString[];
  /** clang says at the end how many warnings it generated. */
  readonly isCounted: boolean;
}

const COUNT = /^\d+ warnings? generated\.\n$/;
const COLOURS = new RegExp(String.raw`\x1b\[[\d;]*[mK]`, 'g');
const WARNING = /^(?:[^\n ][^\n]*: )?warning: /m;
const INCLUDED_FROM = /^(?:In file included from | +from )/;
const SCOPE = /: (?:In |At )[^\n]*:\n$/;

function readDiagnostics(text: ByteString): Diagnostics {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const isCounted = COUNT.test(lines.at(-1) ?? '');
  const blocks: ByteString[] = [];
  let before = '';
  for (const line of isCounted ? lines.slice(0, -1) : lines) {
    const begins = INCLUDED_FROM.test(line) || SCOPE.test(line) || isWarning(line) || isFinalNote(line);
    if (blocks.length === 0 || (begins && !INCLUDED_FROM.test(before))) blocks.push(line);
    else blocks.push(`${blocks.pop() ?? ''}${line}`);
    before = line;
  }
  return { blocks, isCounted };
}

/** Whether a warning is in it: `a.c:1:2: warning: …`, `cc1: warning: …`, `warning: …`. */
function isWarning(block: ByteString): boolean {
  return WARNING.test(block.replaceAll(COLOURS, ''));
}

/** The driver's own (`clang: warning: …`) are not in clang's count. */
function isCountedWarning(block: ByteString): boolean {
  return isWarning(block) && !/^[^:\n]+: warning: /.test(block.replaceAll(COLOURS, ''));
}

/** Without colours, and without the lines of the source that are quoted below it. */
function headingOf(block: ByteString): ByteString {
  const text = block.replaceAll(COLOURS, '');
  const warning = WARNING.exec(text);
  return warning === null ? text : text.slice(0, text.indexOf('\n', warning.index));
}

/** What gcc says last, about the options, if it had reason to say anything before. */
function isFinalNote(block: ByteString): boolean {
  return /^\w+: note: unrecognized /.test(block);
}

function formatCount(warnings: number): ByteString {
  return `${warnings} warning${warnings === 1 ? '' : 's'} generated.\n`;
}
