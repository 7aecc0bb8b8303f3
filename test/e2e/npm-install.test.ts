/** The npm package, installed without a registry: the first call builds the programs, all later ones are those. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { assertCompiles } from '../rig/installed.ts';
import { run, runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** A directory with the Node that runs the tests, and nothing else to find. */
const NODE_DIRECTORY = path.dirname(process.execPath);

async function installPackage(scratch: Scratch): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: scratch.privateDirectory('npm-home') };
  const options = ['--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  await runWell(['npm', 'pack', ...options, '--pack-destination', scratch.directory], { cwd: ROOT, env });
  const [archive = ''] = readdirSync(scratch.directory).filter((name) => name.endsWith('.tgz'));
  const prefix = scratch.path('a prefix');
  await runWell(['npm', 'install', '-g', ...options, '--prefix', prefix, scratch.path(archive)], { env });
  return prefix;
}

test('npm install -g needs no registry, and the first call of a program builds all of them', async () => {
  using scratch = new Scratch();
  const prefix = await installPackage(scratch);
  const home = scratch.path('data', 'manyhands');
  const env = {
    ...PLAIN_ENVIRONMENT,
    PATH: `${NODE_DIRECTORY}:${PLAIN_ENVIRONMENT['PATH']}`,
    HOME: scratch.path('nowhere'),
    XDG_DATA_HOME: scratch.path('data'),
  };
  const build = readFileSync(path.join(ROOT, 'dist', 'build-id'), 'utf8');
  const [before, older] = ['0'.repeat(16), 'f'.repeat(16)];
  for (const name of [before, older]) mkdirSync(path.join(home, name), { recursive: true });
  symlinkSync(before, path.join(home, 'current'));

  const program = (name: string): string => path.join(prefix, 'bin', name);
  const first = await Promise.all(
    ['--version', '--help', '-j'].map((word) => runWell([program('distcc'), word], { env })),
  );
  assert.match(first[0]?.stdout ?? '', /^distcc [^]*\(manyhands\)/);
  assert.deepEqual(readdirSync(home).sort(), [before, build, 'current'].sort());
  assert.equal(readlinkSync(path.join(home, 'current')), build);
  await assertCompiles(path.join(home, 'current'));

  const { stdout } = await runWell([program('manyhands'), 'setup'], { env });
  assert.match(stdout, new RegExp(`PATH="${home}/current/lib/distcc:\\$PATH"`));
  await runWell([program('manyhands'), 'setup', '--prefix', scratch.path('by hand')], { env });
  await assertCompiles(scratch.path('by hand'));
});

test('where nothing can be built, `distcc gcc` and `pump gcc` are gcc', async () => {
  using scratch = new Scratch();
  const prefix = await installPackage(scratch);
  const env = {
    ...PLAIN_ENVIRONMENT,
    PATH: `${NODE_DIRECTORY}:${PLAIN_ENVIRONMENT['PATH']}`,
    XDG_DATA_HOME: '/dev/null',
  };
  const distcc = path.join(prefix, 'bin', 'distcc');
  const compiled = await runWell([distcc, 'gcc', '--version'], { env });
  assert.match(compiled.stdout, /gcc/);
  assert.match(compiled.stderr, /manyhands: /);
  assert.equal((await run([distcc, '--version'], { env })).status, 100);
  const pumped = await runWell([path.join(prefix, 'bin', 'pump'), 'gcc', '--version'], { env });
  assert.equal(pumped.stdout, compiled.stdout);
});
