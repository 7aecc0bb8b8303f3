/**
 * Habits of distributions and of their users: a second daemon in a chroot, compilers by the names that Gentoo and
 * Debian's cross compilers have, and a DISTCC_DIR in memory.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { Distribution } from '../rig/distribution.ts';
import { needsRoot } from '../rig/peers.ts';

let distribution: Distribution;
const needs = needsRoot('unshare', 'chroot', 'pivot_root');
if (needs.skip === false) {
  before(async () => (distribution = await Distribution.open()));
  after(() => distribution[Symbol.asyncDispose]());
}

/** `start_daemon NAME ROOT`, `stop_daemon ROOT FILES`, and `build COMPILER [TARGET...]` in the sources. */
const FUNCTIONS = `
see() { for try in $(seq 100); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.1; done; return 1; }
start_daemon() {
  chroot $2 /usr/bin/$1 --daemon --port $PORT --listen 127.0.0.1 --allow 127.0.0.1 --jobs 4 \\
    --user nobody --pid-file /run/$1.pid --log-file /var/log/$1.log --log-level info
  see ready $2/var/log/$1.log
  export DISTCC_HOSTS=127.0.0.1:$PORT/8
}
stop_daemon() {
  kill $(cat $2/run/$1.pid)
  see 'stopp' $2/var/log/$1.log
  test $(grep -c COMPILE_OK $2/var/log/$1.log) = $3
}
mkdir /var/tmp/home; export HOME=/var/tmp/home
cd /tmp/shared/$WORK
build() { compiler=$1; shift; make -s -j4 CC=$compiler -f $MAKEFILE "$@"; }
`;

const CHROOT = `${FUNCTIONS}
root=/srv/chroot
ln -s distccd /usr/bin/distccd2
for name in usr etc; do mkdir -p $root/$name; mount --bind /$name $root/$name; done
for name in bin sbin lib lib64; do ln -s usr/$name $root/$name; done
mkdir -p $root/proc $root/dev $root/run $root/tmp $root/var/log $root/var/tmp
chmod 1777 $root/tmp $root/var/tmp
mount -t proc proc $root/proc; mount --rbind /dev $root/dev

start_daemon distccd2 $root
test "$(readlink /proc/$(cat $root/run/distccd2.pid)/root)" = $root
chroot $root pidof /usr/bin/distccd2 | grep -w $(cat $root/run/distccd2.pid)
PATH=/usr/lib/distcc/bin:$PATH build gcc
stop_daemon distccd2 $root $FILES
echo all done
`;

test('a second daemon, started by a link, in a chroot, on another port', needs, async () => {
  using build = await distribution.layOut('chroot');
  const said = await distribution.run(CHROOT, {
    WORK: 'chroot',
    MAKEFILE: `${build.name}/Makefile`,
    FILES: `${distribution.corpus.files.length}`,
    PORT: `${await findFreePort()}`,
  });
  assert.match(said, /^all done$/m);
  distribution.assertLocalObjects(build);
});

/** The name of a slot, which is that of another compiler's, then a cross compiler for another machine. */
const NAMES = `${FUNCTIONS}
ln -s gcc-12 /usr/bin/x86_64-pc-linux-gnu-gcc-12
/usr/bin/update-distcc-symlinks # Debian's own is in sbin
test -L /usr/lib/distcc/x86_64-pc-linux-gnu-gcc-12
start_daemon distccd /
PATH=/usr/lib/distcc/bin:$PATH build x86_64-pc-linux-gnu-gcc-12

cp -a . ../cross; cd ../cross
find . -name '*.o' -delete
PATH=/usr/lib/distcc/bin:$PATH build aarch64-linux-gnu-gcc $CROSS
cp -a $BUILD remote
find $BUILD -name '*.o' -delete
build aarch64-linux-gnu-gcc $CROSS
diff -r $BUILD remote
for object in $CROSS; do readelf -h $object | grep AArch64; done
stop_daemon distccd / $FILES
grep 'aarch64-linux-gnu-gcc' /var/log/distccd.log | grep -c COMPILE_OK
echo all done
`;

test(
  "compilers by the names of Gentoo's slots, and a cross compiler",
  needsRoot('unshare', 'pivot_root', 'aarch64-linux-gnu-gcc', 'readelf'),
  async () => {
    using build = await distribution.layOut('names');
    const cross = distribution.corpus.files.slice(-6).map((file) => build.objectOf(file));
    const said = await distribution.run(NAMES, {
      WORK: 'names',
      BUILD: build.name,
      MAKEFILE: `${build.name}/Makefile`,
      CROSS: cross.join(' '),
      FILES: `${distribution.corpus.files.length + cross.length}`,
      PORT: `${await findFreePort()}`,
    });
    assert.match(said, /^6\n(?:\+.*\n)*all done$/m);
    distribution.assertLocalObjects(build);
  },
);

/** Each part of the build has its own processes: what was in memory goes when they have gone, as at a reboot. */
const MEMORY = `
mkdir /var/tmp/home; export HOME=/var/tmp/home
mkdir /run/ram
mount -t tmpfs none /run/ram
ln -s /run/ram/distcc/of-me $HOME/.distcc
cd /tmp/shared/memory
until_reboot() {
  unshare --pid --fork --kill-child --mount-proc env PATH=/usr/lib/distcc/bin:$PATH sh -euc "$1"
  test -d $HOME/.distcc/state
}
build="make -s -j4 -f $MAKEFILE"

until_reboot "$build $FIRST"
umount /run/ram
if test -e $HOME/.distcc; then exit 1; fi
mount -t tmpfs none /run/ram
until_reboot "$build $SECOND; rm -rf /run/ram/distcc; $build $THIRD"

: without a link, and the directory goes while the agent stays
export DISTCC_DIR=/run/ram/own
until_reboot "$build $FOURTH; rm -rf /run/ram/own; $build"
test -d /run/ram/own/state
echo all done
`;

test('DISTCC_DIR in memory is made again, whoever has lost it', needs, async () => {
  using build = await distribution.layOut('memory');
  const objects = distribution.corpus.files.map((file) => build.objectOf(file));
  const some = (from: number) => objects.slice(from, from + 4).join(' ');
  await distribution.assertCompiled(objects.length, async () => {
    const said = await distribution.run(MEMORY, {
      MAKEFILE: `${build.name}/Makefile`,
      FIRST: some(0),
      SECOND: some(4),
      THIRD: some(8),
      FOURTH: some(12),
    });
    assert.match(said, /^all done$/m);
  });
  distribution.assertLocalObjects(build);
});
