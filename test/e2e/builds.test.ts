/**
 * Build tools between us and the sources: CMake with ninja and with make's job server, and ccache in front
 * of us. Nothing may fall back, the workers' counts say what was sent, and all objects are those of a
 * local build in the same directory.
 */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Build, type Step } from '../../bench/corpus/build.ts';
import { prepareCorpus, type Corpus } from '../../bench/corpus/corpus.ts';
import { BIN, findFreePort } from '../rig/cluster.ts';
import { needsPeer } from '../rig/peers.ts';
import { PLAIN_ENVIRONMENT } from '../rig/scratch.ts';
import { Site } from '../rig/site.ts';
import { digestFiles, isObject } from '../rig/trees.ts';

const site = await Site.open({ workers: 2 });
after(() => site[Symbol.asyncDispose]());

const { launcher } = site.client;
const PLAIN_PATH = PLAIN_ENVIRONMENT['PATH'] ?? '';
const MASQUERADE = path.join(BIN, '..', 'lib', 'distcc');
const JOBS = 4;

test('CMake, with ninja and with make', needsPeer('cmake', 'ninja', 'make'), async () => {
  const source = await copyLibrdkafka();
  const build = path.join(path.dirname(source), 'build');
  const configure = (generator: string, options: readonly string[] = []) =>
    site.runWell(['cmake', '-S', source, '-B', build, '-G', generator, ...CMAKE_OPTIONS, ...options]);

  await configure('Ninja');
  const plain = digestFiles(build, isConfigured);
  assert(Object.keys(plain).length >= 3, `CMake wrote ${Object.keys(plain).join(' ')}`);
  await site.runWell(['ninja', '--quiet', '-C', build, ...objectsInC(), ...objectsInCxx()]);
  const expected = digestFiles(build, isObjectOfOurs);
  assert.equal(Object.keys(expected).length, objectsInC().length + objectsInCxx().length);

  rmSync(build, { recursive: true });
  await configure('Ninja', LAUNCHERS);
  assert.deepEqual(digestFiles(build, isConfigured), plain, 'CMake has found something else');
  await site.assertSends(Object.keys(expected).length, () =>
    site.runWell(['ninja', '--quiet', `-j${JOBS}`, '-C', build, ...objectsInC(), ...objectsInCxx()]),
  );
  assert.deepEqual(digestFiles(build, isObjectOfOurs), expected);

  rmSync(build, { recursive: true });
  await configure('Unix Makefiles', LAUNCHERS);
  assert.deepEqual(digestFiles(build, isConfigured), plain, 'CMake has found something else');
  // CMake's rules call make for each of these, which takes part in the first one's job server.
  const targets = objectsInC().map((object) => path.basename(object));
  await site.assertSends(targets.length, () =>
    site.runWell(['make', '-s', `-j${JOBS}`, '-C', path.join(build, 'src'), ...targets]),
  );
  const ofMake = Object.fromEntries(Object.entries(expected).filter(([name]) => name.endsWith('.c.o')));
  assert.deepEqual(digestFiles(build, isObjectOfOurs), ofMake);
});

const CMAKE_OPTIONS = [
  '-DCMAKE_BUILD_TYPE=Release',
  '-DCMAKE_C_FLAGS_RELEASE=-O1',
  '-DCMAKE_CXX_FLAGS_RELEASE=-O1',
  '-DCMAKE_C_COMPILER=gcc',
  '-DCMAKE_CXX_COMPILER=g++',
  ...['WITH_ZLIB', 'WITH_CURL', 'WITH_ZSTD', 'WITH_SSL', 'WITH_SASL', 'ENABLE_LZ4_EXT'].map(off),
  ...['RDKAFKA_BUILD_TESTS', 'RDKAFKA_BUILD_EXAMPLES'].map(off),
];
const LAUNCHERS = [`-DCMAKE_C_COMPILER_LAUNCHER=${launcher}`, `-DCMAKE_CXX_COMPILER_LAUNCHER=${launcher}`];
const C_FILES = ['addr', 'avl', 'buf', 'crc32', 'fnv1a', 'list', 'log', 'murmur2', 'ports', 'rand', 'regex'];
const CXX_FILES = ['Conf', 'Consumer', 'Handle', 'Headers', 'Message', 'Metadata', 'Producer', 'Queue'];

function off(option: string): string {
  return `-D${option}=OFF`;
}

/** librdkafka as it came: what the corpus has added is what CMake would write. */
async function copyLibrdkafka(): Promise<string> {
  const { directory } = await prepareCorpus('rdkafka');
  const from = path.join(directory, 'deps', 'librdkafka');
  const to = path.join(site.newDirectory(), 'librdkafka');
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  rmSync(path.join(to, 'config.h'));
  return to;
}

function objectsInC(): readonly string[] {
  return C_FILES.map((name) => `src/CMakeFiles/rdkafka.dir/rd${name}.c.o`);
}

