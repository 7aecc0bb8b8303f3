/**
 * `npm run bench`: runs the benches that are named, with their options, or all of them.
 *
 *   npm run bench -- --help
 *   npm run bench -- client-cpu --rounds 5
 */
import * as clientCpu from './client-cpu.ts';

const BENCHES = { 'client-cpu': clientCpu } as const;

const [name, ...args] = process.argv.slice(2);
if (name === '--help') {
  for (const { HELP } of Object.values(BENCHES)) console.log(HELP);
} else if (name === undefined) {
  for (const bench of Object.values(BENCHES)) await bench.run([]);
} else if (name in BENCHES) {
  await BENCHES[name as keyof typeof BENCHES].run(args);
} else {
  console.error(`No bench is called ${name}. There are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
}
