/** What distccd needs for the native wire: a store, and a box where one can be had. */
import path from 'node:path';
import { toText, type ByteString } from '../base/byte-string.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Admits } from '../execute/box.ts';
import { Boxes, objectionToBoxes } from '../execute/boxed.ts';
import { TempDirectories } from '../files/temp-directories.ts';
import type { Runner } from '../process/runner.ts';
import { DiskBlobs } from '../store/disk-blobs.ts';
import { DiskDirectory } from '../store/disk-directory.ts';
import { DiskResults } from '../store/disk-results.ts';
import { Eviction } from '../store/eviction.ts';
import type { ResultStore } from '../store/result-store.ts';
import type { TextMemory } from './remembered.ts';
import { ToolchainShelf } from './toolchain-shelf.ts';
import { findCompiler, type WhitelistSettings } from './whitelist.ts';
import type { ReapiDoorOptions } from './reapi/reapi-door.ts';

export interface NativeSettings {
  /** Where blobs and results are kept; undefined: in a temporary directory. */
  readonly cacheDirectory: string | undefined;
  readonly cacheBytes: number;
  readonly admits: Admits;
  readonly takesClientResults: boolean;
  readonly keepsHttp: boolean;
  readonly jobs: number;
  readonly niceness: number;
  readonly memoryBytes: number;
  readonly tempParent: string;
}

export interface NativeParts {
  readonly settings: NativeSettings;
  readonly runner: Runner;
  readonly whitelist: WhitelistSettings;
  /** That compilers inherit. */
  readonly environment: readonly ByteString[];
  readonly log: Log;
}

/** Below the cache's directory: what clients say. */
const CLIENTS = 'clients';
const HTTP = 'http';
const TEMP_PREFIX = 'distccd';

interface Opened extends Pick<ReapiDoorOptions, 'stores' | 'box'> {
  readonly toolchains: ToolchainShelf;
}

/** Nothing of it lies about before the first client of the native wire has come. */
export interface NativeSide extends Disposable {
  open(): Pick<ReapiDoorOptions, 'stores' | 'box'>;
  /** What is kept for clients of distcc's protocols; undefined where nothing is kept beyond the daemon's end. */
  readonly openTexts: (() => TextMemory) | undefined;
  /** Where clients of HTTP keep things; undefined where they may not. */
  readonly openKept: (() => ResultStore) | undefined;
}

/** Tries whether boxes can be had, and says so in the log if not. */
export async function prepareNative(parts: NativeParts): Promise<NativeSide> {
  const { settings, runner, log } = parts;
  // They go in any case: what $DISTCC_SAVE_TEMPS keeps are files of compiles.
  const directories = new TempDirectories(settings.tempParent, TEMP_PREFIX);
  const objection = await objectionToBoxes({ runner, directories });
  if (objection !== undefined) log('notice', `the native wire runs nothing here: ${objection}`);
  let opened: Opened | undefined;
  const open = (): Opened => (opened ??= openNative(parts, { directories, canBox: objection === undefined }));
  return {
    open,
    openTexts: settings.cacheDirectory === undefined ? undefined : () => textsOf(open(), parts),
    openKept: settings.keepsHttp ? () => openKept(parts, directories) : undefined,
    [Symbol.dispose]: () => directories[Symbol.dispose](),
  };
}

function openNative(
  parts: NativeParts,
  { directories, canBox }: { readonly directories: TempDirectories; readonly canBox: boolean },
): Opened {
  const { settings, log } = parts;
  const place = settings.cacheDirectory ?? directories.make().path;
  const { cacheBytes } = settings;
  const directory = openStore(place, cacheBytes, log) ?? openStore(directories.make().path, cacheBytes, log);
  if (directory === undefined) throw new Error('no store can be made');
  const blobs = new DiskBlobs(directory, cacheBytes);
  const clients = settings.takesClientResults
    ? openStore(path.join(place, CLIENTS), cacheBytes, log)
    : undefined;
  const stores = {
    blobs,
    results: new DiskResults(directory),
    clientResults: clients && new DiskResults(clients),
  };
  const toolchains = openShelf(parts, directories);
  const box = canBox ? openBox(parts, { directories, blobs, place, toolchains }) : undefined;
  return { stores, box, toolchains };
}

function textsOf({ stores, toolchains }: Opened, { environment }: NativeParts): TextMemory {
  const { blobs, results } = stores;
  return { blobs, results, environment, toolchainOf: (name) => toolchains.rootOf(toText(name)) };
}

function openKept({ settings, log }: NativeParts, directories: TempDirectories): ResultStore {
  const place = settings.cacheDirectory ?? directories.make().path;
  const kept = openStore(path.join(place, HTTP), settings.cacheBytes, log);
  if (kept === undefined) throw new Error('no store can be made');
  return new DiskResults(kept);
}

function openBox(
  { settings, runner }: NativeParts,
  {
    directories,
    blobs,
    place,
    toolchains,
  }: { directories: TempDirectories; blobs: DiskBlobs; place: string; toolchains: ToolchainShelf },
): ReapiDoorOptions['box'] {
  const boxes = new Boxes({
    runner,
    blobs,
    directories,
    jobs: settings.jobs,
    niceness: settings.niceness,
    maxOutputBytes: Math.trunc(settings.memoryBytes / 2),
    clock: SYSTEM_CLOCK,
    hidden: [settings.tempParent, place],
  });
  return { run: boxes.run, toolchains, admits: settings.admits };
}

function openShelf(
  { runner, whitelist, environment, log }: NativeParts,
  directories: TempDirectories,
): ToolchainShelf {
  return new ToolchainShelf({
    runner,
    directories,
    allows: (name) => 'compiler' in findCompiler(whitelist, name),
    environment,
    searchPath: searchPathOf(environment),
    clock: SYSTEM_CLOCK,
    log,
  });
}

function openStore(place: string, maxBytes: number, log: Log): DiskDirectory | undefined {
  const directory = DiskDirectory.open(place);
  if (!directory.ok) {
    log('warning', `the cache is not used: ${directory.error}`);
    return undefined;
  }
  // It listens to what is written.
  void new Eviction(directory.value, maxBytes);
  return directory.value;
}

function searchPathOf(environment: readonly ByteString[]): string {
  const path = environment.find((variable) => variable.startsWith('PATH=')) ?? '';
  return toText(path.slice('PATH='.length));
}
