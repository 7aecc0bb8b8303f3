import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../base/clock.ts';
import { AnswerMemory } from './answer-memory.ts';
import { Doubt } from './doubt.ts';
import { DirectoryEntry } from './file-entry.ts';
import { FileTree } from './file-tree.ts';
import type { FileStat, Reader } from './reader.ts';

interface Node {
  readonly ino: number;
  readonly kind: 'file' | 'directory' | 'pipe' | 'unreadable';
  text: string;
  changedMs: number;
}

/** Files in memory, under a clock that is set; stamps are those of its last tick. */
class World implements Reader, Clock {
  nowMs = 1_000_000_003;
  tickMs = 4;
  calls = 0;
  unlisted = false;
  /** Happens once, after the next look. */
  afterLook: (() => void) | undefined;
  afterRead: (() => void) | undefined;
  readonly links = new Set<string>();
  readonly #nodes = new Map<string, Node>();
  #lastIno = 1;

  constructor() {
    this.#put('/', 'directory', '');
    this.#put('/d', 'directory', '');
    this.wait();
  }
  wait(ms = 10_000): void {
    this.nowMs += ms;
  }
  wallMs(): number {
    return this.nowMs;
  }
  monotonicMs(): number {
    return this.nowMs;
  }
  write(path: string, text: string): void {
    const node = this.#nodes.get(path);
    if (node === undefined) return this.#put(path, 'file', text);
    node.text = text;
    node.changedMs = this.#stamp();
  }
  make(path: string, kind: Node['kind'] = 'directory'): void {
    this.#put(path, kind, '');
  }
  remove(path: string): void {
    for (const name of this.#nodes.keys())
      if (name === path || name.startsWith(`${path}/`)) this.#nodes.delete(name);
    this.#touchParent(path);
  }
  stat(path: string): FileStat | undefined {
    const stat = this.#stat(path);
    const act = this.afterLook;
    this.afterLook = undefined;
    act?.();
    return stat;
  }
  #stat(path: string): FileStat | undefined {
    this.calls++;
    const node = this.#nodes.get(path.length > 1 ? path.replace(/\/$/, '') : path);
    if (node === undefined) return undefined;
    return {
      dev: 1,
      ino: node.ino,
      size: node.text.length,
      mtimeMs: node.changedMs,
      ctimeMs: node.changedMs,
      isFile: () => node.kind === 'file' || node.kind === 'unreadable',
      isDirectory: () => node.kind === 'directory',
    };
  }
  read(path: string): { bytes: Uint8Array; stat: FileStat } | undefined {
    const stat = this.stat(path);
    const node = this.#nodes.get(path);
    if (stat === undefined || node?.kind !== 'file') return undefined;
    const bytes = Buffer.from(node.text);
    const act = this.afterRead;
    this.afterRead = undefined;
    act?.();
    return { bytes, stat };
  }
  names(path: string): readonly string[] | undefined {
    this.calls++;
    if (this.unlisted) return undefined;
    const prefix = path === '/' ? '/' : `${path}/`;
    return [...this.#nodes.keys(), ...this.links]
      .filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'))
      .map((name) => name.slice(prefix.length));
  }
  link(path: string): string | undefined {
    return this.links.has(path) ? 'elsewhere' : undefined;
  }
  realName(path: string): string {
    return path;
  }
  #stamp(): number {
    return Math.floor(this.nowMs / this.tickMs) * this.tickMs;
  }
  #put(path: string, kind: Node['kind'], text: string): void {
    this.#nodes.set(path, { ino: ++this.#lastIno, kind, text, changedMs: this.#stamp() });
    this.#touchParent(path);
  }
  #touchParent(path: string): void {
    const parent = this.#nodes.get(path.slice(0, path.lastIndexOf('/')) || '/');
    if (parent !== undefined) parent.changedMs = this.#stamp();
  }
}

const NO_CLOSURE = {
  files: [],
  unread: new Set<never>(),
  searchDirectories: [],
  builtinDirectories: [],
  preincluded: [],
  marks: new Set<never>(),
};
const NOTHING_WALKED = {
  files: [],
  unread: new Set<never>(),
  missing: [],
  directories: [],
  marks: new Set<never>(),
  standsOnIdentity: false,
};

function bench(): { world: World; tree: FileTree; directory: DirectoryEntry } {
  const world = new World();
  const tree = new FileTree(world, world);
  const directory = tree.findDirectory('/d');
  assert(directory instanceof DirectoryEntry);
  return { world, tree, directory };
}

function textOf(tree: FileTree, directory: DirectoryEntry, name: string): string | undefined {
  tree.openPass();
  const { file } = tree.find(directory, name);
  return file && Buffer.from(file.content.bytes).toString();
}

