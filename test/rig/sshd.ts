/** A real sshd on loopback, with keys that are thrown away, and an ssh configuration that leads to it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFreePort } from './cluster.ts';
import { childrenOf, isAlive } from './our-distccd.ts';
import { runWell } from './run.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';

const SSHD = '/usr/sbin/sshd';

/**
 * Makes a command `distccd` that serves standard input, in a directory of its own, by carrying it to a daemon
 * on a port here. @returns its path.
 */
export async function makeRelay(scratch: Scratch, port: number): Promise<string> {
  const command = path.join(scratch.openDirectory('far'), 'distccd');
  const source = path.join(import.meta.dirname, 'inetd-relay.c');
  await runWell(['cc', '-O1', '-Wall', '-Wextra', '-Werror', source, '-o', `${command}-relay`]);
  writeFileSync(command, `#!/bin/sh\nexec ${command}-relay ${port}\n`);
  chmodSync(command, 0o755);
  return command;
}

export interface SshdOptions {
  /** Further lines for sshd_config. */
  readonly config?: readonly string[];
}

export class Sshd implements AsyncDisposable {
  readonly port: number;
  /** For `ssh -F`: the alias `box` with port, user and key. */
  readonly clientConfig: string;
  readonly #directory: string;
  readonly #process: ChildProcess;

  private constructor(directory: string, port: number, process: ChildProcess) {
    this.#directory = directory;
    this.port = port;
    this.#process = process;
    this.clientConfig = path.join(directory, 'ssh_config');
  }

  static async start(scratch: Scratch, { config = [] }: SshdOptions = {}): Promise<Sshd> {
    const port = await findFreePort();
    const directory = scratch.privateDirectory(`sshd-${port}`);
    const inDirectory = (name: string): string => path.join(directory, name);
    for (const name of ['host-key', 'key', 'other-key']) {
      await runWell(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', inDirectory(name)]);
    }
    const hostKey = readFileSync(inDirectory('host-key.pub'), 'utf8');
    writeFileSync(inDirectory('known'), `[127.0.0.1]:${port} ${hostKey}`);
    writeFileSync(inDirectory('ssh_config'), clientConfig(directory, port));
    writeFileSync(inDirectory('sshd_config'), [...config, ...serverConfig(directory, port), ''].join('\n'));
    // As root it gives up its rights into this directory, which its service would have made.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const args = ['-D', '-f', inDirectory('sshd_config'), '-E', inDirectory('log')];
    const sshd = new Sshd(
      directory,
      port,
      spawn(SSHD, args, { env: PLAIN_ENVIRONMENT, stdio: 'ignore', detached: true }),
    );
    await sshd.#whenListening();
    return sshd;
  }

  get log(): string {
    return readFileSync(path.join(this.#directory, 'log'), 'utf8');
  }

  /** How many connections have been let in. */
  get logins(): number {
    return this.log.match(/Accepted publickey/g)?.length ?? 0;
  }

  /** How many commands have been run. */
  get commands(): number {
    return this.log.match(/Starting session: command/g)?.length ?? 0;
  }

  /** The clients that are connected. */
  get masters(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && isAlive(pid))
      .filter((pid) => commandOf(pid).includes(`\0${this.clientConfig}\0`));
  }

  /** Ends the connections, and what runs on them, at once; `isForGood` leaves nobody to connect to. */
  cut({ isForGood = false } = {}): void {
    const listener = this.#process.pid ?? 0;
    for (const pid of isForGood ? [listener, ...descendantsOf(listener)] : descendantsOf(listener)) {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid = 0 } = this.#process;
    this.cut({ isForGood: true });
    for (let triesLeft = 100; triesLeft > 0 && isAlive(pid); triesLeft--) await delay(20);
  }

  async #whenListening(): Promise<void> {
    for (let triesLeft = 200; triesLeft > 0; triesLeft--) {
      if (spawnSync('grep', ['-q', 'Server listening', path.join(this.#directory, 'log')]).status === 0)
        return;
      await delay(50);
    }
    throw new Error('sshd does not listen');
  }
}

function serverConfig(directory: string, port: number): string[] {
  const keys = path.join(directory, 'key.pub');
  chmodSync(keys, 0o644);
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path.join(directory, 'host-key')}`,
    `AuthorizedKeysFile ${keys}`,
    'PidFile none',
    // No start-up files of whoever runs the tests.
    `SetEnv HOME=${directory}`,
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
  ];
}

function clientConfig(directory: string, port: number): string {
  return [
    'Host box*',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  User ${userInfo().username}`,
    `  IdentityFile ${path.join(directory, 'key')}`,
    `  UserKnownHostsFile ${path.join(directory, 'known')}`,
    'Host stranger',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  IdentityFile ${path.join(directory, 'other-key')}`,
    `  UserKnownHostsFile ${path.join(directory, 'known')}`,
    'Host unknown',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    `  IdentityFile ${path.join(directory, 'key')}`,
    '  UserKnownHostsFile /dev/null',
    'Host *',
    '  IdentitiesOnly yes',
    '  GlobalKnownHostsFile /dev/null',
    '',
  ].join('\n');
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
