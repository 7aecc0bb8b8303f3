/**
 * What the worker and its runner (native/distccd.c) say to each other, as values and as bytes.
 *
 *    0  length  u32           of what follows: type and payload
 *    4  type    u8            1 READY, 2 RUN, 3 KILL · 1 SETTINGS, 2 STARTED, 3 ENDED, 4 DRAIN
 *    5  payload               by type; integers little-endian, strings with their length before them
 *
 * Both ends are of one build, so there is no negotiation, and what does not decode is a bug of ours.
 * Payloads are described in docs/protocol/runner.md.
 */
import assert from 'node:assert/strict';

import type { ByteString } from '../base/byte-string.ts';
import type { WaitStatus } from '../base/wait-status.ts';

/** One program to run; every text is bytes, as execve(2) will get them. */
export interface Program {
  /** argv[0] is looked up in the PATH of `environment`. */
  readonly argv: readonly ByteString[];
  readonly directory: ByteString;
  /** `NAME=value`, all of it. */
  readonly environment: readonly ByteString[];
  /** Files that do not exist yet; they are made with mode 0600. */
  readonly stdoutPath: ByteString;
  readonly stderrPath: ByteString;
  readonly umask: number;
  /** Added to the niceness that the runner has. */
  readonly niceness: number;
  /** A program that writes a larger file is stopped by SIGXFSZ. */
  readonly maxFileSizeBytes: number;
}

/** How it ended. `failedAt` says where it stopped before it ran; the wait status then means nothing. */
export interface Ended {
  readonly failedAt: 'setup' | 'exec' | undefined;
  /** The error number that goes with `failedAt`. */
  readonly errno: number;
  readonly waitStatus: WaitStatus;
  readonly userUs: number;
  readonly systemUs: number;
  readonly maxRssKib: number;
}

/** What the runner says. */
export type RunnerMessage =
  | {
      readonly type: 'settings';
      readonly listeners: number;
      readonly statsListeners: number;
      readonly settings: string;
    }
  | { readonly type: 'started'; readonly id: number; readonly pid: number }
  | { readonly type: 'ended'; readonly id: number; readonly ended: Ended }
  | { readonly type: 'drain'; readonly seconds: number };

const READY = 1;
const RUN = 2;
const KILL = 3;
const SETTINGS = 1;
const STARTED = 2;
const ENDED = 3;
const DRAIN = 4;
const MAX_FRAME_BYTES = 8 << 20;
const STAGES = [undefined, 'setup', 'exec'] as const;

export function encodeReady(): Uint8Array {
  return frame(READY, []);
}

export function encodeRun(id: number, program: Program): Uint8Array {
  const fileSize = Buffer.alloc(8);
  fileSize.writeBigUInt64LE(BigInt(program.maxFileSizeBytes));
  return frame(RUN, [
    u32(id),
    u32(program.umask),
    u32(program.niceness >>> 0),
    fileSize,
    string(program.directory),
    string(program.stdoutPath),
    string(program.stderrPath),
    ...list(program.argv),
    ...list(program.environment),
  ]);
}

export function encodeKill(id: number, signal: number): Uint8Array {
  return frame(KILL, [u32(id), u32(signal)]);
}

/** Makes messages of the runner's bytes, however they are cut. */
export class RunnerDecoder {
  #held: Buffer = Buffer.alloc(0);

  /** The messages that these bytes complete. */
  push(chunk: Uint8Array): RunnerMessage[] {
    this.#held = Buffer.concat([this.#held, chunk]);
    const messages: RunnerMessage[] = [];
    while (this.#held.length >= 4) {
      const length = this.#held.readUInt32LE(0);
      assert(length > 0 && length <= MAX_FRAME_BYTES, `the runner sent a frame of ${length} bytes`);
      if (this.#held.length < 4 + length) break;
      messages.push(decode(this.#held.subarray(4, 4 + length)));
      this.#held = this.#held.subarray(4 + length);
    }
    return messages;
  }
}

function decode(bytes: Buffer): RunnerMessage {
  const type = bytes.readUInt8(0);
  switch (type) {
    case SETTINGS:
      return {
        type: 'settings',
        listeners: bytes.readUInt32LE(1),
        statsListeners: bytes.readUInt32LE(5),
        settings: bytes.toString('utf8', 9),
      };
    case STARTED:
      return { type: 'started', id: bytes.readUInt32LE(1), pid: bytes.readUInt32LE(5) };
    case ENDED:
      return {
        type: 'ended',
        id: bytes.readUInt32LE(1),
        ended: {
          failedAt: STAGES[bytes.readUInt32LE(5)],
          errno: bytes.readUInt32LE(9),
          waitStatus: bytes.readUInt32LE(13),
          userUs: Number(bytes.readBigUInt64LE(17)),
          systemUs: Number(bytes.readBigUInt64LE(25)),
          maxRssKib: Number(bytes.readBigUInt64LE(33)),
        },
      };
    case DRAIN:
      return { type: 'drain', seconds: bytes.readUInt32LE(1) };
    default:
      throw new assert.AssertionError({ message: `the runner sent a frame of type ${type}` });
  }
}

function frame(type: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 1);
  return Buffer.concat([u32(length), Uint8Array.of(type), ...parts]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function string(text: ByteString): Buffer {
  const bytes = Buffer.allocUnsafe(4 + text.length);
  bytes.writeUInt32LE(text.length);
  bytes.write(text, 4, 'latin1');
  return bytes;
}

function list(texts: readonly ByteString[]): Buffer[] {
  return [u32(texts.length), ...texts.map(string)];
}
