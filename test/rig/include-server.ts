/**
 * An include server for the stock `distcc`, whose own does not run with today's Python: it knows beforehand
 * what it answers. What it has to send lies under a root of three path components, as the client expects:
 *
 *   ROOT/w/a.c.lzo         a file, compressed as it travels
 *   ROOT/w/h.h.lzo.abs     the same, of one that was found through an absolute directory
 *   ROOT/w/l               a symbolic link, sent as it is
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { fromBytes } from '../../src/base/byte-string.ts';
import { Decoder, packet, token, type Grammar } from '../../src/wire/distcc/decoder.ts';
import { encodeBody } from '../../src/wire/distcc/protocol.ts';
import { formatToken } from '../../src/wire/distcc/token.ts';

export interface Closure {
  readonly files: readonly string[];
  /** Those that the compiler finds through an absolute directory. */
  readonly absoluteFiles: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  /** Directories that must be there, though nothing in them is. */
  readonly forcedDirectories: readonly string[];
}

const MAX_BYTES = 1 << 20;

export class IncludeServer implements AsyncDisposable {
  /** For INCLUDE_SERVER_PORT. */
  readonly socketPath: string;
  /** The commands that were asked about. */
  readonly commands: string[][] = [];
  readonly #root: string;
  readonly #answer: readonly string[];
  readonly #server: Server;

  constructor(directory: string, closure: Closure) {
    this.socketPath = path.join(directory, 'socket');
    this.#root = mkdtempSync('/dev/shm/manyhands.');
    this.#answer = this.#layOut(closure);
    this.#server = createServer((socket) => this.#converse(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#root, { recursive: true });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #layOut({ files, absoluteFiles, links, forcedDirectories }: Closure): string[] {
    const plain = files.map((name) => this.#write(`${name}.lzo`, readFileSync(name)));
    const named = absoluteFiles.map((name) => {
      const line = Buffer.from(`#line 1 "${name}"\n`);
      return this.#write(`${name}.lzo.abs`, Buffer.concat([line, readFileSync(name)]));
    });
    const linked = Object.entries(links).map(([name, target]) => {
      const place = this.#place(name);
      symlinkSync(target, place);
      return place;
    });
    const forced = forcedDirectories.map((name) =>
      this.#write(`${name}/forcing_technique_271828`, Buffer.alloc(0)),
    );
    return [...plain, ...named, ...linked, ...forced];
  }

  #write(name: string, content: Uint8Array): string {
    const place = this.#place(name);
    writeFileSync(place, encodeBody(3, content));
    return place;
  }

  #place(name: string): string {
    const place = this.#root + name;
    mkdirSync(path.dirname(place), { recursive: true });
    return place;
  }

  #converse(socket: Socket): void {
    const decoder = new Decoder(readCommand());
    socket.on('data', (chunk: Buffer) => {
      const command = decoder.push(chunk);
      if (command === undefined) return;
      this.commands.push(command);
      const words = this.#answer.map((name) => formatToken('ARGV', name.length) + name);
      socket.end(formatToken('ARGC', words.length) + words.join(''));
    });
  }
}

function* readCommand(): Grammar<string[]> {
  yield* packet('CDIR', MAX_BYTES);
  const count = yield* token('ARGC');
  const argv: string[] = [];
  while (argv.length < count) argv.push(fromBytes(yield* packet('ARGV', MAX_BYTES)));
  return argv;
}
