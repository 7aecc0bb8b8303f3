/**
 * Our end of an OpenSSH master's control socket: many channels over one ssh connection, and no process for
 * any of them.
 *
 * A control connection is never closed while a channel is being opened: the master would end, and all of its
 * channels with it.
 */
import { connect, type Socket } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import {
  encodeExec,
  encodeOpen,
  parseChannelPacket,
  type ChannelPacket,
} from '../wire/ssh/channel-packet.ts';
import { encodeProxyRequest, parseMuxMessage } from '../wire/ssh/mux-message.ts';
import { PacketDecoder, SshProtocolError } from '../wire/ssh/packet.ts';
import { PACKET_BYTES, SshChannel, WINDOW_BYTES } from './channel.ts';

/**
 * Channels at once. sshd takes ten sessions (MaxSessions), and counts one for a moment longer than we do;
 * and what is on its way in all of them has to fit into the master's buffer of 128 MiB.
 */
const CHANNELS_MAX = 8;

/**
 * How often sshd may refuse the only session before that counts as its last word. It refuses the next one
 * when it reads of it in one go with the end of the one before.
 */
const REFUSALS_MAX = 20;

const HANDSHAKE_TIMEOUT_MS = 5000;

export type NotOpened =
  /** sshd takes no more sessions while those are open that are. */
  { readonly kind: 'full' } | { readonly kind: 'failed'; readonly message: string };

type Opened = Result<SshChannel, NotOpened>;

interface Opening {
  readonly command: string;
  readonly resolve: (opened: Opened) => void;
}

export interface ConnectionOptions {
  /** The host, for messages. */
  readonly name: string;
  readonly socketPath: string;
  /** A channel has closed. */
  readonly onRoom: () => void;
  /** The connection has ended; once. */
  readonly onClosed: () => void;
}

export class SharedConnection implements Disposable {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #decoder = new PacketDecoder();
  readonly #handshake = Promise.withResolvers<Result<SharedConnection, string>>();
  readonly #opening = new Map<number, Opening>();
  readonly #channels = new Map<number, SshChannel>();
  #state: 'greeting' | 'asking' | 'ready' | 'closed' = 'greeting';
  #channelsMax = CHANNELS_MAX;
  #nextChannel = 0;
  /** Since a channel was opened last. */
  #refusals = 0;

  private constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = connect(options.socketPath);
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('the ssh connection has ended'));
    this.#socket.write(encodeProxyRequest());
  }

  /** Connects to a master that listens there. @returns what is wrong with it, if something is. */
  static async open(options: ConnectionOptions): Promise<Result<SharedConnection, string>> {
    const connection = new SharedConnection(options);
    const timer = setTimeout(() => connection.#end('the master does not answer'), HANDSHAKE_TIMEOUT_MS);
    try {
      return await connection.#handshake.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  get hasRoom(): boolean {
    return this.#state === 'ready' && this.channels < this.#channelsMax;
  }

  /** Those that are being opened, and those that linger, counted too. */
  get channels(): number {
    return this.#opening.size + this.#channels.size;
  }

  /** Runs a command in a channel of its own. Only where there is room. */
  openChannel(command: string): Promise<Opened> {
    const channel = this.#nextChannel++;
    const { promise, resolve } = Promise.withResolvers<Opened>();
    this.#opening.set(channel, { command, resolve });
    this.#socket.write(encodeOpen(channel, WINDOW_BYTES, PACKET_BYTES));
    return promise;
  }

  /** The master notices, and ends a few seconds later. */
  [Symbol.dispose](): void {
    this.#end('the ssh connection was closed');
  }

  #receive(chunk: Buffer): void {
    try {
      for (const packet of this.#decoder.push(chunk)) {
        if (this.#state === 'ready') this.#dispatch(parseChannelPacket(packet));
        else if (this.#state !== 'closed') this.#greet(packet);
      }
    } catch (error) {
      if (!(error instanceof SshProtocolError)) throw error;
      this.#end(`the ssh connection broke: ${error.message}`);
    }
  }

  #greet(packet: Buffer): void {
    const message = parseMuxMessage(packet);
    if (message.type === 'hello' && message.isKnownVersion && this.#state === 'greeting') {
      this.#state = 'asking';
    } else if (message.type === 'proxy' && this.#state === 'asking') {
      this.#state = 'ready';
      this.#handshake.resolve(ok(this));
    } else {
      this.#end(message.type === 'refused' ? message.reason : 'the master speaks another protocol');
    }
  }

  #dispatch(packet: ChannelPacket | undefined): void {
    if (packet === undefined) return;
    const opening = this.#opening.get(packet.channel);
    if (opening !== undefined) return this.#conclude(packet, opening);
    this.#channels.get(packet.channel)?.receive(packet);
    if (packet.type === 'close') this.#forget(packet.channel);
  }

  #conclude(packet: ChannelPacket, { command, resolve }: Opening): void {
    this.#opening.delete(packet.channel);
    switch (packet.type) {
      case 'opened': {
        const { name } = this.#options;
        const channel = new SshChannel({ ...packet, name, command, send: (pieces) => this.#send(pieces) });
        this.#channels.set(packet.channel, channel);
        this.#refusals = 0;
        this.#send([encodeExec(packet.peer, command)]);
        return resolve(ok(channel));
      }
      case 'not-opened':
        this.#refusals++;
        this.#channelsMax = Math.max(this.channels, 1);
        if (this.channels === 0 && this.#refusals >= REFUSALS_MAX) {
          return resolve(err({ kind: 'failed', message: `sshd opens no session: ${packet.reason}` }));
        }
        return resolve(err({ kind: 'full' }));
      default:
        throw new SshProtocolError(`A channel that is not open got a packet of type ${packet.type}`);
    }
  }

  #forget(channel: number): void {
    this.#channels.delete(channel);
    // What was in the way may have been a command that outlived its channel.
    if (this.channels === 0) this.#channelsMax = Math.min(this.#channelsMax + 1, CHANNELS_MAX);
    this.#options.onRoom();
  }

  #send(pieces: readonly Uint8Array[]): void {
    if (this.#state !== 'ready') return;
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #end(message: string): void {
    if (this.#state === 'closed') return;
    const wasReady = this.#state === 'ready';
    this.#state = 'closed';
    this.#socket.destroy();
    this.#handshake.resolve(err(message));
    for (const { resolve } of this.#opening.values()) resolve(err({ kind: 'failed', message }));
    for (const channel of this.#channels.values()) channel.lose(new Error(message));
    this.#opening.clear();
    this.#channels.clear();
    if (wasReady) this.#options.onClosed();
  }
}
