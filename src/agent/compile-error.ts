/**
 * Whether a compile that failed on the native wire failed for what is in the source. The worker has the same files and the
 * same compiler, so such an error is believed; but a compiler fails as well because a disk or the memory is full, because it
 * was killed or has crashed, or because something is missing after all: then the one here has the last word.
 */
import type { ActionResult } from '../action/action.ts';
import { exitCodeOf, signalOf } from '../base/wait-status.ts';

/** What compilers exit with after errors that they have told. */
const TOLD = 1;
const OF_THE_MACHINE =
  /terminated program|No space left|annot allocate|out of memory|memory exhausted|internal compiler error|nternal error|LLVM ERROR|PLEASE (?:submit|ATTACH)|annot execute|command failed|No such file|file not found|ermission denied|Read-only file system|annot open|unable to|Input\/output error|Killed|Too many open files|Resource temporarily/;

export function isOfSource({ waitStatus, stderr }: Pick<ActionResult, 'waitStatus' | 'stderr'>): boolean {
  if (signalOf(waitStatus) !== 0 || exitCodeOf(waitStatus) !== TOLD) return false;
  const said = Buffer.from(stderr).toString('latin1');
  return /error/.test(said) && !OF_THE_MACHINE.test(said);
}
