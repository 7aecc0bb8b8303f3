/** A client in protocol 3, for tests: sends files as they lie on this machine, or trees as they are told. */
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fromText } from '../../src/base/byte-string.ts';
import { encodeBody } from '../../src/wire/distcc/protocol.ts';
import type { Reply } from '../../src/wire/distcc/reply.ts';
import { encodeTreeRequest } from '../../src/wire/distcc/request.ts';
import { encodeEntry, type TreeEntry } from '../../src/wire/distcc/tree.ts';
import { dial, receiveReply } from './our-distccd.ts';
import { runWell } from './run.ts';

export interface TreeJob {
  readonly argv: readonly string[];
  readonly directory: string;
  readonly entries: readonly TreeEntry[];
}

/** The directories in which a compiler of this machine finds its own headers; none lies in another. */
export async function headerDirectories(compiler: string): Promise<string[]> {
  const { stderr } = await runWell([compiler, '-E', '-v', '-x', 'c++', '/dev/null']);
  const [, list = ''] = /<\.\.\.> search starts here:\n(.*?)End of search list/s.exec(stderr) ?? [];
  const names = list
    .trim()
    .split(/\s+/)
    .map((name) => realpathSync(name));
  return names.filter((name) => !names.some((other) => name.startsWith(`${other}/`)));
}

/** Where a stock include server's link to such a directory leads. */
export function systemTarget(name: string): string {
  return '../'.repeat(20 + name.split('/').length - 1) + name.slice(1);
}

export function link(name: string, target: string): TreeEntry {
  return { kind: 'link', name, target };
}

export function file(name: string, content: string | Uint8Array): TreeEntry {
  return { kind: 'file', name: fromText(name), body: encodeBody(3, Buffer.from(content)) };
}

/** Files of this machine, under their own names. */
export function filesFrom(directory: string, names: readonly string[]): TreeEntry[] {
  return names.map((name) => {
    const absolute = path.resolve(directory, name);
    return file(absolute, readFileSync(absolute));
  });
}

/** Sends a job and gives the reply. */
export async function compileTree(port: number, job: TreeJob): Promise<Reply> {
  const socket = await dial(port);
  socket.write(encodeJob(job));
  return receiveReply(socket, 3);
}

export function encodeJob({ argv, directory, entries }: TreeJob): Buffer {
  const tree = { entryCount: entries.length, packets: entries.map(encodeEntry) };
  return Buffer.concat(encodeTreeRequest({ argv: argv.map(fromText), directory: fromText(directory), tree }));
}
