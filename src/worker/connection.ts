/**
 * One connection of a client: what it says first tells the protocol, and from there to its end.
 *
 *   greeting ──"DIST"──> receiving ──whole──> working ──> answering ──> closed
 *      ├──────"PRI "──> a session of HTTP/2, which is another door's (reapi/)
 *      └──────"GET "──> and so are requests of HTTP/1.1 (http-door.ts)
 *
 * Whoever says nothing, or stalls, is timed out in each state; whoever leaves while its job waits or
 * runs ends that job.
 */
import type { Socket } from 'node:net';

import type { Clock } from '../base/clock.ts';
import { EXIT } from '../base/exit-code.ts';
import type { Log } from '../base/log.ts';
import { exited } from '../base/wait-status.ts';
import { ProtocolError } from '../wire/distcc/protocol-error.ts';
import { encodeReply } from '../wire/distcc/reply.ts';
import type { Reply } from '../wire/distcc/reply.ts';
import { RequestDecoder } from '../wire/distcc/request.ts';
import type { ReceivedRequest } from '../wire/distcc/request.ts';
import { WIRE_LIMITS } from '../wire/distcc/limits.ts';
import type { Admission } from './admit.ts';
import { count, type Counts } from './counts.ts';
import { fieldsOf, formatSummary, namesOf, runJob, sorry } from './distcc-job.ts';
import type { JobResult, JobServices } from './distcc-job.ts';
import type { Intake, Sender } from './intake.ts';
import type { LongestJob } from './status.ts';

/** How long a client may take to say what it wants, and one that is waited for to go on. */
const GREETING_MS = 10_000;
/** What is read of a peer that is not let in, before it is told so. Most C files are smaller. */
const DENIED_LIMITS = {
  ...WIRE_LIMITS,
  argumentsBytes: 256 << 10,
  namesBytes: 256 << 10,
  bodyBytes: 4 << 20,
  filesBytes: 4 << 20,
};
/** What an entry of a tree takes in memory beside the bytes that have come. */
const ENTRY_BYTES = 256;
/** A client sends nothing after its request; one that goes on for long is no client. */
const MOST_EXCESS_BYTES = 64 << 10;
const DIST = 'DIST';
/** Of `PRI * HTTP/2.0`. */
const PRI = 'PRI ';
const HTTP = ['GET ', 'HEAD', 'PUT '];
const FIRST_WORDS = [DIST, PRI, ...HTTP];

export interface ConnectionServices extends JobServices {
  readonly intake: Intake;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a client may stall in the middle of its request or of our reply. */
  readonly ioTimeoutMs: number;
  /** Serves a client that has begun with HTTP/2's preface: `begun` is what came so far. */
  readonly openSession: (socket: Socket, begun: Buffer) => void;
  /** The same for HTTP/1.1. */
  readonly openHttp: (socket: Socket, begun: Buffer) => void;
  /** Called for each compile that was run to its end. */
  readonly compiled: (job: LongestJob) => void;
}

/** Where a connection comes from. */
export interface Peer {
  /** In numbers; empty when it is not known. */
  readonly address: string;
  readonly port: number;
}

export interface Caller {
  readonly peer: Peer;
  readonly admission: Admission;
}

export class Connection implements Sender {
  readonly #socket: Socket;
  readonly #take = (chunk: Buffer): void => this.#hear(chunk);
  readonly #services: ConnectionServices;
  readonly #admission: Admission;
  readonly #peer: string;
  readonly #startedMs: number;
  readonly #gone = new AbortController();
  readonly #decoder: RequestDecoder;
  #state: 'greeting' | 'receiving' | 'working' | 'answering' | 'session' | 'closed' = 'greeting';
  #greeting: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  #excessBytes = 0;

