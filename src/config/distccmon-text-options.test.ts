import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDistccmonTextHelp, parseDistccmonTextOptions } from './distccmon-text-options.ts';

test('parseDistccmonTextOptions() reads a delay in seconds', () => {
  const delays: readonly (readonly [words: readonly string[], delayMs: number | undefined])[] = [
    [[], undefined],
    [['0'], undefined],
    [[''], undefined],
    [['1'], 1000],
    [['.25'], 250],
    [['2.'], 2000],
    [['99999999999'], 2 ** 31 - 1],
  ];
  for (const [words, delayMs] of delays)
    assert.deepEqual(parseDistccmonTextOptions(words), { ok: true, value: { action: 'show', delayMs } });
});

test('parseDistccmonTextOptions() takes nothing else', () => {
  for (const words of [['x'], ['1x'], ['1', '2'], ['-1'], ['--delay'], ['1e3'], ['.'], ['nan'], ['-h']])
    assert.equal(parseDistccmonTextOptions(words).ok, false, words.join(' '));
});

test('help and version', () => {
  assert.deepEqual(parseDistccmonTextOptions(['--help']), { ok: true, value: { action: 'help' } });
  assert.deepEqual(parseDistccmonTextOptions(['--version']), { ok: true, value: { action: 'version' } });
  assert.match(formatDistccmonTextHelp(), /^Usage: distccmon-text \[DELAY\]/);
});
