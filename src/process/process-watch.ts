/**
 * Tells when a process that is not our child has ended, by its pid and start time. Looks every few
 * seconds, so it is for what has no better sign.
 */
import { readFileSync } from 'node:fs';

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

/** Field 22 of /proc/PID/stat, in clock ticks since boot. A zombie has ended. Source: proc(5). */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
