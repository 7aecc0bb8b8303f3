/**
 * Everything that a machine can judge, in under a minute: format, lint, types, dead code, generated code, manuals, the
 * storeys and the unit tests. CI runs the same line. Prints nothing of a step that passes but its name and time.
 * `--no-tests` leaves the unit tests out, for scripts/test.ts, which counts them.
 */
import { spawnSync } from 'node:child_process';
import { UNIT_TESTS } from './unit-tests.ts';

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', 'oxfmt', '--check'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc', '--pretty', 'false'],
  ['types of the page', 'tsc', '--pretty', 'false', '--project', 'src/page'],
  ['dead code', 'knip', '--no-progress'],
  ['generated code', 'node', 'scripts/generated.ts', '--check'],
  ['manuals', 'node', 'scripts/manuals.ts', '--check'],
  ['unit tests', 'node', '--test', '--test-reporter=dot', ...UNIT_TESTS],
];
const hasTests = !process.argv.includes('--no-tests');

for (const [name, command, ...args] of STEPS) {
  if (name === 'unit tests' && !hasTests) continue;
  const startedMs = performance.now();
  const run = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (run.status !== 0) {
    process.stdout.write(`${run.stdout}${run.stderr}`);
    console.log(`check: ${name} failed (${seconds} s)`);
    process.exit(1);
  }
  console.log(`check: ${name} ok (${seconds} s)`);
}
