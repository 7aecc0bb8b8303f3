/** The agent that a tool is to ask: that of this user and DISTCC_DIR, or of whose DISTCC_DIR it is. */
import { BUILD } from '../base/build.ts';
import { distccDirOf, environmentOf } from '../config/client-settings.ts';
import { askAgent } from '../monitor/ask-agent.ts';
import { findAgent, findAgentOf } from '../monitor/find-agent.ts';

/** undefined where none answers. */
export async function ask(query: string): Promise<string | undefined> {
  const socket = findSocket();
  return socket === undefined ? undefined : askAgent(socket, query);
}

/** Where it listens, or did. */
export function findSocket(): string | undefined {
  const environment = environmentOf(process);
  const distccDir = distccDirOf(environment) ?? '';
  const own = findAgent({
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    build: BUILD.build,
    distccDir,
    xdgRuntimeDir: environment.get('XDG_RUNTIME_DIR'),
  });
  return own ?? findAgentOf(distccDir);
}
