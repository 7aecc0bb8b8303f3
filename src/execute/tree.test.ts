import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TreeEntry } from '../wire/distcc/tree.ts';
import { Tree, TreeObjection } from './tree.ts';

const NOTHING = new Uint8Array(0);
const file = (name: string): TreeEntry => ({ kind: 'file', name, body: NOTHING });
const link = (name: string, target: string): TreeEntry => ({ kind: 'link', name, target });
const UP = '../'.repeat(25);

test('a Tree has the directories of its entries and the working directory, parents first', () => {
  const tree = new Tree([file('/w/src/a.c'), file('/w/inc/h.h'), link('/w/l', 'inc')], '/w/build/x');
  assert.deepEqual(tree.directories, ['/w', '/w/src', '/w/inc', '/w/build', '/w/build/x']);
  assert.deepEqual(
    tree.files.map(({ name }) => name),
    ['/w/src/a.c', '/w/inc/h.h'],
  );
  assert.deepEqual(tree.links, [{ name: '/w/l', target: 'inc', isSystem: false }]);
});

test('a Tree may be empty, and the working directory the root', () => {
  assert.deepEqual(new Tree([], '/').directories, []);
});

test('a placeholder of a stock client makes its directory only', () => {
  const entries = [
    file('/w/a.c'),
    file('/w/e/forcing_technique_271828'),
    file('/w/forcing_technique_271828'),
  ];
  const tree = new Tree(entries, '/w');
  assert.deepEqual(tree.directories, ['/w', '/w/e']);
  assert.equal(tree.files.length, 1);
});

const REFUSED: readonly (readonly [what: string, entries: readonly TreeEntry[], directory?: string])[] = [
  ['a relative name', [file('w/a.c')]],
  ['no name', [file('')]],
  ['the root for a file', [file('/')]],
  ['..', [file('/w/../a.c')]],
  ['.', [file('/./a.c')]],
  ['an empty component', [file('/w//a.c')]],
  ['a slash at the end', [file('/w/')]],
  ['a NUL', [file('/w/a\0.c')]],
  ['a long component', [file(`/${'x'.repeat(256)}`)]],
  ['a long name', [file(`/${'x'.repeat(200)}`.repeat(20))]],
  ['a deep name', [file('/x'.repeat(257))]],
  ['a name twice', [file('/w/a.c'), file('/w/a.c')]],
  ['a link in place of a file', [file('/w/a.c'), link('/w/a.c', 'b')]],
  ['a file in place of a link', [link('/w/a.c', 'b'), file('/w/a.c')]],
  ['a file below a file', [file('/w/a'), file('/w/a/b')]],
  ['a file where a directory is', [file('/w/a/b'), file('/w/a')]],
  ['a file below a link', [link('/w/a', 'b'), file('/w/a/b')]],
  ['a link where a directory is', [file('/w/a/b'), link('/w/a', 'b')]],
  ['a file below the worker’s headers', [link('/usr/include', `${UP}usr/include`), file('/usr/include/x.h')]],
  ['a precompiled header', [file('/w/a.h.gch')]],
  ['a directory of precompiled headers', [file('/w/a.h.gch/c')]],
  ['a link to a precompiled header', [link('/w/a.h.pch', 'x')]],
  ['a relative working directory', [], 'w'],
  ['a working directory with ..', [], '/w/../..'],
  ['a file as the working directory', [file('/w')], '/w'],
  ['a working directory below a link', [link('/w', '/v')], '/w/x'],
  ['a link without a target', [link('/l', '')]],
  ['a link to a NUL', [link('/l', 'a\0')]],
  ['a link out', [link('/w/l', '../..')]],
  ['a link out and in again', [link('/w/l', '../../w')]],
  ['a link out by a link', [link('/w/x/y/out', '/w/up/..'), link('/w/up', '/')]],
  ['a link to itself', [link('/l', 'l')]],
  ['a loop', [link('/a', 'b'), link('/b', '/c/d'), link('/c', 'a')]],
  ['a link through a link that leads out', [link('/a/b/l', '../m/../../x'), link('/a/m', '/')]],
  ['the worker’s /etc', [link('/etc', `${UP}etc`)]],
  ['a file of the worker', [link('/etc/passwd', `${UP}etc/passwd`)]],
  ['other headers than those named', [link('/usr/include', `${UP}usr/local/include`)]],
  ['headers under another name', [link('/w/i', `${UP}usr/include`)]],
  ['headers by too few steps', [link('/usr/include', '../../usr/include')]],
  ['headers and back', [link('/usr/include', `${UP}usr/include/../../etc`)]],
  [
    'a way back from the headers',
    [link('/usr/include', `${UP}usr/include`), link('/l', '/usr/include/../../etc')],
  ],
];

