/**
 * Tells when a process that is not our child has ended, by its pid and start time. Looks every few
 * seconds, so it is for what has no better sign.
 */
import { readFileSync } from 'node:fs';
import { parseStartTime } from '../base/proc-stat.ts';

const LOOK_EVERY_MS = 5000;

/** Calls `onGone` once when the process has ended. Does nothing where the pid cannot be seen now. */
export function watchProcess(pid: number, onGone: () => void): Disposable {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return { [Symbol.dispose]: () => undefined };
  const timer = setInterval(() => {
    // A pid may have been given to another process meanwhile; its start time tells.
    if (startTimeOf(pid) === startTime) return;
    clearInterval(timer);
    onGone();
  }, LOOK_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function startTimeOf(pid: number): string | undefined {
  try {
    return parseStartTime(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}
