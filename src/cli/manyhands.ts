/** `manyhands`: looks into what our programs do. Today: `manyhands status [--json]`. */
import { parseArgs } from 'node:util';
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { distccDirOf, environmentOf } from '../config/client-settings.ts';
import { askStatus } from '../monitor/ask-agent.ts';
import { findAgent } from '../monitor/find-agent.ts';
import { formatStatus, type AgentStatus } from '../monitor/status-text.ts';
import { run } from './main.ts';

const USAGE = `Usage: manyhands status [--json]

  status   what the agent of this user and DISTCC_DIR has done and is doing
`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--help' || command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command !== 'status') {
    process.stderr.write(USAGE);
    return EXIT.badArguments;
  }
  const { values } = parseArgs({ args: rest, options: { json: { type: 'boolean', default: false } } });
  return status(values.json);
}

async function status(isJson: boolean): Promise<number> {
  const environment = environmentOf(process);
  const answer = await statusOf(environment);
  if (answer === undefined) {
    if (isJson) console.log(JSON.stringify({ agent: null }));
    else console.log('No agent runs for this user and DISTCC_DIR. The next compile starts one.');
    return 0;
  }
  console.log(isJson ? answer : formatStatus(JSON.parse(answer) as AgentStatus));
  return 0;
}

async function statusOf(environment: ReadonlyMap<string, string>): Promise<string | undefined> {
  const socket = findAgent({
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    build: BUILD.build,
    distccDir: distccDirOf(environment) ?? '',
    xdgRuntimeDir: environment.get('XDG_RUNTIME_DIR'),
  });
  return socket === undefined ? undefined : askStatus(socket);
}

run('manyhands', main);
