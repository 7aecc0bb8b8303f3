/** A launcher under the test's control: says what it is told, and shows what the agent answers. */
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { AgentDecoder, type AgentMessage } from '../../src/wire/launcher/agent-message.ts';
import {
  encodeEnded,
  encodeInvocation,
  NO_FILE,
  type FileId,
  type InvocationFrame,
} from '../../src/wire/launcher/launcher-message.ts';

export class FakeLauncher {
  readonly #socket: Socket;
  readonly #queue: AgentMessage[] = [];
  #waiting: ((message: AgentMessage) => void) | undefined;

  constructor(socketPath: string) {
    const decoder = new AgentDecoder();
    this.#socket = connect(socketPath);
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (chunk) => {
      for (const message of decoder.push(chunk)) {
        if (message.type === 'alive') continue;
        if (this.#waiting === undefined) this.#queue.push(message);
        else this.#waiting(message);
        this.#waiting = undefined;
      }
    });
  }

  invoke(invocation: InvocationFrame): void {
    this.#socket.write(encodeInvocation(invocation));
  }

  /** The next message; fails when another type comes. */
  async expect<T extends AgentMessage['type']>(type: T): Promise<Extract<AgentMessage, { type: T }>> {
    const message =
      this.#queue.shift() ?? (await new Promise<AgentMessage>((resolve) => (this.#waiting = resolve)));
    if (message.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
    return message as Extract<AgentMessage, { type: T }>;
  }

  ended(status = 0): void {
    this.#socket.write(encodeEnded({ errno: 0, status, userUs: 0, systemUs: 0, peakKib: 0 }));
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

/** What a launcher in `directory` would say of this command line. */
export function invocationOf(
  directory: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): InvocationFrame {
  return {
    build: 'test',
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    isMasquerade: false,
    columns: 0,
    umask: 0o22,
    pid: process.pid,
    root: idOf('/'),
    cwd: idOf(directory),
    directory,
    pwd: directory,
    compiler: '/bin/true',
    compilerId: idOf('/bin/true'),
    argv,
    seen: argv.flatMap((word, index) => {
      const id = idOf(path.resolve(directory, word));
      return index === 0 || word.startsWith('-') || id === NO_FILE ? [] : [{ index, id }];
    }),
    environment: new Map(Object.entries(environment)),
    isText: true,
  };
}

function idOf(name: string): FileId {
  const stats = statSync(name, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? NO_FILE : { device: stats.dev, inode: stats.ino };
}
