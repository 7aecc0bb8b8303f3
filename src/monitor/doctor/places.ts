/** Whether what has to be written can be written, and has room. */
import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { finding, type Finding } from './finding.ts';

export interface Places {
  readonly distccDir: string | undefined;
  readonly cacheDirectory: string | undefined;
  readonly temporaryDirectory: string;
  readonly nowMs: number;
}

const LEAST_FREE_BYTES = 512 << 20;
/** A stock client's lock of this age is one of a build that runs, or was just over. */
const LATELY_MS = 10 * 60_000;

export function examinePlaces({ distccDir, cacheDirectory, temporaryDirectory, nowMs }: Places): Finding[] {
  const places: readonly (readonly [what: string, directory: string | undefined, variable: string])[] = [
    ['The directory of distcc', distccDir, 'DISTCC_DIR'],
    ['The cache', cacheDirectory, 'MANYHANDS_CACHE_DIR'],
    ['The directory for temporary files', temporaryDirectory, 'TMPDIR'],
  ];
  return [
    ...places.flatMap(([what, directory, variable]) =>
      directory === undefined ? [] : examine(what, directory, variable),
    ),
    ...(distccDir === undefined ? [] : findStockClient(distccDir, nowMs)),
  ];
}

function examine(what: string, directory: string, variable: string): Finding[] {
  const there = nearest(directory);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    const remedy = `chown or chmod ${there}, or set ${variable} to a directory of yours`;
    return [finding('directory-unwritable', `${what}, ${directory}, cannot be written to`, remedy)];
  }
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  if (free >= LEAST_FREE_BYTES) return [];
  const sentence = `${what}, ${directory}, has only ${Math.round(free / (1 << 20))} MiB left`;
  return [finding('disk-full', sentence, `make room there, or set ${variable} to another place`)];
}

/** What stands there of a directory that may have to be made. */
function nearest(directory: string): string {
  return existsSync(directory) || directory === path.dirname(directory)
    ? directory
    : nearest(path.dirname(directory));
}

/** A stock distcc takes locks where we take none: the two do not see each other's jobs. */
function findStockClient(distccDir: string, nowMs: number): Finding[] {
  const locks = path.join(distccDir, 'lock');
  try {
    const isLate = readdirSync(locks).some(
      (name) => nowMs - statSync(path.join(locks, name)).mtimeMs < LATELY_MS,
    );
    if (!isLate) return [];
  } catch {
    return [];
  }
  return [
    finding(
      'stock-client',
      `A stock distcc works with the same ${distccDir}: together the two send hosts more jobs than their limits say`,
      'have all builds use one of them, or give each a DISTCC_DIR of its own',
    ),
  ];
}
