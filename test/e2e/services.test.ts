/** What service managers are given: it is well-formed, means what it says, and the worker runs under it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openClient } from '../rig/client.ts';
import { findFreePort } from '../rig/cluster.ts';
import { make } from '../rig/installed.ts';
import { eventually } from '../rig/our-distccd.ts';
import { runInOtherRoot } from '../rig/other-root.ts';
import { needsPeer, needsRoot } from '../rig/peers.ts';
import { run, runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';
import { USER_OPTIONS } from '../rig/shared-checkout.ts';

const PACKAGING = path.join(import.meta.dirname, '..', '..', 'packaging');

test('distccd-service makes options of the settings that distributions have', async () => {
  using scratch = new Scratch();
  const text = readFileSync(path.join(PACKAGING, 'service/distccd-service'), 'utf8');
  const program = scratch.path('distccd-service');
  writeFileSync(program, text.replaceAll('@bindir@', scratch.directory), { mode: 0o755 });
  writeFileSync(scratch.path('distccd'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const rows: readonly (readonly [env: NodeJS.ProcessEnv, args: string[], options: string])[] = [
    [{}, [], ''],
    [{ ALLOWED_SERVERS: '192.168.0.0/24' }, [], ' --allow 192.168.0.0/24'],
    [{ ALLOWED_SERVERS: ' 10.0.0.0/8,  ::1 build7' }, [], ' --allow 10.0.0.0/8 --allow ::1 --allow build7'],
    [{ ALLOWED_SERVERS: '10.0.0.0/8 --allow 10.1.0.0/16' }, [], ' --allow 10.0.0.0/8 --allow 10.1.0.0/16'],
    [{ ALLOWED_SERVERS: '*' }, [], ' --allow *'],
    [{ ALLOWED_SERVERS: '::1' }, ['--jobs', '8'], ' --jobs 8 --allow ::1'],
    [
      { ALLOWEDNETS: '127.0.0.1 10.0.0.0/8', LISTENER: '127.0.0.1', NICE: '10', JOBS: '' },
      [],
      ' --allow 127.0.0.1 --allow 10.0.0.0/8 --listen 127.0.0.1 --nice 10',
    ],
    [{ STARTDISTCC: 'YES' }, [], ' --allow 127.0.0.1 --listen 127.0.0.1'],
    [{ STARTDISTCC: '1', ALLOWED_SERVERS: '::1', LISTENER: '' }, [], ' --allow ::1'],
  ];
  for (const [env, args, options] of rows) {
    const { stdout } = await runWell([program, ...args], { env: { ...PLAIN_ENVIRONMENT, ...env }, cwd: '/' });
    assert.equal(stdout, `--daemon --no-detach${options}\n`);
  }
  for (const word of ['false', 'no', 'NO', '0', 'FALSE', '']) {
    const off = await runWell([program], { env: { ...PLAIN_ENVIRONMENT, STARTDISTCC: word } });
    assert.deepEqual([off.stdout, /switched off/.test(off.stderr)], ['', true], word);
  }
});

test('systemd takes the units, with the drop-in of Gentoo too', needsPeer('systemd-analyze'), async () => {
  using scratch = new Scratch();
  const prefix = scratch.path('a prefix');
  await make('install', { PREFIX: prefix });
  const units = path.join(prefix, 'lib/systemd/system');
  mkdirSync(path.join(units, 'distccd.service.d'));
  writeFileSync(
    path.join(units, 'distccd.service.d', '00gentoo.conf'),
    '[Service]\nEnvironment="ALLOWED_SERVERS=192.168.0.0/24 10.0.0.0/8"\n',
  );
  const files = ['distccd.service', 'distccd.socket'].map((name) => path.join(units, name));
  const verified = await run(['systemd-analyze', 'verify', '--man=no', ...files], { env: PLAIN_ENVIRONMENT });
  assert.deepEqual([verified.status, verified.stderr], [0, '']);
});

/** Starts what listens on `port`, compiles once by way of it with the client of `prefix`, and ends it. */
async function compileBy(command: readonly string[], { port, prefix, scratch }: Listening): Promise<void> {
  const [program = '', ...args] = command;
  const env = {
    ...PLAIN_ENVIRONMENT,
    ALLOWED_SERVERS: '10.98.76.0/24 127.0.0.1',
    TMPDIR: scratch.openDirectory('tmp'),
  };
  const daemon = spawn(program, args, { env, stdio: 'ignore', cwd: '/' });
  const ended = once(daemon, 'exit');
  try {
    await eventually('somebody listens', () => (isListening(port) ? true : undefined));
    await using client = openClient('ours', scratch, { hosts: `127.0.0.1:${port}` });
    writeFileSync(scratch.path('a.c'), 'int one(void) { return 1; }\n');
    const compile = [path.join(prefix, 'bin/distcc'), 'gcc', '-c', 'a.c'];
    await runWell(compile, { cwd: scratch.directory, env: client.env });
  } finally {
    daemon.kill('SIGTERM');
    await ended;
  }
}

