/** The script that a compile is wrapped in on servers of other makes, run by the shells that such servers may have. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  commandWithin,
  unwrap,
  wrap,
  type Unwrapped,
  type WrappedCompile,
} from '../../src/action/plain-script.ts';

const scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'script-')));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A compiler that shows its arguments, where it is, and PWD. */
const COMPILER = `#!/bin/sh
[ "$1" = -v ] && { printf 'compiler 1 \\n\\n' >&2; exit; }
for word do printf '<%s>' "$word"; done
printf ' in %s, %s\\n' "$(pwd -P)" "$PWD"
echo said >&2
exit 4
`;
const compiler = path.join(scratch, 'compiler');
writeFileSync(compiler, COMPILER, { mode: 0o755 });

const SHELLS = ['/bin/sh', '/bin/dash', '/bin/bash', '/usr/bin/zsh', '/bin/busybox'].filter(existsSync);

function rootNamed(name: string): string {
  const root = path.join(scratch, name);
  mkdirSync(path.join(root, 'home', 'real'), { recursive: true });
  symlinkSync('real', path.join(root, 'home', 'link'));
  return root;
}

function runScript(
  shell: string,
  root: string,
  given: Partial<WrappedCompile>,
): {
  readonly told: Unwrapped;
  readonly rest: string;
  readonly stderr: string;
  readonly status: number | null;
} {
  const wrapped = { compiler, banner: 'compiler 1 \n\n', directory: '/home/real', argv: ['-c'], ...given };
  const [, ...words] = wrap(wrapped);
  const called = path.basename(shell) === 'busybox' ? ['sh', ...words] : words;
  const { stdout, stderr, status } = spawnSync(shell, called, {
    cwd: root,
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told = unwrap(stdout);
  return {
    told,
    rest: told.kind === 'ran' ? Buffer.from(told.stdout).toString() : '',
    stderr: stderr.toString(),
    status,
  };
}

for (const shell of SHELLS) {
  const root = rootNamed(`root${path.basename(shell)}`);

  test(`${shell} puts the root before names, and tells it`, () => {
    const argv = ['-I@ROOT@/a b', "it's $HOME", '', '*', '-x=@ROOT@'];
    const { told, rest, stderr, status } = runScript(shell, root, { argv, directory: '/home/link' });
    assert.deepEqual(told.kind === 'ran' && told.root, root);
    assert.equal(
      rest,
      `<-ffile-prefix-map=${root}=><-I${root}/a b><it's $HOME><><*><-x=${root}> in ${root}/home/real, ${root}/home/link\n`,
    );
    assert.deepEqual([stderr, status], ['said\n', 4]);
  });

  test(`${shell} runs no other compiler`, () => {
    const other = runScript(shell, root, { banner: 'compiler 1\n' });
    assert.deepEqual(other.told, { kind: 'other-compiler', said: 'compiler 1' });
    assert.equal(other.status, 97);
    assert.equal(runScript(shell, root, { compiler: '/nowhere/gcc' }).told.kind, 'other-compiler');
  });

  test(`${shell} does not go on where names cannot be told apart, or in a directory that is not there`, () => {
    const odd = runScript(shell, rootNamed(`odd=${path.basename(shell)}`), {});
    assert.deepEqual([odd.told, odd.status], [{ kind: 'cannot', why: 'odd-root' }, 97]);
    const none = runScript(shell, root, { directory: '/none' });
    assert.deepEqual([none.told, none.status], [{ kind: 'cannot', why: 'no-directory' }, 97]);
  });
}

test('what did not run the script is not believed', () => {
  for (const text of ['', 'hello\n', 'manyhands\n', 'x manyhands root /\n'])
    assert.equal(unwrap(Buffer.from(text)).kind, 'cannot', text);
});

test('logs have the compile itself', () => {
  const command = { compiler, banner: 'x', directory: '/', argv: ['-c', 'a.c'] };
  assert.deepEqual(commandWithin(wrap(command)), [compiler, '-c', 'a.c']);
  assert.deepEqual(commandWithin(['gcc', '-c', 'a.c']), ['gcc', '-c', 'a.c']);
});
