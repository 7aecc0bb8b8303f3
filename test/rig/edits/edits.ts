/**
 * What people, editors and build tools do to a tree of headers, and what a scanner that remembers it must
 * notice: also where neither length nor date tell, and where no file is touched but a directory.
 */
import {
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { exchangeName, NAMES } from './header-text.ts';
import { MOVED_PLACES, type HeaderTree } from './header-tree.ts';

/** Says what was done, or nothing where there was nothing to do it to. */
export type Edit = (tree: HeaderTree, undo: UndoStack) => string | undefined;

/** What was moved away and has to come back, the latest first. */
export type UndoStack = (() => void)[];

/** gcc complains of it as long as it lasts. */
export const FILE_FOR_DIRECTORY = 'replace by a file';

/** What leads nowhere is nothing that can be known: its jobs are preprocessed here. */
const ODD_EDITS: readonly Edit[] = [
  onHeader('link, leading nowhere,', (tree, name) =>
    replace(tree, name, (file) => symlinkSync('nowhere.h', file)),
  ),
  onHeader('a link to a directory for', (tree, name, undo) =>
    swap(tree, name, undo, (file) => symlinkSync('.', file)),
  ),
  addLinkToNowhere,
  onPlace(FILE_FOR_DIRECTORY, (tree, place) => writeFileSync(tree.path(place), '')),
];

/** Those come more often that leave the tree as rich as it was. */
const PLAIN_EDITS: readonly Edit[] = [
  onHeader('write', (tree, name) => tree.write(name)),
  onHeader('write', (tree, name) => tree.write(name)),
  onHeader('replace', (tree, name) => replace(tree, name, (file) => writeFileSync(file, tree.read(name)))),
  onHeader('exchange a name in', exchangeIn),
  onHeader('exchange a name, with its old date, in', exchangeWithOldDate),
  onHeader('touch', (tree, name) => utimesSync(tree.path(name), new Date(), new Date())),
  onHeader('delete', (tree, name) => rmSync(tree.path(name))),
  onHeader('link', linkToGreater),
  onHeader('a directory for', (tree, name, undo) => swap(tree, name, undo, (file) => mkdirSync(file))),
  add,
  add,
  add,
  (tree) => {
    tree.writeSource();
    return 'write a source';
  },
  onPlace('rename', () => undefined),
  onPlace('rename and link', (tree, place, kept) => symlinkSync(path.basename(kept), tree.path(place))),
  onPlace('replace by a link to another', (tree, place) =>
    symlinkSync(tree.path(place === 'sys' ? 'late' : 'sys'), tree.path(place)),
  ),
  onPlace('replace by an empty one', (tree, place) => mkdirSync(tree.path(place))),
  exchangeDirectories,
  takeBack,
  takeBack,
  takeBack,
];

export const EDITS: readonly Edit[] = [...PLAIN_EDITS, ...ODD_EDITS];
export const MOSTLY_PLAIN_EDITS: readonly Edit[] = [...PLAIN_EDITS, ...PLAIN_EDITS, ...ODD_EDITS];

/** The second of two changes that the file system's clock may not tell apart: same file, length and date. */
export function changeAgain(tree: HeaderTree, name: string): void {
  exchangeIn(tree, name);
}

/** What a build writes beside headers: directories change, what is included does not. */
export function writeObject(tree: HeaderTree, number: number): void {
  const file = tree.path(`${tree.pickPlace()}/unit${number % 3}.o`);
  if (number % 2 === 0) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(`${file}.tmp`, `${number}`);
  renameSync(`${file}.tmp`, file);
}

function onHeader(what: string, act: (tree: HeaderTree, name: string, undo: UndoStack) => void): Edit {
  return (tree, undo) => {
    const name = tree.pickHeader();
    if (name === undefined) return undefined;
    act(tree, name, undo);
    return `${what} ${name}`;
  };
}

/** Only where nothing waits to come back: a place is never moved away from under it. */
function onPlace(what: string, act: (tree: HeaderTree, place: string, kept: string) => void): Edit {
  return (tree, undo) => {
    const place = tree.chance.pick(MOVED_PLACES) ?? '';
    if (undo.length > 0) return undefined;
    const kept = `${place}.kept`;
    renameSync(tree.path(place), tree.path(kept));
    act(tree, place, kept);
    undo.push(() => {
      rmSync(tree.path(place), { recursive: true, force: true });
      renameSync(tree.path(kept), tree.path(place));
    });
    return `${what} ${place}`;
  };
}

function replace(tree: HeaderTree, name: string, make: (file: string) => void): void {
  make(tree.path(`${name}.new`));
  renameSync(tree.path(`${name}.new`), tree.path(name));
}

function swap(tree: HeaderTree, name: string, undo: UndoStack, make: (file: string) => void): void {
  renameSync(tree.path(name), tree.path(`${name}.kept`));
  make(tree.path(name));
  undo.push(() => {
    rmSync(tree.path(name), { recursive: true, force: true });
    renameSync(tree.path(`${name}.kept`), tree.path(name));
  });
}

function exchangeIn(tree: HeaderTree, name: string): void {
  const text = exchangeName(tree.read(name), tree.ownName(name), tree.chance);
  writeFileSync(tree.path(name), text);
}

function exchangeWithOldDate(tree: HeaderTree, name: string): void {
  const { atime, mtime } = statSync(tree.path(name));
  exchangeIn(tree, name);
  utimesSync(tree.path(name), atime, mtime);
}

/** To one of no lesser name, so that there is still an end to including. */
function linkToGreater(tree: HeaderTree, name: string): void {
  const own = tree.ownName(name);
  const to = tree.pickHeader((other) => tree.ownName(other) >= own && !isSameFile(tree, other, name));
  if (to === undefined) return;
  const target = path.relative(path.dirname(name), to);
  replace(tree, name, (file) => symlinkSync(target, file));
}

function add(tree: HeaderTree): string | undefined {
  const name = tree.pickFree();
  if (name === undefined) return undefined;
  tree.write(name);
  return `add ${name}`;
}

function addLinkToNowhere(tree: HeaderTree): string | undefined {
  const name = tree.pickFree();
  if (name === undefined) return undefined;
  symlinkSync(
    tree.chance.pick(NAMES.filter((other) => other > path.basename(name))) ?? 'nowhere.h',
    tree.path(name),
  );
  return `add ${name}, a link to ${readlinkSync(tree.path(name))}`;
}

function exchangeDirectories(tree: HeaderTree, undo: UndoStack): string | undefined {
  if (undo.length > 0) return undefined;
  const [one, two] = ['inc/one', 'inc/two'].map((place) => tree.path(place));
  if (one === undefined || two === undefined) return undefined;
  renameSync(one, `${one}.kept`);
  renameSync(two, one);
  renameSync(`${one}.kept`, two);
  return 'exchange inc/one and inc/two';
}

function takeBack(_: HeaderTree, undo: UndoStack): string | undefined {
  const step = undo.pop();
  step?.();
  return step === undefined ? undefined : 'take back';
}

function isSameFile(tree: HeaderTree, one: string, other: string): boolean {
  const [a, b] = [statSync(tree.path(one)), statSync(tree.path(other))];
  return a.ino === b.ino;
}