interface Listening {
  readonly port: number;
  readonly prefix: string;
  readonly scratch: Scratch;
}

/** By the kernel's tables: a connection would be the first client. */
function isListening(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = ['tcp', 'tcp6'].map((name) => readFileSync(`/proc/net/${name}`, 'utf8'));
  return tables.some((table) => new RegExp(`: [0-9A-F]+:${hex} 0+:0000 0A `).test(table));
}

test(
  'a socket that systemd opened starts the worker with the first client',
  needsPeer('systemd-socket-activate'),
  async () => {
    using scratch = new Scratch();
    const prefix = scratch.path('a prefix');
    await make('install', { PREFIX: prefix });
    const port = await findFreePort();
    const service = [path.join(prefix, 'lib/manyhands/distccd-service'), '--jobs', '2', ...USER_OPTIONS];
    const command = ['systemd-socket-activate', '--listen', `127.0.0.1:${port}`, ...service];
    await compileBy(command, { port, prefix, scratch });
  },
);

test('xinetd takes its snippet', needsRoot('xinetd'), async () => {
  using scratch = new Scratch();
  const prefix = scratch.path('prefix');
  await make('install', { PREFIX: prefix });
  const port = await findFreePort();
  const snippet = readFileSync(path.join(prefix, 'share/manyhands/xinetd/distcc'), 'utf8');
  const file = scratch.path('xinetd.conf');
  const text = snippet.replace('3632', `${port}`).replace(/(disable\s+=) yes/, '$1 no');
  // Nobody else is to be waited for.
  writeFileSync(file, text.replace('}', '\tenv = DISTCCD_KEEP_SECONDS=0\n}'));
  await compileBy(['xinetd', '-dontfork', '-f', file], { port, prefix, scratch });
});

test('the shells take the scripts', async () => {
  for (const name of [
    'service/distccd-service',
    'sysv/distcc',
    'openrc/distccd',
    'debian/build-deb',
    'debian/postinst',
  ])
    await runWell(['sh', '-n', path.join(PACKAGING, name)]);
});

/**
 * What distccd.service asks of systemd, done by hand: there is no systemd in a test. In it, a compile
 * goes through, and a box as later workers will make them can be made: with a /proc of its own, too.
 */
const CONFINED = `
cp -a /tmp/shared/stage/. /
cat >/tmp/confined <<'END'
for directory in /tmp /var/tmp /home /root; do mount -t tmpfs none $directory; chmod 1777 $directory; done
mount -o remount,bind,ro /
mount -t proc proc /proc
exec setpriv --no-new-privs --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all "$@"
END
box='bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp'
mkdir /tmp/work; cd /tmp/work; echo 'int one(void) { return 1; }' >a.c
unshare -m sh -eu /tmp/confined $box sh -c 'cd /tmp && echo "int two;" >b.c && gcc -c b.c && test -s b.o'
unshare -m sh -eu /tmp/confined sh -c '! touch /usr/x && ! touch /home/../etc/x && touch /tmp/x'

export ALLOWED_SERVERS='10.98.76.0/24, 127.0.0.1'
unshare -m sh -eu /tmp/confined /opt/manyhands/lib/manyhands/distccd-service --port $PORT --jobs 2 2>log &
for try in $(seq 100); do grep -q ready log && break; sleep 0.1; done
grep ready log || tail log
export HOME=/tmp/work DISTCC_HOSTS=127.0.0.1:$PORT DISTCC_FALLBACK=0
PATH=/opt/manyhands/lib/distcc:$PATH gcc -c a.c
test -s a.o
for try in $(seq 100); do grep COMPILE_OK log && break; sleep 0.1; done
kill -TERM $!
wait $! && code=0 || code=$?
test $code = 0
grep COMPILE_OK log
echo all done
`;

