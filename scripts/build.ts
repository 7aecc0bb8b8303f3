/**
 * Builds what users put on PATH: bundles each program of src/cli into dist/, compiles the C programs into
 * bin/, and links the masquerade directory lib/distcc. Quick when nothing has changed.
 *
 * The build id is a digest of all that goes in: launcher and agent of different builds do not talk.
 */
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatStarter } from '../src/setup/layout.ts';
import { compileNative, type NativeProgram } from '../src/setup/native-program.ts';
import {
  COMPILER_DIRECTORIES,
  findCompilers,
  linkTextFor,
  updateMasquerade,
} from '../src/toolchain/masquerade.ts';

const ROOT = path.join(import.meta.dirname, '..');
const DIST = path.join(ROOT, 'dist');
const BIN = path.join(ROOT, 'bin');
const MASQUERADE = path.join(ROOT, 'lib', 'distcc');
const NODE = realpathSync(process.execPath);

/** Started seldom enough for Node itself; the others are started by C programs. */
const NODE_PROGRAMS = [
  'distcc-config',
  'distccmon-gnome',
  'distccmon-gui',
  'distccmon-text',
  'lsdistcc',
  'manyhands',
  'pump',
  'update-distcc-symlinks',
];
const PROGRAMS = ['distcc', 'distcc-agent', 'distccd', ...NODE_PROGRAMS];

const inputs = [
  'package.json',
  ...globSync(['src/**/*.{ts,js,css,html}', 'native/*.{c,h}', 'scripts/build.ts'], { cwd: ROOT }),
]
  .filter((name) => !name.endsWith('.test.ts'))
  .sort();
const buildId = digestOf(inputs);
const stamp = path.join(DIST, 'build-id');

if (existsSync(stamp) && readFileSync(stamp, 'utf8') === buildId) process.exit(0);

rmSync(stamp, { force: true });
await bundle();
await bundlePage('main.ts', 'page.html');
await bundlePage('worker.ts', 'worker.html');
compile('launcher.c', 'distcc', 'bare', {
  MANYHANDS_NODE: NODE,
  MANYHANDS_AGENT: path.join(DIST, 'distcc-agent.cjs'),
  MANYHANDS_TOOL: path.join(DIST, 'distcc.cjs'),
  MANYHANDS_BUILD: buildId,
});
// Looks up users, which a static program cannot where they are not all in /etc/passwd.
compile('distccd.c', 'distccd', 'shared', {
  MANYHANDS_NODE: NODE,
  MANYHANDS_WORKER: path.join(DIST, 'distccd.cjs'),
});
for (const name of NODE_PROGRAMS) writeProgram(name);
updateMasquerade({
  directory: MASQUERADE,
  link: linkTextFor(MASQUERADE, path.join(BIN, 'distcc')),
  names: findCompilers(COMPILER_DIRECTORIES),
});
writeFileSync(stamp, buildId);

function digestOf(names: readonly string[]): string {
  const hash = createHash('sha256').update(NODE).update(ROOT);
  for (const name of names) hash.update(`\0${name}\0`).update(readFileSync(path.join(ROOT, name)));
  return hash.digest('hex').slice(0, 16);
}

async function bundle(): Promise<void> {
  const version = (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string })
    .version;
  await build({
    entryPoints: PROGRAMS.map((name) => `src/cli/${name}.ts`),
    absWorkingDir: ROOT,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    define: { 'globalThis.MANYHANDS': JSON.stringify({ build: buildId, version }) },
    logLevel: 'warning',
  });
}

/** One file with all of it: a browser asks for nothing else. */
async function bundlePage(program: string, page: string): Promise<void> {
  const folder = path.join(ROOT, 'src', 'page');
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, program)],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'warning',
  });
  const parts: Readonly<Record<string, string>> = {
    '/* page.css */': readFileSync(path.join(folder, 'page.css'), 'utf8'),
    '/* main.ts */': outputFiles[0]?.text ?? '',
  };
  let html = readFileSync(path.join(folder, page), 'utf8');
  for (const [place, text] of Object.entries(parts)) html = html.replace(place, () => text);
  writeFileSync(path.join(DIST, page), html);
}

function compile(
  source: string,
  program: string,
  linking: NativeProgram['linking'],
  strings: NativeProgram['strings'],
): void {
  try {
    compileNative({
      source: path.join(ROOT, 'native', source),
      target: path.join(BIN, program),
      linking,
      strings,
    });
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

/** A shell's line that starts a program of node's. */
function writeProgram(name: string): void {
  const target = path.join(BIN, name);
  writeFileSync(`${target}.new`, formatStarter(name, NODE, path.join(DIST, `${name}.cjs`)), { mode: 0o755 });
  renameSync(`${target}.new`, target);
}
