/**
 * How the jobs of one destination get there: over a connection that they share, over a second one where
 * more of them run at once than sshd takes sessions on one, or each by a process of its own.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Conduit } from '../net/conduit.ts';
import { isLoginFailure } from './complaint.ts';
import type { Destination } from './destination.ts';
import { isOpenSsh, sharesByItself, startMaster } from './master.ts';
import { OwnProcess } from './own-process.ts';
import { SharedConnection } from './shared-connection.ts';

/** How long a connection that nobody uses stays open. */
const IDLE_MS = 120_000;

/** To one destination: it takes eight jobs on each. */
const CONNECTIONS_MAX = 32;

/** How long commands whose jobs are done may take to end before further jobs get a connection of their own. */
const ENDING_MS = 1000;

/** When a further connection could not be had, jobs make do with what there is for so long. */
const NO_MORE_MS = 10_000;

/** ssh makes the socket under a longer name first, and the kernel takes 107 bytes. */
const SOCKET_PATH_MAX_BYTES = 107 - 18;

type Way =
  | 'shared'
  /** A process for each job: the program can share nothing. */
  | 'own'
  /** The same, where the program is OpenSSH: it is told to ask nobody. */
  | 'own-openssh';

let serial = 0;

export class Route implements Disposable {
  readonly #destination: Destination;
  readonly #directory: string;
  readonly #onIdle: () => void;
  readonly #connections = new Set<SharedConnection>();
  /** Found out by the first job. */
  #way: Promise<Way> | undefined;
  #starting: Promise<Result<void, Failure>> | undefined;
  #noMoreUntilMs = 0;
  #mastersMissed = 0;
  /** Resolves when a job may have better luck than before. */
  #room = Promise.withResolvers<void>();
  #jobsOpening = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  /** @param directory a private one, for control sockets; `onIdle` is called when it is not needed any more. */
  constructor(destination: Destination, directory: string, onIdle: () => void) {
    this.#destination = destination;
    this.#directory = directory;
    this.#onIdle = onIdle;
  }

