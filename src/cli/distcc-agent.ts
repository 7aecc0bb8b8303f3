/**
 * The agent's program, started by a launcher with the listening socket as descriptor 3:
 *
 *     distcc-agent --socket PATH --dir DISTCC_DIR [--idle-ms N]
 */
import { realpathSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { endianness } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeReason } from '../agent/reasons.ts';
import { Agent } from '../agent/agent.ts';
import { BUILD } from '../base/build.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { readClientSettings } from '../config/client-settings.ts';
import { SITE_HOSTS_FILE } from '../config/paths.ts';
import type { Event } from '../events/event.ts';
import { StateBoard } from '../monitor/state-board.ts';
import { makeStateDirectory, stateDirectoryOf } from '../monitor/state-directory.ts';
import { TraceExporter } from '../monitor/otlp/exporter.ts';
import { AgentWeb } from '../monitor/web/agent-web.ts';
import { stateLayoutOf } from '../wire/monitor/state-file.ts';

const LISTENING_FD = 3;
const IDLE_MS_DEFAULT = 300_000;

const { values } = parseArgs({
  options: { socket: { type: 'string' }, dir: { type: 'string' }, 'idle-ms': { type: 'string' } },
});
const { socket: socketPath, dir: distccDir = '' } = values;
if (socketPath === undefined) {
  console.error('The agent is started by distcc itself; there is nothing to start by hand.');
  process.exit(101);
}

// The terminal of whoever came first is not ours to die with.
process.on('SIGHUP', () => undefined);
process.on('SIGINT', () => undefined);

const log = createLog({
  program: 'distcc-agent',
  pid: process.pid,
  level: 'warning',
  write: (line) => process.stderr.write(line),
});
const board = new StateBoard({
  distccDir,
  layout: stateLayoutOf(process.arch, endianness()),
  clock: SYSTEM_CLOCK,
  log,
});
const exporter = new TraceExporter(BUILD.version);
const web = new AgentWeb({
  pageFile: path.join(path.dirname(realpathSync(process.argv[1] ?? '')), 'page.html'),
  describe: describeReason,
  nowMs: () => SYSTEM_CLOCK.wallMs(),
});
const server = createServer();
server.listen({ fd: LISTENING_FD }, () => {
  const agent = new Agent({
    server,
    socketPath,
    spool: `${socketPath}.d`,
    build: BUILD.build,
    version: BUILD.version,
    settingsFor: (environment, directory) =>
      readClientSettings(environment, { siteHostsFile: SITE_HOSTS_FILE, directory }),
    clock: SYSTEM_CLOCK,
    log,
    idleMs: Number(values['idle-ms'] ?? IDLE_MS_DEFAULT),
    queries: { web: (sources, port) => web.open(sources, port) },
    isWatched: () => web.isWatched,
    observers: [
      (event) => exporter.add(event),
      ...(distccDir === '' ? [] : [(event: Event) => board.add(event)]),
    ],
  });
  server.once('close', () => {
    board[Symbol.dispose]();
    exporter[Symbol.dispose]();
    web[Symbol.dispose]();
  });
  process.on('SIGTERM', () => agent.leave());
  tellMonitors(distccDir, socketPath);
});

/** Leaves word of where this agent is; monitors find it by the directory, root's too. */
function tellMonitors(directory: string, socket: string): void {
  if (directory === '') return;
  try {
    makeStateDirectory(directory);
    // Not into what stands there: others may write in that directory, and leave a link or a fifo.
    const file = path.join(stateDirectoryOf(directory), 'agent');
    writeFileSync(`${file}.${process.pid}`, `${process.pid} ${socket}\n`, { flag: 'wx' });
    renameSync(`${file}.${process.pid}`, file);
  } catch (error) {
    log('info', `monitors cannot be told where the agent is: ${String(error)}`);
  }
}
