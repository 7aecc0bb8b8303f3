/** A launcher under the test's control: says what it is told, and shows what the agent answers. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { exited } from '../../src/base/wait-status.ts';
import { AgentDecoder, type AgentMessage, type Spawn } from '../../src/wire/launcher/agent-message.ts';
import {
  encodeEnded,
  encodeInvocation,
  NO_FILE,
  type FileId,
  type InvocationFrame,
} from '../../src/wire/launcher/launcher-message.ts';
import { PLAIN_ENVIRONMENT } from './scratch.ts';

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
    const message = await this.#next();
    if (message.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(message)}`);
    return message as Extract<AgentMessage, { type: T }>;
  }

  /** Runs what it is told to run, in `directory`, until some final verb comes. */
  async obey(directory: string): Promise<AgentMessage> {
    for (;;) {
      const message = await this.#next();
      if (message.type === 'spawn') this.ended(start(message, directory));
      else if (message.type !== 'staged' && message.type !== 'ack') return message;
    }
  }

  #next(): Promise<AgentMessage> | AgentMessage {
    return this.#queue.shift() ?? new Promise((resolve) => (this.#waiting = resolve));
  }

  ended(status = 0): void {
    this.#socket.write(encodeEnded({ errno: 0, status, userUs: 0, systemUs: 0, peakKib: 0 }));
  }

  hangUp(): void {
    this.#socket.destroy();
  }
}

/** @returns the wait status. */
function start({ argv, stdoutPath, stderrPath }: Spawn, directory: string): number {
  const [program = '', ...words] = argv;
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: directory, env: PLAIN_ENVIRONMENT });
  mkdirSync(path.dirname(stdoutPath), { recursive: true });
  writeFileSync(stdoutPath, stdout);
  writeFileSync(stderrPath, stderr);
  return exited(status ?? 1);
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
