/**
 * Callers that share a home and an agent's sockets, and see other files: in a chroot, in a mount namespace,
 * as another user or group. Each has the object that the compiler makes where he stands.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BIN } from '../rig/cluster.ts';
import { needsRoot } from '../rig/peers.ts';
import { makePrivateBuild } from '../rig/private-build.ts';
import { Site } from '../rig/site.ts';

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());

const NOBODY = 65_534;
/** Any header that no other header includes. */
const HEADER = '/usr/include/fenv.h';
const SOURCE = `#include <fenv.h>
#include "own.h"
#ifndef WORLD
#define WORLD 1
#endif
int world(void) { return 10 * OWN + WORLD; }
`;

/**
 * Builds the worlds in a mount namespace, on a file system that is seen in there alone, and compiles in
 * each: with distcc to NAME.o, and with gcc alone to NAME.ref. SHARED is all that the worlds have in common.
 */
const SCRIPT = `
test "$(readlink /proc/self/ns/mnt)" != "$OUTER" || exit 1
mount -t tmpfs none "$ROOTS"

make_root() {
  mkdir -p "$1"
  for name in usr bin sbin lib lib64 etc dev proc; do
    if [ -L /$name ]; then cp -P /$name "$1/$name"; continue; fi
    [ -d /$name ] || continue
    mkdir "$1/$name"; mount --bind /$name "$1/$name"
  done
  shift_root=$1; shift
  for name in "$@"; do mkdir -p "$shift_root$name"; mount --bind "$name" "$shift_root$name"; done
}
COMPILE='cd "$WORK"; "$0" gcc -O1 -c world.c -o "$1.o"; gcc -O1 -c world.c -o "$1.ref"'

make_root "$ROOTS/chroot" "$SHARED" "$TREE" "$NODE_DIRECTORY"
echo "#define WORLD 2" > "$ROOTS/2.h"; mount --bind "$ROOTS/2.h" "$ROOTS/chroot$HEADER"
# The same root by its device and inode, and yet another one.
mkdir "$ROOTS/same"; mount --rbind / "$ROOTS/same"
echo "#define WORLD 3" > "$ROOTS/3.h"; mount --bind "$ROOTS/3.h" "$ROOTS/same$HEADER"
make_root "$ROOTS/bare" "$SHARED"
echo "#define WORLD 4" > "$ROOTS/4.h"; mount --bind "$ROOTS/4.h" "$ROOTS/bare$HEADER"
echo "#define WORLD 5" > "$ROOTS/5.h"
mkdir "$ROOTS/6"; echo "#define OWN 6" > "$ROOTS/6/own.h"

sh -euc "$COMPILE" "$DISTCC" outside
chroot "$ROOTS/chroot" sh -euc "$COMPILE" "$DISTCC" chroot
chroot "$ROOTS/same" sh -euc "$COMPILE" "$DISTCC" same-root
chroot "$ROOTS/bare" sh -euc "$COMPILE" "$COPY" without-agent
unshare -m sh -euc "mount --bind '$ROOTS/5.h' '$HEADER'; $COMPILE" "$DISTCC" namespace
unshare -m sh -euc "mount --bind '$ROOTS/6/own.h' '$WORK/own.h'; $COMPILE" "$DISTCC" own-header
umount "$ROOTS/chroot/proc"
chroot "$ROOTS/chroot" sh -euc "$COMPILE" "$DISTCC" without-proc
sh -euc "$COMPILE" "$DISTCC" outside-again
`;

