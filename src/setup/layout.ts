/**
 * Where everything goes, under a prefix:
 *
 *    bin/                    the programs
 *    lib/manyhands/          bundles, the Node if it is carried, the starter for services, the record
 *    lib/distcc/             a link for each compiler's name; lib/distcc/bin leads to the same
 *    lib/systemd/system/     units; lib/sysusers.d their user
 *    share/man/man1, share/bash-completion, share/zsh, share/fish, share/doc/manyhands
 *    share/manyhands/        for other service managers and packagers, paths filled in
 *
 * Here are names and contents only; install.ts writes them.
 */
import { quoteForShell } from '../base/shell.ts';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Place {
  /** Absolute: where the programs will stand. */
  readonly prefix: string;
  /** Absolute, the Node that they will run on. */
  readonly node: string;
}

/** One file or link, by its name under the prefix. */
export type Entry =
  | { readonly name: string; readonly kind: 'copy'; readonly from: string; readonly mode: number }
  | { readonly name: string; readonly kind: 'text'; readonly text: string; readonly mode: number }
  | { readonly name: string; readonly kind: 'link'; readonly to: string };

export const MASQUERADE = 'lib/distcc';
/** What the links in there say. */
export const LAUNCHER_LINK = '../../bin/distcc';

/** Bundles that are no program of their own: the launchers in C start them. */
const STARTED_BY_C = new Set(['distcc', 'distcc-agent', 'distccd']);

const READABLE = 0o644;
const RUNNABLE = 0o755;

/** Folders of packaging/, by where their files go. */
const PACKAGING: readonly (readonly [folder: string, target: string, mode: number])[] = [
  ['service', 'lib/manyhands', RUNNABLE],
  ['systemd', 'lib/systemd/system', READABLE],
  ['sysusers', 'lib/sysusers.d', READABLE],
  ['openrc', 'share/manyhands/openrc', READABLE],
  ['sysv', 'share/manyhands/sysv', READABLE],
  ['xinetd', 'share/manyhands/xinetd', READABLE],
  ['logrotate', 'share/manyhands/logrotate', READABLE],
  ['grafana', 'share/manyhands/grafana', READABLE],
  ['completions/bash', 'share/bash-completion/completions', READABLE],
  ['completions/zsh', 'share/zsh/site-functions', READABLE],
  ['completions/fish', 'share/fish/vendor_completions.d', READABLE],
];

/** All but the C programs. `root` is a checkout that has been built, or our npm package. */
export function layOut(root: string, place: Place, compilers: readonly string[]): Entry[] {
  return [
    ...bundles(root),
    ...starters(root, place),
    ...masquerade(compilers),
    ...PACKAGING.flatMap(([folder, target, mode]) =>
      namesIn(path.join(root, 'packaging', folder)).map((name): Entry => {
        const text = fillIn(readFileSync(path.join(root, 'packaging', folder, name), 'utf8'), place);
        return { name: `${target}/${name}`, kind: 'text', text, mode };
      }),
    ),
    ...namesIn(path.join(root, 'docs', 'man')).map((name) =>
      copy(path.join(root, 'docs', 'man', name), `share/man/man${path.extname(name).slice(1)}/${name}`),
    ),
    ...['LICENSE', 'README.md', 'CHANGELOG.md', 'docs/install.md'].map((name) =>
      copy(path.join(root, name), `share/doc/manyhands/${path.basename(name)}`),
    ),
  ];
}

function bundles(root: string): Entry[] {
  const dist = path.join(root, 'dist');
  const names = namesIn(dist).filter(
    (name) => name.endsWith('.cjs') || name.endsWith('.html') || name === 'build-id',
  );
  return names.map((name) => copy(path.join(dist, name), `lib/manyhands/${name}`));
}

/** Programs that are started seldom enough for Node itself. */
function starters(root: string, place: Place): Entry[] {
  return namesIn(path.join(root, 'dist'))
    .filter((name) => name.endsWith('.cjs'))
    .map((name) => path.basename(name, '.cjs'))
    .filter((name) => !STARTED_BY_C.has(name))
    .map((name) => ({
      name: `bin/${name}`,
      kind: 'text',
      text: formatStarter(name, place.node, path.join(place.prefix, 'lib', 'manyhands', `${name}.cjs`)),
      mode: RUNNABLE,
    }));
}

export function formatStarter(program: string, node: string, bundle: string): string {
  const start = `${quoteForShell(node)} ${quoteForShell(bundle)} "$@"`;
  return `#!/bin/sh\n${program === 'pump' ? formatBecoming(start) : ''}exec ${start}\n`;
}

/** With a command, what is printed says what to set for it, and the shell becomes it. */
function formatBecoming(start: string): string {
  return [
    'case ${1:--} in',
    '-*) ;;',
    '*)',
    `  eval "$(${start} </dev/null || echo "exit $?")"`,
    '  exec "$@"',
    '  ;;',
    'esac',
    '',
  ].join('\n');
}

/** `bin` is where Gentoo's and Arch's scripts look. */
function masquerade(compilers: readonly string[]): Entry[] {
  return [
    ...compilers.map((name): Entry => ({ name: `${MASQUERADE}/${name}`, kind: 'link', to: LAUNCHER_LINK })),
    { name: `${MASQUERADE}/bin`, kind: 'link', to: '.' },
  ];
}

function copy(from: string, name: string): Entry {
  return { name, kind: 'copy', from, mode: READABLE };
}

function namesIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function fillIn(text: string, { prefix }: Place): string {
  return text
    .replaceAll('@bindir@', path.join(prefix, 'bin'))
    .replaceAll('@libdir@', path.join(prefix, 'lib', 'manyhands'));
}
