/** How a job goes on after an attempt: what is the last word, what another form or another host may do better. */
import type { ActionResult } from '../action/action.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { NativeFailure } from './native-hosts.ts';
import type { Answer } from './over-distcc.ts';
import type { Form } from './preparation.ts';

export interface Accepting {
  /**
   * What to make of the result of what was sent in that form; undefined where that is not the last word, and the job is
   * done once more.
   */
  readonly accept: (result: ActionResult, form: Form) => ActionResult | undefined;
}

/** What came of it, as far as it is the last word. */
export function accepted(
  attempt: Result<Answer, NativeFailure>,
  form: Form,
  { accept }: Accepting,
): Result<Answer, NativeFailure> {
  if (!attempt.ok) return attempt;
  const result = accept(attempt.value.result, form);
  if (result !== undefined) return ok({ ...attempt.value, result });
  return err({ kind: 'refused', message: 'it did not compile with the headers that were sent' });
}

export type Next =
  /** Nothing was tried; the host is known better now. */
  { readonly kind: 'same-host' } | { readonly kind: 'other-form' | 'other-host'; readonly failure: Failure };

/** How it goes on after a failure: another form may fare better, or another host. */
export function afterwards(failure: NativeFailure, form: Form): Next {
  switch (failure.kind) {
    case 'not-native':
    case 'no-toolchain':
      return { kind: 'same-host' };
    case 'refused':
      return { kind: form === 'text' || form === 'plain' ? 'other-host' : 'other-form', failure };
    case 'derailed':
      return { kind: form === 'tree' ? 'other-form' : 'other-host', failure };
    case 'unreachable':
    case 'timed-out':
    case 'cancelled':
      return { kind: 'other-host', failure };
  }
}

/** Whether the host is to be left alone for a while: not for having refused one job. */
export function isHostsFault({ kind }: Failure): boolean {
  switch (kind) {
    case 'unreachable':
    case 'timed-out':
    case 'derailed':
      return true;
    case 'refused':
    case 'cancelled':
      return false;
  }
}
