/** The manuals that there are. A program with a table of options has an entry here, and nothing more. */
import { DISTCC_OPTIONS, HOSTS_GRAMMAR } from '../../src/config/distcc-options.ts';
import { DISTCCD_OPTIONS } from '../../src/config/distccd-options.ts';
import { CLIENT_VARIABLES } from '../../src/config/client-variables.ts';
import { DISTCC_CONFIG_OPTIONS } from '../../src/config/distcc-config-options.ts';
import { DISTCCD_VARIABLES } from '../../src/config/distccd-variables.ts';
import { DISTCCMON_GUI_OPTIONS } from '../../src/config/distccmon-gui-options.ts';
import { DISTCCMON_TEXT_OPTIONS } from '../../src/config/distccmon-text-options.ts';
import { LSDISTCC_OPTIONS } from '../../src/config/lsdistcc-options.ts';
import { MANYHANDS_COMMANDS } from '../../src/config/manyhands-options.ts';
import { SITE_HOSTS_FILE } from '../../src/config/paths.ts';
import { PUMP_OPTIONS, PUMP_VARIABLES } from '../../src/config/pump-options.ts';
import { UPDATE_DISTCC_SYMLINKS_OPTIONS } from '../../src/config/update-distcc-symlinks-options.ts';
import { entriesOf, variablesOf, type Manual, type OptionEntry } from './manual.ts';

const NONE: Omit<Manual, 'program' | 'summary' | 'synopsis' | 'description'> = {
  options: [],
  commands: [],
  environment: [],
  files: [],
  exitStatus: [],
  seeAlso: [],
  operands: 'none',
};

const HELP: OptionEntry = { long: 'help', help: 'show this text and end' };

