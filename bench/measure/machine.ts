/** The machine that a number was measured on, named beside every number that we publish. */
import { cpus, release, totalmem } from 'node:os';
import { run } from '../../test/rig/run.ts';

export async function describeMachine(): Promise<string> {
  const versions = await Promise.all([
    firstLine(['gcc', '--version']),
    firstLine(['make', '--version']),
    firstLine(['/usr/bin/distcc', '--version']),
  ]);
  const [cpu] = cpus();
  return [
    `${cpus().length} x ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}, Node ${process.version}`,
    ...versions.filter((version) => version !== ''),
  ].join('; ');
}

async function firstLine(command: readonly string[]): Promise<string> {
  try {
    return (await run(command)).stdout.split('\n', 1)[0] ?? '';
  } catch {
    return '';
  }
}
