/** CPU time of a command with all that it starts and waits for, and of a process that runs beside it. */
import { readFileSync } from 'node:fs';
import { runWell } from '../../test/rig/run.ts';

/** Linux counts in hundredths of a second for user space, whatever the kernel ticks at. */
const TICK_MS = 10;

/**
 * CPU milliseconds, user and system. The shell's `times` says what its children used, theirs included:
 * no other program is needed for it.
 */
export async function cpuOfCommand(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const script = '"$@" >/dev/null || exit 1; times';
  const { stdout } = await runWell(['sh', '-c', script, 'sh', ...command], { env, timeoutMs: 1_800_000 });
  const [, children = ''] = stdout.trim().split('\n').slice(-2);
  const times = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`The shell's times are not as expected: ${stdout}`);
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** CPU milliseconds that the process has used so far, all threads and the children it has waited for. */
export function cpuOfProcess(pid: number): number {
  // The name in parentheses may contain anything; after it the fields count from 3, "state".
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return [14, 15, 16, 17].reduce((sum, field) => sum + Number(fields[field - 3]) * TICK_MS, 0);
}
