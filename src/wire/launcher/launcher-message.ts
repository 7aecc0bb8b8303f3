/**
 * What a launcher says: an invocation, then how each program that it was asked to start has ended. Tools
 * say a query instead.
 *
 * Strings are decoded as UTF-8. An invocation whose words or paths are not UTF-8 is marked and goes home;
 * the environment's values may lose bytes, because the agent only reads them and sends none back.
 */
import { encodeList, encodeString, encodeU32, encodeU64, FieldReader } from './fields.ts';
import { encodeFrame, FrameError, FrameSplitter, MAX_LAUNCHER_FRAME_BYTES } from './frame.ts';

const INVOCATION = 1;
const ENDED = 2;
const QUERY = 3;

const STDOUT_IS_TERMINAL = 1;
const STDERR_IS_TERMINAL = 2;
const IS_MASQUERADE = 4;
const ALL_FLAGS = STDOUT_IS_TERMINAL | STDERR_IS_TERMINAL | IS_MASQUERADE;

/** Which file it is, whatever its name: equal for both ends when they see the same one. */
export interface FileId {
  readonly device: bigint;
  readonly inode: bigint;
}

/** The device and inode of what is not there. */
export const NO_FILE: FileId = { device: 0n, inode: 0n };

interface SeenFile {
  /** Of the word in argv that names it. */
  readonly index: number;
  readonly id: FileId;
}

/** One call of a compiler, as the caller typed it, and where the launcher stands. */
export interface InvocationFrame {
  readonly build: string;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Called by a compiler's name. */
  readonly isMasquerade: boolean;
  /** Width of standard error's terminal, 0 if it is none. */
  readonly columns: number;
  readonly umask: number;
  readonly pid: number;
  readonly root: FileId;
  readonly cwd: FileId;
  /** The physical directory. */
  readonly directory: string;
  /** `$PWD` where it names the same directory, else empty. */
  readonly pwd: string;
  /** Absolute path of the launcher's own compiler. */
  readonly compiler: string;
  readonly compilerId: FileId;
  /** argv[0] is the compiler as typed. */
  readonly argv: readonly string[];
  readonly seen: readonly SeenFile[];
  readonly environment: ReadonlyMap<string, string>;
  /** False when argv, a directory or the compiler is not UTF-8: they are then not what was typed. */
  readonly isText: boolean;
}

/** How a spawned program ended. */
export interface Ended {
  /** 0, or why the program could not be started. */
  readonly errno: number;
  /** As wait4(2) gives it. */
  readonly status: number;
  readonly userUs: number;
  readonly systemUs: number;
  /** Largest resident set. */
  readonly peakKib: number;
}

export type LauncherMessage =
  | ({ readonly type: 'invocation' } & InvocationFrame)
  | ({ readonly type: 'ended' } & Ended)
  | { readonly type: 'query'; readonly text: string };

/** Bytes from a launcher to messages, cut as they come. */
export class LauncherDecoder {
  readonly #splitter = new FrameSplitter(MAX_LAUNCHER_FRAME_BYTES);

  /** @throws {FrameError} when this is no launcher of ours. */
  push(chunk: Uint8Array): LauncherMessage[] {
    return this.#splitter.push(chunk).map(({ type, payload }) => {
      const fields = new FieldReader(payload);
      const message = decodeMessage(type, fields);
      fields.end();
      return message;
    });
  }
}

