/** Manual pages and completions, judged by the programs that read them. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { needsPeer } from '../rig/peers.ts';
import { run, runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PAGES = globSync('docs/man/*.1', { cwd: ROOT });
const COMPLETIONS = path.join(ROOT, 'packaging', 'completions');

test('mandoc and groff find nothing wrong with the manual pages', needsPeer('mandoc', 'groff'), async () => {
  assert.ok(PAGES.length > 0);
  const { stdout } = await run(['mandoc', '-Tlint', ...PAGES], { cwd: ROOT });
  // The pages have no date: they say which version they are of, and change with the tables.
  const complaints = stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'));
  assert.deepEqual(complaints, []);
  for (const page of PAGES) {
    const { stderr } = await runWell(['groff', '-man', '-ww', '-Tutf8', '-z', page], { cwd: ROOT });
    assert.equal(stderr, '', page);
  }
});

/** What bash offers for the last of these words. */
async function askBash(program: string, words: readonly string[]): Promise<string[]> {
  const script = `source "$1/${program}"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    $(complete -p ${program} | sed 's/.*-F \\([^ ]*\\) .*/\\1/'); printf '%s\\n' "\${COMPREPLY[@]}"`;
  const directory = path.join(COMPLETIONS, 'bash');
  const { stdout } = await runWell(['bash', '-c', script, 'bash', directory, program, ...words], {
    cwd: ROOT,
    env: PLAIN_ENVIRONMENT,
  });
  return stdout.split('\n').filter(Boolean);
}

test('bash completes options, commands and files', async () => {
  assert.deepEqual(await askBash('distccd', ['--po']), ['--port']);
  assert.deepEqual(await askBash('distccd', ['--log-file', 'LICEN']), ['LICENSE']);
  assert.deepEqual(await askBash('distccd', ['--port', '']), []);
  assert.deepEqual(await askBash('manyhands', ['se']), ['setup']);
  assert.deepEqual(await askBash('manyhands', ['setup', '--pre']), ['--prefix']);
  assert.deepEqual(await askBash('distcc', ['--show']), ['--show-hosts']);
  assert.deepEqual(await askBash('distcc', ['gcc', '-c', 'LICEN']), ['LICENSE']);
  assert.deepEqual(await askBash('pump', ['--st']), ['--startup']);
  assert.deepEqual(await askBash('pump', ['make', '-f', 'LICEN']), ['LICENSE']);
});

test('fish completes options and commands', needsPeer('fish'), async () => {
  const ask = async (program: string, line: string): Promise<string[]> => {
    const script = `source ${COMPLETIONS}/fish/${program}.fish; complete -C "${line}"`;
    const { stdout } = await runWell(['fish', '--no-config', '-c', script], {
      cwd: ROOT,
      env: { ...PLAIN_ENVIRONMENT, HOME: '/nonexistent' },
    });
    return stdout.split('\n').flatMap((answer) => answer.split('\t')[0] || []);
  };
  assert.deepEqual(await ask('distccd', 'distccd --po'), ['--port']);
  assert.deepEqual(await ask('manyhands', 'manyhands s'), ['setup', 'status']);
  assert.deepEqual(await ask('manyhands', 'manyhands setup --pre'), ['--prefix']);
});

test('zsh takes its completions', needsPeer('zsh'), async () => {
  for (const file of globSync('zsh/_*', { cwd: COMPLETIONS }))
    await runWell(['zsh', '-n', file], { cwd: COMPLETIONS });
});
