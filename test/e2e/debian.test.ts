/** The Debian package, installed on a copy of this machine: its script, settings, user, log and removal. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findFreePort } from '../rig/cluster.ts';
import { runInOtherRoot } from '../rig/other-root.ts';
import { needsPeer, needsRoot } from '../rig/peers.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

async function buildDeb(directory: string): Promise<string> {
  const env = { ...process.env, COMPRESSION: 'none' };
  await runWell([path.join(ROOT, 'packaging/debian/build-deb'), directory], { env });
  const [name = ''] = readdirSync(directory);
  return path.join(directory, name);
}

test('build-deb makes a package with the right owners, names and fields', needsPeer('dpkg-deb'), async () => {
  using scratch = new Scratch();
  const deb = await buildDeb(scratch.openDirectory('out'));
  const { stdout: list } = await runWell(['dpkg-deb', '-c', deb]);
  for (const name of [
    'usr/bin/distcc',
    'usr/bin/distccd',
    'etc/init.d/distcc',
    'usr/share/man/man1/distccd.1.gz',
  ])
    assert.match(list, new RegExp(`^-rw[x-]r-[x-]r-[x-] root/root .* \\./${name}$`, 'm'));
  for (const link of [
    'lib/distcc/bin -> .',
    'bin/distcc-pump -> pump',
    'share/man/man1/distcc-pump.1.gz -> pump.1.gz',
  ])
    assert.ok(list.includes(` ./usr/${link}\n`), link);
  assert.doesNotMatch(list, /^.{7}[^r]|^-.{4}w|^-.{7}w/m, 'everybody reads, only root writes');
  const { stdout: fields } = await runWell(['dpkg-deb', '-f', deb]);
  for (const field of ['Conflicts', 'Replaces', 'Provides'])
    assert.match(fields, new RegExp(`^${field}: distcc, distcc-pump, distccmon-gnome$`, 'm'));
});

/** Says on its last line how far it got. */
const LIFE = `
# A worker says in its log that a job is done just after the client has it.
see() { for try in $(seq 50); do grep "$1" $2 && return; sleep 0.2; done; return 1; }
rm -f /etc/default/distcc /var/log/distccd.log
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
dpkg -i --force-confnew /tmp/shared/*.deb
if dpkg -s distcc 2>/dev/null | grep -q '^Status: install ok installed'; then exit 1; fi
getent passwd distccd
test "$(stat -c %U:%G:%a /var/log/distccd.log)" = distccd:adm:640
test "$(readlink /usr/lib/distcc/gcc)" = ../../bin/distcc

: switched off as it comes
/etc/init.d/distcc start | grep 'switched off'
test ! -e /var/run/distccd.pid
code=0; /etc/init.d/distcc status || code=$?; test $code = 3

: as set
cat >/etc/default/distcc <<END
STARTDISTCC="true"
ALLOWEDNETS="10.98.76.0/24 127.0.0.1"
LISTENER="127.0.0.1"
NICE="7"
JOBS="3"
ZEROCONF="true"
DISTCCD_OPTS="--port $PORT --log-level info"
END
rm /var/log/distccd.log
/etc/init.d/distcc start | grep -i zeroconf
/etc/init.d/distcc status
test "$(stat -c %U:%G:%a /var/log/distccd.log)" = distccd:adm:640
first=$(cat /var/run/distccd.pid)
test "$(ps -o user= -p $first)" = distccd
see 'at most 3 jobs' /var/log/distccd.log
/etc/init.d/distcc start
test "$(cat /var/run/distccd.pid)" = $first

: a compile by way of the masquerade directory
mkdir -p /tmp/work /tmp/home; cd /tmp/work; echo 'int one(void) { return 1; }' >a.c
export HOME=/tmp/home DISTCC_HOSTS=127.0.0.1:$PORT DISTCC_FALLBACK=0 MANYHANDS_CACHE=off
PATH=/usr/lib/distcc:$PATH gcc -c a.c
see COMPILE_OK /var/log/distccd.log

: the log is rotated, and the daemon goes on
logrotate --force /etc/logrotate.d/distccd
test "$(stat -c %U:%G:%a /var/log/distccd.log)" = distccd:adm:640
# Its result is at the worker by now: of the other wires none is kept.
MANYHANDS_NATIVE=off DISTCC_HOSTS=$DISTCC_HOSTS,lzo,cpp distcc-pump distcc gcc -c a.c -o b.o
see COMPILE_OK /var/log/distccd.log
test "$(cat /var/run/distccd.pid)" = $first

: another one by another name
ln -s distcc /etc/init.d/distccd2; ln -s distccd /usr/bin/distccd2
sed "s/$PORT/$PORT2/" /etc/default/distcc >/etc/default/distcc2
/etc/init.d/distccd2 start
/etc/init.d/distccd2 status
DISTCC_HOSTS=127.0.0.1:$PORT2 distcc gcc -c a.c -o c.o
see COMPILE_OK /var/log/distccd2.log
/etc/init.d/distccd2 stop
code=0; /etc/init.d/distccd2 status || code=$?; test $code = 3
/etc/init.d/distcc status

: restarted and stopped
/etc/init.d/distcc restart
/etc/init.d/distcc status
second=$(cat /var/run/distccd.pid); test $second != $first
/etc/init.d/distcc stop
test ! -e /proc/$second
test ! -e /var/run/distccd.pid
code=0; /etc/init.d/distcc status || code=$?; test $code = 3
/etc/init.d/distcc stop

: removed
rm /usr/bin/distccd2 /etc/init.d/distccd2
dpkg -P manyhands
for name in /usr/lib/manyhands /usr/lib/distcc /usr/bin/distcc /etc/init.d/distcc /var/log/distccd.log; do
  test ! -e $name
done
echo all done
`;

test(
  'the package takes over from distcc, its script starts, stops and rotates, and all of it can be removed',
  needsRoot('dpkg', 'logrotate', 'start-stop-daemon', 'unshare', 'chroot'),
  async () => {
    using scratch = new Scratch();
    const shared = scratch.openDirectory('shared');
    await buildDeb(shared);
    const env = { PORT: `${await findFreePort()}`, PORT2: `${await findFreePort()}` };
    const said = await runInOtherRoot(scratch, LIFE, { shared, env });
    assert.match(said, /^all done$/m);
  },
);