/** `isText` is not sent: it is found again from the bytes. */
export function encodeInvocation(frame: Omit<InvocationFrame, 'isText'>): Buffer {
  const flags =
    (frame.stdoutIsTerminal ? STDOUT_IS_TERMINAL : 0) |
    (frame.stderrIsTerminal ? STDERR_IS_TERMINAL : 0) |
    (frame.isMasquerade ? IS_MASQUERADE : 0);
  const fields = [
    encodeString(frame.build),
    encodeU32(flags),
    encodeU32(frame.columns),
    encodeU32(frame.umask),
    encodeU64(frame.pid),
    ...encodeFileId(frame.root),
    ...encodeFileId(frame.cwd),
    encodeString(frame.directory),
    encodeString(frame.pwd),
    encodeString(frame.compiler),
    ...encodeFileId(frame.compilerId),
    ...encodeList(frame.argv),
    encodeU32(frame.seen.length),
    ...frame.seen.flatMap(({ index, id }) => [encodeU32(index), ...encodeFileId(id)]),
    ...encodeList([...frame.environment].map(([name, value]) => `${name}=${value}`)),
  ];
  return encodeFrame(INVOCATION, fields, MAX_LAUNCHER_FRAME_BYTES);
}

export function encodeEnded({ errno, status, userUs, systemUs, peakKib }: Ended): Buffer {
  const fields = [
    encodeU32(errno),
    encodeU32(status),
    encodeU64(userUs),
    encodeU64(systemUs),
    encodeU64(peakKib),
  ];
  return encodeFrame(ENDED, fields, MAX_LAUNCHER_FRAME_BYTES);
}

export function encodeQuery(text: string): Buffer {
  return encodeFrame(QUERY, [encodeString(text)], MAX_LAUNCHER_FRAME_BYTES);
}

function decodeMessage(type: number, fields: FieldReader): LauncherMessage {
  switch (type) {
    case INVOCATION:
      return { type: 'invocation', ...decodeInvocation(fields) };
    case ENDED:
      return {
        type: 'ended',
        errno: fields.u32(),
        status: fields.u32(),
        userUs: fields.count64(),
        systemUs: fields.count64(),
        peakKib: fields.count64(),
      };
    case QUERY:
      return { type: 'query', text: fields.string() };
    default:
      throw new FrameError(`A launcher has no frame of type ${type}`);
  }
}

function decodeInvocation(fields: FieldReader): InvocationFrame {
  const build = fields.string();
  const flags = fields.u32();
  if ((flags & ~ALL_FLAGS) !== 0) throw new FrameError(`Unknown flags ${flags}`);
  const columns = fields.u32();
  const umask = fields.u32();
  const pid = fields.count64();
  const root = decodeFileId(fields);
  const cwd = decodeFileId(fields);
  const directory = fields.string();
  const pwd = fields.string();
  const compiler = fields.string();
  const compilerId = decodeFileId(fields);
  const argv = fields.list();
  const seen = fields.times(20, () => ({ index: fields.u32(), id: decodeFileId(fields) }));
  if (argv.length === 0) throw new FrameError('An invocation has no words');
  if (seen.some(({ index }) => index >= argv.length)) throw new FrameError('A file was seen beyond argv');
  // Before the environment, whose bytes need not be text.
  const isText = fields.isText;
  return {
    build,
    stdoutIsTerminal: (flags & STDOUT_IS_TERMINAL) !== 0,
    stderrIsTerminal: (flags & STDERR_IS_TERMINAL) !== 0,
    isMasquerade: (flags & IS_MASQUERADE) !== 0,
    columns,
    umask,
    pid,
    root,
    cwd,
    directory,
    pwd,
    compiler,
    compilerId,
    argv,
    seen,
    environment: decodeEnvironment(fields.list()),
    isText,
  };
}

/** As getenv(3) sees it: of two with one name the first counts, what has no `=` is not there. */
function decodeEnvironment(entries: readonly string[]): Map<string, string> {
  const environment = new Map<string, string>();
  for (const entry of entries) {
    const equals = entry.indexOf('=');
    if (equals === -1) continue;
    const name = entry.slice(0, equals);
    if (!environment.has(name)) environment.set(name, entry.slice(equals + 1));
  }
  return environment;
}

function encodeFileId({ device, inode }: FileId): Buffer[] {
  return [encodeU64(device), encodeU64(inode)];
}

function decodeFileId(fields: FieldReader): FileId {
  return { device: fields.u64(), inode: fields.u64() };
}
