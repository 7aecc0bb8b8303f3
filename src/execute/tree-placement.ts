/**
 * A command as it runs in a tree on the worker: paths at the client become paths under the root, and what
 * the compiler writes goes beside the root, where no name of the client's can be.
 *
 * Dependencies are always written, as a stock distccd does, under the name that the output has at the
 * client; so the file is what a compile there would write, once the root is taken out of it.
 */
import type { ByteString } from '../base/byte-string.ts';
import { toText } from '../base/byte-string.ts';
import { findSourceKind } from '../command/language.ts';
import type { Word } from '../command/words.ts';
import { isFile, readWords } from '../command/words.ts';
import { findSource, isTooLong, modeOf, stemOf } from './placement.ts';
import type { Tree } from './tree.ts';
import { TreeObjection } from './tree.ts';
import { namesPath, objectionInTree } from './tree-options.ts';

export interface TreePlacement {
  readonly argv: readonly ByteString[];
  readonly outputPath: ByteString;
  readonly dependencyPath: ByteString;
}

interface TreeSite {
  readonly tree: Tree;
  readonly root: ByteString;
  /** The job's own directory, beside the root. */
  readonly home: ByteString;
}

/** @throws {TreeObjection} when the command would do something outside of the tree. */
export function placeInTree(argv: readonly ByteString[], { tree, root, home }: TreeSite): TreePlacement {
  const words = readWords(argv);
  const source = findSource(words)?.texts[0];
  if (source === undefined) throw new TreeObjection('the command names no source file');
  for (const word of words) judge(word, source, tree);
  const mode = modeOf(words);
  const stem = `${home}/${stemOf(source)}`;
  const outputPath = stem + (mode === '-S' ? '.s' : '.o');
  const dependencyPath = `${stem}.d`;
  // Ours are directly behind the compiler, where no option can take any of them for its operand.
  const ours = [mode, '-o', outputPath, ...dependencyWords(words, source, dependencyPath)];
  const placedArgv = [argv[0] ?? '', ...ours, ...words.flatMap((word) => placed(word, source, root))];
  if (isTooLong(placedArgv)) throw new TreeObjection('its arguments are too long');
  return { argv: placedArgv, outputPath, dependencyPath };
}

function judge(word: Word, source: ByteString, tree: Tree): void {
  const [first = ''] = word.texts;
  if (isFile(word)) {
    if (first === source) tree.assertInside(source);
    return;
  }
  const objection = objectionInTree(word);
  if (objection !== undefined) throw new TreeObjection(`${toText(word.texts.join(' '))}: ${objection}`);
  if (namesPath(word) && word.operand !== undefined) tree.assertInside(word.operand);
}

/** What a client leaves to its compiler: that there are dependencies, and what is said to depend on them. */
function dependencyWords(words: readonly Word[], source: ByteString, file: ByteString): ByteString[] {
  // Of a text there are none, and clang complains when it is asked.
  if (findSourceKind(source, false)?.isPreprocessed === true) return [];
  const has = (effect: string): boolean => words.some(({ option }) => option?.effect === effect);
  const output = words.find(({ option }) => option?.effect === 'output')?.operand;
  const base = source.slice(source.lastIndexOf('/') + 1);
  return [
    '-MF',
    file,
    ...(has('dependencies') ? [] : ['-MMD']),
    ...(has('dependency-target') ? [] : ['-MQ', output ?? `${base.slice(0, base.lastIndexOf('.'))}.o`]),
  ];
}

function placed(word: Word, source: ByteString, root: ByteString): readonly ByteString[] {
  const { option, operand, texts } = word;
  if (option?.effect === 'output' || option?.effect === 'dependency-file') return [];
  if (isFile(word)) return texts[0] === source && source.startsWith('/') ? [root + source] : texts;
  if (!namesPath(word) || option === undefined || operand?.startsWith('/') !== true) return texts;
  return texts.length === 1 ? [option.name + root + operand] : [option.name, root + operand];
}
