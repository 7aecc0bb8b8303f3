/** Asks an agent, and gives what it reports. */
import { connect } from 'node:net';
import { AgentDecoder } from '../wire/launcher/agent-message.ts';
import { encodeQuery } from '../wire/launcher/launcher-message.ts';

export const NO_AGENT = 'No agent runs for this user and DISTCC_DIR. The next compile starts one.';

const STATUS_TIMEOUT_MS = 5000;

/** What the agent answers, as JSON; undefined when nobody answers within 5 s. */
export function askAgent(socketPath: string, query: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const decoder = new AgentDecoder();
    const socket = connect(socketPath);
    const end = (answer?: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(STATUS_TIMEOUT_MS, () => end());
    socket.on('error', () => end());
    socket.on('close', () => end());
    socket.on('connect', () => void socket.write(encodeQuery(query)));
    socket.on('data', (chunk) => {
      for (const message of decoder.push(chunk)) if (message.type === 'report') end(message.json);
    });
  });
}
