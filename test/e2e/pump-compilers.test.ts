/** Trees with compilers that are old, slow or not there, and the worker's own accounts of such jobs. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { exited } from '../../src/base/wait-status.ts';
import { nothingLeft, program, scratch, SLOW } from '../rig/distccd-world.ts';
import { dial, Distccd, eventually, membersOf, writeCompiler } from '../rig/our-distccd.ts';
import { needsPeer } from '../rig/peers.ts';
import { compileTree, encodeJob, file, type TreeJob } from '../rig/tree-client.ts';

/** gcc as it was before 8. */
const OLD_GCC = `for word; do case $word in -ffile-prefix-map=*)
  echo "gcc: error: unrecognized command line option '$word'" >&2; exit 1;; esac; done
exec gcc "$@"`;
const oldPath = writeCompiler(scratch, 'noisy', OLD_GCC);
const OLD = { env: { DISTCCD_PATH: `${oldPath}:/usr/bin:/bin` } };

function job(compiler: string, source: string, words: readonly string[] = []): TreeJob {
  return {
    argv: [compiler, '-c', '/w/src/a.c', '-g', '-o', 'a.o', ...words],
    directory: '/w/build',
    entries: [file('/w/src/a.c', source)],
  };
}

test('a compiler that cannot map names has the root overwritten in debug information', async () => {
  await using daemon = await Distccd.start(program, scratch, OLD);
  for (let round = 0; round < 2; round++) {
    const reply = await compileTree(daemon.port, job('noisy', 'int x;\n'));
    assert.equal(reply.waitStatus, 0, Buffer.from(reply.stderr).toString());
    const object = Buffer.from(reply.object);
    assert.ok(!object.includes(path.basename(daemon.temporaryDirectory)));
    assert.match(object.toString('latin1'), /\0\/{20,}w\/src\/a\.c\0/);
    assert.equal(Buffer.from(reply.dependencies ?? []).toString(), 'a.o: /w/src/a.c\n');
  }
  await nothingLeft(daemon);
});

test('what that compiler puts into the program itself is not sent', async () => {
  await using daemon = await Distccd.start(program, scratch, OLD);
  const reply = await compileTree(daemon.port, job('noisy', 'const char *name = __FILE__;\n'));
  assert.equal(reply.waitStatus, exited(113));
  assert.match(Buffer.from(reply.stderr).toString(), /refused: its compiler writes the worker’s paths/);
  const assembly = await compileTree(daemon.port, job('noisy', 'int x;\n', ['-S']));
  assert.equal(assembly.waitStatus, exited(113));
  await nothingLeft(daemon);
});

test('a command line that is recorded in the object is not sent', needsPeer('clang'), async () => {
  await using daemon = await Distccd.start(program, scratch);
  const reply = await compileTree(daemon.port, job('clang', 'int x;\n', ['-frecord-command-line']));
  assert.equal(reply.waitStatus, exited(113));
});

test('a client that goes away ends the compile of its tree', async () => {
  await using daemon = await Distccd.start(program, scratch, SLOW);
  const socket = await dial(daemon.port);
  socket.write(encodeJob(job('slow', 'int x;\n')));
  const group = await eventually('the compiler runs', () =>
    daemon.compilerPids().find((pid) => membersOf(pid).length >= 3),
  );
  socket.destroy();
  await eventually('its compiler is gone', () => (membersOf(group).length === 0 ? true : undefined));
  await nothingLeft(daemon);
  await daemon.whenLogged(/CLI_DISCONN/);
  assert.equal((await daemon.counts()).get('dcc_cli_disconnect'), 1);
});

test('a compiler that is not installed is said to be missing', async () => {
  await using daemon = await Distccd.start(program, scratch);
  const reply = await compileTree(daemon.port, job('missing', 'int x;\n'));
  assert.equal(reply.waitStatus, exited(110));
  assert.match(Buffer.from(reply.stderr).toString(), /cannot run missing/);
  await nothingLeft(daemon);
});

test('jobs with trees are counted and summarised like others', async () => {
  await using daemon = await Distccd.start(program, scratch);
  await compileTree(daemon.port, job('gcc', 'int x;\n'));
  await compileTree(daemon.port, job('gcc', 'int x\n'));
  await compileTree(daemon.port, job('gcc', 'int x;\n', ['-I', '../../..']));
  await daemon.whenLogged(/COMPILE_OK exit:0 sig:0 core:0 ret:0 time:\d+ms gcc \/w\/src\/a\.c/);
  await daemon.whenLogged(/COMPILE_ERROR exit:1 .* gcc \/w\/src\/a\.c/);
  const counts = await daemon.counts();
  assert.equal(counts.get('dcc_compile_ok'), 1);
  assert.equal(counts.get('dcc_compile_error'), 1);
  assert.equal(counts.get('manyhands_refused'), 1);
});
