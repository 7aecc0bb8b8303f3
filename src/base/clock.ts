/** Time as an argument, so that tests set it instead of waiting for it. */
export interface Clock {
  /** Milliseconds that only grow; no relation to the calendar. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for stamps that people read. */
  wallMs(): number;
}

export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
