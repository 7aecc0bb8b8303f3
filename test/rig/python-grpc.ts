/** Python's gRPC with messages that protoc has made of our .proto files: a client and a server that are not ours. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import path from 'node:path';
import { needsPeer } from './peers.ts';
import { run, runWell, type Ended } from './run.ts';
import { PLAIN_ENVIRONMENT, type Scratch } from './scratch.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PYTHON = '/usr/bin/python3';
const ENVIRONMENT = { ...PLAIN_ENVIRONMENT, PYTHONDONTWRITEBYTECODE: '1' };

/** Sends raw requests; prints a line for each. */
export async function sendRawRequests(scratch: Scratch, port: number): Promise<Ended> {
  const words = [PYTHON, scriptOf('raw_requests.py'), `127.0.0.1:${port}`, await makeModules(scratch)];
  return run(words, { env: ENVIRONMENT, timeoutMs: 120_000 });
}

/** A server of the Remote Execution API: see plain_server.py. */
export class PlainServer implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
  }

  static async start(scratch: Scratch): Promise<PlainServer> {
    const words = [scriptOf('plain_server.py'), await makeModules(scratch)];
    const process = spawn(PYTHON, words, {
      env: { ...ENVIRONMENT, TMPDIR: scratch.openDirectory('server') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(process.stdout, 'data')) as [Buffer];
    return new PlainServer(Number(line), process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}

export function needsPython(): { readonly skip: string | false } {
  const hasGrpc = globSync('/usr/lib/python3/dist-packages/grpc/__init__.py').length > 0;
  return hasGrpc ? needsPeer('protoc') : needsPeer('protoc', 'python3-grpcio');
}

async function makeModules(scratch: Scratch): Promise<string> {
  const modules = scratch.openDirectory('modules');
  const proto = path.join(ROOT, 'proto');
  const files = globSync('**/*.proto', { cwd: proto });
  await runWell(['protoc', '-I.', '-I/usr/include', `--python_out=${modules}`, ...files], { cwd: proto });
  return modules;
}

function scriptOf(name: string): string {
  return path.join(ROOT, 'test', 'rig', 'reapi-raw', name);
}
