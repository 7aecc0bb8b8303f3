/**
 * `npm run bench`: every bench, one after the other, each a program of its own that answers one question.
 *
 *   npm run bench -- --help
 *   npm run bench -- client-cpu --rounds 5
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const BENCHES = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => path.basename(file, '.ts'))
  .filter((name) => name !== 'main')
  .sort();

const [name, ...args] = process.argv.slice(2);
if (name === '--help') {
  for (const bench of BENCHES) console.log(`${bench}: ${questionOf(bench)}`);
} else if (name === undefined) {
  for (const bench of BENCHES) run(bench, []);
} else if (BENCHES.includes(name)) {
  run(name, args);
} else {
  console.error(`No bench is called ${name}. There are: ${BENCHES.join(', ')}`);
  process.exitCode = 2;
}

function run(bench: string, benchArgs: readonly string[]): void {
  const file = path.join(import.meta.dirname, `${bench}.ts`);
  const { status } = spawnSync(process.execPath, [file, ...benchArgs], { stdio: 'inherit' });
  process.exitCode ||= status ?? 1;
}

/** The first line of the file's header asks it. */
function questionOf(bench: string): string {
  const text = readFileSync(path.join(import.meta.dirname, `${bench}.ts`), 'utf8');
  return /^\/\*\*\n \* (.*)$/m.exec(text)?.[1] ?? '';
}
