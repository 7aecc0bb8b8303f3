/**
 * What a hostile client can do to a worker's other clients and to its machine: nothing. Actions are those of a real
 * compile, as its worker has them, with one thing changed.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { clone, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { GrpcSession } from '../../src/net/grpc-session.ts';
import {
  ActionCache,
  ActionResultSchema,
  ActionSchema,
  CommandSchema,
  ContentAddressableStorage,
  DigestSchema,
  ExecuteResponseSchema,
  Execution,
  type Action,
  type ActionResult,
  type Command,
} from '../../src/wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { formatHosts, openClient } from '../rig/client.ts';
import { START_DISTCCD, type Daemon } from '../rig/cluster.ts';
import { needsBox } from '../rig/peers.ts';
import { call, inMessage } from '../rig/reapi-door.ts';
import { runWell } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const SOURCE = 'const char *f(void) { return __FILE__; }\n';
const OBJECT = '.manyhands/out.o';
/** Where everybody may read and write. */
const PUBLIC = mkdtempSync('/var/tmp/manyhands-public-');
chmodSync(PUBLIC, 0o777);
after(() => rmSync(PUBLIC, { recursive: true }));
const SECRET = path.join(PUBLIC, 'secret.h');
const ESCAPE = path.join(PUBLIC, 'escape');

/** A worker with its cache, and what is in that after one compile. */
class Victim implements AsyncDisposable {
  readonly worker: Daemon;
  readonly cache: string;
  readonly directory = scratch.openDirectory('project');

  private constructor(worker: Daemon, cache: string) {
    this.worker = worker;
    this.cache = cache;
    writeFileSync(path.join(this.directory, 'a.c'), SOURCE);
  }

  static async open(name: string, options: readonly string[] = []): Promise<Victim> {
    const cache = path.join(scratch.openDirectory(name), 'cache');
    const args = ['--cache-dir', cache, ...options];
    return new Victim(await START_DISTCCD.ours(scratch, { jobs: 2, args }), cache);
  }

  /** Through the launcher, as any client: the object. */
  async compile(): Promise<Buffer> {
    using own = new Scratch();
    const hosts = formatHosts([this.worker]);
    await using client = openClient('ours', own, { hosts, env: { MANYHANDS_NATIVE: 'on' } });
    const command = [client.launcher, 'gcc', '-g', '-c', 'a.c', '-o', 'a.o'];
    await runWell(command, { cwd: this.directory, env: client.env });
    return readFileSync(path.join(this.directory, 'a.o'));
  }

  /** The digest of the only action whose result it keeps. */
  get action(): Digest {
    const results = path.join(this.cache, 'v1', 'ac');
    const [hash = ''] = readdirSync(results).flatMap((part) => readdirSync(path.join(results, part)));
    return { hash, sizeBytes: this.blob(hash).length };
  }

  blob(hash: string): Buffer {
    return readFileSync(path.join(this.cache, 'v1', 'cas', hash.slice(0, 2), hash));
  }

  async session(): Promise<GrpcSession> {
    const session = await GrpcSession.greet('worker', connect(this.worker.port, '127.0.0.1'), 5000);
    assert.ok(session.ok);
    return session.value;
  }

