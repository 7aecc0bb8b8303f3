import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatLsdistccHelp,
  LSDISTCC_OPTIONS,
  parseLsdistccOptions,
  type LsdistccOptions,
} from './lsdistcc-options.ts';

function parse(...argv: readonly string[]): LsdistccOptions {
  const parsed = parseLsdistccOptions(argv);
  assert(parsed.ok, argv.join(' '));
  return parsed.value;
}

test('parseLsdistccOptions() has the defaults of the original', () => {
  assert.deepEqual(parse(), {
    action: 'list',
    showsLatency: false,
    showsAddress: false,
    showsDown: false,
    timeoutSeconds: 7,
    lookupRetryMs: 500,
    connectTimeoutMs: 900,
    compileTimeoutMs: 1500,
    matchingBits: 0,
    overlap: 1,
    gap: 0,
    port: 3632,
    protocol: 1,
    compiler: undefined,
    appendsDomain: false,
    isVerbose: false,
    words: ['distcc%d'],
  });
});

test('parseLsdistccOptions() reads each letter with its value glued on, as scripts have it', () => {
  const letters = [
    '-l',
    '-n',
    '-x',
    '-t9',
    '-h8',
    '-c7',
    '-k6',
    '-m5',
    '-o4',
    '-g3',
    '-r2',
    '-P2',
    '-pgcc-12',
    '-d',
    '-v',
  ];
  assert.deepEqual(parse(...letters, 'a', 'b'), {
    action: 'list',
    showsLatency: true,
    showsAddress: true,
    showsDown: true,
    timeoutSeconds: 9,
    lookupRetryMs: 8,
    connectTimeoutMs: 7,
    compileTimeoutMs: 6,
    matchingBits: 5,
    overlap: 4,
    gap: 3,
    port: 2,
    protocol: 2,
    compiler: 'gcc-12',
    appendsDomain: true,
    isVerbose: true,
    words: ['a', 'b'],
  });
  assert.deepEqual([parse('--help').action, parse('--version').action], ['help', 'version']);
});

test('parseLsdistccOptions() takes nothing that cannot be', () => {
  for (const argv of [
    ['-z'],
    ['-t0'],
    ['-tx'],
    ['-r0'],
    ['-r65536'],
    ['-P4'],
    ['-P0'],
    ['-m129'],
    ['-p'],
    ['-h'],
    ['-ln'],
  ])
    assert.equal(parseLsdistccOptions(argv).ok, false, argv.join(' '));
});

test('formatLsdistccHelp() shows each option', () => {
  for (const { name } of LSDISTCC_OPTIONS) assert(formatLsdistccHelp().includes(`--${name}`), name);
});
