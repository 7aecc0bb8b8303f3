/** A compiler driver for tests that distributes: our launcher with an agent of its own, or Debian's distcc. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BIN, type Make } from './cluster.ts';
import { run } from './run.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';

export interface Client extends AsyncDisposable {
  readonly make: Make;
  /** What stands before `gcc` in a Makefile. */
  readonly launcher: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface ClientOptions {
  /** As in DISTCC_HOSTS. */
  readonly hosts: string;
  readonly env?: NodeJS.ProcessEnv;
}

export const LAUNCHERS: Readonly<Record<Make, string>> = {
  ours: path.join(BIN, 'distcc'),
  debian: '/usr/bin/distcc',
};

/** Nothing falls back unless `options.env` says so. Disposing stops the agent that the client has started. */
export function openClient(make: Make, scratch: Scratch, options: ClientOptions): Client {
  const env: NodeJS.ProcessEnv = {
    ...PLAIN_ENVIRONMENT,
    HOME: scratch.privateDirectory('home'),
    DISTCC_DIR: scratch.privateDirectory('distcc'),
    XDG_RUNTIME_DIR: scratch.privateDirectory('run'),
    TMPDIR: scratch.privateDirectory('tmp'),
    DISTCC_HOSTS: options.hosts,
    DISTCC_FALLBACK: '0',
    // Most tests are of distcc's protocols, and count what was compiled.
    MANYHANDS_NATIVE: 'off',
    MANYHANDS_CACHE: 'off',
    ...options.env,
  };
  const launcher = LAUNCHERS[make];
  const dispose = make === 'ours' ? () => stopAgent(env) : async () => {};
  return { make, launcher, env, [Symbol.asyncDispose]: dispose };
}

/** The host list for some daemons; `compression` is what follows a host's name, such as `,lzo`. */
export function formatHosts(
  daemons: readonly { readonly port: number }[],
  { limit = 8, compression = '', scheme = '' } = {},
): string {
  return daemons.map(({ port }) => `${scheme}127.0.0.1:${port}/${limit}${compression}`).join(' ');
}

export interface AgentStatus {
  readonly pid: number | undefined;
  /** All else that it says, counts by ending and reason among it, for messages. */
  readonly jobs: unknown;
}

/** What `manyhands status --json` says about the agent of this environment. */
export async function readAgentStatus(env: NodeJS.ProcessEnv): Promise<AgentStatus> {
  const { status, stdout } = await run([path.join(BIN, 'manyhands'), 'status', '--json'], { env });
  if (status !== 0) return { pid: undefined, jobs: undefined };
  const { agent, ...jobs } = JSON.parse(stdout) as { agent?: { pid?: number } | null };
  return { pid: agent?.pid, jobs };
}

async function stopAgent(env: NodeJS.ProcessEnv): Promise<void> {
  const { pid } = await readAgentStatus(env);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  for (let triesLeft = 100; triesLeft > 0 && isAlive(pid); triesLeft--) await delay(50);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
