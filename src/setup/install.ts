/**
 * Installs our programs under a prefix, and takes them away again. The C programs are compiled for it:
 * they have the paths in them.
 *
 * With a staging directory all is written below that, as packagers want it, and works once it stands at
 * the prefix. Each file is replaced at once, so that a build which uses the older version goes on.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { updateMasquerade } from '../toolchain/masquerade.ts';
import { LAUNCHER_LINK, layOut, MASQUERADE, type Entry, type Place } from './layout.ts';
import { isMachineNode } from './machine-node.ts';
import { compileNative } from './native-program.ts';
import { formatRecord, readRecord, RECORD, removeNames } from './record.ts';

export interface InstallOptions {
  /** A checkout that has been built, or our npm package. */
  readonly root: string;
  /** Absolute: where the programs will stand. */
  readonly prefix: string;
  /** Where to write instead of `/`; empty for there. */
  readonly staging: string;
  /** The Node that runs now, resolved. */
  readonly runningNode: string;
  /** The path of one that will be there, or a copy of the running one, or whichever fits. */
  readonly node: { readonly kind: 'there'; readonly path: string } | { readonly kind: 'carried' | 'auto' };
  /** Names for the masquerade directory. */
  readonly compilers: readonly string[];
}

const CARRIED_NODE = 'lib/manyhands/node';

/** @throws {Error} when something cannot be written or compiled; what is there then may be incomplete. */
export function install({ root, prefix, staging, runningNode, node, compilers }: InstallOptions): void {
  const target = path.join(staging, prefix);
  const isCarried = node.kind === 'carried' || (node.kind === 'auto' && !isMachineNode(runningNode));
  const otherwise = node.kind === 'there' ? node.path : runningNode;
  const place: Place = { prefix, node: isCarried ? path.join(prefix, CARRIED_NODE) : otherwise };
  const entries = layOut(root, place, compilers);
  if (isCarried) entries.push({ name: CARRIED_NODE, kind: 'copy', from: runningNode, mode: 0o755 });
  const files = [...entries.map(({ name }) => name), 'bin/distcc', 'bin/distccd', RECORD];

  const older = readRecord(target) ?? [];
  const made = new Set(older.filter((name) => name.endsWith('/')));
  for (const name of files) makeParents(target, name, made);
  const names = [...files, ...made];
  // Before the first file is there: what stops half-way can be taken away, or begun again.
  writeRecord(target, [...new Set([...older, ...names])]);
  for (const entry of entries) write(target, entry);
  compilePrograms(root, place, target);
  removeNames(
    target,
    older.filter((name) => !names.includes(name)),
  );
  writeRecord(target, names);
}

/** Removes what install() has made under `root`. @returns false when there is no record of anything. */
export function uninstall(root: string): boolean {
  const names = readRecord(root);
  if (names === undefined) return false;
  const masquerade = path.join(root, MASQUERADE);
  // Links that update-distcc-symlinks has made since.
  if (existsSync(masquerade)) updateMasquerade({ directory: masquerade, link: LAUNCHER_LINK, names: [] });
  removeNames(root, names);
  return true;
}

function write(target: string, entry: Entry): void {
  const file = path.join(target, entry.name);
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  if (entry.kind === 'link') symlinkSync(entry.to, fresh);
  else if (entry.kind === 'text') writeFileSync(fresh, entry.text);
  else copyFileSync(entry.from, fresh, constants.COPYFILE_FICLONE);
  if (entry.kind !== 'link') chmodSync(fresh, entry.mode);
  renameSync(fresh, file);
}

function writeRecord(target: string, names: readonly string[]): void {
  write(target, { name: RECORD, kind: 'text', text: formatRecord(names), mode: 0o644 });
}

/** Makes the directories that a name needs, notes those under the prefix, and lets everybody enter. */
function makeParents(target: string, name: string, made: Set<string>): void {
  for (let below = path.dirname(name); ; below = path.dirname(below)) {
    if (existsSync(path.join(target, below))) break;
    made.add(`${below}/`);
    if (below === '.') break;
  }
  makeDirectory(path.join(target, path.dirname(name)));
}

function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(path.dirname(directory));
  mkdirSync(directory);
  chmodSync(directory, 0o755);
}

function compilePrograms(root: string, { prefix, node }: Place, target: string): void {
  const bundle = (name: string): string => path.join(prefix, 'lib', 'manyhands', name);
  compileNative({
    source: path.join(root, 'native', 'launcher.c'),
    target: path.join(target, 'bin', 'distcc'),
    linking: 'bare',
    strings: {
      MANYHANDS_NODE: node,
      MANYHANDS_AGENT: bundle('distcc-agent.cjs'),
      MANYHANDS_TOOL: bundle('distcc.cjs'),
      MANYHANDS_BUILD: readFileSync(path.join(root, 'dist', 'build-id'), 'utf8'),
    },
  });
  // Looks up users, which a static program cannot where they are not all in /etc/passwd.
  compileNative({
    source: path.join(root, 'native', 'distccd.c'),
    target: path.join(target, 'bin', 'distccd'),
    linking: 'shared',
    strings: { MANYHANDS_NODE: node, MANYHANDS_WORKER: bundle('distccd.cjs') },
  });
  for (const name of ['distcc', 'distccd']) chmodSync(path.join(target, 'bin', name), 0o755);
}
