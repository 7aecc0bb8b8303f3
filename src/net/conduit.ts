/** What carries one job's bytes, whatever is below it: a TCP connection, a channel of an ssh connection. */
import type { Duplex } from 'node:stream';
import type { Failure } from '../base/failure.ts';

export interface Conduit extends Duplex {
  /** Calls `onSilence` whenever nothing has moved in either direction for so long. */
  setTimeout(timeoutMs: number, onSilence: () => void): unknown;
  /** Why the far end closed without a word of the protocol, if it said so by other means. */
  explainEnd?(): Failure | undefined;
}
