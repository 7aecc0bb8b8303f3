/**
 * What ssh, and what a command at its other end, say when things go wrong: made into one sentence that tells
 * what to do.
 */
import type { Failure } from '../base/failure.ts';

export interface CommandEnd {
  /** The host as its user wrote it. */
  readonly name: string;
  readonly command: string;
  /** Exit code, or the name of a signal; undefined when it was not said. */
  readonly exit: number | string | undefined;
  /** On standard error. */
  readonly said: string;
}

/** The shell at the other side cannot start the command, or does not find it. */
const CANNOT_RUN = new Set([126, 127]);

const LOGIN_FAILURE = /permission denied|too many authentication failures/i;

/** ssh's own exit code when it, not the command, has failed. */
export const SSH_FAILED = 255;

/** Why a connection cannot be had, by ssh's last words. */
export function explainSshEnd(name: string, program: string, said: string): Failure {
  const complaint = lastLine(said);
  const message = `Cannot reach ${name} over ssh: ${complaint === '' ? `${program} ended without a word` : complaint}`;
  return { kind: 'unreachable', message: `${message}${adviceFor(said, complaint)}` };
}

/** Why a command ended before it answered; undefined when there is nothing to say about it. */
export function explainCommandEnd({ name, command, exit, said }: CommandEnd): Failure | undefined {
  const complaint = lastLine(said);
  if (typeof exit === 'number' && CANNOT_RUN.has(exit)) {
    const why = complaint === '' ? `exit code ${exit}` : complaint;
    return { kind: 'unreachable', message: `Cannot run ${command} on ${name}: ${why}. Is distccd there?` };
  }
  if (exit === SSH_FAILED) return explainSshEnd(name, 'ssh', said);
  if (complaint === '') return undefined;
  return { kind: 'refused', message: `${name} ended without an answer: ${complaint}` };
}

/** Whether the other side was there, and would not let us in. */
export function isLoginFailure({ message }: Failure): boolean {
  return LOGIN_FAILURE.test(message);
}

function adviceFor(said: string, complaint: string): string {
  if (/host key|HOST IDENTIFICATION/i.test(said)) {
    return '. Its host key is unknown or has changed, and nobody can be asked here: log in once by hand';
  }
  if (LOGIN_FAILURE.test(complaint)) {
    return '. It takes no key of ours, and nobody can be asked for a password here';
  }
  return '';
}

/** The last line that says something, without its full stop. */
function lastLine(said: string): string {
  const lines = said.split(/[\r\n]+/).map((line) => line.trim());
  const last = lines.findLast((line) => line !== '') ?? '';
  return last.replace(/\.$/, '').slice(0, 300);
}