test(
  'a worker compiles under what the unit leaves it, and can put compilers into boxes',
  needsRoot('unshare', 'setpriv', 'bwrap', 'pivot_root'),
  async () => {
    using scratch = new Scratch();
    const shared = scratch.openDirectory('shared');
    await make('install', { PREFIX: '/opt/manyhands', DESTDIR: path.join(shared, 'stage') });
    chmodSync(path.join(shared, 'stage'), 0o755);
    const env = { PORT: `${await findFreePort()}` };
    assert.match(await runInOtherRoot(scratch, CONFINED, { shared, env }), /^all done$/m);
  },
);

/** OpenRC's own openrc-run, as far as it goes without having started the machine. */
const OPENRC = `
cp -a /tmp/shared/stage/. /
for name in starting started stopping inactive wasinactive failed hotplugged daemons options exclusive scheduled tmp; do
  mkdir -p /run/openrc/$name
done
touch /run/openrc/softlevel
getent passwd distcc || useradd --system distcc
see() { for try in $(seq 50); do grep "$1" $2 && return; sleep 0.2; done; return 1; }
share=/opt/manyhands/share/manyhands/openrc
mkdir -p /etc/conf.d /tmp/work; cd /tmp/work; echo 'int one(void) { return 1; }' >a.c
export HOME=/tmp/work DISTCC_FALLBACK=0

: the settings as they come but for the port, and a second daemon by another name
install -m 755 $share/distccd /etc/init.d/distccd
ln -s distccd /etc/init.d/distccd2
sed "s/3632/$PORT/; s/notice/info/; s:192.168.0.0/24:127.0.0.1:" $share/distccd.confd >/etc/conf.d/distccd
sed "s/$PORT/$PORT2/" /etc/conf.d/distccd >/etc/conf.d/distccd2
echo 'TMPDIR=/var/tmp/distccd2' >>/etc/conf.d/distccd2
for name in distccd distccd2; do
  /etc/init.d/$name --nodeps start
  /etc/init.d/$name --nodeps status
  see ready /var/log/$name.log
  test "$(stat -c %U:%a /var/log/$name.log)" = distcc:640
done
test "$(ps -o user= -p $(cat /run/distccd.pid))" = distcc
DISTCC_HOSTS=127.0.0.1:$PORT /opt/manyhands/bin/distcc gcc -c a.c
see COMPILE_OK /var/log/distccd.log
DISTCC_HOSTS=127.0.0.1:$PORT2 /opt/manyhands/bin/distcc gcc -c a.c
see COMPILE_OK /var/log/distccd2.log
grep 'temporary files in /var/tmp/distccd2' /var/log/distccd2.log

: reload, restart, stop
/etc/init.d/distccd --nodeps reload
first=$(cat /run/distccd.pid)
/etc/init.d/distccd --nodeps restart
test $first != $(cat /run/distccd.pid)
for name in distccd distccd2; do
  /etc/init.d/$name --nodeps stop
  code=0; /etc/init.d/$name --nodeps status || code=$?; test $code = 3
done
echo all done
`;

test(
  'OpenRC starts, reloads and stops it, twice by two names',
  needsRoot('openrc-run', 'useradd'),
  async () => {
    using scratch = new Scratch();
    const shared = scratch.openDirectory('shared');
    await make('install', { PREFIX: '/opt/manyhands', DESTDIR: path.join(shared, 'stage') });
    chmodSync(path.join(shared, 'stage'), 0o755);
    const env = { PORT: `${await findFreePort()}`, PORT2: `${await findFreePort()}` };
    assert.match(await runInOtherRoot(scratch, OPENRC, { shared, env }), /^all done$/m);
  },
);
