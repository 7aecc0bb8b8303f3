/**
 * Starts an OpenSSH master: one connection that others share through a control socket.
 *
 * It goes into the background once it has logged in, so that its end is the news that it is ready, and it
 * leaves by itself when nobody has been connected to its control socket for a few seconds
 * (ControlPersist): also when we were killed.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { killGroup } from '../process/kill-group.ts';
import { explainSshEnd } from './complaint.ts';
import type { Destination } from './destination.ts';
import { LastWords } from './last-words.ts';

/** Where ssh asks, it fails. What DISTCC_SSH says on these matters goes first, and is what counts. */
const MASTER_OPTIONS: readonly string[] = [
  'BatchMode=yes',
  'ControlMaster=yes',
  'ControlPersist=5',
  'ConnectTimeout=10',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=3',
  'LogLevel=INFO',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
].flatMap((option) => ['-o', option]);

/** For all of it: name, connection, keys. One that has no control socket never ends. */
const START_TIMEOUT_MS = 20_000;
const PROBE_TIMEOUT_MS = 5000;
/** For the last words to arrive; what ssh, or a script, has started may hold the pipe open. */
const LAST_WORDS_MS = 500;

/**
 * Whether `words` (DISTCC_SSH) are OpenSSH's client, which can be a master. Asked by its version: a program
 * that is another one, or a script that runs the daemon right here, says something else.
 */
export function isOpenSsh({ words: [program, ...options], environment }: Destination): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, [...options, '-V'], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const timer = setTimeout(() => killGroup(child.pid), PROBE_TIMEOUT_MS);
    const said = new LastWords();
    child.stdout.on('data', (bytes: Buffer) => said.add(bytes));
    child.stderr.on('data', (bytes: Buffer) => said.add(bytes));
    const conclude = (): void => {
      clearTimeout(timer);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(/^OpenSSH_/m.test(said.text));
    };
    child.on('error', conclude);
    child.on('close', conclude);
    child.on('exit', () => {
      clearTimeout(timer);
      setTimeout(conclude, LAST_WORDS_MS).unref();
    });
  });
}

/** Whether DISTCC_SSH sees to the sharing of connections itself. */
export function sharesByItself({ words }: Destination): boolean {
  return words.some((word) => /^-[SM]|^(?:-o)?\s*Control(?:Path|Master|Persist)\b/i.test(word));
}

/** Logs in. Afterwards the master listens at `socketPath`; or it is none, if nobody does, or if it timed out. */
export function startMaster(destination: Destination, socketPath: string): Promise<Result<void, Failure>> {
  const { words, environment, login, host, name } = destination;
  const [program, ...options] = words;
  rmSync(socketPath, { force: true });
  return new Promise((resolve) => {
    const control = `ControlPath="${socketPath.replaceAll('%', '%%')}"`;
    const child = spawn(program, [...options, ...MASTER_OPTIONS, '-o', control, '-N', ...login, '--', host], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
      detached: true,
    });
    const said = new LastWords();
    const fail = (why: string): void => {
      child.stderr.destroy();
      resolve(err(explainSshEnd(name, program, why)));
    };
    const timer = setTimeout(() => {
      killGroup(child.pid);
      child.stderr.destroy();
      const message = `Cannot reach ${name} over ssh: no connection within ${START_TIMEOUT_MS / 1000} s`;
      resolve(err({ kind: 'timed-out', message }));
    }, START_TIMEOUT_MS);
    child.stderr.on('data', (bytes: Buffer) => said.add(bytes));
    child.on('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (code === 0) {
        child.stderr.destroy();
        return resolve(ok(undefined));
      }
      child.on('close', () => fail(said.text));
      setTimeout(() => fail(said.text), LAST_WORDS_MS).unref();
    });
  });
}
