/** The page has all that our tables have and all that distcc has; and each of its rows has a test that there is. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { EXIT } from '../../src/base/exit-code.ts';
import { CLIENT_VARIABLES } from '../../src/config/client-variables.ts';
import { DISTCC_CONFIG_OPTIONS } from '../../src/config/distcc-config-options.ts';
import { DISTCC_OPTIONS } from '../../src/config/distcc-options.ts';
import { DISTCCD_OPTIONS } from '../../src/config/distccd-options.ts';
import { DISTCCMON_TEXT_OPTIONS } from '../../src/config/distccmon-text-options.ts';
import { LSDISTCC_OPTIONS } from '../../src/config/lsdistcc-options.ts';
import type { OptionRow } from '../../src/config/option.ts';
import { PUMP_OPTIONS } from '../../src/config/pump-options.ts';
import { UPDATE_DISTCC_SYMLINKS_OPTIONS } from '../../src/config/update-distcc-symlinks-options.ts';
import { namesOf } from './option-names.ts';
import { formatPage, SECTIONS } from './page.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PAGE = formatPage();

/** What stands in the first column of a section; of options, without their values. */
function namesIn(title: string): ReadonlySet<string> {
  const section = SECTIONS.find((candidate) => candidate.title === title);
  assert(section !== undefined, title);
  return new Set(section.rows.flatMap(({ names }) => names.flatMap((name) => [name, bare(name)])));
}

function bare(name: string): string {
  return name.split(/[ =]/)[0] ?? '';
}

function assertHas(title: string, names: readonly string[]): void {
  const there = namesIn(title);
  assert.deepEqual(
    names.filter((name) => !there.has(name)),
    [],
    `${title} has no row for these`,
  );
}

test('the page has each option, variable and exit code of our tables', () => {
  const optionsOf = (rows: readonly OptionRow[]): string[] =>
    rows.flatMap((row) => namesOf(row).map((name) => bare(name)));
  assertHas(
    'distcc',
    DISTCC_OPTIONS.map(({ word }) => word),
  );
  assertHas('distccd', optionsOf(DISTCCD_OPTIONS));
  assertHas('lsdistcc', optionsOf(LSDISTCC_OPTIONS));
  assertHas('distcc-config', optionsOf(DISTCC_CONFIG_OPTIONS));
  assertHas('pump', optionsOf(PUMP_OPTIONS));
  assertHas('update-distcc-symlinks', optionsOf(UPDATE_DISTCC_SYMLINKS_OPTIONS));
  const ofMonitor = namesIn('Other programs');
  for (const { name } of DISTCCMON_TEXT_OPTIONS) assert(ofMonitor.has(`distccmon-text --${name}`), name);
  assertHas('Variables of distcc', Object.keys(CLIENT_VARIABLES));
  assertHas(
    'Exit codes',
    Object.values(EXIT).map((code) => `${code}`),
  );
});

