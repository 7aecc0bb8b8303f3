/**
 * Everything: `check` without its unit tests, then those and each further suite, one after the other, so
 * that suites which load the machine do not disturb each other's deadlines. Of what passes only the name
 * and the time are printed, and the lines that begin with `figure: `, which say how well it passed.
 *
 * `npm test -- oracle e2e/interop` runs those suites only. With MANYHANDS_PEERS=required a skipped test
 * counts as failed: where the peers have been installed, nothing may go unproven.
 *
 * The last line has the counts of node's test runner, summed: `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { UNIT_TESTS } from './unit-tests.ts';

interface Suite {
  readonly name: string;
  readonly files: readonly string[];
  /** Suites that drive daemons and compilers have the machine to themselves, file by file. */
  readonly isSerial: boolean;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Whole projects are compiled, and machines differ by a factor of two. */
const SUITE_TIMEOUT_MS = 30 * 60_000;
const arePeersRequired = process.env['MANYHANDS_PEERS'] === 'required';
const wanted = process.argv.slice(2);

const suites: readonly Suite[] = [
  { name: 'unit', files: UNIT_TESTS, isSerial: false },
  { name: 'native', files: globSync('native/*.test.ts'), isSerial: true },
  { name: 'oracle', files: globSync('test/oracle/*.test.ts'), isSerial: true },
  { name: 'fuzz', files: globSync('test/fuzz/*.test.ts'), isSerial: true },
  ...globSync('test/e2e/*.test.ts')
    .sort()
    .map((file) => ({ name: file.replace(/^test\/(.*)\.test\.ts$/, '$1'), files: [file], isSerial: true })),
];

const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(
    `No suite is called ${unknown.join(' or ')}. There are: ${suites.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

const isCheckWell = wanted.length > 0 || runCheck();
let total: Counts = { passed: 0, failed: isCheckWell ? 0 : 1 };
for (const suite of suites.filter(isWanted)) {
  const { passed, failed } = runSuite(suite);
  total = { passed: total.passed + passed, failed: total.failed + failed };
}
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

function isWanted({ name, files }: Suite): boolean {
  return files.length > 0 && (wanted.length === 0 || wanted.includes(name));
}

function runCheck(): boolean {
  const { status } = spawnSync('node', ['scripts/check.ts', '--no-tests'], { stdio: 'inherit' });
  return status === 0;
}

function runSuite({ name, files, isSerial }: Suite): Counts {
  const startedMs = performance.now();
  const args = ['--test', '--test-reporter=spec', ...(isSerial ? ['--test-concurrency=1'] : []), ...files];
  const run = spawnSync('node', args, { encoding: 'utf8', maxBuffer: 1 << 30, timeout: SUITE_TIMEOUT_MS });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const skipped = [...run.stdout.matchAll(/^\s*﹣ (.*)$/gm)].map(([, title]) => title);
  const counts = {
    passed: countOf(run.stdout, 'pass'),
    failed:
      countOf(run.stdout, 'fail') +
      countOf(run.stdout, 'cancelled') +
      (arePeersRequired ? skipped.length : 0),
  };
  // A runner that ends badly without having counted a failure has not run everything.
  const failed = run.status !== 0 && counts.failed === 0 ? 1 : counts.failed;
  if (run.status !== 0) process.stdout.write(`${failuresIn(run.stdout)}${run.stderr}`);
  for (const title of skipped) console.log(`suite ${name}: skipped ${title}`);
  for (const [line] of run.stdout.matchAll(/^figure: .*$/gm)) console.log(line);
  console.log(`suite ${name}: ${failed === 0 ? 'ok' : 'failed'} (${seconds} s)`);
  return { passed: counts.passed, failed };
}

function countOf(report: string, what: string): number {
  return Number(new RegExp(`^ℹ ${what} (\\d+)$`, 'm').exec(report)?.[1] ?? 0);
}

/** The report repeats what failed at its end; without that part the runner was cut short: all of it then. */
function failuresIn(report: string): string {
  const start = report.indexOf('✖ failing tests:');
  return start < 0 ? report : report.slice(start);
}
