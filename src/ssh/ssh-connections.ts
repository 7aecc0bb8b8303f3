/**
 * All ssh connections of an agent: one for each destination, kept open and shared by its jobs.
 */
import type { SshSettings } from '../command/client-settings.ts';
import type { Failure } from '../base/failure.ts';
import type { Result } from '../base/result.ts';
import type { SshHost } from '../hosts/host.ts';
import type { Conduit } from '../net/conduit.ts';
import { commandLineOf, destinationOf } from './destination.ts';
import { Route } from './route.ts';

export class SshConnections implements Disposable {
  readonly #directory: string;
  readonly #routes = new Map<string, Route>();

  /** @param directory a private one, for control sockets. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Starts the daemon at the host, for one job. */
  async open(host: SshHost, settings: SshSettings, signal: AbortSignal): Promise<Result<Conduit, Failure>> {
    const destination = destinationOf(host, settings);
    let route = this.#routes.get(destination.key);
    if (route === undefined) {
      const { key } = destination;
      route = new Route(destination, this.#directory, () => this.#routes.delete(key));
      this.#routes.set(key, route);
    }
    return route.open(commandLineOf(host), signal);
  }

  [Symbol.dispose](): void {
    for (const route of this.#routes.values()) route[Symbol.dispose]();
    this.#routes.clear();
  }
}
