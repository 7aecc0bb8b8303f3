import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealNames, type RealName } from './real-names.ts';

const LINKS: Readonly<Record<string, string>> = {
  '/w/link': 'real',
  '/w/away': '/other/place',
  '/w/up': '../other',
  '/w/chain': 'link',
  '/w/real/deep': '../link/x',
  '/w/self': 'self',
  '/w/one': 'two',
  '/w/two': 'one/x',
  '/root': '/',
};

function find(path: string, links = LINKS): RealName {
  return new RealNames((name) => links[name]).find(path);
}

const CASES: readonly (readonly [path: string, name: string, links: string, passed: string])[] = [
  ['/', '/', '', ''],
  ['/w/a.c', '/w/a.c', '', ''],
  ['/w/./a.c', '/w/a.c', '', ''],
  ['/w//a.c', '/w/a.c', '', ''],
  ['/w/d/../a.c', '/w/a.c', '', '/w/d'],
  ['/../a.c', '/a.c', '', '/'],
  ['/w/link/h.h', '/w/real/h.h', '/w/link>/w/real', ''],
  ['/w/away/h.h', '/other/place/h.h', '/w/away>/other/place', ''],
  ['/w/up/h.h', '/other/h.h', '/w/up>/other', ''],
  ['/w/chain/h.h', '/w/real/h.h', '/w/chain>/w/real', ''],
  ['/w/link/deep', '/w/real/x', '/w/link>/w/real /w/real/deep>/w/real/x', ''],
  ['/root/w/link/h.h', '/w/real/h.h', '/root>/ /w/link>/w/real', ''],
  // `..` leads up from where the link leads to.
  ['/w/away/../h.h', '/other/h.h', '/w/away>/other/place', '/other/place'],
];

for (const [path, name, links, passed] of CASES) {
  test(`RealNames: ${path} is ${name}`, () => {
    const found = find(path);
    assert.equal(found.name, name);
    assert.equal(found.links.map((link) => `${link.name}>${link.target}`).join(' '), links);
    assert.equal(found.passed.join(' '), passed);
  });
}

test('RealNames.find() throws where links lead in a circle', () => {
  for (const path of ['/w/self', '/w/self/h.h', '/w/one', '/w/two/h.h'])
    assert.throws(() => find(path), RangeError, path);
});

test('RealNames looks once at each name, until it is told to forget', () => {
  const links = new Map([['/w/link', 'one']]);
  const looks: string[] = [];
  const names = new RealNames((name) => {
    looks.push(name);
    return links.get(name);
  });
  for (const path of ['/w/link/a.h', '/w/link/b.h', '/w/link/a.h']) names.find(path);
  assert.deepEqual(looks, ['/w', '/w/link', '/w/one', '/w/one/a.h', '/w/one/b.h']);
  links.set('/w/link', 'two');
  assert.equal(names.find('/w/link/a.h').name, '/w/one/a.h');
  names.clear();
  assert.equal(names.find('/w/link/a.h').name, '/w/two/a.h');
});
