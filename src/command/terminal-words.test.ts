import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from './analyze.ts';
import { preprocessArgv, remoteArgv } from './rewrite.ts';
import { speakToTerminal } from './terminal-words.ts';

function added(line: string, variables: Readonly<Record<string, string>> = { TERM: 'xterm' }): string {
  const environment = new Map(Object.entries(variables));
  const command = analyze(line.split(' '), { environment, readText: () => undefined });
  assert.equal(command.kind, 'compile');
  const spoken = speakToTerminal(command, { columns: 100 }, environment);
  const news = (rewrite: typeof remoteArgv): string =>
    rewrite(spoken).slice(rewrite(command).length).join(' ');
  assert.equal(
    news((one) => preprocessArgv(one)),
    news(remoteArgv),
    'both steps speak the same way',
  );
  return news(remoteArgv);
}

test('speakToTerminal() asks for the colours that the compiler would use by itself', () => {
  const colour = '-fdiagnostics-color=always';
  const width = '-fmessage-length=100';
  assert.equal(added('gcc -c a.c'), colour);
  assert.equal(added('gcc -fdiagnostics-color=auto -c a.c'), colour);
  assert.equal(added('clang -c a.c'), `${colour} ${width}`);
  assert.equal(added('clang -fmessage-length=0 -c a.c'), colour);
  assert.equal(added('cc -c a.c'), '', 'it may be any compiler');
  for (const option of [
    '-fdiagnostics-color=never',
    '-fno-diagnostics-color',
    '-fdiagnostics-color',
    '-fcolor-diagnostics',
    '-fno-color-diagnostics',
  ]) {
    assert.equal(added(`gcc ${option} -c a.c`), '', option);
  }
  assert.equal(added('gcc -c a.c', {}), '');
  assert.equal(added('gcc -c a.c', { TERM: 'dumb' }), '');
  assert.equal(added('gcc -c a.c', { TERM: 'xterm', GCC_COLORS: '' }), '');
});
