/**
 * What can go wrong with a job in an expected way: one closed union, so that whoever handles a failure
 * decides in one switch who pays for it.
 *
 * A compiler that says no is not here: that is an ActionResult with its exit status.
 */
export type Failure =
  /** No connection, or it broke before the request was through. */
  | { readonly kind: 'unreachable'; readonly message: string }
  /** A deadline passed. */
  | { readonly kind: 'timed-out'; readonly message: string }
  /** The host would not do it: access, whitelist, queue full. */
  | { readonly kind: 'refused'; readonly message: string }
  /** The peer broke the protocol, or its reply is damaged or cut short. */
  | { readonly kind: 'derailed'; readonly message: string }
  /** The caller has gone. */
  | { readonly kind: 'cancelled'; readonly message: string };
