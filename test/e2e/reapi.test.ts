/**
 * Clients that are not ours judge our worker as a server of the Remote Execution API: bazel, ccache, and raw requests from
 * Python's gRPC with messages that protoc has made of our .proto files.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { START_DISTCCD } from '../rig/cluster.ts';
import { needsBox, needsPeer } from '../rig/peers.ts';
import { needsPython, sendRawRequests } from '../rig/python-grpc.ts';
import { runWell } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const args = ['--reapi-any-command', '--reapi-client-results', '--http-cache'];
const worker = await START_DISTCCD.ours(scratch, { jobs: 4, args });
after(() => worker[Symbol.asyncDispose]());

const SOURCES = 6;

test('raw requests of another gRPC, good ones and bad ones', needsPythonAndBox(), async () => {
  const { status, stdout, stderr } = await sendRawRequests(scratch, worker.port);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.ok(stdout.split('\n').filter((line) => line.startsWith('ok ')).length >= 10, stdout);
});

test('bazel builds remotely, and out of the cache by gRPC and by HTTP', needsBox('bazel'), async () => {
  const workspace = newWorkspace();
  const bazel = (...words: readonly string[]) =>
    runWell(['bazel', `--output_user_root=${scratch.path('bazel')}`, ...words], {
      cwd: workspace,
      env: { ...PLAIN_ENVIRONMENT, HOME: scratch.directory },
      timeoutMs: 240_000,
    });
  const build = async (...words: readonly string[]): Promise<string> => {
    await bazel('clean');
    const { stderr } = await bazel('build', '//:sum', '--color=no', '--curses=no', ...words);
    return /INFO: \d+ process(?:es)?: (.*)\./.exec(stderr)?.[1] ?? stderr;
  };
  try {
    const remote = [
      `--remote_executor=grpc://127.0.0.1:${worker.port}`,
      '--spawn_strategy=remote',
      '--genrule_strategy=remote',
    ];
    assert.match(await build(...remote), new RegExp(`\\b${SOURCES + 1} remote$`));
    assert.match(await build(...remote), new RegExp(`\\b${SOURCES + 1} remote cache hit`));
    assert.equal(readFileSync(path.join(workspace, 'bazel-bin', 'sum.txt'), 'utf8').trim(), `${SOURCES}`);
    for (const [index, scheme] of ['grpc', 'http'].entries()) {
      writeFileSync(path.join(workspace, 'common.h'), `#define A ${index + 2}\n`);
      const cache = `--remote_cache=${scheme}://127.0.0.1:${worker.port}`;
      assert.doesNotMatch(await build(cache), /remote cache hit/, scheme);
      assert.match(await build(cache), new RegExp(`\\b${SOURCES + 1} remote cache hit`), scheme);
    }
  } finally {
    await bazel('shutdown');
  }
});

for (const layout of ['', '|layout=bazel', '|layout=flat']) {
  test(`ccache keeps its results by HTTP${layout}`, needsPeer('ccache'), async () => {
    const directory = scratch.openDirectory(`ccache${layout.replace('|', ' ')}`);
    writeFileSync(path.join(directory, 'a.c'), `const char *f(void) { return "${layout}"; }\n`);
    const storage = `http://127.0.0.1:${worker.port}${layout}`;
    const hits: string[] = [];
    for (let time = 0; time < 2; time++) {
      const CCACHE_DIR = path.join(directory, 'own');
      const env = { ...PLAIN_ENVIRONMENT, CCACHE_DIR, CCACHE_REMOTE_STORAGE: storage };
      await runWell(['ccache', 'gcc', '-c', 'a.c', '-o', 'a.o'], { cwd: directory, env });
      const { stdout } = await runWell(['ccache', '--print-stats'], { cwd: directory, env });
      hits.push(/^remote_storage_hit\t(\d+)$/m.exec(stdout)?.[1] ?? stdout);
      rmSync(CCACHE_DIR, { recursive: true });
    }
    assert.equal(hits[0], '0');
    assert.notEqual(hits[1], '0');
  });
}

/** Objects of one header, by gcc, and a count of them. */
function newWorkspace(): string {
  const workspace = scratch.path('workspace');
  mkdirSync(workspace);
  const rules = Array.from({ length: SOURCES }, (_, index) => {
    writeFileSync(
      path.join(workspace, `${index}.c`),
      `#include "common.h"\nint f${index}(void) { return A; }\n`,
    );
    return `genrule(name = "o${index}", srcs = ["${index}.c", "common.h"], outs = ["${index}.o"],
  cmd = "gcc -c -o $@ $(location ${index}.c)")\n`;
  });
  const objects = Array.from({ length: SOURCES }, (_, index) => `":o${index}"`).join(', ');
  writeFileSync(path.join(workspace, 'common.h'), '#define A 1\n');
  writeFileSync(path.join(workspace, 'WORKSPACE'), '');
  const sum = `genrule(name = "sum", srcs = [${objects}], outs = ["sum.txt"], cmd = "ls $(SRCS) | wc -l > $@")\n`;
  writeFileSync(path.join(workspace, 'BUILD'), [...rules, sum].join(''));
  return workspace;
}

function needsPythonAndBox(): { readonly skip: string | false } {
  const box = needsBox();
  return box.skip === false ? needsPython() : box;
}
