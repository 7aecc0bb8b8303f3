/**
 * What an agent says: that it has heard, that it is still there, what to start meanwhile, and in the end
 * one outcome: run the compiler here, or leave with this status.
 */
import { encodeBytes, encodeList, encodeString, encodeU32, FieldReader } from './fields.ts';
import { encodeFrame, FrameError, FrameSplitter, MAX_AGENT_FRAME_BYTES } from './frame.ts';

const ACK = 0x81;
const ALIVE = 0x82;
const RUN_HERE = 0x83;
const SPAWN = 0x84;
const EXIT = 0x85;
const REPORT = 0x86;
const STAGED = 0x87;

/** Become the compiler. */
export interface RunHere {
  /** Empty: the launcher's own. */
  readonly argv: readonly string[];
  /** `NAME=value` sets, `NAME` alone removes. */
  readonly environment: readonly string[];
  /** Log lines; for standard error, or where the caller has its log. Usually empty. */
  readonly message: string;
}

/** Start a program, and tell how it ended. */
export interface Spawn {
  /** Absolute; empty: the launcher's own compiler. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Leave. */
export interface Exit {
  /** As wait4(2) gives it. */
  readonly status: number;
  /** Log lines; for standard error, or where the caller has its log. */
  readonly message: string;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Renamed in this order, before anything is printed. */
  readonly moves: readonly Move[];
}

export type AgentMessage =
  | { readonly type: 'ack' }
  | { readonly type: 'alive' }
  | ({ readonly type: 'run-here' } & RunHere)
  | ({ readonly type: 'spawn' } & Spawn)
  | ({ readonly type: 'exit' } & Exit)
  | { readonly type: 'report'; readonly json: string }
  | { readonly type: 'staged'; readonly names: readonly string[] };

/** Bytes from an agent to messages, cut as they come. */
export class AgentDecoder {
  readonly #splitter = new FrameSplitter(MAX_AGENT_FRAME_BYTES);

  /** @throws {FrameError} when this is no agent of ours. */
  push(chunk: Uint8Array): AgentMessage[] {
    return this.#splitter.push(chunk).map(({ type, payload }) => {
      const fields = new FieldReader(payload);
      const message = decodeMessage(type, fields);
      fields.end();
      return message;
    });
  }
}

export function encodeAck(): Buffer {
  return encode(ACK, []);
}

export function encodeAlive(): Buffer {
  return encode(ALIVE, []);
}

export function encodeRunHere({ argv, environment, message }: RunHere): Buffer {
  return encode(RUN_HERE, [...encodeList(argv), ...encodeList(environment), encodeString(message)]);
}

export function encodeSpawn({ program, argv, environment, stdoutPath, stderrPath }: Spawn): Buffer {
  return encode(SPAWN, [
    encodeString(program),
    ...encodeList(argv),
    ...encodeList(environment),
    encodeString(stdoutPath),
    encodeString(stderrPath),
  ]);
}

/** @throws {FrameError} when the output is too long for one frame: run the compiler there instead. */
export function encodeExit({ status, message, stdout, stderr, moves }: Exit): Buffer {
  return encode(EXIT, [
    encodeU32(status),
    encodeString(message),
    ...encodeBytes(stdout),
    ...encodeBytes(stderr),
    ...encodeList(moves.flatMap(({ from, to }) => [from, to])),
  ]);
}

export function encodeReport(json: string): Buffer {
  return encode(REPORT, [encodeString(json)]);
}

/** Names that are about to be created for this job: a launcher that goes home on its own removes them. */
export function encodeStaged(names: readonly string[]): Buffer {
  return encode(STAGED, encodeList(names));
}

function encode(type: number, fields: readonly Uint8Array[]): Buffer {
  return encodeFrame(type, fields, MAX_AGENT_FRAME_BYTES);
}

function decodeMessage(type: number, fields: FieldReader): AgentMessage {
  switch (type) {
    case ACK:
      return { type: 'ack' };
    case ALIVE:
      return { type: 'alive' };
    case RUN_HERE:
      return {
        type: 'run-here',
        argv: fields.list(),
        environment: fields.list(),
        message: fields.string(),
      };
    case SPAWN:
      return {
        type: 'spawn',
        program: fields.string(),
        argv: fields.list(),
        environment: fields.list(),
        stdoutPath: fields.string(),
        stderrPath: fields.string(),
      };
    case EXIT:
      return {
        type: 'exit',
        status: fields.u32(),
        message: fields.string(),
        stdout: fields.bytes(),
        stderr: fields.bytes(),
        moves: decodeMoves(fields.list()),
      };
    case REPORT:
      return { type: 'report', json: fields.string() };
    case STAGED:
      return { type: 'staged', names: fields.list() };
    default:
      throw new FrameError(`An agent has no frame of type ${type}`);
  }
}

function decodeMoves(paths: readonly string[]): Move[] {
  if (paths.length % 2 !== 0) throw new FrameError('A move has no target');
  const moves: Move[] = [];
  for (let index = 0; index < paths.length; index += 2) {
    moves.push({ from: paths[index] ?? '', to: paths[index + 1] ?? '' });
  }
  return moves;
}
