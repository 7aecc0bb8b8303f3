/** docs/coming-from-distcc.md: its tables in order, and what stands around them. */
import { HOST_ROWS, CLIENT_ROWS } from './client.ts';
import { DAEMON_ROWS } from './daemon.ts';
import { EXIT_ROWS } from './exit-codes.ts';
import { FILE_ROWS } from './files.ts';
import { IMPROVEMENT_ROWS } from './improvements.ts';
import type { Row, Section } from './row.ts';
import { CONFIG_ROWS, LINKS_ROWS, LSDISTCC_ROWS, PROGRAM_ROWS, PUMP_ROWS } from './tools.ts';
import { CLIENT_VARIABLE_ROWS, DAEMON_VARIABLE_ROWS } from './variables.ts';

const INTRODUCTION = `# Coming from distcc

Everything that distcc 3.4 has, with what it does here. **same** is same but for what is said; **better** is what
one wanted from distcc; **other** is other on purpose, or not needed; **later** is still to come. The last
column names the test that shows it.

Zeroconf and GSS-API are still to come. What is said of them is what their options, variables and files do today.

This page is made from tables (\`npm run manuals\`), which are checked against those of the options.
`;

const SYSTEMS: readonly (readonly string[])[] = [
  ['system', 'package', 'replaces', 'service, and its settings'],
  [
    'Debian',
    '`packaging/debian/build-deb`',
    '`distcc`, `distcc-pump`',
    '`distccd.service`, also as `distcc`, or the sysv script; `/etc/default/distcc`',
  ],
  ['Arch', '`packaging/arch/PKGBUILD`', '`distcc`', '`distccd.service`; `/etc/conf.d/distccd`'],
  [
    'Gentoo',
    '`packaging/gentoo/*.ebuild`',
    '`sys-devel/distcc`',
    '`distccd`, of OpenRC or systemd; `/etc/conf.d/distccd`, `distccd.service.d/00gentoo.conf`',
  ],
  [
    'RPM',
    '`packaging/rpm/manyhands.spec`',
    '`distcc`, `distcc-server`',
    '`distccd.service`; `/etc/conf.d/distccd`',
  ],
];

/** What somebody changes who has distcc today. docs/install.md has the rest. */
const MOVING_OVER = `## Moving over

Build scripts stay as they are: the programs have distcc's names, and stand where distcc's stood. Both ends are free
to change at different times, for stock clients use our daemon, and stock daemons serve our client.

1. Install it in the place of distcc, by a package or by \`make install PREFIX=/usr\`: [installing](install.md).
2. Keep host lists, \`DISTCC_*\` variables and the settings of the service. They are read where they
   stand; of files, the table below has the few that are not.
3. Restart the service, and see with \`manyhands status\` that jobs are sent, and why some are not.

${formatTable(SYSTEMS).join('\n')}

- **Gentoo:** \`FEATURES="distcc"\` and \`distcc-config --set-hosts\` stay, and \`distcc-pump\` with them.
- **Arch:** \`BUILDENV=(distcc)\` and \`DISTCC_HOSTS\` in \`makepkg.conf\` stay; makepkg finds \`/usr/lib/distcc/bin\`.
- **Debian:** \`PATH=/usr/lib/distcc:$PATH\` and \`CCACHE_PREFIX=distcc\` stay. \`distccmon-gnome\` shows our jobs.
- **Everywhere:** a daemon that was started without \`--allow\` served everybody, by a mistake of 3.4; ours serves private
  networks. Name yours.
`;

export const SECTIONS: readonly Section[] = [
  { title: 'distcc', noun: 'call or option', rows: CLIENT_ROWS },
  {
    title: 'The host list',
    text: 'An entry that is wrong makes the list invalid where it does so in distcc; see below for the others.',
    noun: 'entry',
    rows: HOST_ROWS,
  },
  { title: 'Variables of distcc', noun: 'variable', rows: CLIENT_VARIABLE_ROWS },
  { title: 'distccd', noun: 'option', rows: DAEMON_ROWS },
  { title: 'Variables of distccd', noun: 'variable', rows: DAEMON_VARIABLE_ROWS },
  {
    title: 'Exit codes',
    text: 'With "within", no program ends with it: it stands in distcc for something that goes on otherwise.',
    noun: 'code',
    rows: EXIT_ROWS,
  },
  { title: 'Files', noun: 'file', rows: FILE_ROWS },
  { title: 'Other programs', noun: 'program or option', rows: PROGRAM_ROWS },
  { title: 'pump', noun: 'call or option', rows: PUMP_ROWS },
  { title: 'update-distcc-symlinks', noun: 'option', rows: LINKS_ROWS },
  { title: 'lsdistcc', noun: 'option', rows: LSDISTCC_ROWS },
  { title: 'distcc-config', noun: 'option', rows: CONFIG_ROWS },
  {
    title: 'What was wrong with distcc',
    text: 'And is in none of the tables above.',
    noun: 'what',
    rows: IMPROVEMENT_ROWS,
  },
];

export function formatPage(): string {
  return [INTRODUCTION, MOVING_OVER, ...SECTIONS.map(formatSection)].join('\n');
}

function formatSection({ title, text, noun, rows }: Section): string {
  return [
    `## ${title}`,
    '',
    ...(text === undefined ? [] : [text, '']),
    ...formatTable([[noun, 'distcc', 'here', 'shown by'], ...rows.map(cellsOf)]),
    '',
  ].join('\n');
}

function cellsOf({ names, theirs, likeness, ours, test }: Row): readonly string[] {
  const [file = '', title = ''] = test.split(' › ');
  return [
    names.map(formatName).join(', '),
    theirs,
    `**${likeness}**${ours === '' ? '' : `: ${ours}`}`,
    `\`${file}\` › ${title}`,
  ];
}

/** As code, but for what is told in words. */
function formatName(name: string): string {
  return /^(?:an?|any|the|other|who|what|colours|quotes|TERM to)\b/.test(name) ? name : `\`${name}\``;
}

/** Columns are as wide as their widest cell, as the formatter of this tree has them. */
function formatTable([head = [], ...rows]: readonly (readonly string[])[]): readonly string[] {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...others.map(line)];
}
