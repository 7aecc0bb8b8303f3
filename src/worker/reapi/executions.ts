/**
 * Executions under way: the same action of several clients runs once, and goes on as long as one of them waits.
 */
import { randomUUID } from 'node:crypto';
import type { ExecuteResponse } from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

export interface Execution {
  readonly name: string;
  readonly response: Promise<ExecuteResponse>;
}

interface Running extends Execution {
  waiting: number;
  readonly controller: AbortController;
}

export class Executions {
  readonly #byAction = new Map<string, Running>();
  readonly #byName = new Map<string, Running>();

  get running(): number {
    return this.#byName.size;
  }

  /**
   * Joins the action's execution, or starts one.
   *
   * @param run is told to stop by its signal when nobody waits for it any more.
   */
  join(action: string, run: (signal: AbortSignal) => Promise<ExecuteResponse>): Execution {
    const other = this.#byAction.get(action);
    if (other !== undefined && !other.controller.signal.aborted) return other;
    const controller = new AbortController();
    const name = randomUUID();
    const response = run(controller.signal).finally(() => {
      this.#byName.delete(name);
      if (this.#byAction.get(action) === running) this.#byAction.delete(action);
    });
    // Nobody may be there to hear it.
    response.catch(() => {});
    const running: Running = { name, response, waiting: 0, controller };
    this.#byAction.set(action, running);
    this.#byName.set(name, running);
    return running;
  }

  find(name: string): Execution | undefined {
    return this.#byName.get(name);
  }

  /** Waits for it until `signal`; undefined then. */
  async wait({ name, response }: Execution, signal: AbortSignal): Promise<ExecuteResponse | undefined> {
    const running = this.#byName.get(name);
    if (running === undefined) return response;
    running.waiting++;
    const { promise: left, resolve: leave } = Promise.withResolvers<undefined>();
    const onAbort = (): void => leave(undefined);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    try {
      return await Promise.race([response, left]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      running.waiting--;
      if (running.waiting === 0) running.controller.abort();
    }
  }
}
