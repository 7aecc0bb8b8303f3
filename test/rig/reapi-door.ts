/** A worker's door for the Remote Execution API in this process, and a session with it; its box is the test's. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { digestOf, type Digest } from '../../src/base/digest.ts';
import { GrpcSession, type GrpcReply } from '../../src/net/grpc-session.ts';
import { MemoryBlobs, MemoryResults } from '../../src/store/memory-store.ts';
import { ReapiDoor, type ReapiDoorOptions } from '../../src/worker/reapi/reapi-door.ts';
import {
  ActionSchema,
  CommandSchema,
  DirectorySchema,
  PlatformSchema,
} from '../../src/wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

type Platform = MessageInitShape<typeof PlatformSchema>;

export interface DoorOptions {
  readonly box?: ReapiDoorOptions['box'];
  readonly keepsClientResults?: boolean;
}

export type Answered<M extends DescMethod> = GrpcReply & {
  readonly answers: readonly MessageShape<M['output']>[];
};

/** One call with these messages; a Failure of the connection is thrown. */
export async function call<M extends DescMethod>(
  session: GrpcSession,
  method: M,
  ...requests: readonly MessageInitShape<M['input']>[]
): Promise<Answered<M>> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const messages = requests.map((init) => toBinary<DescMessage>(method.input, create(method.input, init)));
  const reply = await session.call(path, messages, {
    signal: new AbortController().signal,
    silenceMs: 10_000,
  });
  if (!reply.ok) throw new Error(reply.error.message);
  const answers = reply.value.messages.map(
    (bytes) => fromBinary(method.output, bytes) as MessageShape<M['output']>,
  );
  return { ...reply.value, answers };
}

export class TestDoor implements AsyncDisposable {
  readonly blobs = new MemoryBlobs(64 << 20);
  readonly results = new MemoryResults(1000);
  readonly endings: string[] = [];
  readonly session: GrpcSession;
  readonly port: number;
  readonly #door: ReapiDoor;
  readonly #close: () => void;

  private constructor(
    session: GrpcSession,
    { port, door, close }: { port: number; door: ReapiDoor; close: () => void },
  ) {
    this.session = session;
    this.port = port;
    this.#door = door;
    this.#close = close;
  }

  static async open({ box, keepsClientResults = false }: DoorOptions = {}): Promise<TestDoor> {
    const blobs = new MemoryBlobs(64 << 20);
    const results = new MemoryResults(1000);
    const endings: string[] = [];
    const door = new ReapiDoor({
      stores: { blobs, results, clientResults: keepsClientResults ? new MemoryResults(1000) : undefined },
      box,
      log: () => {},
      clock: SYSTEM_CLOCK,
      onExecuted: ({ ending }) => endings.push(ending),
      onUpload: () => {},
    });
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.once('data', (chunk: Buffer) => {
        socket.pause();
        door.accept(socket, chunk);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const session = await GrpcSession.greet('door', connect(port, '127.0.0.1'), 5000);
    if (!session.ok) throw new Error(session.error.message);
    const close = (): void => {
      for (const socket of sockets) socket.destroy();
      server.close();
    };
    const test = new TestDoor(session.value, { port, door, close });
    return Object.assign(test, { blobs, results, endings });
  }

  call<M extends DescMethod>(
    method: M,
    ...requests: readonly MessageInitShape<M['input']>[]
  ): Promise<Answered<M>> {
    return call(this.session, method, ...requests);
  }

  async store(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    await this.blobs.write(digest, bytes);
    return digest;
  }

  /** An action with an empty input root, all of it in the store. */
  async storeAction(
    command: MessageInitShape<typeof CommandSchema>,
    { platform, doNotCache = false }: { readonly platform?: Platform; readonly doNotCache?: boolean } = {},
  ): Promise<Digest> {
    const commandDigest = await this.store(toBinary(CommandSchema, create(CommandSchema, command)));
    const inputRootDigest = await this.store(toBinary(DirectorySchema, create(DirectorySchema)));
    const stated = create(ActionSchema, {
      doNotCache,
      ...(platform && { platform: create(PlatformSchema, platform) }),
      commandDigest: inMessage(commandDigest),
      inputRootDigest: inMessage(inputRootDigest),
    });
    return this.store(toBinary(ActionSchema, stated));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.session[Symbol.dispose]();
    this.#door.destroy();
    this.#close();
    return Promise.resolve();
  }
}

/** As a message has it. */
export function inMessage({ hash, sizeBytes }: Digest): { hash: string; sizeBytes: bigint } {
  return { hash, sizeBytes: BigInt(sizeBytes) };
}
