/** The options of distccd. The names come with their values and short forms from the option table. */
import { DISTCCD_OPTIONS } from '../../src/config/distccd-options.ts';
import { better, later, other, same, type Row } from './row.ts';
import { namesOf } from './option-names.ts';

const IN_SCRIPTS =
  'src/config/distccd-options.test.ts › parseDistccdOptions() takes what distcc’s users have in their scripts';
const WRONG =
  'src/config/distccd-options.test.ts › parseDistccdOptions() says what is wrong, with distcc’s exit code';
const ABOUT_ITSELF = 'native/distccd-service.test.ts › --help and --version end with 0';
const DETACHED =
  'native/distccd-service.test.ts › detached, it listens before the launching process ends, and holds nothing of it';
const NONE = 'no such thing';
const ANY_COMMAND = 'src/worker/reapi/execution.test.ts › any command runs only where the owner lets it';
const CLIENT_RESULTS =
  'src/worker/reapi/action-cache.test.ts › results of clients are kept only where the owner lets them';
const NOT_BUILT_IN = '101, and a sentence that it is not built in';

type Told = (names: readonly string[]) => Row;

const OPTIONS: Readonly<Record<string, Told>> = {
  help: (names) => same(names, 'shows a text', ABOUT_ITSELF),
  version: (names) => same(names, 'version and protocols', ABOUT_ITSELF),
  port: (names) =>
    same(
      names,
      '3632; 101 when it is no port, 102 when it is taken',
      'src/config/distccd-options.test.ts › parseDistccdOptions() knows every form of an option',
    ),
  listen: (names) =>
    better(
      names,
      'one address; of a name, the first',
      'native/distccd-surroundings.test.ts › it listens on ::1, and lets in who comes from there',
      'may be repeated; all addresses of a name',
    ),
  stats: (names) =>
    same(
      names,
      'a page by HTTP',
      'native/distccd-stats.test.ts › the page has all that a stock distccd’s has, in its order and form',
      'with `dcc_free_mem` and an I/O rate of all disks. Readers that are slow keep nobody waiting',
    ),
  'stats-port': (names) =>
    same(
      names,
      '3633',
      'native/distccd-stats.test.ts › it is for those on the access list, and not there unless wanted',
    ),
  allow: (names) =>
    better(
      names,
      'address or network, sometimes a name. Without it, 3.4 lets everybody in',
      'native/distccd-peers.test.ts › a peer that comes over IPv6 as IPv4 is in the IPv4 networks, and names are looked up',
      'names always; IPv4 that comes over IPv6. Without it, private networks',
    ),
  'allow-private': (names) =>
    better(
      names,
      'the private networks; 3.4 forgets ::1',
      'src/net/network.test.ts › PRIVATE_NETWORKS holds the private networks and no others',
      'with ::1',
    ),
  jobs: (names) =>
    same(
      names,
      'compilers at the same time: processors + 2, up to 200',
      'native/distccd-jobs.test.ts › jobs beyond --jobs wait for their turn',
      'up to 1000',
    ),
  nice: (names) =>
    same(
      names,
      '5',
      'native/distccd-surroundings.test.ts › --nice is for compilers',
      'for compilers only: the daemon itself answers at once',
    ),
  'oom-score-adj': (names) =>
    same(
      names,
      'how soon Linux kills it (newest source)',
      'native/distccd-surroundings.test.ts › --oom-score-adj is for the parent, the worker and compilers',
    ),
  sysroot: (names) =>
    same(
      names,
      'whose files -specs may name (newest source)',
      'native/distccd-surroundings.test.ts › --sysroot lets its files be named with -specs',
    ),
  'cache-dir': (names) =>
    other(
      names,
      NONE,
      'test/e2e/native-cache.test.ts › a worker with --cache-dir knows results of before its start',
      'where headers and results of the native wire are kept',
    ),
  'cache-size': (names) =>
    other(
      names,
      NONE,
      'src/config/size.test.ts › parseSize() reads numbers with units',
      'how large that gets',
    ),
  'reapi-any-command': (names) =>
    other(names, NONE, ANY_COMMAND, 'clients of the Remote Execution API may run more than compilers'),
  'plain-reapi': (names) =>
    other(
      names,
      NONE,
      'test/e2e/plain-reapi.test.ts › all others were compiled by the server',
      'behaves like a Remote Execution server of any make',
    ),
  'reapi-client-results': (names) =>
    other(names, NONE, CLIENT_RESULTS, 'and may keep results of their own here'),
  'http-cache': (names) =>
    other(
      names,
      NONE,
      'src/worker/http-door.test.ts › what is put is got',
      'clients of HTTP keep what they like',
    ),
  user: (names) =>
    same(
      names,
      'whom root becomes: distcc, else nobody',
      'native/distccd-service.test.ts › root’s daemon is not root',
    ),
  'log-file': (names) =>
    better(
      names,
      'appends to it; HUP, as log rotation sends it, ends the daemon',
      DETACHED,
      'HUP opens it again',
    ),
  'log-level': (names) =>
    same(
      names,
      'emerg to debug; notice',
      'src/config/distccd-options.test.ts › parseDistccdOptions() knows the levels by all their names',
    ),
  'log-format': (names) =>
    other(
      names,
      NONE,
      'test/e2e/logs.test.ts › both logs name the job, as lines and as JSON',
      'lines or JSON',
    ),
  'log-stderr': (names) => same(names, 'logs to standard error', IN_SCRIPTS),
  verbose: (names) => same(names, '--log-level=debug', IN_SCRIPTS),
  'pid-file': (names) => same(names, 'is there before the launching process ends', DETACHED),
  daemon: (names) => same(names, 'serves a port', DETACHED),
  inetd: (names) =>
    better(
      names,
      'serves one client; a second for each job',
      'native/distccd-inetd.test.ts › a job over pipes is answered, nothing else is said, and nobody stays',
      'without that second. Also under systemd’s sockets (LISTEN_FDS)',
    ),
  'no-detach': (names) =>
    same(names, 'stays in the foreground', IN_SCRIPTS, 'and logs to standard error if nothing else is said'),
  'job-lifetime': (names) =>
    same(
      names,
      'seconds that a compile may take',
      'native/distccd-jobs.test.ts › --job-lifetime stops the compile and says so with 118',
    ),
  lifetime: (names) =>
    same(names, 'seconds until it ends', 'native/distccd-jobs.test.ts › --lifetime ends the daemon'),
  'enable-tcp-insecure': (names) =>
    same(
      names,
      'any program is a compiler',
      'native/distccd-jobs.test.ts › --enable-tcp-insecure lifts the whitelist, not the rules for options',
      'but options that load other code are refused',
    ),
  wizard: (names) => same(names, 'in the foreground, with all of the log', IN_SCRIPTS),
  'no-fork': (names) => other(names, 'serves in one process', IN_SCRIPTS, 'taken, without effect'),
  'no-fifo': (names) => same(names, 'without effect', IN_SCRIPTS),
  zeroconf: (names) => later(names, 'with Avahi: announces itself', WRONG, NOT_BUILT_IN),
  auth: (names) => later(names, 'with GSS-API: asks who a client is', WRONG, NOT_BUILT_IN),
  'show-principal': (names) => later(names, 'with GSS-API: its name', WRONG, NOT_BUILT_IN),
  blacklist: (names) => later(names, 'with GSS-API: whom not to let in', WRONG, NOT_BUILT_IN),
  whitelist: (names) => later(names, 'with GSS-API: whom to let in', WRONG, NOT_BUILT_IN),
};

export const DAEMON_ROWS: readonly Row[] = [
  ...DISTCCD_OPTIONS.flatMap((row) => OPTIONS[row.name]?.(namesOf(row)) ?? []),
  same('any other option', '101', WRONG, 'with the option in the sentence'),
  same(
    'other words',
    'no effect',
    'src/config/distccd-options.test.ts › parseDistccdOptions() collects what may be repeated',
  ),
];