  constructor(socket: Socket, { peer, admission }: Caller, services: ConnectionServices) {
    this.#socket = socket;
    this.#services = services;
    this.#admission = admission;
    this.#peer = `${peer.address.replace(/^::ffff:/, '')}:${peer.port}`;
    this.#startedMs = services.clock.monotonicMs();
    this.#decoder = new RequestDecoder(admission === 'welcome' ? WIRE_LIMITS : DENIED_LIMITS);
    if (admission === 'denied') {
      services.counts.manyhands_denied++;
      services.log('warning', `connection from client '${this.#peer}' denied by access list`);
    } else {
      services.counts.dcc_tcp_accept++;
    }
    socket.setTimeout(GREETING_MS, () => this.#timedOut());
    socket.on('data', this.#take);
    socket.on('end', () => this.#clientLeft());
    socket.on('close', () => this.#clientLeft());
    socket.on('error', () => {}); // 'close' follows
  }

  /** Whether it still waits for the client to say what it wants. */
  get isIdle(): boolean {
    return this.#state === 'greeting';
  }

  /** Ends it, with its job. May come more than once. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#services.intake.finished(this);
    this.#hold(-this.#heldBytes);
    this.#gone.abort();
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.setTimeout(0); // that it says nothing is then our doing
    this.#socket.pause();
  }

  resume(isUrgent: boolean): void {
    this.#socket.setTimeout(isUrgent ? GREETING_MS : this.#services.ioTimeoutMs);
    this.#socket.resume();
  }

  #hear(chunk: Buffer): void {
    switch (this.#state) {
      case 'greeting':
        this.#greet(chunk);
        return;
      case 'receiving':
        this.#receive(chunk);
        return;
      default:
        this.#excessBytes += chunk.length;
        if (this.#excessBytes > MOST_EXCESS_BYTES) this.close();
    }
  }

  #greet(chunk: Buffer): void {
    this.#greeting = this.#greeting.length === 0 ? chunk : Buffer.concat([this.#greeting, chunk]);
    const said = this.#greeting.toString('latin1', 0, 4);
    if (said === DIST) {
      this.#state = 'receiving';
      this.#socket.setTimeout(this.#admission === 'welcome' ? this.#services.ioTimeoutMs : GREETING_MS);
      this.#receive(this.#greeting);
    } else if (HTTP.includes(said) && this.#admission === 'welcome') {
      this.#handOver(this.#services.openHttp);
    } else if (said === PRI && this.#admission === 'welcome') {
      this.#handOver(this.#services.openSession);
    } else if (said.length >= 4 || !FIRST_WORDS.some((word) => word.startsWith(said))) {
      this.#reject(`it began with ${JSON.stringify(said)}`);
    }
  }

  /** To another door, which has it to the end. */
  #handOver(open: (socket: Socket, begun: Buffer) => void): void {
    this.#state = 'session';
    this.#socket.setTimeout(0);
    this.#socket.off('data', this.#take).pause();
    open(this.#socket, this.#greeting);
  }

  #receive(chunk: Buffer): void {
    this.#heldBytes += chunk.length;
    this.#services.intake.received(this, chunk.length);
    let request: ReceivedRequest | undefined;
    try {
      request = this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#reject(error.message);
      return;
    }
    if (request === undefined) return;
    if (request.kind === 'tree') this.#hold(request.entries.length * ENTRY_BYTES);
    this.#services.intake.finished(this);
    this.#socket.setTimeout(0);
    this.#work(request).catch((error: Error) => {
      this.#services.log('crit', `Please report this: ${error.stack ?? error.message}`);
      this.close();
    });
  }

  async #work(request: ReceivedRequest): Promise<void> {
    this.#state = 'working';
    if (this.#admission === 'denied') {
      const sentence = 'access denied: your address is not in its access list (distccd --allow)';
      this.#reply(sorry(request, exited(EXIT.accessDenied), sentence));
      return;
    }
    const { result, reply, problem } = await runJob(request, this.#services, this.#gone.signal);
    if (problem !== undefined) this.#services.log('warning', `client ${this.#peer}: ${problem}`);
    this.#summarize(result, reply?.waitStatus ?? 0, request);
    if (reply === undefined) this.close();
    else this.#reply(reply);
  }

  #reply(reply: Reply): void {
    this.#answer(encodeReply(reply));
  }

  #answer(pieces: readonly Uint8Array[]): void {
    if (this.#socket.destroyed) return;
    this.#state = 'answering';
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#hold(bytes - this.#heldBytes); // the request is not needed any more
    this.#socket.setTimeout(this.#services.ioTimeoutMs);
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.end();
    this.#socket.uncork();
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (bytes > 0) this.#services.intake.hold(bytes);
    else this.#services.intake.release(-bytes);
  }

  #reject(why: string): void {
    if (this.#admission === 'welcome') {
      this.#services.log('warning', `client ${this.#peer} does not speak distcc: ${why}`);
      this.#summarize('REJ_BAD_REQ', 0, undefined);
    }
    this.close();
  }

  #timedOut(): void {
    if (this.#admission === 'welcome' && this.#state !== 'answering') {
      const what = this.#state === 'greeting' ? 'said nothing' : 'stalled in its request';
      this.#services.log('info', `client ${this.#peer} ${what}; closed`);
      this.#summarize('REJ_BAD_REQ', 0, undefined);
    }
    this.close();
  }

  /** The client has closed its side, or the connection is broken. */
  #clientLeft(): void {
    // It may half-close when it wants no more than our last bytes; they may still be on their way.
    if (this.#state === 'answering' && !this.#socket.destroyed) return;
    if (this.#state === 'receiving' && this.#admission === 'welcome') {
      this.#summarize('CLI_DISCONN', 0, undefined);
    }
    this.close();
  }

  #summarize(result: JobResult, waitStatus: number, request: ReceivedRequest | undefined): void {
    const { counts, clock, log } = this.#services;
    count(counts, result);
    const timeMs = clock.monotonicMs() - this.#startedMs;
    const summary = { result, waitStatus, timeMs };
    log('notice', formatSummary(this.#peer, request, summary), fieldsOf(this.#peer, request, summary));
    if (request === undefined || (result !== 'COMPILE_OK' && result !== 'COMPILE_ERROR')) return;
    this.#services.compiled({ ...namesOf(request), timeMs });
  }
}