test('FileTree sees files come, change and go', () => {
  const { world, tree, directory } = bench();
  assert.equal(textOf(tree, directory, 'a.h'), undefined);
  for (const waitMs of [0, 1, 100, 10_000]) {
    for (const text of ['1', '2', '3']) {
      world.write('/d/a.h', text);
      assert.equal(textOf(tree, directory, 'a.h'), text, `after ${waitMs} ms`);
      world.wait(waitMs);
    }
    world.remove('/d/a.h');
    assert.equal(textOf(tree, directory, 'a.h'), undefined);
    world.wait(waitMs);
  }
});

test('FileTree sees what a change means, whatever came between', () => {
  const { world, tree, directory } = bench();
  const scan = (): number => {
    tree.openPass();
    const { file } = tree.find(directory, 'a.h');
    assert(file !== undefined);
    return file.generation;
  };
  world.write('/d/a.h', '#include <b.h>\n');
  const before = scan();
  const { file } = tree.find(directory, 'a.h');
  file?.content.scannedAs({ hasRawStrings: false, hasDigitSeparators: false, hasTrigraphs: false });
  for (const text of ['#include <b.h>\n', '#include <b.h>\nint x;\n']) {
    world.wait();
    world.write('/d/a.h', text);
    assert.equal(scan(), before, text);
  }
  world.wait();
  world.write('/d/a.h', '#include <c.h>\n');
  assert.notEqual(scan(), before);
});

test('FileTree sees a change within one tick, on a coarse file system too, and with a clock gone back', () => {
  for (const tickMs of [4, 1000, 2000]) {
    const { world, tree, directory } = bench();
    world.tickMs = tickMs;
    world.nowMs = 2_000_000_000;
    world.write('/d/a.h', '1');
    assert.equal(textOf(tree, directory, 'a.h'), '1');
    world.wait(tickMs - 1);
    world.write('/d/a.h', '2');
    assert.equal(textOf(tree, directory, 'a.h'), '2', `tick of ${tickMs} ms`);
    assert.equal(textOf(tree, directory, 'b.h'), undefined);
    world.write('/d/b.h', '3');
    assert.equal(textOf(tree, directory, 'b.h'), '3', `tick of ${tickMs} ms`);
    world.nowMs -= 1_000_000;
    world.write('/d/a.h', '4');
    assert.equal(textOf(tree, directory, 'a.h'), '4');
  }
});

test('FileTree sees a change within one tick, though long passes between a look and what comes of it', () => {
  const { world, tree, directory } = bench();
  world.wait(1);
  world.write('/d/a.h', '1');
  world.afterRead = () => {
    world.write('/d/a.h', '2');
    world.wait();
  };
  assert.equal(textOf(tree, directory, 'a.h'), '1');
  assert.equal(textOf(tree, directory, 'a.h'), '2');
});

test('FileTree looks once in a pass, and as little as it must later', () => {
  const { world, tree, directory } = bench();
  world.write('/d/a.h', '1');
  world.wait();
  textOf(tree, directory, 'a.h');
  textOf(tree, directory, 'none.h');
  world.calls = 0;
  assert(tree.find(directory, 'a.h').file !== undefined);
  assert(tree.find(directory, 'none.h').file === undefined);
  assert.equal(world.calls, 1, 'a.h was looked at in an earlier pass only');
  for (let times = 0; times < 5; times++) tree.find(directory, 'a.h');
  assert.equal(world.calls, 1);
  tree.openPass();
  tree.find(directory, 'a.h');
  tree.find(directory, 'none.h');
  assert.equal(world.calls, 3);
});

test('FileTree knows a file as of no earlier than where it is not: what has moved is read as it is now', () => {
  for (const cover of ['/d/early/a.h', '/d/early']) {
    const { world, tree, directory } = bench();
    const textNow = (name: string): string | undefined => {
      const { file } = tree.find(directory, name);
      return file && Buffer.from(file.content.bytes).toString();
    };
    for (const name of ['early', 'late']) world.make(`/d/${name}`);
    for (const name of ['early', 'late']) world.write(`/d/${name}/a.h`, name);
    world.wait();
    tree.openPass();
    assert.deepEqual(['early/a.h', 'late/a.h'].map(textNow), ['early', 'late']);
    world.wait();
    tree.openPass();
    assert.equal(textNow('late/a.h'), 'late');
    world.write('/d/late/a.h', 'moved');
    world.remove(cover);
    assert.deepEqual(['early/a.h', 'late/a.h'].map(textNow), [undefined, 'moved'], cover);
  }
});

