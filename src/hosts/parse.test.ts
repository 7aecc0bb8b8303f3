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

const REMOTE = { limit: 4, isCompressed: false, preprocessesThere: false, mayBeNative: true, isDown: false };

test('parseHosts() reads each form of a host', () => {
  const cases: readonly [string, object][] = [
    ['localhost', { kind: 'local', limit: 2 }],
    ['localhost/8', { kind: 'local', limit: 8 }],
    ['localhost/8,lzo', { kind: 'local', limit: 8 }],
    ['localhost/8:3632', { kind: 'local', limit: 8 }],
    ['a', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632 }],
    ['a/7', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, limit: 7 }],
    ['a:99', { ...REMOTE, kind: 'tcp', host: 'a', port: 99 }],
    ['a/7:99', { ...REMOTE, kind: 'tcp', host: 'a', port: 99, limit: 7 }],
    ['a/7:99/8', { ...REMOTE, kind: 'tcp', host: 'a', port: 99, limit: 8 }],
    ['a/99999', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, limit: 10_000 }],
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
    ['a,nonative', { ...REMOTE, kind: 'tcp', host: 'a', port: 3632, mayBeNative: false }],
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

const SERVER = {
  kind: 'reapi',
  limit: 4,
  isDown: false,
  port: 3632,
  instance: '',
  hasHeaders: false,
  platform: new Map(),
};

test('parseHosts() reads servers of the Remote Execution API', () => {
  const cases: readonly [string, object][] = [
    ['grpc://a', { ...SERVER, host: 'a' }],
    ['grpc://[::1]:50051/64', { ...SERVER, host: '::1', port: 50_051, limit: 64 }],
    ['grpc://a/7,down', { ...SERVER, host: 'a', limit: 7, isDown: true }],
    ['grpc://a?instance=main/x', { ...SERVER, host: 'a', instance: 'main/x' }],
    ['grpc://a?headers=image', { ...SERVER, host: 'a', hasHeaders: true }],
    [
      'grpc://a:8980/3?OSFamily=linux&headers=sent&container-image=docker://gcc%2C12@sha256:0a=',
      {
        ...SERVER,
        host: 'a',
        port: 8980,
        limit: 3,
        platform: new Map([
          ['OSFamily', 'linux'],
          ['container-image', 'docker://gcc,12@sha256:0a='],
        ]),
      },
    ],
  ];
  for (const [token, host] of cases) assert.deepEqual(parse(token).hosts, [{ ...host, token }], token);
});

test('parseHosts() reads what counts for the whole list', () => {
  assert.deepEqual(parse(' \n# nothing\n'), {
    hosts: [],
    isRandomized: false,
    complaints: [],
  });
  const list = parse('--randomize a#b --localslots=1\n--localslots_cpp/30 c\r\n+zeroconf\fd\te');
  assert.deepEqual(
    list.hosts.map(({ token }) => token),
    ['a', 'c', 'd', 'e'],
  );
  assert.equal(list.isRandomized, true);
  assert.equal(list.localSlots, undefined, 'the other one stands in a comment');
  assert.equal(list.localPreprocessorSlots, 30);
  assert.equal(list.zeroconfIndex, 2);
});

/** What distcc refuses the whole list for. */
test('parseHosts() names the entry that makes the list invalid, and what to write', () => {
  const cases: readonly [string, RegExp][] = [
    ['h/0', /from 1/],
    ['h/x', /from 1/],
    ['h/', /from 1/],
    ['localhost/0', /from 1/],
    ['localhost/x', /from 1/],
    ['h:', /port/],
    ['h:ssh', /port/],
    ['h:3632;', /port/],
    ['::1', /\[::1\]/],
    ['fe80::1:3632', /brackets/],
    ['[::1', /IPv6/],
    ['h,lz', /lzo, cpp, nonative, down/],
    ['grpc://h,lzo', /,down and no others/],
    ['grpc://', /name of the host is missing/],
    ['grpc://h?x', /NAME=VALUE/],
    ['grpc://h?headers=mine', /headers=image/],
    ['grpc://h?a=%zz', /percent-encoded/],
    ['h,', /no option/],
    ['h,lzo,,', /no option/],
    ['h,cpp', /,lzo,cpp/],
    [',lzo', /missing/],
    [':3632', /missing/],
    ['/4', /missing/],
    ['@', /missing/],
    ['u@', /missing/],
    ['@h/x', /from 1/],
  ];
  for (const [token, message] of cases) {
    const result = parseHosts(`good ${token} better`);
    assert.equal(result.ok, false, token);
    assert.equal(result.error.token, token);
    assert.match(result.error.message, message, token);
    assert.ok(result.error.message.includes(JSON.stringify(token)), result.error.message);
  }
});

/** What distcc goes on with, as a host that cannot be reached or with another meaning. */
test('parseHosts() passes over what is wrong where distcc goes on, and says so', () => {
  const without: readonly [string, RegExp][] = [
    ['h:0', /port/],
    ['h:65536', /port/],
    ['grpcs://h', /TLS/],
    ['h/-2', /from 1/],
    ['[x]', /no IPv6/],
    ['h!', /no name/],
    ['@-oProxyCommand=x', /no name/],
    ['@-oProxyCommand=touché', /no name/],
    ['ü\u200b', /no name/],
    ['--localslots=0', /--localslots=N/],
    ['--localslots=many', /--localslots=N/],
    ['--localslots', /--localslots=N/],
    ['--localslot=3', /--localslots=N/],
    ['--randomise', /--randomize/],
    ['-j4', /--randomize/],
    ['+zeroconf', /discovered/],
  ];
  const within: readonly [string, object, RegExp][] = [
    ['h/4xyz', { limit: 4 }, /"xyz" is too much/],
    ['h/4x:5', { limit: 4, port: 5 }, /"x" is too much/],
    ['h:5/2/3', { limit: 2, port: 5 }, /"\/3" is too much/],
    ['grpc://h:5/2/3', { limit: 2, port: 5 }, /"\/3" is too much/],
    ['[::1]x', { host: '::1' }, /"x" is too much/],
    ['h,lzox', { isCompressed: true }, /"lzox" is taken for lzo/],
    ['h,auth=', { authentication: '' }, /taken for auth/],
    ['h,auth', { authentication: '' }, /GSS-API/],
    ['@h:', { host: 'h' }, /distccd is meant/],
  ];
  for (const [token, message] of without) {
    const { hosts, complaints } = parse(`good ${token} better`);
    assert.deepEqual(
      hosts.map((host) => host.token),
      ['good', 'better'],
      token,
    );
    assert.equal(complaints.length, 1, token);
    assert.match(complaints[0] ?? '', message);
    assert.ok(complaints[0]?.includes(JSON.stringify(token)), complaints[0]);
  }
  for (const [token, part, message] of within) {
    const { hosts, complaints } = parse(`good ${token} better`);
    assert.equal(hosts.length, 3, token);
    for (const [name, value] of Object.entries(part)) {
      assert.equal(hosts[1]?.[name as keyof HostList['hosts'][number]], value, `${token}: ${name}`);
    }
    assert.match(complaints.join(), message, token);
  }
  assert.equal(parse('--randomizeX a').isRandomized, true);
  assert.equal(parse('--localslots/2x a').localSlots, 2);
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
    'grpc://',
    '?',
    '&',
    'x=%26%23%2b',
    'headers=image',
    'instance=ü',
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
          complaints: [],
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
  const [one, same, other] = parse('grpc://a?x=1 grpc://a:3632/9?x=1 grpc://a?x=2').hosts.map(keyOf);
  assert.equal(one, same);
  assert.notEqual(one, other);
});
