/** The other programs, and their options by their tables. */
import { DISTCC_CONFIG_OPTIONS } from '../../src/config/distcc-config-options.ts';
import { LSDISTCC_OPTIONS } from '../../src/config/lsdistcc-options.ts';
import type { OptionRow } from '../../src/config/option.ts';
import { PUMP_OPTIONS } from '../../src/config/pump-options.ts';
import { UPDATE_DISTCC_SYMLINKS_OPTIONS } from '../../src/config/update-distcc-symlinks-options.ts';
import { namesOf } from './option-names.ts';
import { better, other, same, type Row } from './row.ts';

const AS_DEBIANS = "test/e2e/tools.test.ts › lsdistcc lists what Debian's lists";
const COMPILES = 'test/e2e/tools.test.ts › lsdistcc has a distccd compile, ours';
const LETTERS =
  'src/config/lsdistcc-options.test.ts › parseLsdistccOptions() reads each letter with its value glued on, as scripts have it';
const END = "test/e2e/tools.test.ts › lsdistcc ends with the original's exit codes";
const CONFIG_HOSTS = 'test/e2e/tools.test.ts › distcc-config shows and sets hosts';
const CONFIG_VARIABLES =
  'test/e2e/tools.test.ts › distcc-config shows and sets variables, and has them told to all';
const CONFIG_LINKS = 'test/e2e/tools.test.ts › distcc-config keeps the masquerade directory';
const PUMP_HELP = 'test/e2e/pump.test.ts › pump tells about itself, and takes no other option';
const ABOUT_THEMSELVES = 'test/e2e/tools.test.ts › each tool has --help and --version';

type Told = (names: readonly string[]) => Row;

const LSDISTCC: Readonly<Record<string, Told>> = {
  help: (names) => same(names, 'a text; 1', END),
  version: (names) => other(names, 'not there', END, 'ours; 0'),
  latency: (names) => same(names, 'how many ms each took', COMPILES),
  numeric: (names) => same(names, 'addresses', AS_DEBIANS),
  down: (names) => same(names, 'those that do not answer too, with `,down`', AS_DEBIANS),
  timeout: (names) => same(names, '7 s for all', LETTERS),
  'dns-retry': (names) => same(names, '500 ms', LETTERS),
  'connect-timeout': (names) => same(names, '900 ms; 0 connects to nobody', AS_DEBIANS),
  'compile-timeout': (names) => same(names, '1500 ms', COMPILES),
  match: (names) => same(names, "bits that are the first host's: 0", AS_DEBIANS),
  overlap: (names) => same(names, 'names looked up at the same time', LETTERS),
  gap: (names) => same(names, 'missing names that do not end it: 0', AS_DEBIANS),
  port: (names) => same(names, '3632', AS_DEBIANS),
  protocol: (names) => same(names, '1 to 3', COMPILES),
  compiler: (names) => same(names, 'has each host compile a line', COMPILES),
  domain: (names) => same(names, 'appends the DNS domain', LETTERS),
  verbose: (names) => same(names, 'tells what is done', LETTERS),
};

const CONFIG: Readonly<Record<string, Told>> = {
  help: (names) => same(names, 'a text', ABOUT_THEMSELVES),
  version: (names) => other(names, 'not there', ABOUT_THEMSELVES, 'ours'),
  'get-hosts': (names) => same(names, 'the host list', CONFIG_HOSTS),
  'set-hosts': (names) =>
    better(names, 'writes anything', CONFIG_HOSTS, '106 for a list that does not parse; the old one stays'),
  'get-verbose': (names) => same(names, 'DISTCC_VERBOSE', CONFIG_VARIABLES),
  'set-verbose': (names) => same(names, 'sets it', CONFIG_VARIABLES),
  'get-log': (names) => same(names, 'DISTCC_LOG', CONFIG_VARIABLES),
  'set-log': (names) => same(names, 'sets it', CONFIG_VARIABLES),
  'get-env': (names) => same(names, 'what /etc/env.d/02distcc has', CONFIG_VARIABLES),
  'set-env': (names) =>
    better(names, 'changes a variable that stands there', CONFIG_VARIABLES, 'adds one that does not'),
  install: (names) => same(names, 'makes the masquerade directory', CONFIG_LINKS),
  'update-masquerade': (names) =>
    better(names, 'makes the links anew', CONFIG_LINKS, 'links that others made stay'),
  'update-masquerade-with-crossdev': (names) => same(names, 'with cross compilers', CONFIG_LINKS),
  prefix: (names) => same(names, "another system's directory", CONFIG_HOSTS),
};

