import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatManyhandsHelp, parseManyhandsCommand } from './manyhands-options.ts';

test('parseManyhandsCommand() takes the options of the command that is named', () => {
  const parsed = parseManyhandsCommand(['setup', '--prefix', '/usr', '--destdir=stage', '--remove']);
  assert.ok(parsed.ok);
  assert.equal(parsed.value.command, 'setup');
  assert.deepEqual(
    [...parsed.value.options],
    [
      ['prefix', '/usr'],
      ['destdir', 'stage'],
      ['remove', ''],
    ],
  );
  assert.ok(parseManyhandsCommand(['status', '--json']).ok);
});

test('parseManyhandsCommand() says what is wrong', () => {
  const lines: readonly (readonly [string, RegExp])[] = [
    ['', /Name a command/],
    ['stat', /no command stat/],
    ['status --prefix /usr', /Unknown option --prefix/],
    ['setup --prefix', /needs a DIRECTORY/],
    ['setup here', /takes no word like here/],
  ];
  for (const [line, sentence] of lines) {
    const parsed = parseManyhandsCommand(line.split(' ').filter(Boolean));
    assert.ok(!parsed.ok, line);
    assert.match(parsed.error, sentence);
  }
});

test('formatManyhandsHelp() shows every command', () => {
  assert.match(
    formatManyhandsHelp(),
    /manyhands status:[^]*--json[^]*manyhands setup:[^]*--destdir=DIRECTORY/,
  );
});
