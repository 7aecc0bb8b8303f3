import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HostList } from './host.ts';
import { formatHosts } from './format.ts';
import { countSlots, keyOf } from './host.ts';
import { parseHosts } from './parse.ts';

function parse(text: string): HostList {
  const result = parseHosts(text);
  assert.ok(result.ok, result.ok ? '' : result.error.message);
  return result.value;
}

const REMOTE = { limit: 4, isCompressed: false, preprocessesThere: false, isDown: false };

test('parseHosts() reads each form of a host', () => {
  const cases: readonly [string, object][] = [
    ['localhost', { kind: 'local', limit: 2 }],
    ['localhost/8', { kind: 'local', limit: 8 }],
    ['a', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632 }],
    ['a/7', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, limit: 7 }],
    ['a:99', { ...REMOTE, kind: 'tcp', host: 'a', port: 99 }],
    ['a/7:99', { ...REMOTE, kind: 'tcp', host: 'a', port: 99, limit: 7 }],
    ['a:99/7', { ...REMOTE, kind: 'tcp', host: 'a', port: 99, limit: 7 }],
    ['127.0.0.1', { ...REMOTE, kind: 'tcp', host: '127.0.0.1', port: 3632 }],
    ['localhost:3632', { ...REMOTE, kind: 'tcp', host: 'localhost', port: 3632 }],
    ['localhost,lzo', { ...REMOTE, kind: 'tcp', host: 'localhost', port: 3632, isCompressed: true }],
    ['[::1]', { ...REMOTE, kind: 'tcp', host: '::1', port: 3632 }],
    ['[fe80::1%eth0]/2:99', { ...REMOTE, kind: 'tcp', host: 'fe80::1%eth0', port: 99, limit: 2 }],
    [
      'a,cpp,lzo',
      { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, isCompressed: true, preprocessesThere: true },
    ],
    ['a,down', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, isDown: true }],
    ['a,auth', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, authentication: '' }],
    ['a,auth=b.c', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, authentication: 'b.c' }],
    ['@a', { ...REMOTE, kind: 'ssh', host: 'a' }],
    ['u@a/3', { ...REMOTE, kind: 'ssh', user: 'u', host: 'a', limit: 3 }],
    ['@a:/opt/distccd', { ...REMOTE, kind: 'ssh', host: 'a', command: '/opt/distccd' }],
    [
      'u@a/3:x/y:z,lzo',
      { ...REMOTE, kind: 'ssh', user: 'u', host: 'a', limit: 3, command: 'x/y:z', isCompressed: true },
    ],
  ];
  for (const [token, host] of cases) assert.deepEqual(parse(token).hosts, [{ ...host, token }], token);
});

test('parseHosts() reads what counts for the whole list', () => {
  assert.deepEqual(parse(' \n# nothing\n'), {
    hosts: [],
    isRandomized: false,
    localSlots: 4,
    localPreprocessorSlots: 8,
  });
  const list = parse('--randomize a#b --localslots=1\n--localslots_cpp/30 c\r\n+zeroconf\fd\te');
  assert.deepEqual(
    list.hosts.map(({ token }) => token),
    ['a', 'c', 'd', 'e'],
  );
  assert.equal(list.isRandomized, true);
  assert.equal(list.localSlots, 4, 'the other one stands in a comment');
  assert.equal(list.localPreprocessorSlots, 30);
  assert.equal(list.zeroconfIndex, 2);
});

test('parseHosts() names the entry that is wrong, and what to write', () => {
  const cases: readonly [string, RegExp][] = [
    ['h/0', /from 1/],
    ['h/x', /from 1/],
    ['h/4xyz', /from 1/],
    ['h/', /from 1/],
    ['h/99999999', /from 1/],
    ['h/2:3/4', /two limits/],
    ['h:', /port/],
    ['h:0', /port/],
    ['h:65536', /port/],
    ['h:ssh', /port/],
    ['::1', /\[::1\]/],
    ['fe80::1:3632', /brackets/],
    ['[::1', /IPv6/],
    ['[x]', /IPv6/],
    ['[::1]x', /too much/],
    ['h,lz', /lzo, cpp, down/],
    ['h,', /no option/],
    ['h,auth=', /no option/],
    ['h,cpp', /,lzo,cpp/],
    [',lzo', /missing/],
    [':3632', /missing/],
    ['@', /missing/],
    ['u@', /missing/],
    ['@h:', /empty/],
    ['@-oProxyCommand=x', /no name/],
    ['@h/x', /from 1/],
    ['--localslots=0', /from 1/],
    ['--localslots', /--localslots=N/],
    ['--localslot=3', /--localslots=N/],
    ['--randomise', /--randomize/],
    ['-j4', /--randomize/],
    ['h!', /no name/],
  ];
  for (const [token, message] of cases) {
    const result = parseHosts(`good ${token} better`);
    assert.equal(result.ok, false, token);
    assert.equal(result.error.token, token);
    assert.match(result.error.message, message, token);
    assert.ok(result.error.message.includes(JSON.stringify(token)), result.error.message);
  }
});

test('parseHosts() refuses a list of more than 1 MiB', () => {
  assert.equal(parseHosts('h '.repeat(600_000)).ok, false);
});

test('parseHosts() never throws, and formatHosts() writes what it read', () => {
  const pieces = fc.constantFrom(
    'a',
    'localhost',
    '/',
    '4',
    ':',
    '3632',
    '@',
    ',lzo',
    ',cpp',
    ',down',
    ',auth',
    '=x',
    '[::1]',
    ' ',
    '#',
    '\n',
    '--localslots=3',
    '--randomize',
    '+zeroconf',
    '-',
    'ü',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join('')),
      ),
      (text) => {
        const result = parseHosts(text);
        if (!result.ok) return;
        const again = parseHosts(formatHosts(result.value));
        assert.ok(again.ok, formatHosts(result.value));
        const bare = (list: HostList) => ({
          ...list,
          hosts: list.hosts.map((host) => ({ ...host, token: '' })),
        });
        assert.deepEqual(bare(again.value), bare(result.value));
      },
    ),
    { numRuns: 5000, seed: 1 },
  );
});

test('countSlots() sums the limits of all hosts', () => {
  assert.equal(countSlots(parse('a/3 localhost b,lzo,cpp @s/2:x')), 11);
});

test('keyOf() is the same for the same place', () => {
  const keys = parse('a a/9,lzo a:3632 [a::b] u@s v@s:x localhost').hosts.map((host) => keyOf(host));
  assert.deepEqual(new Set(keys), new Set(['tcp:a:3632', 'tcp:a::b:3632', 'ssh:s', 'localhost']));
});
