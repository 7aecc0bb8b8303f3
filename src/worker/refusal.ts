/** Decides whether a command may run here, by its words alone. Which compilers may run: `whitelist.ts`. */
import { toText } from '../base/byte-string.ts';
import type { ByteString } from '../base/byte-string.ts';
import { commandWords } from '../execute/command-word.ts';
import { preprocessedExtension } from '../execute/placement.ts';
import { objectionToOperand, objectionToOption } from './refusal-table.ts';

/** Why the command is refused, as a sentence without its beginning; undefined when it may run. */
export function refusalOf(argv: readonly ByteString[]): string | undefined {
  const words = commandWords(argv);
  if (argv.some((word) => word.includes('\0'))) return 'an argument holds a NUL';
  for (const { text, role, option } of words) {
    if (text.startsWith('@')) return `${quote(text)} hides options in a file`;
    const objection =
      role === 'option'
        ? objectionToOption(text)
        : role === 'operand' && option !== undefined
          ? objectionToOperand(option, text)
          : undefined;
    if (objection !== undefined) return `${quote(text)} is not allowed: ${objection}`;
  }
  return wrongShape(argv, words);
}

/** A command that a compiler could take, but that is not one text in, one object out. */
function wrongShape(argv: readonly ByteString[], words: ReturnType<typeof commandWords>): string | undefined {
  const options = words.filter(({ role }) => role === 'option').map(({ text }) => text);
  if (!options.includes('-c') && !options.includes('-S')) return 'it has neither -c nor -S';
  if (options.filter((text) => text.startsWith('-o')).length > 1) return 'it names more than one output';
  if (argv.at(-1) === '-o') return 'the name after -o is missing';
  const hasLanguage = options.some((text) => text.startsWith('-x'));
  // A word without a source's extension is for the linker, which does not run; unless -x makes it a source.
  const inputs = words.filter(
    ({ role, text }) => role === 'file' && (hasLanguage || preprocessedExtension(text) !== undefined),
  );
  if (inputs.length > 1)
    return `it has more than one input: ${inputs.map(({ text }) => quote(text)).join(', ')}`;
  if (inputs[0] === undefined) return 'it names no source file';
  if (preprocessedExtension(inputs[0].text) === undefined) {
    return `${quote(inputs[0].text)} has no extension of a C, C++ or Objective-C source`;
  }
  return undefined;
}

function quote(word: ByteString): string {
  const text = toText(word);
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
