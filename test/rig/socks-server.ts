/** A SOCKS5 proxy behind a Unix socket, as Portage gives a build that has no network. */
import { rmSync, chmodSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';

export interface SocksServer extends AsyncDisposable {
  /** Connections made for somebody. */
  readonly served: () => number;
}

export async function startSocksServer(file: string): Promise<SocksServer> {
  let served = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client.on('close', () => open.delete(client)).on('error', () => {}));
    client.once('data', () => {
      client.write(Uint8Array.of(5, 0));
      client.once('data', (request: Buffer) => {
        served++;
        join(client, request);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  chmodSync(file, 0o777);
  return {
    served: () => served,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(file, { force: true });
    },
  };
}

/** The request is one packet: our client sends it as one. */
function join(client: Socket, request: Buffer): void {
  const length = request[4] ?? 0;
  const host = request.toString('latin1', 5, 5 + length);
  const target = connect(request.readUInt16BE(5 + length), host, () => {
    client.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    client.pipe(target).pipe(client);
  });
  target.on('error', () => client.destroy());
  client.on('close', () => target.destroy());
}
