/** `distccmon-gui`, and by its other name `distccmon-gnome`: opens the page, where distcc's have a window. */
import path from 'node:path';
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { formatDistccmonGuiHelp, parseDistccmonGuiOptions } from '../config/distccmon-gui-options.ts';
import { run } from './main.ts';
import { openPage } from './page.ts';

async function main(argv: readonly string[]): Promise<number> {
  const program = path.basename(process.argv[1] ?? 'distccmon-gui', '.cjs');
  const options = parseDistccmonGuiOptions(argv);
  if (!options.ok) {
    process.stderr.write(`${program}: ${options.error}\n${formatDistccmonGuiHelp(program)}`);
    return EXIT.badArguments;
  }
  switch (options.value) {
    case 'help':
      process.stdout.write(formatDistccmonGuiHelp(program));
      return 0;
    case 'version':
      process.stdout.write(`${program} ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'show':
      return openPage({ program, port: 0, opens: true, waits: true });
  }
}

run('distccmon-gui', main);
