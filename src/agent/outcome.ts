/** What the launcher is told to do in the end. */
import type { WaitStatus } from '../base/wait-status.ts';
import type { StayReason } from '../command/stay-reason.ts';
import type { Slot } from '../hosts/slots.ts';
import type { Move } from '../wire/launcher/agent-message.ts';
import type { HomeReason } from './home-reason.ts';

export type Outcome = RunHere | Deliver | Fail;

/** The compiler runs here, as if we were not there. */
export interface RunHere {
  readonly kind: 'run-here';
  readonly reason: StayReason | HomeReason;
  readonly detail: string;
  /** A local slot that this job holds already; it is kept until the compiler ends. */
  readonly slot?: Slot;
}

/** Files in place, bytes to stdout and stderr, and the compiler's exit status. */
export interface Deliver {
  readonly kind: 'deliver';
  /** Empty where the result was here already. */
  readonly host: string;
  readonly status: WaitStatus;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly moves: readonly Move[];
}

/** Neither remotely nor, by the caller's wish, here. */
export interface Fail {
  readonly kind: 'fail';
  readonly exitCode: number;
  readonly reason: HomeReason;
  readonly detail: string;
}
