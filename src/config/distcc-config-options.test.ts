import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DISTCC_CONFIG_OPTIONS,
  formatDistccConfigHelp,
  parseDistccConfigOptions,
} from './distcc-config-options.ts';

const GOOD: readonly (readonly [
  argv: readonly string[],
  command: string,
  words: readonly string[],
  prefix?: string,
])[] = [
  [['--get-hosts'], 'get-hosts', []],
  [['--set-hosts', 'a b,lzo'], 'set-hosts', ['a b,lzo']],
  [['--set-hosts=a b'], 'set-hosts', ['a b']],
  [['--set-hosts', '--randomize', 'a'], 'set-hosts', ['--randomize', 'a']],
  [['--get-env'], 'get-env', []],
  [['--get-env', 'DISTCC_SSH'], 'get-env', ['DISTCC_SSH']],
  [['--set-env', 'DISTCC_SSH', 'ssh -p 1'], 'set-env', ['DISTCC_SSH', 'ssh -p 1']],
  [['--set-env', 'X', ''], 'set-env', ['X', '']],
  [['--set-verbose', '1'], 'set-verbose', ['1']],
  [['--set-log', '/var/log/x'], 'set-log', ['/var/log/x']],
  [['--prefix=/a', '--install'], 'install', [], '/a'],
  [['--prefix', '/a', '--set-hosts=b'], 'set-hosts', ['b'], '/a'],
  [['--update-masquerade-with-crossdev'], 'update-masquerade-with-crossdev', []],
];

test('parseDistccConfigOptions() reads one command and its words', () => {
  for (const [argv, command, words, prefix = ''] of GOOD)
    assert.deepEqual(parseDistccConfigOptions(argv), { ok: true, value: { command, words, prefix } });
});

test('parseDistccConfigOptions() takes nothing else', () => {
  for (const argv of [
    [],
    ['get-hosts'],
    ['--no-such'],
    ['--update-masquerade-with-cc32_64'],
    ['--generate-cmdlist'],
    ['--set-hosts'],
    ['--get-hosts', 'a'],
    ['--set-env', 'X'],
    ['--set-env', 'X', 'a', 'b'],
    ['--get-env', 'X', 'Y'],
    ['--set-verbose', '2'],
    ['--prefix'],
    ['--prefix', '/a'],
    ['--prefix=', '--install'],
    ['--prefix=/a', '--prefix=/b', '--install'],
  ])
    assert.equal(parseDistccConfigOptions(argv).ok, false, argv.join(' '));
});

test('formatDistccConfigHelp() shows each option', () => {
  for (const { name } of DISTCC_CONFIG_OPTIONS) assert(formatDistccConfigHelp().includes(`--${name}`), name);
});
