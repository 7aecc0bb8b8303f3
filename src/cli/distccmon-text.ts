/** `distccmon-text [DELAY]`: what the jobs of this DISTCC_DIR are doing, as distcc's program shows it. */
import { lstatSync } from 'node:fs';
import { endianness } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { createLog } from '../base/log.ts';
import { distccDirOf, environmentOf } from '../config/client-settings.ts';
import { formatDistccmonTextHelp, parseDistccmonTextOptions } from '../config/distccmon-text-options.ts';
import { stateDirectoryOf } from '../monitor/state-directory.ts';
import { readStates } from '../monitor/state-reader.ts';
import { formatTask } from '../monitor/task-text.ts';
import { stateLayoutOf } from '../wire/monitor/state-file.ts';
import { run } from './main.ts';

/** As distcc's program ends when it is called in a wrong way. */
const EXIT_USAGE = 1;

const log = createLog({
  program: 'distccmon-text',
  pid: process.pid,
  level: 'warning',
  write: (line) => process.stderr.write(line),
});

async function main(argv: readonly string[]): Promise<number> {
  const options = parseDistccmonTextOptions(argv);
  if (!options.ok) {
    process.stderr.write(`distccmon-text: ${options.error}\n${formatDistccmonTextHelp()}`);
    return EXIT_USAGE;
  }
  switch (options.value.action) {
    case 'help':
      process.stdout.write(formatDistccmonTextHelp());
      return 0;
    case 'version':
      process.stdout.write(`distccmon-text ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'show':
      return show(options.value.delayMs);
  }
}

async function show(delayMs: number | undefined): Promise<number> {
  const environment = environmentOf(process);
  const distccDir = distccDirOf(environment);
  if (distccDir === undefined) {
    log('error', 'neither DISTCC_DIR nor HOME is set');
    return EXIT.badArguments;
  }
  // ~/.distcc need not be there yet; and a link in its place may lead to a directory of the next compile.
  if (environment.get('DISTCC_DIR') && lstatSync(distccDir, { throwIfNoEntry: false }) === undefined) {
    log('error', `there is no ${distccDir}`);
    return EXIT.ioError;
  }
  const reader = {
    directory: stateDirectoryOf(distccDir),
    layout: stateLayoutOf(process.arch, endianness()),
    warn: (text: string) => log('warning', text),
  };
  for (;;) {
    // An empty line ends each round, also the only one.
    process.stdout.write(`${readStates(reader).map(formatTask).join('')}\n`, 'latin1');
    if (delayMs === undefined) return 0;
    await setTimeout(delayMs);
  }
}

run('distccmon-text', main);