export const MANUALS: readonly Manual[] = [
  {
    ...NONE,
    program: 'distcc',
    summary: 'compile C and C++ on the machines that you own',
    synopsis: [
      '[COMPILER] [COMPILER OPTIONS] -o OBJECT -c SOURCE',
      DISTCC_OPTIONS.map(({ word }) => word).join(' | '),
    ],
    description: [
      'Put distcc in front of a compiler, or a directory of links to it in front of PATH, and compiles run on the hosts of your list. Each job delivers what the compiler here would have made: its files, its words, its exit status. What cannot be sent, and what fails elsewhere, is compiled here.',
      "  make -j20 CC='distcc gcc' CXX='distcc g++'\n  PATH=/usr/local/lib/distcc:$PATH make -j20",
      'The first job of a user starts an agent, which chooses hosts and ends some minutes after the last one; manyhands status shows what it has done. The preprocessed source, or for hosts with ,cpp the source with all its headers, and the command line are sent as they are: use it on a network that you trust.',
      'A list of hosts is read from the left; each entry is one of:',
      HOSTS_GRAMMAR.map((line) => `  ${line}`).join('\n'),
    ],
    options: DISTCC_OPTIONS.map(({ word, help }) =>
      word.startsWith('--') ? { long: word.slice(2), help } : { short: word.slice(1), help },
    ),
    operands: 'command line',
    environment: variablesOf(CLIENT_VARIABLES),
    files: [
      { name: '$DISTCC_DIR/hosts', help: 'the host list, where DISTCC_HOSTS is not set' },
      { name: SITE_HOSTS_FILE, help: 'the host list of those who have none' },
    ],
    exitStatus: [
      { name: "the compiler's", help: 'where one ran' },
      {
        name: '100-118',
        help: "distcc's own failures: 101 bad arguments, 110 no such compiler, 111 called in circles",
      },
    ],
    seeAlso: ['distccd', 'manyhands', 'gcc', 'make'],
  },
  {
    ...NONE,
    program: 'distccd',
    summary: "lend this machine's cores to distcc clients",
    synopsis: ['[OPTIONS]'],
    description: [
      'Compiles for distcc clients elsewhere, ours and others. It answers the private networks unless --allow says otherwise; treat whoever may send jobs as able to run code as its user.',
      "Only compilers that are linked in its prefix's lib/distcc or in /usr/lib/distcc are run, or those in the file that DISTCC_CMDLIST names. Options that make a compiler load or run other code are refused.",
      'TERM lets running jobs finish, for some seconds, and ends; a second one ends at once. HUP opens the log file again.',
      'Under ssh, inetd, xinetd or a unit of systemd for each connection (--inetd) a worker is kept for the next client; whom --allow lets in counts for network clients there, too. Sockets that systemd passes (LISTEN_FDS) are used instead of --port and --listen.',
    ],
    options: entriesOf(DISTCCD_OPTIONS),
    environment: variablesOf(DISTCCD_VARIABLES),
    exitStatus: [
      { name: '0', help: 'it listens and is ready, when it detached; else it ended as it was told' },
      {
        name: '101, 102, 107, 110, 112',
        help: 'bad arguments, cannot listen, cannot write, no compiler may be run, cannot become the user',
      },
    ],
    seeAlso: ['distcc', 'manyhands'],
  },
  {
    ...NONE,
    program: 'lsdistcc',
    summary: 'list the hosts on which a distccd answers',
    synopsis: ['[OPTIONS] [FORMAT]', '[OPTIONS] HOST...'],
    description: [
      'Lists the hosts on which a distccd answers, as they stand in a host list. Names are made from FORMAT (distcc%d) by counting from 1, until one is not known to DNS; or they are given.',
      '  DISTCC_HOSTS=$(lsdistcc -p gcc-12 buildbox%d)',
    ],
    options: entriesOf(LSDISTCC_OPTIONS),
    seeAlso: ['distcc', 'distccd'],
  },
  {
    ...NONE,
    program: 'manyhands',
    summary: 'look into what distcc does, and install it',
    synopsis: MANYHANDS_COMMANDS.map(({ name, words = [] }) =>
      [name, words.join('|'), '[OPTIONS]'].filter(Boolean).join(' '),
    ),
    description: [
      'The tool of manyhands, a distributed compiler that is used as distcc is.',
      'After npm install -g, setup builds the programs that a package cannot bring, with the C compiler of this machine, and says what to put on PATH. The first call of distcc does the same.',
    ],
    options: [HELP],
    commands: MANYHANDS_COMMANDS.map(({ name, help, options }) => ({
      name,
      help,
      options: entriesOf(options),
    })),
    files: [
      {
        name: '~/.local/share/manyhands/current',
        help: "what setup has built without --prefix; root's is in /var/lib/manyhands",
      },
    ],
    exitStatus: [
      { name: '0', help: 'done' },
      { name: '100, 101, 115', help: 'something failed, bad arguments, nothing is installed there' },
    ],
    seeAlso: ['distcc', 'distccd'],
  },
  {
    ...NONE,
    program: 'distcc-config',
    summary: 'show and set hosts, variables and masquerade directory',
    synopsis: ['[--prefix=DIR] OPTION'],
    description: [
      'Shows and sets who helps to compile, and how it is done, on systems that keep this as Gentoo does. What only root may set counts in new shells.',
    ],
    options: entriesOf(DISTCC_CONFIG_OPTIONS),
    files: [
      { name: SITE_HOSTS_FILE, help: 'the host list that root sets; that of others is in their DISTCC_DIR' },
      { name: '/etc/env.d/02distcc', help: 'the variables' },
    ],
    seeAlso: ['distcc', 'update-distcc-symlinks'],
  },
  {
    ...NONE,
    program: 'distccmon-gnome',
    summary: 'show the compile jobs of a DISTCC_DIR as a page',
    synopsis: [''],
    description: [
      'Opens a page in a browser that shows the build, live: a lane for each slot, a bar for each file, hosts, rates, and the whole story of each file. Where there is no display, it prints the address. Where no job has run yet, it waits for the first.',
      'As root, it shows the jobs of another user: DISTCC_DIR=/var/tmp/portage/.distcc/ distccmon-gnome.',
    ],
    options: entriesOf(DISTCCMON_GUI_OPTIONS),
    environment: [{ name: 'DISTCC_DIR', help: 'whose jobs are shown (~/.distcc)' }],
    seeAlso: ['manyhands', 'distccmon-text'],
  },
  {
    ...NONE,
    program: 'distccmon-gui',
    summary: 'show the compile jobs of a DISTCC_DIR as a page',
    synopsis: [''],
    description: [
      'Opens a page in a browser that shows the build, live: a lane for each slot, a bar for each file, hosts, rates, and the whole story of each file. Where there is no display, it prints the address. Where no job has run yet, it waits for the first.',
      'As root, it shows the jobs of another user: DISTCC_DIR=/var/tmp/portage/.distcc/ distccmon-gui.',
    ],
    options: entriesOf(DISTCCMON_GUI_OPTIONS),
    environment: [{ name: 'DISTCC_DIR', help: 'whose jobs are shown (~/.distcc)' }],
    seeAlso: ['manyhands', 'distccmon-text'],
  },
  {
    ...NONE,
    program: 'distccmon-text',
    summary: 'show the compile jobs of a DISTCC_DIR',
    synopsis: ['[DELAY]'],
    description: [
      'Shows what the compile jobs of this DISTCC_DIR are doing: process, phase, source, host and slot; those of a stock distcc too. With a DELAY in seconds, which may be a fraction, again and again.',
    ],
    options: entriesOf(DISTCCMON_TEXT_OPTIONS),
    environment: [{ name: 'DISTCC_DIR', help: 'whose jobs are shown (~/.distcc)' }],
    seeAlso: ['distcc', 'manyhands'],
  },
  {
    ...NONE,
    program: 'pump',
    summary: 'have a build send headers instead of preprocessed text',
    synopsis: ['COMMAND [ARG...]', PUMP_OPTIONS.map(({ name }) => `--${name}`).join(' | ')],
    description: [
      'Runs a build with this distcc first on PATH, when its host list has a host with ,cpp. Such hosts are sent sources and headers as they are, and preprocess themselves.',
      "  pump make -j20 CC='distcc gcc'",
      'There is no include server to start: the agent of distcc does its work, for each host with ,lzo,cpp, also in builds that pump has not started. INCLUDE_SERVER_PORT is set for scripts that look for it; nobody listens there, and a stock distcc preprocesses by itself.',
      'Where it is not one command that has to be built with it, a shell can be told:',
      '  eval "$(pump --startup)"\n  make -j20 CC=\'distcc gcc\'\n  pump --shutdown',
    ],
    options: entriesOf(PUMP_OPTIONS),
    operands: 'command line',
    environment: variablesOf(PUMP_VARIABLES),
    exitStatus: [
      { name: "the command's", help: 'where it ran; 127 when there is no such command' },
      { name: '1', help: 'no host list, no host with ,cpp in it, or no distcc' },
    ],
    seeAlso: ['distcc', 'lsdistcc'],
  },
  {
    ...NONE,
    program: 'update-distcc-symlinks',
    summary: 'link the compilers of this machine to distcc',
    synopsis: ['[OPTIONS]'],
    description: [
      'Gives each compiler of this machine a link to distcc in the masquerade directory, and takes away the links of compilers that have gone. Before the compilers on PATH that directory makes builds distribute; and a distccd runs those compilers only that have a name in it. Call it when compilers came or went.',
    ],
    options: entriesOf(UPDATE_DISTCC_SYMLINKS_OPTIONS),
    files: [
      { name: 'PREFIX/lib/distcc', help: 'the masquerade directory; lib/distcc/bin leads to the same' },
    ],
    seeAlso: ['distcc', 'distccd'],
  },
];
