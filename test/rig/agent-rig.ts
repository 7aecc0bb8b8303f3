import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from '../../src/agent/agent.ts';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { ClientSettings } from '../../src/command/client-settings.ts';
import type { Listener } from '../../src/events/journal.ts';
import { FakeLauncher, invocationOf } from './fake-launcher.ts';
import { PLAIN_SETTINGS } from './plain-settings.ts';

/** An agent in a directory of its own, a launcher that talks to it, and a source to compile. */
export class AgentRig implements Disposable {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'agent-test-'));
  readonly socketPath = path.join(this.directory, 'socket');
  readonly project = path.join(this.directory, 'project');
  readonly #server = createServer();
  readonly #launchers: FakeLauncher[] = [];
  #agent: Agent | undefined;

  async start(
    hosts: string,
    settings: Partial<ClientSettings> = {},
    observers: readonly Listener[] = [],
  ): Promise<this> {
    mkdirSync(this.project);
    writeFileSync(path.join(this.project, 'a.c'), 'int x;\n');
    await new Promise<void>((resolve) => this.#server.listen(this.socketPath, resolve));
    this.#agent = new Agent({
      server: this.#server,
      socketPath: this.socketPath,
      spool: `${this.socketPath}.d`,
      build: 'test',
      version: '0',
      settingsFor: () => ({
        ...PLAIN_SETTINGS,
        hosts: hosts === '' ? undefined : { text: hosts, from: 'the test' },
        ...settings,
      }),
      clock: SYSTEM_CLOCK,
      log: () => undefined,
      idleMs: 60_000,
      observers,
    });
    return this;
  }

  /** Calls the agent as a launcher would, and takes its acknowledgement. */
  async call(...argv: string[]): Promise<FakeLauncher> {
    const launcher = new FakeLauncher(this.socketPath);
    this.#launchers.push(launcher);
    launcher.invoke(invocationOf(this.project, argv));
    await launcher.expect('ack');
    return launcher;
  }

  /** Names in the project that the test did not put there. */
  get leftovers(): string[] {
    return readdirSync(this.project).filter((name) => name.endsWith('.manyhands'));
  }

  [Symbol.dispose](): void {
    for (const launcher of this.#launchers) launcher.hangUp();
    this.#agent?.leave();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