function objectsInCxx(): readonly string[] {
  return CXX_FILES.map((name) => `src-cpp/CMakeFiles/rdkafka++.dir/${name}Impl.cpp.o`);
}

/** What it has found out, as the sources and other projects see it. */
function isConfigured(name: string): boolean {
  return /^generated\/.*(?:\.h|\.pc|\.cmake)$/.test(name) || /\/CMake(?:C|CXX)Compiler\.cmake$/.test(name);
}

/** CMake keeps some of its own, of the compilers' trial. */
function isObjectOfOurs(name: string): boolean {
  return isObject(name) && name.startsWith('src');
}

interface CacheWay {
  readonly title: string;
  readonly cc: string;
  readonly env: NodeJS.ProcessEnv;
}

const CACHE_WAYS: readonly CacheWay[] = [
  {
    title: 'CCACHE_PREFIX=distcc',
    cc: 'ccache gcc',
    env: { CCACHE_PREFIX: 'distcc', PATH: `${BIN}:${PLAIN_PATH}` },
  },
  {
    title: 'makepkg with distcc and ccache',
    cc: 'gcc',
    env: { CCACHE_PREFIX: 'distcc', PATH: `/usr/lib/ccache:${BIN}:${PLAIN_PATH}` },
  },
  {
    title: "ccache's directory before ours on PATH",
    cc: 'gcc',
    env: { PATH: `/usr/lib/ccache:${MASQUERADE}:${PLAIN_PATH}` },
  },
];

for (const { title, cc, env } of CACHE_WAYS) {
  test(`ccache: ${title}`, needsPeer('ccache', 'make'), async () => {
    const { corpus, expected } = await (reference ??= buildReference());
    const count = corpus.files.length;
    const cached = { ...env, CCACHE_DIR: site.newDirectory() };
    await site.assertSends(count, async () =>
      assert.deepEqual(await buildThroughCache(corpus, cc, cached), expected),
    );
    await site.assertSends(0, async () =>
      assert.deepEqual(await buildThroughCache(corpus, cc, cached), expected, 'out of the cache'),
    );
  });
}

for (const { title, cc, env } of CACHE_WAYS) {
  test(
    `ccache keeps what the compiler says, and not what we say: ${title}`,
    needsPeer('ccache'),
    async () => {
      const cwd = site.project({ 'odd.c': 'int odd(void) { int unused; return 1; }\n' });
      const nobody = `127.0.0.1:${await findFreePort()}`;
      const settings = { CCACHE_DIR: site.newDirectory(), DISTCC_FALLBACK: '1', DISTCC_HOSTS: nobody };
      const compile = () =>
        site.trace(`${cc} -O1 -Wall -c odd.c`, { cwd, env: { ...env, ...settings }, outputs: ['odd.o'] });
      const theirs = await site.trace('gcc -O1 -Wall -c odd.c', { cwd, outputs: ['odd.o'] });
      assert.match(theirs.stderr, /unused variable/);
      const first = await compile();
      assert.match(first.stderr, /^distcc\[\d+\] Warning: .*\n/);
      const withoutOurs = first.stderr.replaceAll(/^distcc\[.*\n/gm, '');
      assert.deepEqual({ ...first, stderr: withoutOurs }, theirs);
      assert.deepEqual(await compile(), theirs);
    },
  );
}

let reference: ReturnType<typeof buildReference> | undefined;

/** Some of librdkafka's files, and what they become without us. */
async function buildReference() {
  const whole = await prepareCorpus('rdkafka');
  const corpus = { ...whole, files: whole.files.filter(({ source }) => SMALL.test(source)) };
  const expected = await buildThroughCache(corpus, 'ccache gcc', {});
  assert(corpus.files.length >= 15, `${corpus.files.length} files`);
  assert.equal(Object.keys(expected).length, 2 * corpus.files.length, 'an object and its dependencies');
  return { corpus, expected };
}

const SMALL = /\/src\/rd(?!kafka)\w+\.c$/;

/** With full names everywhere, as many a build has them; ccache makes them relative below CCACHE_BASEDIR. */
async function buildThroughCache(corpus: Corpus, cc: string, env: NodeJS.ProcessEnv) {
  const recipe = ({ compiler, file, object, options }: Step): readonly string[] => {
    const include = `-I${path.join(corpus.directory, 'deps/librdkafka/src')}`;
    const words = [compiler, include, ...options.flags, ...options.dependencies, '-c', '-o', object];
    return [[...words, path.join(corpus.directory, file.source)].join(' ')];
  };
  const dependencies = ['-MMD', '-MT', 'object'];
  using build = new Build(corpus, { cc, cxx: 'g++', flags: ['-O1'], outOfTree: true, dependencies, recipe });
  const CCACHE_DIR = env['CCACHE_DIR'] ?? site.newDirectory();
  const settings = { ...env, CCACHE_DIR, CCACHE_BASEDIR: corpus.directory };
  await site.runWell(build.makeCommand(JOBS), { env: settings });
  return digestFiles(build.directory, (name) => /\.[do]$/.test(name));
}
