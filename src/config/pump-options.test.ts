import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPumpHelp, parsePumpOptions, PUMP_VARIABLES, readPumpSettings } from './pump-options.ts';

test('parsePumpOptions() takes the first word for a command, whatever follows', () => {
  for (const argv of [['make'], ['make', '--startup'], ['./a b', '--help'], ['CC=gcc']])
    assert.deepEqual(parsePumpOptions(argv), { ok: true, value: 'run' });
});

test('parsePumpOptions() knows its options, and helps who says nothing', () => {
  for (const [argv, value] of [
    [[], 'help'],
    [[''], 'help'],
    [['-h'], 'help'],
    [['--help'], 'help'],
    [['--version'], 'version'],
    [['--startup'], 'startup'],
    [['--shutdown'], 'shutdown'],
  ] as const)
    assert.deepEqual(parsePumpOptions(argv), { ok: true, value }, argv.join(' '));
});

test('parsePumpOptions() refuses what could be no command', () => {
  for (const argv of [
    ['--foo'],
    ['-'],
    ['--', 'make'],
    ['--startup', 'make'],
    ['--startup', '--shutdown'],
    ['-x'],
  ])
    assert.equal(parsePumpOptions(argv).ok, false, argv.join(' '));
});

test('readPumpSettings() parts words as a shell does, and takes nothing for what is empty', () => {
  assert.deepEqual(readPumpSettings(new Map()), {
    location: undefined,
    potentialHosts: [],
    lsdistccWords: [],
    temporaryDirectory: '/tmp',
    hasServerArguments: false,
  });
  const environment = new Map(Object.keys(PUMP_VARIABLES).map((name) => [name, '']));
  assert.deepEqual(readPumpSettings(environment), readPumpSettings(new Map()));
  const { potentialHosts, lsdistccWords } = readPumpSettings(
    new Map([
      ['DISTCC_POTENTIAL_HOSTS', ' a\n  b\t[::1] '],
      ['LSDISTCC_ARGS', '-r3633 -x'],
    ]),
  );
  assert.deepEqual(
    [potentialHosts, lsdistccWords],
    [
      ['a', 'b', '[::1]'],
      ['-r3633', '-x'],
    ],
  );
});

test('formatPumpHelp() has all options and variables', () => {
  const text = formatPumpHelp();
  for (const name of ['--startup', '--shutdown', ...Object.keys(PUMP_VARIABLES)])
    assert.match(text, new RegExp(name));
});
