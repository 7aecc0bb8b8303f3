/** Runs a program to its end as run() does, and gives what it printed as byte strings. */
import { spawn } from 'node:child_process';
import { fromBytes, toBytes, type ByteString } from '../../src/base/byte-string.ts';

export interface Said {
  readonly status: number | null;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}

/** Ten times what the slowest unit takes on a busy machine. */
const TIMEOUT_MS = 60_000;

export function runBytes(
  command: readonly ByteString[],
  { directory, environment }: { readonly directory: ByteString; readonly environment: NodeJS.ProcessEnv },
): Promise<Said> {
  const [program = '', ...args] = command.map(toText);
  const child = spawn(program, args, {
    cwd: toText(directory),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  child.on('error', reject);
  child.on('close', (status) =>
    resolve({ status, stdout: fromBytes(Buffer.concat(stdout)), stderr: fromBytes(Buffer.concat(stderr)) }),
  );
  return promise;
}

/** Node gives a program no argument that is not UTF-8. */
function toText(word: ByteString): string {
  return toBytes(word).toString();
}
