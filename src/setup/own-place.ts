/**
 * The place of programs that npm brought: a directory for each build, and `current`, which leads to the
 * newest. npm replaces its own copy while builds may run, and runs nothing of ours when it installs.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { install, type InstallOptions } from './install.ts';
import { RECORD } from './record.ts';

type OwnPlaceOptions = Omit<InstallOptions, 'prefix' | 'staging'> & {
  /** Where all builds are; absolute. */
  readonly home: string;
};

/**
 * Installs into `home`/BUILD, unless that is there, and makes it the current one. Others may do the same
 * at the same time. The build before stays, for those who are still using it.
 *
 * @returns the path by which it is to be found, that of `current`.
 * @throws {Error} when something cannot be written or compiled.
 */
export function installInOwnPlace({ home, ...options }: OwnPlaceOptions): string {
  const build = readFileSync(path.join(options.root, 'dist', 'build-id'), 'utf8');
  const prefix = path.join(home, build);
  if (!existsSync(path.join(prefix, RECORD))) {
    const staging = path.join(home, `new-${process.pid}`);
    mkdirSync(staging, { recursive: true });
    try {
      install({ ...options, prefix, staging });
      moveIntoPlace(path.join(staging, prefix), prefix);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  const current = path.join(home, 'current');
  const before = linkTarget(current);
  if (before !== build) {
    const fresh = `${current}-${process.pid}`;
    symlinkSync(build, fresh);
    renameSync(fresh, current);
    removeOlder(home, new Set([build, before]));
  }
  return current;
}

function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another one was quicker, with the same build.
    if (!existsSync(path.join(to, RECORD))) throw error;
  }
}

/** Only what looks like a build of ours. */
function removeOlder(home: string, kept: ReadonlySet<string | undefined>): void {
  const builds = readdirSync(home).filter((name) => /^[0-9a-f]{16}$/.test(name) && !kept.has(name));
  for (const name of builds) rmSync(path.join(home, name), { recursive: true, force: true });
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
