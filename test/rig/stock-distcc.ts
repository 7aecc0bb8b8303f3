/** The stock `distcc` and `distccd`, on loopback only, and an ear between them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface StockDaemon extends AsyncDisposable {
  readonly port: number;
}

/** Starts `distccd`. It runs any compiler that is on `path`, as whoever may write to /tmp. */
export async function startStockDistccd(path: string, options: readonly string[] = []): Promise<StockDaemon> {
  const port = await freePort();
  const args = ['--daemon', '--no-detach', '--log-stderr', '--log-level', 'info', '--jobs', '2'];
  const address = ['--listen', '127.0.0.1', '--allow', '127.0.0.1', '--port', String(port)];
  const rights = ['--enable-tcp-insecure', '--user', 'nobody'];
  // A process group of its own: distccd ends by sending SIGTERM to all of its group.
  const daemon = spawn('distccd', [...args, ...address, ...rights, ...options], {
    detached: true,
    env: { PATH: path },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = once(daemon, 'exit');
  const log: string[] = [];
  for await (const line of createInterface(daemon.stderr)) {
    log.push(line);
    if (line.includes('daemon started')) break;
  }
  if (!log.at(-1)?.includes('daemon started')) throw new Error(`distccd did not start:\n${log.join('\n')}`);
  daemon.stderr.resume();
  return {
    port,
    async [Symbol.asyncDispose]() {
      process.kill(-daemon.pid!, 'SIGTERM');
      await exit;
    },
  };
}

export interface StockRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `distcc argv...` in `directory`, where it also keeps its state; a failure stays a failure. */
export async function runStockDistcc(
  argv: readonly string[],
  options: { readonly directory: string; readonly hosts: string; readonly path: string },
): Promise<StockRun> {
  const run = spawn('distcc', argv, {
    cwd: options.directory,
    env: {
      PATH: options.path,
      DISTCC_DIR: options.directory,
      DISTCC_HOSTS: options.hosts,
      DISTCC_FALLBACK: '0',
      DISTCC_SKIP_LOCAL_RETRY: '1',
      DISTCC_NO_REWRITE_CROSS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    run.stdout.toArray(),
    run.stderr.toArray(),
    once(run, 'exit') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

/** Sends the bytes and gives all that is answered until the peer closes. */
export async function converse(port: number, request: Uint8Array): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  return Buffer.concat(await socket.toArray());
}

/** Answers each connection: what `answer()` returns is given chunks until it returns the reply. */
export async function startAnswerer(
  answer: () => (chunk: Uint8Array) => readonly Uint8Array[] | undefined,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    const take = answer();
    socket.on('data', (chunk) => {
      const reply = take(chunk);
      if (reply !== undefined) socket.end(Buffer.concat(reply));
    });
  });
  await listen(server);
  return { port: portOf(server), [Symbol.asyncDispose]: () => close(server) };
}

export interface Recorder extends AsyncDisposable {
  readonly port: number;
  /** What was said on the connection that ended first since the last call. */
  next(): Promise<{ readonly request: Buffer; readonly reply: Buffer }>;
}

/** Listens, passes each connection on to `target`, and keeps what both sides say. */
export async function startRecorder(target: number): Promise<Recorder> {
  const server = createServer({ allowHalfOpen: true });
  const connections: Socket[] = [];
  server.on('connection', (socket) => connections.push(socket));
  await listen(server);
  return {
    port: portOf(server),
    async next() {
      while (connections.length === 0) await once(server, 'connection');
      const client = connections.shift()!;
      const daemon = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
      client.pipe(daemon);
      daemon.pipe(client);
      const [request, reply] = await Promise.all([client.toArray(), daemon.toArray()]);
      return { request: Buffer.concat(request), reply: Buffer.concat(reply) };
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listen(server);
  const port = portOf(server);
  await close(server);
  return port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
