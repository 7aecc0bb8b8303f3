/** Follows an agent: what has been, then each event, until it is gone. */
import { connect } from 'node:net';
import type { Event } from '../events/event.ts';
import { AgentDecoder } from '../wire/launcher/agent-message.ts';
import { encodeQuery } from '../wire/launcher/launcher-message.ts';

/** Ends when the agent does, or the signal says so. */
export function watchAgent(
  socketPath: string,
  onEvent: (event: Event) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const decoder = new AgentDecoder();
    const socket = connect(socketPath);
    const end = (): void => {
      socket.destroy();
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    socket.on('error', end).on('close', end);
    socket.on('connect', () => void socket.write(encodeQuery('watch together')));
    socket.on('data', (chunk) => {
      for (const message of decoder.push(chunk))
        if (message.type === 'report') onEvent(JSON.parse(message.json) as Event);
    });
  });
}
