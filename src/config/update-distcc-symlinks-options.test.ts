import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatUpdateDistccSymlinksHelp,
  parseUpdateDistccSymlinksOptions,
} from './update-distcc-symlinks-options.ts';

test('parseUpdateDistccSymlinksOptions() reads where and what', () => {
  const none = { action: 'update', directory: undefined, link: undefined };
  assert.deepEqual(parseUpdateDistccSymlinksOptions([]), { ok: true, value: none });
  assert.deepEqual(parseUpdateDistccSymlinksOptions(['--directory=/a', '--link', '../x']), {
    ok: true,
    value: { action: 'update', directory: '/a', link: '../x' },
  });
  assert.deepEqual(parseUpdateDistccSymlinksOptions(['--help']), {
    ok: true,
    value: { ...none, action: 'help' },
  });
});

test('parseUpdateDistccSymlinksOptions() takes nothing else', () => {
  for (const argv of [['/usr/lib/distcc'], ['--all'], ['--directory'], ['-v']])
    assert.equal(parseUpdateDistccSymlinksOptions(argv).ok, false, argv.join(' '));
});

test('formatUpdateDistccSymlinksHelp() shows each option', () => {
  assert.match(formatUpdateDistccSymlinksHelp(), /--directory=DIR[\s\S]*--link=TEXT/);
});
