/** Whether a distccd answers at an address, and whether it compiles. */
import type { DistccAction } from '../action/action.ts';
import { executeOverDistcc, overTcp } from '../execute/over-distcc.ts';
import { connectTcp } from '../net/connect.ts';
import { compress } from '../wire/distcc/lzo-compress.ts';
import { encodeEntry } from '../wire/distcc/tree.ts';

export interface ProbeOptions {
  readonly port: number;
  /** 0: not connected to, and taken as up. */
  readonly connectTimeoutMs: number;
  /** Without, it need only accept a connection. */
  readonly testCompile?: TestCompile | undefined;
  readonly signal: AbortSignal;
  readonly clock: { monotonicMs(): number };
}

export interface TestCompile {
  readonly compiler: string;
  readonly protocol: 1 | 2 | 3;
  readonly timeoutMs: number;
}

export interface Probed {
  /** Undefined: it is up. */
  readonly problem: string | undefined;
  readonly elapsedMs: number;
}

/** Of the client, as the tree has it. */
const DIRECTORY = '/probe';
const PROGRAM = Buffer.from('int probe(void) { return 0; }\n');

/** Never rejects; takes no longer than the two timeouts together. */
export async function probe(address: string, options: ProbeOptions): Promise<Probed> {
  const startedMs = options.clock.monotonicMs();
  const found = await findProblem(address, options);
  const problem = found !== undefined && options.signal.aborted ? 'no time left' : found;
  return { problem, elapsedMs: options.clock.monotonicMs() - startedMs };
}

function findProblem(address: string, options: ProbeOptions): Promise<string | undefined> | undefined {
  if (options.connectTimeoutMs === 0) return undefined;
  const { testCompile } = options;
  return testCompile === undefined ? connect(address, options) : compile(address, testCompile, options);
}

async function connect(host: string, options: ProbeOptions): Promise<string | undefined> {
  const { port, connectTimeoutMs: timeoutMs, signal } = options;
  const connection = await connectTcp({ host, port, timeoutMs, signal });
  if (!connection.ok) return connection.error.message;
  connection.value.destroy();
  return undefined;
}

function actionFor(compiler: string, protocol: TestCompile['protocol']): DistccAction {
  const argv = [compiler, '-c', 'probe.c', '-o', 'probe.o'];
  if (protocol !== 3) return { kind: 'text', argv, source: PROGRAM };
  const file = encodeEntry({ kind: 'file', name: `${DIRECTORY}/probe.c`, body: compress(PROGRAM) });
  return { kind: 'tree', argv, directory: DIRECTORY, tree: { entryCount: 1, packets: [file] } };
}

async function compile(
  host: string,
  { compiler, protocol, timeoutMs }: TestCompile,
  { port, connectTimeoutMs, signal }: ProbeOptions,
): Promise<string | undefined> {
  const tooLong = new AbortController();
  let what = `no connection within ${connectTimeoutMs} ms`;
  let timer = setTimeout(() => tooLong.abort(), connectTimeoutMs);
  const onPhase = (phase: string): void => {
    if (phase !== 'send') return;
    clearTimeout(timer);
    what = `no object within ${timeoutMs} ms`;
    timer = setTimeout(() => tooLong.abort(), timeoutMs);
  };
  const answer = await executeOverDistcc(
    overTcp({ host, port }, protocol === 1 ? 1 : 2),
    actionFor(compiler, protocol),
    { signal: AbortSignal.any([signal, tooLong.signal]), ioTimeoutMs: timeoutMs + 1000, onPhase },
  );
  clearTimeout(timer);
  if (!answer.ok) return tooLong.signal.aborted ? what : answer.error.message;
  return answer.value.result.waitStatus === 0
    ? undefined
    : `${compiler} fails there: ${Buffer.from(answer.value.result.stderr).toString().trim()}`;
}
