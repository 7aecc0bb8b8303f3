import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../wire/distcc/protocol-error.ts';
import { encodeBody } from '../wire/distcc/protocol.ts';
import type { TreeEntry } from '../wire/distcc/tree.ts';
import { Tree, TreeObjection } from './tree.ts';
import { writeTree } from './tree-files.ts';

const file = (name: string, content: string): TreeEntry => ({
  kind: 'file',
  name,
  body: encodeBody(3, Buffer.from(content)),
});
const link = (name: string, target: string): TreeEntry => ({ kind: 'link', name, target });
const { signal } = new AbortController();

async function withRoot(work: (root: string) => Promise<void> | void): Promise<void> {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'manyhands-tree-')));
  try {
    await work(path.join(home, 'root'));
  } finally {
    rmSync(home, { recursive: true });
  }
}

test('writeTree() makes files, directories and links', async () => {
  await withRoot(async (root) => {
    const climb = `${'../'.repeat(25)}usr/include`;
    const entries = [
      file('/w/a.c', 'int x;\n'),
      file('/w/e.h', ''),
      link('/w/relative', 'a.c'),
      link('/w/absolute', '/w/a.c'),
      link('/usr/include', climb),
    ];
    await writeTree(new Tree(entries, '/w/build'), { root, maxBytes: 100, signal });
    assert.equal(readFileSync(`${root}/w/a.c`, 'latin1'), 'int x;\n');
    assert.equal(readFileSync(`${root}/w/e.h`, 'latin1'), '');
    assert.ok(statSync(`${root}/w/build`).isDirectory());
    assert.equal(readlinkSync(`${root}/w/relative`), 'a.c');
    assert.equal(readlinkSync(`${root}/w/absolute`), `${root}/w/a.c`);
    assert.equal(readlinkSync(`${root}/usr/include`), '/usr/include');
    assert.equal(statSync(root).mode & 0o777, 0o700);
  });
});

test('writeTree() gives every file a time of its own', async () => {
  await withRoot(async (root) => {
    const names = ['/1', '/2', '/3'];
    const entries = names.map((name) => file(name, 'the same\n'));
    await writeTree(new Tree(entries, '/'), { root, maxBytes: 100, signal });
    const seconds = names.map((name) => Math.trunc(lstatSync(root + name).mtimeMs / 1000));
    assert.equal(new Set(seconds).size, 3);
  });
});

test('writeTree() takes out the line with which a client names a file, and no other', async () => {
  await withRoot(async (root) => {
    const contents = {
      '/w/named.h': '#line 1 "/w/named.h"\nint x;\n',
      '/w/other.h': '#line 1 "/w/named.h"\nint x;\n',
      '/w/second.h': '#line 2 "/w/second.h"\nint x;\n',
      '/w/short.h': '#line 1 "/w/short.h"',
    };
    const entries = Object.entries(contents).map(([name, content]) => file(name, content));
    await writeTree(new Tree(entries, '/w'), { root, maxBytes: 1000, signal });
    const expected = { ...contents, '/w/named.h': 'int x;\n' };
    for (const [name, content] of Object.entries(expected)) {
      assert.equal(readFileSync(root + name, 'latin1'), content);
    }
  });
});

test('writeTree() restores no more than it may, of one file or of all', async () => {
  const thousand = 'x'.repeat(1000);
  for (const [entries, maxBytes] of [
    [[file('/1', thousand)], 999],
    [[file('/1', thousand), file('/2', thousand), file('/3', thousand)], 2999],
  ] as const) {
    await withRoot(async (root) => {
      const tree = new Tree(entries, '/');
      await assert.rejects(writeTree(tree, { root, maxBytes, signal }), ProtocolError);
    });
    await withRoot((root) => writeTree(new Tree(entries, '/'), { root, maxBytes: 3000, signal }));
  }
});

test('no path of a tree that is taken leads out of its root', async () => {
  const component = fc.constantFrom('a', 'b', 'c', '..', '..', '.');
  const target = fc
    .tuple(fc.constantFrom('', '/'), fc.array(component, { minLength: 1, maxLength: 6 }))
    .map(([slash, components]) => slash + components.join('/'));
  const name = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map((components) => `/${components.join('/')}`);
  const entry = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name, target).map(([name, target]) => link(name, target)) },
    { weight: 1, arbitrary: name.map((name) => file(`${name}/f`, '')) },
  );
  let taken = 0;
  const property = fc.asyncProperty(
    fc.array(entry, { maxLength: 8 }),
    name,
    fc.array(target, { maxLength: 5 }),
    async (entries, directory, paths) => {
      const tree = unlessRefused(() => new Tree(entries, directory));
      if (tree === undefined) return;
      await withRoot(async (root) => {
        await writeTree(tree, { root, maxBytes: 100, signal });
        for (const { name } of tree.links) assertWithin(root, root + name);
        for (const asked of paths) {
          if (unlessRefused(() => (tree.assertInside(asked), true)) === undefined) continue;
          taken++;
          assertWithin(root, asked.startsWith('/') ? root + asked : `${root}${directory}/${asked}`);
        }
      });
    },
  );
  await fc.assert(property, { seed: 20_261_125, numRuns: 500 });
  assert.ok(taken > 150, `${taken} paths were tried`);
});

function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof TreeObjection) return undefined;
    throw error;
  }
}

/** As the kernel resolves it; not path.join(), which would take out "..". */
function assertWithin(root: string, name: string): void {
  let real: string;
  try {
    real = realpathSync.native(name);
  } catch {
    return; // it leads nowhere
  }
  assert.ok(real === root || real.startsWith(`${root}/`), `${name} is ${real}`);
}
