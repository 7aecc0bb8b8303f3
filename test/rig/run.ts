/** Runs a program to its end, for tests: what it printed and how it ended, never a throw for its status. */
import { spawn } from 'node:child_process';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program = '', ...args] = command;
  const { timeoutMs = 600_000, ...rest } = options;
  const startedMs = performance.now();
  const child = spawn(program, args, {
    ...rest,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(timeoutMs),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  child.on('error', (cause) => reject(new Error(`Cannot run ${command.join(' ')}`, { cause })));
  child.on('close', (status, signal) =>
    resolve({
      status,
      signal,
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
      elapsedMs: performance.now() - startedMs,
    }),
  );
  return promise;
}

/** The same, for what has to succeed. */
export async function runWell(command: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const ended = await run(command, options);
  if (ended.status === 0) return ended;
  const said = `${ended.stdout}${ended.stderr}`;
  throw new Error(`${command.join(' ')} ended with ${ended.signal ?? ended.status}: ${said.slice(0, 2000)}`);
}