const PUMP: Readonly<Record<string, Told>> = {
  help: (names) => same([...names, 'pump (without words)'], 'a text; 0', PUMP_HELP),
  version: (names) => other(names, 'taken for a command; 127', PUMP_HELP, 'ours; 0'),
  startup: (names) =>
    same(
      names,
      'prints `export` lines for an eval, and starts an include server',
      'test/e2e/pump.test.ts › --startup has a shell build, and --shutdown leaves nothing: sh eval',
      'makes a directory with a socket that scripts can find; nobody listens there',
    ),
  shutdown: (names) =>
    better(
      names,
      'ends the server, and removes `INCLUDE_SERVER_DIR`, whatever that is',
      'test/e2e/pump.test.ts › --shutdown takes away what --startup made, and nothing else',
      'removes what it made, and nothing else',
    ),
};

const LINKS: Readonly<Record<string, Told>> = {
  help: (names) => other(names, 'not there', ABOUT_THEMSELVES, 'ours'),
  version: (names) => other(names, 'not there', ABOUT_THEMSELVES, 'ours'),
  directory: (names) =>
    other(
      names,
      'not there: it knows its directory',
      'src/config/update-distcc-symlinks-options.test.ts › parseUpdateDistccSymlinksOptions() reads where and what',
      'ours',
    ),
  link: (names) =>
    other(
      names,
      'not there',
      'src/config/update-distcc-symlinks-options.test.ts › parseUpdateDistccSymlinksOptions() reads where and what',
      'ours',
    ),
};

function rowsOf(options: readonly OptionRow[], told: Readonly<Record<string, Told>>): readonly Row[] {
  return options.flatMap((row) => told[row.name]?.(namesOf(row)) ?? []);
}

export const LSDISTCC_ROWS: readonly Row[] = [
  same(
    ['lsdistcc', 'lsdistcc FORMAT', 'lsdistcc HOST…'],
    'counts up from `distcc1`, or asks those hosts; listed as they answer',
    AS_DEBIANS,
    'listed in the order of their names; IPv6 too. Options have long names besides',
  ),
  ...rowsOf(LSDISTCC_OPTIONS, LSDISTCC),
];

export const CONFIG_ROWS: readonly Row[] = [
  ...rowsOf(DISTCC_CONFIG_OPTIONS, CONFIG),
  other(
    ['--update-masquerade-with-cc32_64', '--generate-cmdlist'],
    'in some releases',
    'src/config/distcc-config-options.test.ts › parseDistccConfigOptions() takes nothing else',
    'not there',
  ),
];

export const PUMP_ROWS: readonly Row[] = [
  better(
    ['pump COMMAND …', 'distcc-pump COMMAND …'],
    'starts an include server, puts its directory first on PATH and runs the command; says so on standard output',
    'test/e2e/pump.test.ts › pump make: compiles go to both hosts, and nothing comes between',
    'starts nothing, and becomes the command: signals, descriptors and output are its own. What it says is on standard error. The second name is in the Debian package',
  ),
  better(
    'a link named as a compiler, first on PATH',
    'hides the links behind /usr/bin: nothing is sent',
    'test/e2e/pump.test.ts › the masquerade directory keeps its place before distcc’s own',
    'PATH stays as it is where it leads to this distcc',
  ),
  same(
    'a host list without ,cpp, or none',
    '1, and a sentence',
    'test/e2e/pump.test.ts › what cannot be is 1 and one sentence, and the command is not run',
  ),
  ...rowsOf(PUMP_OPTIONS, PUMP),
];

export const LINKS_ROWS: readonly Row[] = rowsOf(UPDATE_DISTCC_SYMLINKS_OPTIONS, LINKS);

export const PROGRAM_ROWS: readonly Row[] = [
  better(
    ['distccmon-text', 'distccmon-text DELAY'],
    'the jobs of this DISTCC_DIR; no file name while it preprocesses, nothing of jobs that wait, and after a minute the job vanishes',
    "test/e2e/monitors.test.ts › Debian's monitor shows our jobs: where each one is, and which one waits",
    'the same lines, all three put right, in theirs as in ours',
  ),
  other('distccmon-text --help', 'a text; 1', ABOUT_THEMSELVES, '0'),
  other('distccmon-text --version', 'not there', ABOUT_THEMSELVES, 'ours'),
  better(
    'distccmon-gnome',
    'a window with them',
    'test/e2e/web.test.ts › distccmon-gui is the page, of another user too when root asks',
    'a page: lanes, rates, hosts and each file’s story; distccmon-gui as well. Theirs shows our jobs by the state files',
  ),
  better(
    'update-distcc-symlinks',
    'links for the compilers of this machine',
    'test/e2e/tools.test.ts › update-distcc-symlinks: compilers come and go, and a link compiles',
    'touches no link that others made',
  ),
  other(
    [
      'include_server',
      'include_server -d -e -s -t -v -w -x',
      '--port',
      '--pid_file',
      '--email',
      '--no-email',
      '--email_bound',
      '--path_observation_re',
      '--stat_reset_triggers',
      '--unsafe_absolute_includes',
      '--unsafe_no_unexpanded_functions',
      '--no_force_dirs',
    ],
    'reads the headers of a build, in Python',
    'test/e2e/tools.test.ts › nothing takes the name of what we have not got',
    "not there: it is the agent's work",
  ),
];