/** All names that distcc 3.4 and its newest source have, and the distributions' packages of them. */
const OF_DISTCC: Readonly<Record<string, string>> = {
  distcc: '--help --version --show-hosts -j --scan-includes --show-principal',
  'The host list':
    'HOST HOST/LIMIT HOST:PORT HOST/LIMIT:PORT [2001:db8::1]:PORT @HOST USER@HOST @HOST/LIMIT:COMMAND localhost ' +
    'localhost/LIMIT ,lzo ,lzo,cpp ,down ,auth ,auth=NAME --randomize --localslots --localslots_cpp +zeroconf #',
  'Variables of distcc':
    'DISTCC_HOSTS DISTCC_DIR HOME TMPDIR DISTCC_VERBOSE DISTCC_LOG UNCACHED_ERR_FD DISTCC_FALLBACK ' +
    'DISTCC_SKIP_LOCAL_RETRY DISTCC_NO_REWRITE_CROSS DISTCC_BACKOFF_PERIOD DISTCC_IO_TIMEOUT DISTCC_PAUSE_TIME_MSEC ' +
    'DISTCC_SAVE_TEMPS DISTCC_TCP_CORK DISTCC_SSH DISTCC_MAX_DISCREPANCY DISTCC_ENABLE_DISCREPANCY_EMAIL ' +
    'DISTCC_EMAILLOG_WHOM_TO_BLAME DCC_EMAILLOG_WHOM_TO_BLAME DISTCC_EXCLUDE_FRESH_FILES DISTCC_PRINCIPAL ' +
    'INCLUDE_SERVER_PORT INCLUDE_SERVER_PID INCLUDE_SERVER_DIR INCLUDE_SERVER_ARGS INCLUDE_SERVER_STUB ' +
    'DISTCC_TESTING_INCLUDE_SERVER DEPENDENCIES_OUTPUT CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH _DISTCC_SAFEGUARD ' +
    'DISTCC_SOCKS_PROXY DISTCC_LOCATION DISTCC_POTENTIAL_HOSTS LSDISTCC_ARGS DISTCC_CLIENT_TMP PATH',
  distccd:
    '-a --allow --allow-private --listen -p --port -j --jobs -N --nice --oom-score-adj --user --daemon --inetd ' +
    '--no-detach --no-fork --wizard -W --no-fifo -P --pid-file --lifetime --job-lifetime --log-file --log-level ' +
    '--log-stderr --verbose --stats --stats-port --enable-tcp-insecure --make-me-a-botnet --sysroot --zeroconf ' +
    '--auth --blacklist --whitelist --show-principal --help --version',
  'Variables of distccd':
    'DISTCC_CMDLIST DISTCC_CMDLIST_NUMWORDS DISTCCD_PATH TMPDIR DISTCC_IO_TIMEOUT DISTCC_SAVE_TEMPS ' +
    'DISTCC_TCP_DEFER_ACCEPT DISTCCD_PRINCIPAL',
  'Exit codes': '100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120',
  Files:
    '$DISTCC_DIR/hosts ~/.distcc/hosts /etc/distcc/hosts $DISTCC_DIR/lock/cpu_* $DISTCC_DIR/lock/backoff_* ' +
    '$DISTCC_DIR/state/binstate_* $DISTCC_DIR/zeroconf/hosts $DISTCC_DIR/zeroconf/lock $DISTCC_LOG $TMPDIR/distcc_* ' +
    '$TMPDIR/distccd_* PREFIX/lib/distcc /usr/lib/distcc /etc/default/distcc /etc/conf.d/distccd ' +
    '/etc/systemd/system/distccd.service.d/00gentoo.conf /etc/env.d/02distcc /etc/distcc/clients.allow ' +
    '/etc/distcc/commands.allow.sh /etc/sysconfig/distccd /var/log/distccd.log $INCLUDE_SERVER_PORT discrepancy_counter',
  'Other programs':
    'distccmon-text distccmon-gnome update-distcc-symlinks include_server ' +
    '--port --pid_file --email --no-email --email_bound --path_observation_re --stat_reset_triggers ' +
    '--unsafe_absolute_includes --unsafe_no_unexpanded_functions --no_force_dirs',
  pump: 'pump distcc-pump -h --help --startup --shutdown',
  lsdistcc: '-l -n -x -t -h -c -k -m -o -g -r -P -p -d -v --help',
  'distcc-config':
    '--get-hosts --set-hosts --get-verbose --set-verbose --get-log --set-log --get-env --set-env --install ' +
    '--update-masquerade --update-masquerade-with-crossdev --update-masquerade-with-cc32_64 --generate-cmdlist',
};

test('the page has each option, variable, exit code, file and program of distcc', () => {
  for (const [title, names] of Object.entries(OF_DISTCC)) assertHas(title, names.split(' '));
});

/** Of the files that distributions start a daemon by. */
const SERVICE_SETTINGS =
  'STARTDISTCC ALLOWEDNETS LISTENER NICE JOBS ZEROCONF DISTCC_ARGS DISTCCD_OPTS DISTCCD_EXEC ALLOWED_SERVERS OPTIONS';

test('the page has each setting of the service', () => {
  for (const name of SERVICE_SETTINGS.split(' ')) assert.match(PAGE, new RegExp(`\\b${name}\\b`));
});

test('what comes later says what its options do today', () => {
  for (const { rows } of SECTIONS)
    for (const { names, likeness, ours } of rows)
      if (likeness === 'later') assert.notEqual(ours, '', names.join());
});

/** The titles of a file's tests, as patterns: those of a loop have places for its values. */
function titlesIn(file: string): readonly RegExp[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(/\btest\(\s*(['"`])(.*?)\1,/gs)].map(([, , title = '']) => {
    const parts = title.split(/\$\{.*?\}/s).map((part) => RegExp.escape(part));
    return new RegExp(`^${parts.join('.+')}$`);
  });
}

test('each row names a test that there is', () => {
  const named = new Set(SECTIONS.flatMap(({ rows }) => rows.map((row) => row.test)));
  const isThere = (shownBy: string): boolean => {
    const [file = '', title = ''] = shownBy.split(' › ');
    return existsSync(path.join(ROOT, file)) && titlesIn(file).some((pattern) => pattern.test(title));
  };
  assert.deepEqual(
    [...named].filter((shownBy) => !isThere(shownBy)),
    [],
  );
});

test('no two rows of a section have the same name', () => {
  for (const { title, rows } of SECTIONS) {
    const names = rows.flatMap((row) => row.names);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    assert.deepEqual(twice, [], title);
  }
});

test('formatPage() makes tables of four columns', () => {
  const rows = PAGE.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row);
});
