import assert from 'node:assert/strict';
import { test } from 'node:test';

import { networkMatcher, parseNetwork, PRIVATE_NETWORKS } from './network.ts';
import type { Network } from './network.ts';

function network(text: string): Network {
  const parsed = parseNetwork(text);
  assert.ok(parsed, text);
  return parsed;
}

test('parseNetwork() reads addresses and networks', () => {
  assert.deepEqual(network('10.1.2.3'), { address: '10.1.2.3', prefixBits: 32 });
  assert.deepEqual(network('10.1.2.3/8'), { address: '10.1.2.3', prefixBits: 8 });
  assert.deepEqual(network('0.0.0.0/0'), { address: '0.0.0.0', prefixBits: 0 });
  assert.deepEqual(network('fe80::/10'), { address: 'fe80::', prefixBits: 10 });
  assert.deepEqual(network('::1'), { address: '::1', prefixBits: 128 });
});

test('parseNetwork() knows IPv4 in IPv6, however it is written', () => {
  assert.deepEqual(network('::ffff:10.0.0.0/104'), { address: '10.0.0.0', prefixBits: 8 });
  assert.deepEqual(network('0:0:0:0:0:FFFF:a00:1'), { address: '10.0.0.1', prefixBits: 32 });
  assert.deepEqual(network('::ffff:0:0/96'), { address: '0.0.0.0', prefixBits: 0 });
  assert.deepEqual(network('::/0'), { address: '::', prefixBits: 0 });
  assert.equal(networkMatcher([network('::ffff:10.0.0.0/104')])('::ffff:10.9.9.9'), true);
});

test('parseNetwork() reads nothing else', () => {
  const texts = [
    '',
    '/',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::/129',
    'x',
  ];
  for (const text of [...texts, '10.0.0.0/x', '256.0.0.1', 'fe80::%lo/10', '10.0.0.0 /8', '010.0.0.1x']) {
    assert.equal(parseNetwork(text), undefined, text);
  }
});

test('networkMatcher() compares the bits that count', () => {
  const matches = networkMatcher([
    network('10.1.2.3/8'),
    network('192.168.7.0/24'),
    network('2001:db8::/33'),
  ]);
  for (const inside of ['10.0.0.0', '10.255.255.255', '192.168.7.9', '2001:db8:7fff::1', '::ffff:10.9.9.9']) {
    assert.equal(matches(inside), true, inside);
  }
  for (const outside of ['11.0.0.0', '192.168.8.1', '2001:db8:8000::1', '::ffff:11.0.0.1', '::1', '', 'x']) {
    assert.equal(matches(outside), false, outside);
  }
});

test('networkMatcher() lets /0 match its own family only', () => {
  const matches = networkMatcher([network('0.0.0.0/0')]);
  assert.equal(matches('203.0.113.9'), true);
  assert.equal(matches('::ffff:203.0.113.9'), true);
  assert.equal(matches('2001:db8::1'), false);
});

test('networkMatcher() matches nothing without networks', () => {
  assert.equal(networkMatcher([])('127.0.0.1'), false);
});

test('PRIVATE_NETWORKS holds the private networks and no others', () => {
  const matches = networkMatcher(PRIVATE_NETWORKS);
  const inside = ['192.168.0.1', '10.0.0.1', '172.16.0.1', '172.31.255.255', '127.0.0.1', '127.1.1.1'];
  for (const address of [...inside, '::1', 'fe80::1', 'fe80::1%eth0', 'fd00::1', '::ffff:192.168.1.1']) {
    assert.equal(matches(address), true, address);
  }
  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '172.15.0.1',
    '192.169.0.1',
    '2001:db8::1',
    '::2',
    '::ffff:8.8.8.8',
  ]) {
    assert.equal(matches(address), false, address);
  }
});
