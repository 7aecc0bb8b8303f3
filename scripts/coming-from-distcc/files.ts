/** The files that distcc, its scripts and the distributions' packages of it read and write. */
import { better, later, other, same, type Row } from './row.ts';

const FIRST_LIST =
  'src/config/client-settings.test.ts › readClientSettings() takes the first host list that is there';
const SETTINGS =
  'test/e2e/services.test.ts › distccd-service makes options of the settings that distributions have';
const MASQUERADE =
  'test/e2e/tools.test.ts › update-distcc-symlinks: compilers come and go, and a link compiles';
const DETACHED =
  'native/distccd-service.test.ts › detached, it listens before the launching process ends, and holds nothing of it';
const NOT_BUILT_IN =
  'src/config/distccd-options.test.ts › parseDistccdOptions() says what is wrong, with distcc’s exit code';

export const FILE_ROWS: readonly Row[] = [
  same(
    ['$DISTCC_DIR/hosts', '~/.distcc/hosts', '/etc/distcc/hosts'],
    'the host list, where DISTCC_HOSTS is not set; the first that is there',
    FIRST_LIST,
  ),
  other(
    ['$DISTCC_DIR/lock/cpu_*', '$DISTCC_DIR/lock/backoff_*'],
    'a file for each slot and for each host that failed',
    'test/e2e/many.test.ts › make -j64, 320 files: no job is lost, and there is one agent that holds nothing',
    'not there: the agent of each user counts. A stock distcc beside it counts its own jobs',
  ),
  same(
    '$DISTCC_DIR/state/binstate_*',
    'what each job is doing, for monitors',
    'src/wire/monitor/state-file.test.ts › encodeState() has the bytes of distcc 3.4 on x86-64',
    'in their bytes. They are removed when a process was killed',
  ),
  later(
    ['$DISTCC_DIR/zeroconf/hosts', '$DISTCC_DIR/zeroconf/lock'],
    'hosts that were found',
    'test/e2e/host-lists.test.ts › a list with an entry that means nothing: +zeroconf',
    'neither read nor written',
  ),
  better(
    '$DISTCC_LOG',
    "the client's log",
    'src/agent/job-log.test.ts › JobLog does not wait for the reader of a fifo: the lines go to standard error',
    'a fifo without a reader holds no job up',
  ),
  same(
    ['$TMPDIR/distcc_*', '$TMPDIR/distcc_server_stderr_*.txt', '$TMPDIR/distcc_server_stdout_*.txt'],
    "a job's text, and what the host said; kept by DISTCC_SAVE_TEMPS",
    'test/e2e/variables.test.ts › DISTCC_SAVE_TEMPS=1 leaves what was sent, and what came back, in TMPDIR',
    'written only to be kept',
  ),
  better(
    '$TMPDIR/distccd_*',
    "the daemon's files of a job",
    'native/distccd-service.test.ts › what a killed daemon left is removed by the next one, and nothing else is',
    'a directory for each job, of which nothing stays; what a killed daemon left goes with the next',
  ),
  same(
    ['PREFIX/lib/distcc', '/usr/lib/distcc', 'PREFIX/lib/distcc/bin'],
    'links named as compilers: for PATH, and what a daemon may run; 110 without one',
    MASQUERADE,
  ),
  better(
    'the file of DISTCC_CMDLIST',
    'a compiler on each line',
    'native/distccd-jobs.test.ts › DISTCC_CMDLIST names the compilers; one that cannot be read allows none',
    'when it cannot be read, nothing may be run',
  ),
  same('the file of --pid-file', 'the process id', DETACHED),
  better(
    ['the file of --log-file', '/var/log/distccd.log'],
    "the daemon's log",
    DETACHED,
    'HUP opens it again; `logrotate/distccd` is installed with it',
  ),
  same(
    '/dev/log',
    "the system's log, facility daemon",
    'native/distccd-surroundings.test.ts › a daemon logs to the system, facility daemon, and HUP does not end it',
  ),
  same(
    '/etc/default/distcc',
    'Debian: STARTDISTCC, ALLOWEDNETS, LISTENER, NICE, JOBS, ZEROCONF',
    SETTINGS,
    'read by the systemd unit and by the sysv script, which says so when ZEROCONF is set: it does not count yet',
  ),
  same(
    '/etc/conf.d/distccd',
    'Arch: DISTCC_ARGS; Gentoo with OpenRC: DISTCCD_OPTS, DISTCCD_EXEC, TMPDIR',
    'test/e2e/services.test.ts › OpenRC starts, reloads and stops it, twice by two names',
    'read by the systemd unit (DISTCC_ARGS) and by the OpenRC script (the others)',
  ),
  same(
    '/etc/systemd/system/distccd.service.d/00gentoo.conf',
    'Gentoo with systemd: ALLOWED_SERVERS, one',
    'test/e2e/services.test.ts › systemd takes the units, with the drop-in of Gentoo too',
    'one or several',
  ),
  same(
    '/etc/init.d/distcc',
    'the sysv script',
    'test/e2e/debian.test.ts › the package takes over from distcc, its script starts, stops and rotates, and all of it can be removed',
    'as `sysv/distcc`; a link by another name is another daemon',
  ),
  same(
    '/etc/xinetd.d/distcc',
    'for xinetd',
    'native/distccd-inetd.test.ts › under xinetd',
    'as `xinetd/distcc`',
  ),
  same(
    '/etc/env.d/02distcc',
    'Gentoo: variables for all',
    'test/e2e/tools.test.ts › distcc-config shows and sets variables, and has them told to all',
    'by `distcc-config`',
  ),
  other(
    ['/etc/distcc/clients.allow', '/etc/distcc/commands.allow.sh'],
    "RPM's script: networks for --allow, and DISTCC_CMDLIST",
    SETTINGS,
    'not read: write the networks into `ALLOWED_SERVERS`, and `DISTCC_CMDLIST` into the unit’s environment',
  ),
  other(
    ['/etc/sysconfig/distccd', '/etc/sysconfig/distcc'],
    'some RPM systems: OPTIONS, IP_ALLOW, DISTCC_LOG',
    SETTINGS,
    'not read: the same in `/etc/conf.d/distccd`, as `DISTCC_ARGS`',
  ),
  later(
    ['the file of --blacklist', 'the file of --whitelist'],
    'with GSS-API: who may send jobs',
    NOT_BUILT_IN,
    'the options are refused',
  ),
  other(
    ['$INCLUDE_SERVER_PORT', 'discrepancy_counter'],
    'pump mode: the socket of its server, and how often it was wrong',
    'test/e2e/pump.test.ts › --startup has a shell build, and --shutdown leaves nothing: sh eval',
    'a socket at which nobody listens, from `pump --startup` to `--shutdown`; nothing is counted there',
  ),
];
