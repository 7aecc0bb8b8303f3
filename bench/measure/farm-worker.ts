/**
 * A worker that only waits: it takes jobs on the native wire and in distcc's protocols, and answers each after a time
 * with a real object, at whose end stands the job's number. A process of its own, told what to do by its parent:
 *
 *    parent    FarmOptions                 once, first
 *    worker    { port }
 *    parent    'count'                     as often as it likes: the counts since the last time
 *    worker    Counts
 */
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { ok } from '../../src/base/result.ts';
import type { RunBoxed } from '../../src/execute/box.ts';
import { MemoryBlobs } from '../../src/store/memory-store.ts';
import type { ResultStore } from '../../src/store/result-store.ts';
import { encodeReply } from '../../src/wire/distcc/reply.ts';
import { RequestDecoder } from '../../src/wire/distcc/request.ts';
import { ReapiDoor } from '../../src/worker/reapi/reapi-door.ts';

export interface FarmOptions {
  /** By the source as the command names it; '' for all others. */
  readonly answers: Readonly<Record<string, FarmAnswer>>;
}

export interface FarmAnswer {
  readonly objectFile: string;
  readonly answerMs: number;
}

export interface Counts {
  readonly jobs: number;
  /** From the first job's beginning to the last one's end. */
  readonly spanMs: number;
  /** At the same time. */
  readonly mostJobs: number;
}

/** Of an object: the number of its job, in decimal. */
export const NUMBER_BYTES = 12;

const MOST_BLOB_BYTES = 1 << 30;
const NOTHING = new Uint8Array();

class Farm {
  readonly #answers: ReadonlyMap<string, { readonly object: Buffer; readonly answerMs: number }>;
  #number = 0;
  #running = 0;
  #counts = { jobs: 0, startedMs: Infinity, endedMs: 0, mostJobs: 0 };

  constructor({ answers }: FarmOptions) {
    this.#answers = new Map(
      Object.entries(answers).map(([source, { objectFile, answerMs }]) => {
        return [source, { object: readFileSync(objectFile), answerMs }] as const;
      }),
    );
  }

  async compile(argv: readonly string[]): Promise<Buffer> {
    const answer = this.#answers.get(argv.find((word) => this.#answers.has(word)) ?? '');
    if (answer === undefined) throw new Error(`no answer to ${argv.join(' ')}`);
    const counts = this.#counts;
    counts.startedMs = Math.min(counts.startedMs, SYSTEM_CLOCK.monotonicMs());
    counts.mostJobs = Math.max(counts.mostJobs, ++this.#running);
    await delay(answer.answerMs);
    this.#running--;
    counts.jobs++;
    counts.endedMs = SYSTEM_CLOCK.monotonicMs();
    return Buffer.concat([answer.object, Buffer.from(`${this.#number++}`.padStart(NUMBER_BYTES, '0'))]);
  }

  takeCounts(): Counts {
    const { jobs, startedMs, endedMs, mostJobs } = this.#counts;
    this.#counts = { jobs: 0, startedMs: Infinity, endedMs: 0, mostJobs: 0 };
    return { jobs, spanMs: endedMs - startedMs, mostJobs };
  }
}

/** Everything is compiled each time. */
const FORGETFUL: ResultStore = {
  find: () => Promise.resolve(undefined),
  put: () => Promise.resolve(ok(undefined)),
};

function openDoor(farm: Farm): ReapiDoor {
  const run: RunBoxed = async ({ argv, outputPaths }) => {
    const bytes = await farm.compile(argv);
    const outputs = outputPaths.map((path) => ({ kind: 'file', path, bytes, isExecutable: false }) as const);
    return ok({
      waitStatus: 0,
      stdout: NOTHING,
      stderr: NOTHING,
      outputs,
      userUs: 0,
      systemUs: 0,
      maxRssKib: 0,
    });
  };
  const find = (compiler: string, root: { hash: string; sizeBytes: number }) => {
    const toolchain = {
      compiler,
      version: '',
      searchPath: '',
      banner: '',
      root,
      directories: new Map(),
      files: new Map(),
    };
    return Promise.resolve({ kind: 'found', toolchain } as const);
  };
  return new ReapiDoor({
    stores: { blobs: new MemoryBlobs(MOST_BLOB_BYTES), results: FORGETFUL, clientResults: undefined },
    box: { run, toolchains: { find }, admits: 'compiles' },
    clock: SYSTEM_CLOCK,
    log: () => {},
    onExecuted: () => {},
    onUpload: () => {},
  });
}

function serveDistcc(farm: Farm, socket: Socket, begun: Buffer): void {
  const decoder = new RequestDecoder();
  const take = (chunk: Buffer): void => {
    const request = decoder.push(chunk);
    if (request === undefined) return;
    void farm.compile(request.argv).then((object) => {
      const { version } = request;
      const reply = { version, waitStatus: 0, stdout: NOTHING, stderr: NOTHING, object };
      for (const piece of encodeReply(reply)) socket.write(piece);
      socket.end();
    });
  };
  socket.on('data', take);
  take(begun);
}

if (process.send !== undefined) {
  process.once('message', (options: FarmOptions) => {
    const farm = new Farm(options);
    const door = openDoor(farm);
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (begun: Buffer) => {
        if (begun.toString('latin1', 0, 3) === 'PRI') {
          socket.pause();
          door.accept(socket, begun);
        } else serveDistcc(farm, socket, begun);
      });
    });
    server.listen(0, '127.0.0.1', 4096, () =>
      process.send?.({ port: (server.address() as AddressInfo).port }),
    );
    process.on('message', () => process.send?.(farm.takeCounts()));
  });
}
