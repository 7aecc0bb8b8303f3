/**
 * The start time of a process out of what /proc/PID/stat says: field 22, in clock ticks since boot. With the
 * pid it names a process for good, since pids are given out again. Source: proc_pid_stat(5).
 *
 * @returns undefined for a zombie, which has ended.
 */
export function parseStartTime(stat: string): string | undefined {
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}
