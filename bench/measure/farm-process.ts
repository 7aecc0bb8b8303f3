/** Starts a farm's worker, and asks it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Counts, FarmOptions } from './farm-worker.ts';

export interface RunningFarm extends Disposable {
  readonly pid: number;
  readonly port: number;
  readonly takeCounts: () => Promise<Counts>;
}

export async function startFarm(options: FarmOptions): Promise<RunningFarm> {
  const child = fork(path.join(import.meta.dirname, 'farm-worker.ts'));
  const ask = async (message: FarmOptions | 'count'): Promise<unknown> => {
    child.send(message);
    const [answer] = (await once(child, 'message')) as [unknown];
    return answer;
  };
  const { port } = (await ask(options)) as { port: number };
  return {
    pid: child.pid ?? 0,
    port,
    takeCounts: async () => (await ask('count')) as Counts,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}