for (const [what, entries, directory = '/'] of REFUSED) {
  test(`a Tree is refused for ${what}`, () => {
    assert.throws(() => new Tree(entries, directory), TreeObjection);
  });
}

const TAKEN: readonly (readonly [what: string, entries: readonly TreeEntry[]])[] = [
  ['bytes of all sorts', [file('/w/\n \\\xff"$#..')]],
  ['links to links', [link('/a', 'b'), link('/b', '/c/d'), link('/c', 'e/../f'), file('/f/d')]],
  ['a link to what is not there', [link('/a', '/x/../y')]],
  ['a link to the root', [link('/a/b/c', '../..')]],
  ['a link to its own directory', [link('/a/b', '.')]],
  [
    'a link to the worker’s headers',
    [link('/usr/include', `${UP}usr/include`), link('/l', '/usr/include/sys')],
  ],
  [
    'headers of gcc',
    [link('/usr/lib/gcc/x86_64-linux-gnu/12/include', `${UP}usr/lib/gcc/x86_64-linux-gnu/12/include`)],
  ],
  [
    'headers of clang',
    [link('/usr/lib/llvm-14/lib/clang/14.0.6/include', `${UP}usr/lib/llvm-14/lib/clang/14.0.6/include`)],
  ],
  [
    'headers of a cross compiler',
    [link('/usr/aarch64-linux-gnu/include', `${UP}usr/aarch64-linux-gnu/include`)],
  ],
  ['headers of libstdc++', [link('/usr/include/c++/12', `${UP}usr/include/c++/12`)]],
];

for (const [what, entries] of TAKEN) {
  test(`a Tree is taken with ${what}`, () => {
    assert.doesNotThrow(() => new Tree(entries, '/'));
  });
}

test('Tree.assertInside() follows a path through the links', () => {
  const tree = new Tree([link('/a/b/c/short', '/x'), link('/usr/include', `${UP}usr/include`)], '/a/b/c');
  for (const path of [
    '',
    '.',
    '../../..',
    'short',
    'short/..',
    '/a/../b',
    '/usr/include/sys',
    'none/../..',
  ]) {
    assert.doesNotThrow(() => tree.assertInside(path), path);
  }
  for (const path of [
    '../../../..',
    'short/../..',
    '/..',
    '/usr/include/..',
    '/a/../../etc',
    'none/../../../../..',
  ]) {
    assert.throws(() => tree.assertInside(path), TreeObjection, path);
  }
});

test('a Tree of very many links is judged in time linear in their number', () => {
  const chain = Array.from({ length: 90_000 }, (_, index) =>
    link(`/d/${index}`, `/d/${index - (index % 30) + 29}`),
  );
  const ends = chain.filter((_, index) => index % 30 !== 29);
  const startedMs = performance.now();
  assert.equal(new Tree(ends, '/').links.length, ends.length);
  assert.ok(performance.now() - startedMs < 2_000);
  const row = Array.from({ length: 50_000 }, (_, index) => link(`/${index}`, `${index + 1}`));
  assert.throws(() => new Tree(row, '/'), TreeObjection);
  const deep = Array.from({ length: 2_000 }, (_, index) => file(`/${index}${'/x'.repeat(200)}`));
  assert.throws(() => new Tree(deep, '/'), /more than 200000/);
});
