/** The end of a program and of what it has started. */

/** Kills the process group that a child leads, which was started as `detached`; undefined: it never started. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
