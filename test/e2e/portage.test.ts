/**
 * What Portage does to a distcc: root and the portage user share a DISTCC_DIR whose modes are set anew for each
 * package, the home goes with the package, PATH and environment are cleaned, a sandbox is preloaded, and each
 * phase may have namespaces of its own for mounts, processes, messages and the network, with a SOCKS proxy as the
 * only way out.
 *
 * Source: Portage's doebuild.py and prepare_build_dirs.py, of which this does the same in the same order.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Distribution } from '../rig/distribution.ts';
import { needsRoot } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { startSocksServer } from '../rig/socks-server.ts';

const SCRIPT = `
mkdir -p /run/user && mkdir -m 700 /run/user/0
groupadd --system portage
useradd --system --gid portage --home-dir /var/tmp/portage --shell /bin/false portage
prefix=/var/tmp/portage
distcc=$prefix/.distcc

prepare() {
  package=$prefix/cat/$1
  rm -rf $package/homedir
  mkdir -p $distcc/lock $distcc/state $package/homedir $package/temp $package/work
  chown portage:portage $package $package/homedir $package/temp
  for directory in $distcc $distcc/lock $distcc/state; do
    chgrp -R portage $directory
    find $directory -type d -exec chmod g+rwxs,o-w {} +
    find $directory -type f -exec chmod g+rw,o-w {} +
  done
}
portage='setpriv --reuid portage --regid portage --clear-groups'
root='setpriv --reuid 0'
own='unshare --mount --net --ipc --pid --fork --kill-child --mount-proc'
clean='umask 022; cd "$PORTAGE_BUILDDIR/work"; exec make -s -j4 CC=x86_64-linux-gnu-gcc -f "$MAKEFILE" "$@"'
# FEATURES="distcc distcc-pump": for src_compile alone, by a shell that does not quote.
pump='if [ -z "$INCLUDE_SERVER_PORT" ] || [ ! -w "$INCLUDE_SERVER_PORT" ]; then
  eval $(pump --startup)
  trap "pump --shutdown" EXIT
fi
umask 022; cd "$PORTAGE_BUILDDIR/work"; make -s -j4 CC=x86_64-linux-gnu-gcc -f "$MAKEFILE" "$@"'
phase() {
  namespaces=$1 user=$2 targets=$3; shift 3
  $namespaces $user env -i PATH=/usr/lib/distcc/bin:/usr/local/bin:/usr/bin:/bin HOME=$package/homedir \\
    TMPDIR=$package/temp PORTAGE_BUILDDIR=$package DISTCC_DIR=$distcc DISTCC_HOSTS="$DISTCC_HOSTS" DISTCC_FALLBACK=0 \\
    LD_PRELOAD=/tmp/shared/sandbox.so SANDBOX_ON=1 SANDBOX_LOG=/tmp/shared/sandbox.log MAKEFILE=$MAKEFILE "$@" \\
    $shell "$clean" sh $targets
}
shell='sh -euc'

if SANDBOX_LOG=/dev/null LD_PRELOAD=/tmp/shared/sandbox.so mkdir /etc/forbidden; then exit 1; fi

prepare one-1
chown -R portage:portage /tmp/shared/work
mount --bind /tmp/shared/work $package/work

: as root, then as the portage user, in the common namespaces
phase '' "$root" "$BY_ROOT"
phase '' "$portage" "$BY_USER"

: without network: the agent that is there is outside, and distributes
phase 'unshare --net --ipc --pid --fork --kill-child' "$portage" "$WITHOUT_NETWORK"

: with namespaces for everything, as is the default: the agent is inside, and the proxy is its way out
prepare one-1
phase "$own" "$portage" "$BY_PROXY" DISTCC_SOCKS_PROXY=/tmp/shared/proxy
phase "$own" "$root" "$ROOT_BY_PROXY" DISTCC_SOCKS_PROXY=/tmp/shared/proxy

: the home goes, and another package comes
umount $package/work
rm -rf $package
prepare two-2
mount --bind /tmp/shared/work $package/work
phase '' "$portage" "$NEXT_PACKAGE"

: with pump, inside of namespaces
clean=$pump shell='bash -ec'
pumped=; for each in $DISTCC_HOSTS; do pumped="$pumped $each,cpp,lzo"; done
phase "$own" "$portage" "$WITH_PUMP" DISTCC_SOCKS_PROXY=/tmp/shared/proxy DISTCC_HOSTS="$pumped"
if ls -d $package/temp/distcc-pump*; then exit 1; fi

if grep . /tmp/shared/sandbox.log || find /run/user -mindepth 2 | grep .; then exit 1; fi
if find $distcc ! -group portage | grep .; then exit 1; fi
echo all done
`;

let distribution: Distribution;
const needs = needsRoot('unshare', 'setpriv', 'useradd', 'pivot_root');
if (needs.skip === false) {
  before(async () => (distribution = await Distribution.open()));
  after(() => distribution[Symbol.asyncDispose]());
}

test('packages are built as Portage builds them', needs, async () => {
  using build = await distribution.layOut('work');
  const shared = distribution.scratch.path('shared');
  const sandbox = path.join(import.meta.dirname, '..', 'rig', 'preloaded-sandbox.c');
  await runWell(['cc', '-O1', '-Wall', '-shared', '-fPIC', '-o', path.join(shared, 'sandbox.so'), sandbox]);
  await using proxy = await startSocksServer(path.join(shared, 'proxy'));
  const { files } = distribution.corpus;
  const targets = (from: number, to?: number) =>
    files
      .slice(from, to)
      .map((file) => build.objectOf(file))
      .join(' ');
  await distribution.assertCompiled(files.length, async () => {
    const said = await distribution.run(SCRIPT, {
      MAKEFILE: `${build.name}/Makefile`,
      BY_ROOT: targets(0, 1),
      BY_USER: targets(1, 2),
      WITHOUT_NETWORK: targets(2, 6),
      BY_PROXY: targets(6, -4),
      ROOT_BY_PROXY: targets(-4, -2),
      NEXT_PACKAGE: targets(-2, -1),
      WITH_PUMP: targets(-1),
    });
    assert.match(said, /^all done$/m);
  });
  // An agent has one connection for all its jobs; from inside the namespaces there is no other way out.
  assert.ok(proxy.served() >= 1);
  distribution.assertLocalObjects(build);
});
