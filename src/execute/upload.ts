/**
 * Brings blobs to a server that has not got them. What it is not known to have is asked for first where it is
 * much; a little is just sent. Several jobs that need the same blob send it once.
 */
import type { Failure } from '../base/failure.ts';
import { ok, type Result } from '../base/result.ts';
import type { Blob } from '../wire/reapi/client-messages.ts';
import { send } from './send-blobs.ts';
import type { Coming } from './known-blobs.ts';
import type { Call, Server } from './server.ts';

export interface Upload {
  /** The calls that bring the blobs, by name, as soon as the connection has them all; empty where that comes to nothing. */
  readonly begun: Promise<readonly string[]>;
  /** Whether the server has them all in the end. */
  readonly done: Promise<Result<void, Failure>>;
}

/** Counts what goes over the wire. */
export function upload(server: Server, blobs: readonly Blob[], call: Call): Upload {
  const { known } = server;
  const others = new Set<Coming>();
  const ours: Blob[] = [];
  for (const blob of blobs) {
    if (known.has(blob.digest)) continue;
    const other = known.comingOf(blob.digest);
    if (other === undefined) ours.push(blob);
    else others.add(other);
  }
  const own = ours.length === 0 ? NOTHING : sendOurs(server, ours, call);
  const all = [own, ...others];
  const begun = Promise.all(all.map(({ begun }) => begun)).then((names) => names.flat());
  const finish = async (): Promise<Result<void, Failure>> => {
    const sent = await own.done;
    if (!sent.ok) return sent;
    const isThere = await Promise.all([...others].map(({ isThere }) => isThere));
    // The job whose upload it was has gone: its blobs are ours now.
    return isThere.every(Boolean) ? sent : upload(server, blobs, call).done;
  };
  return { begun, done: finish() };
}

const NOTHING: Upload = { begun: Promise.resolve([]), done: Promise.resolve(ok(undefined)) };

function sendOurs(server: Server, blobs: readonly Blob[], call: Call): Upload {
  const { promise: begun, resolve } = Promise.withResolvers<readonly string[]>();
  const names: string[] = [];
  const done = send(server, blobs, {
    ...call,
    onSent: (name) => names.push(name),
    onBegun: () => resolve(names),
  });
  const digests = blobs.map(({ digest }) => digest);
  const isThere = done.then(
    ({ ok }) => ok,
    () => false,
  );
  void isThere.then(() => resolve(names));
  server.known.expect(digests, { begun, isThere });
  return { begun, done };
}
