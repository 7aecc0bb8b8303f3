/**
 * Records real conversations between the stock `distcc` and `distccd` into `test/golden/distcc/`:
 * `<case>.<version>.request` and `.reply`, the bytes as they went. Run it on a machine that has both and
 * gcc; the tests beside `src/wire/distcc` read the files.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { converse, runStockDistcc, startRecorder, startStockDistccd } from '../rig/stock-distcc.ts';
import type { Recorder } from '../rig/stock-distcc.ts';

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly source: string;
}

const FUNCTION = 'int twice(int number) { return 2 * number; }\n';
const CASES: readonly Case[] = [
  { name: 'object', argv: ['gcc', '-O1', '-c', 'a.c', '-o', 'a.o'], source: FUNCTION },
  { name: 'assembly', argv: ['gcc', '-O1', '-S', 'a.c', '-o', 'a.s'], source: FUNCTION },
  {
    name: 'warning',
    argv: ['gcc', '-Wall', '-c', 'a.c', '-o', 'a.o'],
    source: 'int one(void) { int unused; return 1; }\n',
  },
  {
    name: 'error',
    argv: ['gcc', '-c', 'a.c', '-o', 'a.o'],
    source: 'int one(void) { return missing; }\n',
  },
  { name: 'empty', argv: ['silent-cc', '-c', 'a.c', '-o', 'a.o'], source: FUNCTION },
  { name: 'talk', argv: ['chatty-cc', '-c', 'a.c', '-o', 'a.o'], source: FUNCTION },
];

/** Compilers that do as they are told: with -E they copy the source, else they are these scripts. */
const SCRIPTS = {
  'silent-cc': ': > a.o',
  'chatty-cc': 'echo to stdout; echo to stderr >&2; printf "\\0object\\377" > a.o',
};

const GOLDEN = path.join(import.meta.dirname, 'distcc');
const directory = mkdtempSync(path.join(tmpdir(), 'golden-'));
try {
  await recordAll();
} finally {
  rmSync(directory, { recursive: true });
}

async function recordAll(): Promise<void> {
  const scripts = path.join(directory, 'bin');
  mkdirSync(scripts);
  chmodSync(directory, 0o755);
  for (const [name, script] of Object.entries(SCRIPTS)) {
    writeFileSync(path.join(scripts, name), scriptOf(script), { mode: 0o755 });
  }
  const searchPath = `${scripts}:/usr/bin:/bin`;
  mkdirSync(GOLDEN, { recursive: true });
  await using daemon = await startStockDistccd(searchPath);
  await using recorder = await startRecorder(daemon.port);
  for (const each of CASES) {
    for (const version of [1, 2]) await record(each, version, { recorder, searchPath });
  }
  await recordVersion0(daemon.port);
}

/** distccd names the output as it likes: the last argument. */
function scriptOf(body: string): string {
  return `#!/bin/sh
for last; do :; done
case " $* " in *" -E "*) cat a.c; exit;; esac
${body.replaceAll('a.o', '"$last"')}
`;
}

async function record(
  { name, argv, source }: Case,
  version: number,
  { recorder, searchPath }: { readonly recorder: Recorder; readonly searchPath: string },
): Promise<void> {
  writeFileSync(path.join(directory, 'a.c'), source);
  const hosts = `127.0.0.1:${recorder.port}/1${version === 2 ? ',lzo' : ''}`;
  const [conversation, run] = await Promise.all([
    recorder.next(),
    runStockDistcc(argv, { directory, hosts, path: searchPath }),
  ]);
  console.log(`${name}.${version}: exit ${run.exitCode}, reply of ${conversation.reply.length} bytes`);
  save(name, version, conversation);
}

/** No client says 0, but a stock worker takes it: so we ask ourselves. */
async function recordVersion0(port: number): Promise<void> {
  const request = Buffer.from(
    'DIST00000000ARGC00000005ARGV00000003gccARGV00000002-cARGV00000003a.cARGV00000002-oARGV00000003a.o' +
      'DOTI00000007int x;\n',
  );
  save('object', 0, { request, reply: await converse(port, request) });
}

function save(name: string, version: number, conversation: { request: Buffer; reply: Buffer }): void {
  writeFileSync(path.join(GOLDEN, `${name}.${version}.request`), conversation.request);
  writeFileSync(path.join(GOLDEN, `${name}.${version}.reply`), conversation.reply);
}