test('AnswerMemory forgets an answer whose header has moved while it was asked', () => {
  const { world, tree } = bench();
  for (const name of ['early', 'late']) world.make(`/d/${name}`);
  world.write('/d/late/a.h', '#include <b.h>');
  world.wait();
  const early = tree.findDirectory('/d/early');
  assert(early instanceof DirectoryEntry);
  assert.equal(tree.find(early, 'a.h').file, undefined);
  const { file } = tree.findFile('/d/late/a.h');
  assert(file !== undefined);
  file.content.scannedAs({ hasRawStrings: false, hasDigitSeparators: false, hasTrigraphs: false });
  const memory = new AnswerMemory();
  const closure = { ...NO_CLOSURE, files: [file.readAs('a.h')] };
  memory.remember('key', closure, { ...NOTHING_WALKED, directories: [early, file.directory] });
  tree.openPass();
  assert.equal(memory.find('key', tree), closure);
  world.wait();
  world.write('/d/early/a.h', '#include <c.h>');
  tree.openPass();
  world.afterLook = () => {
    world.write('/d/late/a.h', '#include <d.h>');
    world.remove('/d/early/a.h');
  };
  assert.equal(memory.find('key', tree), undefined);
});

test('FileTree keeps a generation until what is there means something else', () => {
  const { world, tree, directory } = bench();
  world.write('/d/a.h', '#include <x.h>');
  world.wait();
  tree.openPass();
  const { file } = tree.find(directory, 'a.h');
  assert(file !== undefined);
  tree.find(directory, 'none.h');
  file.content.scannedAs({ hasRawStrings: false, hasDigitSeparators: false, hasTrigraphs: false });
  const before = [file.generation, directory.generation];
  const refresh = (): number[] => {
    tree.openPass();
    tree.refreshFile(file);
    tree.refreshDirectory(directory);
    return [file.generation, directory.generation];
  };
  world.write('/d/a.h', '#include <x.h>\nint x;');
  world.write('/d/other.h', '');
  assert.deepEqual(refresh(), before);
  assert.equal(Buffer.from(file.content.bytes).toString(), '#include <x.h>\nint x;');
  world.write('/d/a.h', '#include <y.h>');
  const edited = refresh();
  assert.notEqual(edited[0], before[0]);
  world.write('/d/none.h', '');
  assert.notEqual(refresh()[1], edited[1]);
  world.remove('/d/a.h');
  const gone = refresh();
  assert.notEqual(gone[0], edited[0]);
  world.write('/d/a.h', '#include <y.h>');
  assert.notEqual(refresh()[0], gone[0]);
});

test('FileTree sees directories come, go and be replaced', () => {
  const { world, tree, directory } = bench();
  assert.equal(textOf(tree, directory, 'sub/a.h'), undefined);
  world.make('/d/sub');
  assert.equal(textOf(tree, directory, 'sub/a.h'), undefined);
  world.write('/d/sub/a.h', '1');
  world.wait();
  assert.equal(textOf(tree, directory, 'sub/a.h'), '1');
  assert.equal(textOf(tree, directory, 'sub/b.h'), undefined);
  world.remove('/d/sub');
  assert.equal(textOf(tree, directory, 'sub/a.h'), undefined);
  world.make('/d/sub');
  world.write('/d/sub/b.h', '2');
  world.wait();
  assert.equal(textOf(tree, directory, 'sub/b.h'), '2');
  world.remove('/d');
  assert.equal(textOf(tree, directory, 'sub/b.h'), undefined);
  world.make('/d');
  world.make('/d/sub');
  world.write('/d/sub/b.h', '3');
  assert.equal(textOf(tree, directory, 'sub/b.h'), '3');
});

test('FileTree concludes nothing from names that it cannot list', () => {
  const { world, tree, directory } = bench();
  world.unlisted = true;
  assert.equal(textOf(tree, directory, 'a.h'), undefined);
  world.wait();
  world.write('/d/a.h', '1');
  assert.equal(textOf(tree, directory, 'a.h'), '1');
  assert.equal(tree.mayHavePrecompiled(directory), true);
});

test('FileTree doubts what is neither there nor not', () => {
  for (const kind of ['pipe', 'unreadable'] as const) {
    const { world, tree, directory } = bench();
    assert.equal(textOf(tree, directory, 'a.h'), undefined);
    world.make('/d/a.h', kind);
    for (const waitMs of [0, 10_000]) {
      world.wait(waitMs);
      assert.throws(() => textOf(tree, directory, 'a.h'), Doubt, kind);
    }
  }
  const { world, tree, directory } = bench();
  for (const name of ['a\0b', 'a/'.repeat(3000)]) assert.throws(() => tree.find(directory, name), Doubt);
  world.make('/d/dir.h');
  assert.equal(textOf(tree, directory, 'dir.h'), undefined, 'a directory is no header');
});

test('FileTree sees precompiled headers come and go', () => {
  const { world, tree, directory } = bench();
  const look = (): boolean => {
    tree.openPass();
    return tree.mayHavePrecompiled(directory);
  };
  assert.equal(look(), false);
  const before = directory.generation;
  world.write('/d/a.h.gch', '');
  assert.equal(look(), true);
  assert.notEqual(directory.generation, before);
  world.remove('/d/a.h.gch');
  assert.equal(look(), false);
});
