/** Has the agent serve its page, and opens it. */
import { setTimeout as delay } from 'node:timers/promises';
import { EXIT } from '../base/exit-code.ts';
import { environmentOf } from '../config/client-settings.ts';
import type { WebAnswer } from '../monitor/web/agent-web.ts';
import { isPageAddress, openInBrowser } from '../monitor/web/browser.ts';
import { NO_AGENT } from '../monitor/ask-agent.ts';
import { ask } from './own-agent.ts';

export interface PageOptions {
  readonly program: string;
  /** 0 for any. */
  readonly port: number;
  /** Where there is a display. */
  readonly opens: boolean;
  /** Until there is an agent. */
  readonly waits: boolean;
}

const LOOK_AGAIN_MS = 500;

/** Prints where the page is. @returns the exit code. */
export async function openPage({ program, port, opens, waits }: PageOptions): Promise<number> {
  const fail = (sentence: string): number => {
    process.stderr.write(`${program}: ${sentence}\n`);
    return EXIT.failed;
  };
  let answer = await ask(`web ${port}`);
  if (answer === undefined && waits) {
    process.stderr.write(`${program}: ${NO_AGENT} Waiting for it\n`);
    for (; answer === undefined; answer = await ask(`web ${port}`)) await delay(LOOK_AGAIN_MS);
  }
  if (answer === undefined) return fail(NO_AGENT);
  const told = JSON.parse(answer) as WebAnswer;
  if ('error' in told) return fail(`The agent cannot serve the page: ${told.error}`);
  if (!isPageAddress(told.address)) return fail('The agent answers with no address of a page');
  console.log(told.address);
  const environment = environmentOf(process);
  const hasDisplay = ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (environment.get(name) ?? '') !== '');
  if (hasDisplay && opens) openInBrowser(told.address, environment.get('XDG_RUNTIME_DIR'));
  return 0;
}
