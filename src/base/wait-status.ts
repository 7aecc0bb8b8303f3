/**
 * The Unix wait status, as wait4(2) gives it and as the distcc wire carries it: exit code << 8, or the
 * signal in the low seven bits (0x80 more when a core was dumped).
 */
export type WaitStatus = number;

export function exited(code: number): WaitStatus {
  return (code & 0xff) << 8;
}

/** The signal that ended the process, or 0 when it exited by itself. */
export function signalOf(status: WaitStatus): number {
  return status & 0x7f;
}

/** The exit code; meaningful only when signalOf() is 0. */
export function exitCodeOf(status: WaitStatus): number {
  return (status >> 8) & 0xff;
}
