/** An output directory as the API's Tree. */
import { create, toBinary } from '@bufbuild/protobuf';
import { toText } from '../../base/byte-string.ts';
import { digestOf } from '../../base/digest.ts';
import type { BoxedOutput } from '../../execute/box.ts';
import { compareNames } from '../../wire/reapi/directory.ts';
import {
  DirectorySchema,
  TreeSchema,
  type Directory,
  type Tree,
} from '../../wire/reapi/gen/build/bazel/remote/execution/v2/remote_execution_pb.js';
import { toMessage } from './digests.ts';

type Write = (bytes: Uint8Array) => Promise<{ hash: string; sizeBytes: bigint }>;

/** @param write stores a file's content. */
export async function growTree(entries: readonly BoxedOutput[], write: Write): Promise<Tree> {
  const children: Directory[] = [];
  const root = await directoryOf(entries, write, children);
  return create(TreeSchema, { root, children });
}

async function directoryOf(
  entries: readonly BoxedOutput[],
  write: Write,
  children: Directory[],
): Promise<Directory> {
  const files = [];
  const directories = [];
  const symlinks = [];
  for (const entry of [...entries].sort((one, other) => compareNames(nameOf(one), nameOf(other)))) {
    const name = nameOf(entry);
    if (entry.kind === 'file')
      files.push({ name, digest: await write(entry.bytes), isExecutable: entry.isExecutable });
    else if (entry.kind === 'link') symlinks.push({ name, target: toText(entry.target) });
    else {
      const child = await directoryOf(entry.entries, write, children);
      children.push(child);
      directories.push({ name, digest: toMessage(digestOf(toBinary(DirectorySchema, child))) });
    }
  }
  return create(DirectorySchema, { files, directories, symlinks });
}

function nameOf({ path }: BoxedOutput): string {
  return toText(path.slice(path.lastIndexOf('/') + 1));
}
