/**
 * What both doors stand around: something that runs an Action somewhere and gives an ActionResult.
 * Limits, caches and races are Executors that wrap Executors.
 */
import type { Action, ActionResult } from '../action/action.ts';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';

/**
 * Runs the Action to its end. Aborting `signal` stops it everywhere; the outcome is then a Failure of
 * kind `cancelled`, given only when nothing of it runs or lies about any more.
 */
export type Executor<A = Action, R = ActionResult, F = Failure> = (
  action: A,
  signal: AbortSignal,
) => Promise<Result<R, F | Failure>>;
