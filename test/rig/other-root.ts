/**
 * A copy of this machine for one script: its file system with all changes thrown away afterwards, and
 * process ids of its own, so that nothing that the script starts outlives it. The network is this one.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { run } from './run.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';

const OUTSIDE = `
mount -t tmpfs none "$ROOTS"
mkdir "$ROOTS/changes" "$ROOTS/work" "$ROOTS/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$ROOTS/changes,workdir=$ROOTS/work" "$ROOTS/root"
mount -t proc proc "$ROOTS/root/proc"
mount --rbind /dev "$ROOTS/root/dev"
mount -t tmpfs none "$ROOTS/root/tmp"
chmod 1777 "$ROOTS/root/tmp"
mkdir "$ROOTS/root/tmp/shared"
mount --bind "$SHARED" "$ROOTS/root/tmp/shared"
cd "$ROOTS/root"
mkdir .outside
pivot_root . .outside # not chroot: whoever is in one may not make user namespaces
umount --lazy /.outside
exec sh -euc "$INSIDE"
`;

/**
 * Runs a script as root of the copy, where `shared` is /tmp/shared.
 *
 * @throws {Error} with the end of what it said when it fails.
 */
export async function runInOtherRoot(
  scratch: Scratch,
  script: string,
  { shared, env = {} }: { readonly shared: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const roots = scratch.path('roots');
  mkdirSync(roots, { recursive: true });
  const { status, stdout, stderr } = await run(
    ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', OUTSIDE],
    {
      cwd: '/',
      env: {
        ...PLAIN_ENVIRONMENT,
        ...env,
        ROOTS: roots,
        SHARED: shared,
        INSIDE: `exec 2>&1\nset -x\n${script}`,
      },
      timeoutMs: 300_000,
    },
  );
  assert.equal(status, 0, `${stdout.slice(-3000)}${stderr}`);
  return stdout;
}
