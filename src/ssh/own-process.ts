/**
 * A process of its own for one job, as distcc has it: for a DISTCC_SSH that cannot share a connection, or
 * sees to that itself.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { Failure } from '../base/failure.ts';
import type { Conduit } from '../net/conduit.ts';
import { killGroup } from '../process/kill-group.ts';
import { explainCommandEnd, SSH_FAILED } from './complaint.ts';
import type { Destination } from './destination.ts';
import { LastWords } from './last-words.ts';
import { SilenceTimer } from './silence-timer.ts';

/** How long it may go on when its job has ended, or said its last on standard output. */
const LINGER_MS = 2000;

export interface OwnProcessOptions {
  readonly command: string;
  /** It is told to ask nobody, and where its options end. Other programs know neither. */
  readonly isOpenSsh: boolean;
  /** It was ssh that failed, not the command. */
  readonly onLost: () => void;
}

export class OwnProcess extends Duplex implements Conduit {
  readonly #destination: Destination;
  readonly #command: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #silence = new SilenceTimer();
  readonly #said = new LastWords();
  #exit: number | string | undefined;

  constructor(destination: Destination, { command, isOpenSsh, onLost }: OwnProcessOptions) {
    super();
    const { login, host } = destination;
    const [program, ...words] = destination.words;
    this.#destination = destination;
    this.#command = command;
    const whereTo = isOpenSsh ? ['-o', 'BatchMode=yes', ...login, '--', host] : [...login, host];
    const args = [...words, ...whereTo, ...command.split(' ')];
    this.#child = spawn(program, args, {
      env: destination.environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: '/',
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on('data', (chunk: Buffer) => {
      this.#silence.touch();
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.on('data', (chunk: Buffer) => this.#said.add(chunk));
    // It may close its input early; what it says, or how it ends, tells why.
    stdin.on('error', () => undefined);
    this.#child.on('error', (error) => {
      this.#said.add(Buffer.from(`${program}: ${error.message}`));
      this.#exit = SSH_FAILED;
      this.push(null);
    });
    this.#child.on('exit', (code, signal) => {
      this.#exit = signal ?? code ?? undefined;
      if (code === SSH_FAILED) onLost();
    });
    this.#child.on('close', () => this.push(null));
  }

  setTimeout(timeoutMs: number, onSilence: () => void): void {
    this.#silence.start(timeoutMs, onSilence);
  }

  explainEnd(): Failure | undefined {
    const { name } = this.#destination;
    return explainCommandEnd({
      name,
      command: this.#command,
      exit: this.#exit,
      said: this.#said.text,
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#child.stdin.write(chunk, () => {
      this.#silence.touch();
      done();
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#silence.stop();
    const { stdin, stdout, stderr } = this.#child;
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    if (this.#exit === undefined) {
      const timer = setTimeout(() => killGroup(this.#child.pid), LINGER_MS);
      this.#child.on('exit', () => clearTimeout(timer));
      timer.unref();
    }
    done(error);
  }
}