  async count(name: string): Promise<number> {
    const page = await (await fetch(`http://127.0.0.1:${this.worker.port}/`)).text();
    return Number(new RegExp(`${name} (\\d+)`).exec(page)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker[Symbol.asyncDispose]();
  }
}

async function upload(session: GrpcSession, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  const requests = [{ digest: inMessage(digest), data: bytes }];
  await call(session, ContentAddressableStorage.method.batchUpdateBlobs, { requests });
  return digest;
}

test('a planted result never reaches another client', needsBox(), async () => {
  await using first = await Victim.open('first');
  const right = await first.compile();
  const { action } = first;

  for (const options of [[], ['--reapi-client-results', '--http-cache']]) {
    await using victim = await Victim.open(`planted-${options.length}`, options);
    using session = await victim.session();
    const evil = await upload(session, Buffer.from('EVIL'));
    const actionResult = create(ActionResultSchema, {
      outputFiles: [{ path: OBJECT, digest: inMessage(evil) }],
    });
    const update = { actionDigest: inMessage(action), actionResult };
    const { status } = await call(session, ActionCache.method.updateActionResult, update);
    assert.equal(status === 0, options.length > 0, `status ${status}`);
    if (options.length > 0) {
      const found = await call(session, ActionCache.method.getActionResult, {
        actionDigest: inMessage(action),
      });
      assert.equal(found.answers[0]?.outputFiles[0]?.digest?.hash, evil.hash, 'it is not planted at all');
      const body = toBinary(ActionResultSchema, actionResult);
      const url = `http://127.0.0.1:${victim.worker.port}/ac/${action.hash}`;
      const put = await fetch(url, { method: 'PUT', body });
      assert.ok(put.ok, `HTTP ${put.status}`);
    }
    assert.deepEqual(await victim.compile(), right);
    assert.equal(await victim.count('manyhands_executed'), 1);
  }
});

test('a blob is taken under its own digest only', needsBox(), async () => {
  await using victim = await Victim.open('blobs');
  using session = await victim.session();
  const source = digestOf(Buffer.from(SOURCE));
  const evil = Buffer.from(SOURCE.replace('f(', 'g('));
  const { answers } = await call(session, ContentAddressableStorage.method.batchUpdateBlobs, {
    requests: [{ digest: inMessage(source), data: evil }],
  });
  assert.equal(answers[0]?.responses[0]?.status?.code, 3);
  const { answers: missing } = await call(session, ContentAddressableStorage.method.findMissingBlobs, {
    blobDigests: [inMessage(source)],
  });
  assert.equal(missing[0]?.missingBlobDigests.length, 1);
});

type Tricks = Readonly<Record<string, (command: Command) => void>>;

/** How a compile could be made to read or write what is not its own: it finds nothing of that in its box. */
const BOXED: Tricks = {
  'a file of the machine as a header': ({ arguments: words }) => words.push('-include', SECRET),
  'another file of the machine': ({ arguments: words }) => words.push('-imacros', '/etc/passwd'),
  'a source of the machine': ({ arguments: words }) => words.push('-x', 'c', SECRET),
  'a directory of the machine': ({ arguments: words }) => words.push(`-I${PUBLIC}`, '-include', 'secret.h'),
  'an object elsewhere': ({ arguments: words }) => words.push('-o', ESCAPE),
  'an object above': ({ arguments: words }) => words.push('-o', `../../../../..${ESCAPE}`),
  'dependencies elsewhere': ({ arguments: words }) => words.push('-MD', '-MF', ESCAPE),
};

/** And what it could be made to run, or to write beside its outputs: it is not even started. */
const REFUSED: Tricks = {
  'a listing of the assembler': ({ arguments: words }) => words.push(`-Wa,-al=${ESCAPE}`),
  'a file of the assembler': ({ arguments: words }) => words.push('-Wa,--defsym,x=1', `-Wa,@${SECRET}`),
  'the compiler’s own front end': ({ arguments: words }) => words.push('-B', PUBLIC),
  'a plug-in': ({ arguments: words }) => words.push(`-fplugin=${SECRET}`),
  'a wrapper': ({ arguments: words }) => words.push('-wrapper', `/bin/touch,${ESCAPE}`),
  specs: ({ arguments: words }) => words.push(`-specs=${SECRET}`),
  'options in a file': ({ arguments: words }) => words.push(`@${SECRET}`),
  'temporary files': ({ arguments: words }) => words.push('-save-temps', '-dumpdir', `${ESCAPE}.`),
  statistics: ({ arguments: words }) => words.push(`-fdump-tree-all=${ESCAPE}`),
  'no compiler': ({ arguments: words }) => void words.splice(0, words.length, '/bin/touch', ESCAPE),
  'a variable of the loader': ({ environmentVariables }) =>
    void environmentVariables.push(variable('LD_PRELOAD', SECRET)),
  'a variable of the compiler': ({ environmentVariables }) =>
    void environmentVariables.push(variable('GCC_EXEC_PREFIX', `${PUBLIC}/`)),
  'an output above': ({ outputPaths }) => void outputPaths.push(`../../..${SECRET}`),
  'an absolute output': ({ outputPaths }) => void outputPaths.push(SECRET),
};

function variable(name: string, value: string): Command['environmentVariables'][number] {
  const [made] = create(CommandSchema, { environmentVariables: [{ name, value }] }).environmentVariables;
  assert.ok(made);
  return made;
}

test('no compile reads or writes outside of its box, or runs what is no compiler', needsBox(), async (t) => {
  await using victim = await Victim.open('box');
  const right = await victim.compile();
  writeFileSync(SECRET, 'int secret_of_the_machine;\n', { mode: 0o644 });
  using session = await victim.session();
  const action = fromBinary(ActionSchema, victim.blob(victim.action.hash));
  const honest = fromBinary(CommandSchema, victim.blob(action.commandDigest?.hash ?? ''));

  const same = await execute(session, action, honest);
  assert.equal(same.result?.outputFiles[0]?.digest?.hash, digestOf(right).hash, 'an honest one is run');
  for (const [trick, change] of Object.entries({ ...BOXED, ...REFUSED })) {
    await t.test(trick, async () => {
      const command = clone(CommandSchema, honest);
      change(command);
      const { status, result } = await execute(session, action, command);
      assert.equal(status !== 0, trick in REFUSED, `status ${status}`);
      const said = JSON.stringify(await outputsOf(session, result));
      assert.doesNotMatch(said, /secret_of_the_machine|root:x:0/);
      assert.deepEqual(readdirSync(PUBLIC), ['secret.h'], 'it wrote outside');
    });
  }
});

interface Ran {
  readonly status: number;
  readonly result: ActionResult | undefined;
}

async function execute(session: GrpcSession, action: Action, command: Command): Promise<Ran> {
  const uploaded = await upload(session, toBinary(CommandSchema, command));
  const commandDigest = create(DigestSchema, inMessage(uploaded));
  const stated = toBinary(ActionSchema, create(ActionSchema, { ...action, commandDigest, salt: SALT }));
  const actionDigest = inMessage(await upload(session, stated));
  const { status, answers } = await call(session, Execution.method.execute, {
    actionDigest,
    inlineStderr: true,
    inlineStdout: true,
  });
  const operation = answers.at(-1)?.result;
  const response =
    operation?.case === 'response' ? anyUnpack(operation.value, ExecuteResponseSchema) : undefined;
  return { status: status === 0 ? (response?.status?.code ?? 0) : status, result: response?.result };
}

/** Another action than that of the honest client. */
const SALT = Buffer.from('hostile');

async function outputsOf(session: GrpcSession, result: ActionResult | undefined): Promise<readonly string[]> {
  if (result === undefined) return [];
  const digests = result.outputFiles.flatMap(({ digest }) => (digest === undefined ? [] : [digest]));
  const { answers } = await call(session, ContentAddressableStorage.method.batchReadBlobs, { digests });
  const files = answers[0]?.responses.map(({ data }) => Buffer.from(data).toString('latin1')) ?? [];
  return [result.stdoutRaw, result.stderrRaw]
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
    .concat(files);
}
