/** One end of ssh connections: whose, where to, and by what program. */
import type { SshSettings } from '../command/client-settings.ts';
import type { SshHost } from '../hosts/host.ts';

export interface Destination {
  /** What has the same key can share a connection. */
  readonly key: string;
  /** The host as its user wrote it, for messages. */
  readonly name: string;
  /** DISTCC_SSH, in words. */
  readonly words: readonly [program: string, ...options: string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** `-l USER`, or nothing */
  readonly login: readonly string[];
  readonly host: string;
}

export function destinationOf(
  { token, user, host }: SshHost,
  { words, environment }: SshSettings,
): Destination {
  const [program = 'ssh', ...options] = words;
  const login = user === undefined ? [] : ['-l', user];
  const key = JSON.stringify([login, host, words, environment]);
  return { key, name: token, words: [program, ...options], environment, login, host };
}

/** The line that the far side's shell runs. */
export function commandLineOf({ command = 'distccd' }: SshHost): string {
  return `${command} --inetd --enable-tcp-insecure`;
}
