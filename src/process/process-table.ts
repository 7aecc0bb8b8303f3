/** A look at all processes of this machine. */
import { readdir, readFile } from 'node:fs/promises';

export interface ProcessSurvey {
  /** In state D: they wait for a disk and cannot be interrupted. */
  readonly stuck: number;
  /** The one with most memory in use that is no compiler's driver by its name (`…cc`, `…++`). */
  readonly largest: { readonly name: string; readonly residentKib: number };
}

/** Takes some 50 µs per process, without blocking. What ends meanwhile is left out. */
export async function surveyProcesses(): Promise<ProcessSurvey> {
  let stuck = 0;
  let largest = { name: 'none', residentKib: 0 };
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
    const name = /^Name:\t(.*)$/m.exec(status)?.[1] ?? '';
    const residentKib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    if (/^State:\tD/m.test(status)) stuck++;
    if (residentKib > largest.residentKib && !/(cc|\+\+)$/.test(name)) largest = { name, residentKib };
  }
  return { stuck, largest };
}
