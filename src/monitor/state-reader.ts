/**
 * What all jobs of a DISTCC_DIR are doing, ours and those of other distcc clients, from their state files.
 *
 * Source: distcc 3.4, distccmon-text and src/mon.c, for what counts and in which order.
 */
import { closeSync, constants, fstatSync, openSync, opendirSync, readSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import {
  decodeState,
  STATE_FILE_PREFIX,
  stateFileBytes,
  type StateLayout,
  type StateObjection,
  type TaskState,
} from '../wire/monitor/state-file.ts';
import { isProcessThere, STATE_MAX_AGE_MS } from './state-directory.ts';

export interface StateReaderOptions {
  /** `DISTCC_DIR/state`. */
  readonly directory: string;
  readonly layout: StateLayout;
  /** Told of files that are none, with the file's name. */
  readonly warn: (text: string) => void;
}

/** More files than these are not looked at. */
const FILES_MAX = 10_000;

const OBJECTIONS: Readonly<Record<StateObjection, string>> = {
  short: '',
  'wrong-size': 'wrong structure size: of another version, or of another kind of machine',
  'wrong-magic': 'wrong magic number',
};

/**
 * By host, then by slot; what is done is left out. A file that was not written for a minute is removed.
 * Without a directory there are none.
 *
 * @throws when the directory cannot be read.
 */
export function readStates(options: StateReaderOptions): TaskState[] {
  const states: TaskState[] = [];
  // In the directory's own order, as in distcc: equals stay as they come.
  for (const name of listFiles(options.directory)) {
    const state = readState(path.join(options.directory, name), options);
    if (state !== undefined && state.phase !== 'Done' && isProcessThere(state.pid)) states.push(state);
  }
  return states.sort((a, b) => compare(a.host, b.host) || a.slot - b.slot);
}

function listFiles(directory: string): string[] {
  const names: string[] = [];
  try {
    using entries = opendirSync(directory);
    for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
      if (entry.name.startsWith(STATE_FILE_PREFIX)) names.push(entry.name);
      if (names.length >= FILES_MAX) break;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return names;
}

/** Undefined for what says nothing: gone again, not yet written, old, or no state file. */
function readState(file: string, { layout, warn }: StateReaderOptions): TaskState | undefined {
  const bytes = Buffer.alloc(stateFileBytes(layout));
  const sizeBytes = readFresh(file, bytes);
  if (sizeBytes === undefined) return undefined;
  const state = decodeState(bytes.subarray(0, sizeBytes), layout);
  if (typeof state !== 'string') return state;
  if (OBJECTIONS[state] !== '') warn(`${OBJECTIONS[state]}: ${file}`);
  return undefined;
}

function readFresh(file: string, into: Uint8Array): number | undefined {
  let fd: number | undefined;
  try {
    // Neither through a link nor from a fifo: others may write in this directory.
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile()) return undefined;
    if (Date.now() - stats.mtimeMs <= STATE_MAX_AGE_MS) return readSync(fd, into);
    unlinkSync(file);
    return undefined;
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