test(
  'chroots and mount namespaces that share the home have objects of their own',
  needsRoot('unshare', 'chroot', 'mount'),
  async () => {
    const cwd = site.project({ 'world.c': SOURCE, 'own.h': '#define OWN 1\n' });
    const roots = site.newDirectory();
    const copy = site.scratch.path('distcc-copy');
    copyFileSync(site.client.launcher, copy);
    // Two agents of the outer world's name must not meet: this one is outside of the namespace.
    await site.distcc(['gcc', '-O1', '-c', 'world.c', '-o', 'before.o'], { cwd });
    const env = {
      OUTER: (await site.run(['readlink', '/proc/self/ns/mnt'])).stdout.trim(),
      ROOTS: roots,
      SHARED: site.scratch.directory,
      TREE: path.join(BIN, '..'),
      NODE_DIRECTORY: path.dirname(process.execPath),
      DISTCC: site.client.launcher,
      COPY: copy,
      WORK: cwd,
      HEADER,
    };
    const { status, stdout, stderr } = await site.run(['unshare', '-m', 'sh', '-euc', SCRIPT], { env });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });

    const read = (name: string) => readFileSync(path.join(cwd, name), 'latin1');
    const worlds = [
      'outside',
      'chroot',
      'same-root',
      'without-agent',
      'namespace',
      'own-header',
      'without-proc',
      'outside-again',
    ];
    for (const world of worlds) assert.equal(read(`${world}.o`), read(`${world}.ref`), world);
    assert.equal(
      new Set(worlds.map((world) => read(`${world}.o`))).size,
      worlds.length - 2,
      'the worlds differ',
    );
    assert.equal(read('before.o'), read('outside-again.o'));
    // All but the one that has no agent to start: before, and the others.
    const [compiled] = await site.compiledBy(worlds.length);
    assert.equal(compiled, worlds.length);
    await site.killAgents();
  },
);

test(
  'an agent that was started without a network does not serve those who have one',
  needsRoot('unshare'),
  async () => {
    await using own = await Site.open();
    const cwd = own.project({ 'a.c': 'int a;\n' });
    const compile = [own.client.launcher, 'gcc', '-c', 'a.c'];
    const alone = await own.run(['unshare', '--net', ...compile], { cwd, env: { DISTCC_FALLBACK: '1' } });
    assert.equal(alone.status, 0, alone.stderr);
    const { status, stderr } = await own.run(compile, { cwd });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    // And now there is one outside, who serves both.
    const inside = await own.run(['unshare', '--net', ...compile], { cwd });
    assert.deepEqual([inside.status, inside.stderr], [0, '']);
    assert.deepEqual(await own.compiledBy(2), [2]);
  },
);

test('another group has an agent of its own, and files of that group', needsRoot('setpriv'), async () => {
  const cwd = site.project({ 'a.c': 'int a;\n' });
  const compile = (group: number) =>
    site.run(
      [
        'setpriv',
        '--regid',
        `${group}`,
        '--keep-groups',
        site.client.launcher,
        'gcc',
        '-c',
        'a.c',
        '-o',
        `${group}.o`,
      ],
      { cwd },
    );
  for (const group of [1, 2, 1]) {
    const { status, stderr } = await compile(group);
    assert.equal(status, 0, stderr);
    assert.equal(statSync(path.join(cwd, `${group}.o`)).gid, group);
  }
  assert.equal(site.agents.length, 2);
  await site.killAgents();
});

test('another user, with a home of his own', needsRoot('setpriv'), async () => {
  const built = await makePrivateBuild(site.scratch.path('private build'));
  const directories = ['home', 'run', 'distcc', 'tmp', 'work'].map((name) => {
    const directory = site.scratch.privateDirectory(`nobody-${name}`);
    chownSync(directory, NOBODY, NOBODY);
    return directory;
  });
  const [HOME, XDG_RUNTIME_DIR, DISTCC_DIR, TMPDIR, cwd = ''] = directories;
  const env = { HOME, XDG_RUNTIME_DIR, DISTCC_DIR, TMPDIR };
  const nobody = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
  const run = (line: string) =>
    site.run([...nobody, 'sh', '-c', line], { cwd, env: { ...env, DISTCC: built.launcher } });

  const { status, stderr } = await run(
    'echo "int a;" > a.c; "$DISTCC" gcc -c a.c && gcc -c a.c -o b.o && cmp a.o b.o',
  );
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.equal(statSync(path.join(cwd, 'a.o')).uid, NOBODY);
  const [agent] = site.agents;
  assert.equal(site.agents.length, 1);
  assert.equal(statSync(`/proc/${agent}`).uid, NOBODY);

  // A directory that cannot be written into: the compiler says so itself.
  mkdirSync(path.join(cwd, 'closed'), { mode: 0o755 });
  chmodSync(path.join(cwd, 'closed'), 0o555);
  const theirs = await run('gcc -c a.c -o closed/a.o');
  const ours = await run('"$DISTCC" gcc -c a.c -o closed/a.o');
  assert.notEqual(theirs.status, 0);
  const words = (text: string) => text.replaceAll(/\/tmp\/\S+|cc\w{6}/g, '…');
  assert.deepEqual([ours.status, words(ours.stderr)], [theirs.status, words(theirs.stderr)]);
  await site.killAgents();
});
