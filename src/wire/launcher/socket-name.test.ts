import assert from 'node:assert/strict';
import { test } from 'node:test';

import { socketName } from './socket-name.ts';

const WORLD = {
  uid: 1000,
  gid: 100,
  rootDevice: 2049n,
  rootInode: 2n,
  mountNamespace: 4_026_531_841n,
  buildId: '0123abcd',
  distccDir: '/home/ä/.distcc',
};

test('socketName() is FNV-1a over the world', () => {
  assert.equal(socketName(WORLD), '87ee606879cb92f3');
});

test('socketName() differs with each part of the world', () => {
  const others = [
    { uid: 1001 },
    { gid: 101 },
    { rootDevice: 2050n },
    { rootInode: 3n },
    { mountNamespace: 0n },
    { buildId: '0123abce' },
    { distccDir: '/home/ä/.distcc2' },
  ];
  const names = [WORLD, ...others.map((other) => ({ ...WORLD, ...other }))].map(socketName);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[0-9a-f]{16}$/);
});
