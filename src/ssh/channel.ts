/**
 * One command on the far side of a shared ssh connection: what is written goes to its standard input, what
 * it prints is read.
 *
 * Windows bound what is under way in both directions: the other side's is obeyed, and ours is opened again
 * as fast as the reader takes the data. Destroying a channel tells the command that its input has ended,
 * and then waits out of sight until it has: sshd counts its sessions until then.
 */
import { Duplex } from 'node:stream';
import type { Failure } from '../base/failure.ts';
import type { Conduit } from '../net/conduit.ts';
import type { ChannelPacket } from '../wire/ssh/channel-packet.ts';
import {
  encodeClose,
  encodeData,
  encodeEof,
  encodeRequestFailure,
  encodeWindow,
} from '../wire/ssh/channel-packet.ts';
import { SshProtocolError } from '../wire/ssh/packet.ts';
import { explainCommandEnd } from './complaint.ts';
import { LastWords } from './last-words.ts';
import { SilenceTimer } from './silence-timer.ts';

/** How much may be on its way to us, on each channel. */
export const WINDOW_BYTES = 2 << 20;
export const PACKET_BYTES = 64 << 10;

/** How long a command may go on after its channel was destroyed. */
const LINGER_MS = 5000;

export interface ChannelOptions {
  /** The host, for messages. */
  readonly name: string;
  readonly command: string;
  readonly peer: number;
  readonly windowBytes: number;
  readonly packetBytes: number;
  /** Sends these pieces one after the other; does nothing when the connection has gone. */
  readonly send: (pieces: readonly Uint8Array[]) => void;
}

interface Pending {
  readonly chunk: Buffer;
  sentBytes: number;
  readonly done: (error?: Error) => void;
}

export class SshChannel extends Duplex implements Conduit {
  readonly #options: ChannelOptions;
  readonly #silence = new SilenceTimer();
  readonly #stderr = new LastWords();
  #pending: Pending | undefined;
  #sendWindowBytes: number;
  #receiveWindowBytes = WINDOW_BYTES;
  /** Read by our user, and not yet granted to the other side again. */
  #takenBytes = 0;
  #exit: number | string | undefined;
  #isEofSent = false;
  #isCloseSent = false;
  #isClosedByPeer = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: ChannelOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#sendWindowBytes = options.windowBytes;
    // It may break before anybody listens: `errored` tells.
    this.on('error', () => undefined);
  }

  setTimeout(timeoutMs: number, onSilence: () => void): void {
    this.#silence.start(timeoutMs, onSilence);
  }

  explainEnd(): Failure | undefined {
    const { name, command } = this.#options;
    return explainCommandEnd({ name, command, exit: this.#exit, said: this.#stderr.text });
  }

  /** Takes a packet for this channel. @throws {SshProtocolError} when it should not have come. */
  receive(packet: ChannelPacket): void {
    this.#silence.touch();
    switch (packet.type) {
      case 'data':
        return this.#receiveData(packet.data);
      case 'stderr':
        this.#stderr.add(packet.data);
        this.#count(packet.data.length);
        return this.#grant(packet.data.length);
      case 'window':
        this.#sendWindowBytes += packet.bytes;
        return this.#flush();
      case 'exit-status':
        this.#exit = packet.status;
        return;
      case 'exit-signal':
        this.#exit = packet.signal;
        return;
      case 'failure':
        this.destroy(new Error('sshd does not let us run a command there'));
        return;
      case 'request':
        if (packet.wantsReply) this.#send([encodeRequestFailure(this.#options.peer)]);
        return;
      case 'close':
        this.#isClosedByPeer = true;
        this.#close();
        if (!this.destroyed) this.push(null);
        return;
      case 'success':
      case 'eof': // the end is told with `close`, when it is known how the command ended
        return;
      default:
        throw new SshProtocolError(`A channel that is open got a packet of type ${packet.type}`);
    }
  }

  /** The connection has gone, and this channel with it. */
  lose(error: Error): void {
    this.#isEofSent = true;
    this.#isCloseSent = true;
    this.#isClosedByPeer = true;
    clearTimeout(this.#linger);
    if (!this.destroyed) this.destroy(error);
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#pending = { chunk, sentBytes: 0, done };
    this.#flush();
  }

  override _final(done: () => void): void {
    this.#sendEof();
    done();
  }

  override _read(): void {
    this.#grant(0);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#silence.stop();
    this.#pending = undefined;
    this.#sendEof();
    if (!this.#isClosedByPeer) {
      this.#linger = setTimeout(() => this.#close(), LINGER_MS);
      this.#linger.unref();
      this.#grant(0);
    }
    done(error);
  }

  #receiveData(data: Buffer): void {
    this.#count(data.length);
    if (this.destroyed) return this.#grant(data.length);
    this.#takenBytes += data.length;
    if (this.push(data)) this.#grant(0);
  }

  #count(bytes: number): void {
    this.#receiveWindowBytes -= bytes;
    if (this.#receiveWindowBytes < 0) throw new SshProtocolError('More data has come than was allowed');
  }

  /** Lets the other side go on, in large steps. */
  #grant(bytes: number): void {
    this.#takenBytes += bytes;
    if (this.#takenBytes < WINDOW_BYTES / 2 || this.#isCloseSent) return;
    this.#send([encodeWindow(this.#options.peer, this.#takenBytes)]);
    this.#receiveWindowBytes += this.#takenBytes;
    this.#takenBytes = 0;
  }

  #flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    const { peer, packetBytes } = this.#options;
    const pieces: Uint8Array[] = [];
    while (pending.sentBytes < pending.chunk.length && this.#sendWindowBytes > 0) {
      const left = pending.chunk.length - pending.sentBytes;
      const size = Math.min(left, packetBytes, this.#sendWindowBytes);
      pieces.push(encodeData(peer, pending.chunk.subarray(pending.sentBytes, pending.sentBytes + size)));
      pending.sentBytes += size;
      this.#sendWindowBytes -= size;
    }
    this.#send(pieces);
    if (pending.sentBytes < pending.chunk.length) return;
    this.#pending = undefined;
    pending.done();
  }

  #sendEof(): void {
    if (this.#isEofSent || this.#isCloseSent) return;
    this.#isEofSent = true;
    this.#send([encodeEof(this.#options.peer)]);
  }

  #close(): void {
    clearTimeout(this.#linger);
    if (this.#isCloseSent) return;
    this.#isCloseSent = true;
    this.#send([encodeClose(this.#options.peer)]);
  }

  #send(pieces: readonly Uint8Array[]): void {
    if (pieces.length > 0) this.#options.send(pieces);
  }
}