  async open(command: string, signal: AbortSignal): Promise<Result<Conduit, Failure>> {
    const cancelled = err({ kind: 'cancelled', message: 'the caller has gone' } as const);
    const { promise: gone, resolve: leave } = Promise.withResolvers<typeof cancelled>();
    const onAbort = (): void => leave(cancelled);
    signal.addEventListener('abort', onAbort);
    this.#jobsOpening++;
    const opening = this.#open(command, signal).finally(() => {
      this.#jobsOpening--;
      this.#waitForIdle();
    });
    try {
      return await Promise.race([opening, gone]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const connection of this.#connections) connection[Symbol.dispose]();
    clearTimeout(this.#idleTimer);
  }

  async #open(command: string, signal: AbortSignal): Promise<Result<Conduit, Failure>> {
    for (;;) {
      const way = await (this.#way ??= findWay(this.#destination));
      if (signal.aborted) return err({ kind: 'cancelled', message: 'the caller has gone' });
      if (way !== 'shared') return ok(this.#startProcess(way, command));
      const opened = await this.#openChannel(command);
      if (opened === undefined) continue;
      if (opened.ok && signal.aborted) opened.value.destroy();
      return opened;
    }
  }

  #startProcess(way: 'own' | 'own-openssh', command: string): OwnProcess {
    const forgetWay = (): void => {
      this.#way = undefined;
    };
    return new OwnProcess(this.#destination, {
      command,
      isOpenSsh: way === 'own-openssh',
      onLost: forgetWay,
    });
  }

  /** @returns undefined when something has changed, and it is to be tried again. */
  async #openChannel(command: string): Promise<Result<Conduit, Failure> | undefined> {
    const connection = [...this.#connections].find(({ hasRoom }) => hasRoom);
    if (connection === undefined) return this.#makeRoom();
    const opened = await connection.openChannel(command);
    if (opened.ok) return opened;
    if (opened.error.kind === 'full') return undefined;
    const { name } = this.#destination;
    return err({ kind: 'unreachable', message: `Cannot reach ${name} over ssh: ${opened.error.message}` });
  }

  /** Waits for another connection, or for an end on one of those that there are. */
  async #makeRoom(): Promise<Result<Conduit, Failure> | undefined> {
    const room = this.#room.promise;
    const isNearlyFree = [...this.#connections].some(({ isBusy }) => !isBusy);
    if (isNearlyFree && (await comesWithin(room, ENDING_MS))) return undefined;
    const hasEnough =
      this.#connections.size >= CONNECTIONS_MAX ||
      (this.#connections.size > 0 && performance.now() < this.#noMoreUntilMs);
    if (!hasEnough) {
      this.#starting ??= this.#connect();
      const started = await Promise.race([this.#starting, room]);
      if (started === undefined || started.ok) return undefined;
      if (this.#connections.size === 0) return started;
      this.#noMoreUntilMs = performance.now() + NO_MORE_MS;
    }
    await room;
    return undefined;
  }

  async #connect(): Promise<Result<void, Failure>> {
    const socketPath = path.join(this.#directory, `ssh-${serial++}`);
    try {
      // Somebody who cleans up may have removed it.
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      if (Buffer.byteLength(socketPath) > SOCKET_PATH_MAX_BYTES) return this.#useProcesses('own-openssh');
      const started = await startMaster(this.#destination, socketPath);
      if (started.ok) return await this.#join(socketPath);
      if (this.#connections.size > 0) return started;
      // A script that says something else about control sockets.
      if (started.error.kind === 'timed-out') return this.#useProcesses('own');
      if (!isLoginFailure(started.error)) return started;
      // ssh by itself may know better: a connection that its user has opened by hand, with a password.
      return this.#useProcesses('own-openssh');
    } catch (error) {
      const message = `Cannot reach ${this.#destination.name} over ssh: ${String(error)}`;
      return err({ kind: 'unreachable', message });
    } finally {
      this.#starting = undefined;
    }
  }

  async #join(socketPath: string): Promise<Result<void, Failure>> {
    const connection = await SharedConnection.open({
      name: this.#destination.name,
      socketPath,
      onRoom: () => this.#announceRoom(),
      onClosed: () => {
        if (connection.ok) this.#connections.delete(connection.value);
        this.#announceRoom();
      },
    });
    if (!connection.ok) {
      // Logged in, but no master: something before ssh has its own idea of a connection. Or we were stopped
      // for so long that the master has left already, which does not happen twice.
      return ++this.#mastersMissed > 1 ? this.#useProcesses('own') : ok(undefined);
    }
    this.#connections.add(connection.value);
    this.#announceRoom();
    // Nobody is left to use it.
    if (this.#isDisposed) connection.value[Symbol.dispose]();
    return ok(undefined);
  }

  #useProcesses(way: 'own' | 'own-openssh'): Result<void, never> {
    this.#way = Promise.resolve(way);
    return ok(undefined);
  }

  #announceRoom(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
    this.#waitForIdle();
  }

  #waitForIdle(): void {
    clearTimeout(this.#idleTimer);
    if (this.#jobsOpening > 0 || this.#isDisposed) return;
    this.#idleTimer = setTimeout(() => this.#leaveWhenIdle(), IDLE_MS);
    this.#idleTimer.unref();
  }

  #leaveWhenIdle(): void {
    if ([...this.#connections].some(({ channels }) => channels > 0)) return;
    this[Symbol.dispose]();
    this.#onIdle();
  }
}

async function findWay(destination: Destination): Promise<Way> {
  if (!(await isOpenSsh(destination))) return 'own';
  return sharesByItself(destination) ? 'own-openssh' : 'shared';
}

async function comesWithin(event: Promise<void>, timeoutMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), timeoutMs);
  try {
    return await Promise.race([event.then(() => true), promise]);
  } finally {
    clearTimeout(timer);
  }
}
