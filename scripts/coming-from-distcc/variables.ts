/** The variables: one row for each of the client's table, and for all others that distcc or its scripts read. */
import type { CLIENT_VARIABLES } from '../../src/config/client-variables.ts';
import { better, later, other, same, type Row } from './row.ts';

const NO_EFFECT = 'test/e2e/variables.test.ts › variables that are not read change nothing';
const CMDLIST =
  'native/distccd-jobs.test.ts › DISTCC_CMDLIST names the compilers; one that cannot be read allows none';
const CALLERS_ENVIRONMENT =
  "test/e2e/masquerade.test.ts › the caller's own environment reaches the preprocessor";

const NONE = 'no such thing';
const TRACES = 'src/config/trace-settings.test.ts › traces go below the endpoint, with its headers';
const OWN_CACHE = 'test/e2e/native-cache.test.ts › a result that is here needs no host';

type Told = (name: string) => Row;

const OF_THE_TABLE: Readonly<Record<keyof typeof CLIENT_VARIABLES, Told>> = {
  DISTCC_HOSTS: (name) =>
    same(
      name,
      'the host list; set to nothing, there are no hosts',
      'src/config/client-settings.test.ts › readClientSettings() takes the first host list that is there',
    ),
  DISTCC_DIR: (name) =>
    better(
      name,
      'directory of host list, locks and state',
      'test/e2e/agent-life.test.ts › DISTCC_DIR that leads into memory is made again when that was emptied, for the same agent',
      'a link that dangles, as after a reboot, is made again',
    ),
  TMPDIR: (name) =>
    same(
      name,
      'temporary files; 107 when it cannot be written to',
      'test/e2e/variables.test.ts › a variable that says what cannot be: TMPDIR,/none',
    ),
  DISTCC_VERBOSE: (name) =>
    same(
      name,
      '1 logs everything',
      'test/e2e/variables.test.ts › DISTCC_VERBOSE=1 tells all on standard error, why a job stays here among it',
      'and why a job stays here',
    ),
  DISTCC_LOG: (name) =>
    same(
      name,
      'appends the log to a file',
      'test/e2e/variables.test.ts › DISTCC_LOG has the lines that scripts look for',
      'with the lines that people look for',
    ),
  UNCACHED_ERR_FD: (name) =>
    same(
      name,
      "the log's descriptor, under ccache",
      'test/e2e/variables.test.ts › UNCACHED_ERR_FD gets our lines, and standard error the compiler’s',
    ),
  DISTCC_FALLBACK: (name) =>
    same(
      name,
      '0: 116 instead of a compile here',
      'src/agent/agent.test.ts › Agent fails the job when there is no host and fallback is off',
    ),
  DISTCC_SKIP_LOCAL_RETRY: (name) =>
    same(
      name,
      'set to anything: an error there is not tried again here',
      'src/agent/agent.test.ts › Agent believes a remote error when it is told to',
    ),
  DISTCC_NO_REWRITE_CROSS: (name) =>
    same(
      name,
      'set to anything: compilers keep the names that were typed',
      'test/e2e/variables.test.ts › DISTCC_NO_REWRITE_CROSS has hosts called as typed',
    ),
  DISTCC_BACKOFF_PERIOD: (name) =>
    better(
      name,
      '60: seconds for which a host that failed is left alone; compile errors and refusals count',
      'src/agent/agent.test.ts › Agent leaves a host alone that is away, for as long as the caller says',
      'only hosts that are away or broken are left alone',
    ),
  DISTCC_IO_TIMEOUT: (name) =>
    same(
      name,
      '300: seconds of silence; 101 when not above 0',
      'test/e2e/variables.test.ts › a variable that says what cannot be: DISTCC_IO_TIMEOUT,0',
      'counts in distccd, too, where a client that stalls keeps one of its processes for ever',
    ),
  DISTCC_PAUSE_TIME_MSEC: (name) =>
    better(
      name,
      '1000: how long a job sleeps when all slots are taken',
      'test/e2e/variables.test.ts › values that mean nothing change nothing',
      'without effect: a job that waits is woken',
    ),
  DISTCC_SAVE_TEMPS: (name) =>
    same(
      name,
      '1 keeps temporary files, in distccd too',
      'test/e2e/variables.test.ts › DISTCC_SAVE_TEMPS=1 leaves what was sent, and what came back, in TMPDIR',
    ),
  DISTCC_TCP_CORK: (name) =>
    same(
      name,
      'without effect, by a mistake',
      'test/e2e/variables.test.ts › values that mean nothing change nothing',
      'without effect: a request is one write',
    ),
  DISTCC_SSH: (name) =>
    same(
      name,
      'ssh, or another command, with options',
      'test/e2e/ssh.test.ts › user@host, a port and a key on DISTCC_SSH, and distccd by its name alone',
    ),
  DISTCC_SOCKS_PROXY: (name) =>
    same(
      name,
      "Gentoo's distcc only: hosts are reached by this SOCKS5 proxy",
      'test/e2e/portage.test.ts › packages are built as Portage builds them',
      'for TCP hosts; ssh has its own ways',
    ),
  MANYHANDS_LOG_FORMAT: (name) =>
    other(
      name,
      NONE,
      'test/e2e/logs.test.ts › both logs name the job, as lines and as JSON',
      '`json`: objects',
    ),
  MANYHANDS_NATIVE: (name) =>
    other(
      name,
      NONE,
      'test/e2e/native-cache.test.ts › MANYHANDS_NATIVE=off and ,nonative keep to the protocols of distcc',
      'off: hosts are spoken to in the protocols of distcc only',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: (name) => other(name, NONE, TRACES, 'a trace of each job is sent there'),
  OTEL_EXPORTER_OTLP_HEADERS: (name) => other(name, NONE, TRACES, 'with these headers'),
  OTEL_SERVICE_NAME: (name) => other(name, NONE, TRACES, 'under this name'),
  MANYHANDS_CACHE: (name) => other(name, NONE, OWN_CACHE, 'off: results are not kept'),
  MANYHANDS_CACHE_DIR: (name) => other(name, NONE, OWN_CACHE, 'where they are kept'),
  MANYHANDS_CACHE_SIZE: (name) =>
    other(
      name,
      NONE,
      'src/config/size.test.ts › parseSize() reads numbers with units',
      'how large that gets',
    ),
  XDG_CACHE_HOME: (name) => other(name, NONE, OWN_CACHE, 'results are kept in its directory manyhands'),
  DISTCC_PRINCIPAL: (name) => later(name, "with GSS-API: the server's name", NO_EFFECT, 'not read'),
};

const CLIENT: readonly Row[] = [
  better(
    'HOME',
    'where `.distcc` is; without it and DISTCC_DIR nothing is distributed',
    'test/e2e/variables.test.ts › without HOME and DISTCC_DIR compiles are sent all the same',
    'without both, compiles are sent all the same',
  ),
  same(
    'PATH',
    'where compilers are, behind the masquerade directory',
    'native/launcher.test.ts › PATH is trimmed after the launcher, however it is spelled',
  ),
  same(
    '_DISTCC_SAFEGUARD',
    'counts how often it has called itself',
    'native/launcher.test.ts › _DISTCC_SAFEGUARD: one level runs the compiler, circles end with 111',
  ),
  same(
    ['CPATH', 'C_INCLUDE_PATH', 'CPLUS_INCLUDE_PATH'],
    'preprocessing happens here, for hosts with `,cpp` too',
    CALLERS_ENVIRONMENT,
  ),
  other(
    'DEPENDENCIES_OUTPUT',
    "for pump mode's dependency files",
    'src/command/analyze.test.ts › analyze() stays for variables that make the compiler do more',
    'the job stays here, so that the compiler writes what it asks for',
  ),
  other(
    ['INCLUDE_SERVER_PORT', 'INCLUDE_SERVER_PID', 'INCLUDE_SERVER_DIR'],
    'pump mode: where its include server is',
    'test/e2e/pump.test.ts › a stock distcc that sees our variables preprocesses by itself',
    'set by `pump` for scripts that look for them, not read: nobody listens there, and no process has that number. With `pump COMMAND` the first alone, as there',
  ),
  other(
    'INCLUDE_SERVER_ARGS',
    'options for it',
    'test/e2e/pump.test.ts › INCLUDE_SERVER_ARGS is without effect, and says so once',
    'without effect; `pump` says so',
  ),
  other(
    ['INCLUDE_SERVER_STUB', 'DISTCC_TESTING_INCLUDE_SERVER'],
    "for pump mode's tests",
    NO_EFFECT,
    'not read',
  ),
  other(
    ['DISTCC_MAX_DISCREPANCY', 'DISTCC_EXCLUDE_FRESH_FILES'],
    'when pump mode gives up (there 101 if not above 0), and which files do not count for that',
    NO_EFFECT,
    'not read, whatever they say: a job that goes wrong with its headers is sent as a text, then and later, and changes nothing for the others. What changes during the build is read as it is then',
  ),
  other(
    ['DISTCC_ENABLE_DISCREPANCY_EMAIL', 'DISTCC_EMAILLOG_WHOM_TO_BLAME', 'DCC_EMAILLOG_WHOM_TO_BLAME'],
    "mail when pump mode was wrong; the last one is the manual's name, which nothing reads",
    NO_EFFECT,
    'not read: no mail is sent. `manyhands status` has what came home, and why',
  ),
  same(
    'DISTCC_LOCATION',
    'for `pump`: the directory of distcc',
    'test/e2e/pump.test.ts › DISTCC_LOCATION names the directory that comes first on PATH',
  ),
  same(
    ['DISTCC_POTENTIAL_HOSTS', 'LSDISTCC_ARGS'],
    'for `pump`: whom to ask, and options of `lsdistcc` for that',
    'test/e2e/pump.test.ts › DISTCC_POTENTIAL_HOSTS: those that answer are the hosts',
    'none that answers is said, and compiles stay here',
  ),
  other('DISTCC_CLIENT_TMP', "for the include server's files", NO_EFFECT, 'not read'),
];

const DAEMON: readonly Row[] = [
  better(
    'DISTCC_CMDLIST',
    'file of the compilers that may be run; when it cannot be read, everything may',
    CMDLIST,
    'when it cannot be read, nothing may',
  ),
  same(
    'DISTCC_CMDLIST_NUMWORDS',
    'how many last parts of a path have to be the same: 1',
    'src/worker/whitelist.test.ts › findCompiler() compares the last words of a list, and runs what is listed',
  ),
  better(
    ['DISTCCD_PATH', 'PATH'],
    'where compilers are; a masquerade directory on it calls distcc again',
    'native/distccd-surroundings.test.ts › a masquerade directory on DISTCCD_PATH is passed over',
    'such a directory is passed over',
  ),
  same(
    'TMPDIR',
    'temporary files; 107 when it cannot be written to',
    'native/distccd-service.test.ts › what cannot be has one sentence and distcc’s exit code',
  ),
  better(
    'DISTCC_IO_TIMEOUT',
    'never fires',
    'native/distccd-peers.test.ts › a sender that stalls is timed out',
    'seconds for which a client may be silent',
  ),
  same(
    'DISTCC_SAVE_TEMPS',
    '1 keeps temporary files',
    'native/distccd-surroundings.test.ts › DISTCC_SAVE_TEMPS leaves the files of jobs, and the next daemon does, too',
  ),
  other(
    'DISTCC_TCP_DEFER_ACCEPT',
    '1, where it is not set: a connection is the kernel’s until something has come on it',
    'native/distccd-surroundings.test.ts › DISTCC_TCP_DEFER_ACCEPT=1 leaves a connection to the kernel until something has come on it',
    '0 where it is not set: a silent client takes no process here, and one that the kernel holds is not told when the daemon stops',
  ),
  later(
    'DISTCCD_PRINCIPAL',
    "with GSS-API: the daemon's name",
    'src/config/distccd-options.test.ts › parseDistccdOptions() says what is wrong, with distcc’s exit code',
    'not read: `--auth` is refused before',
  ),
];

export const CLIENT_VARIABLE_ROWS: readonly Row[] = [
  ...Object.entries(OF_THE_TABLE).map(([name, tell]) => tell(name)),
  ...CLIENT,
];
export const DAEMON_VARIABLE_ROWS = DAEMON;
