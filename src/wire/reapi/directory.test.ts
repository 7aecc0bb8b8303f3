import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { digestOf, type Digest } from '../../base/digest.ts';
import {
  compareNames,
  encodeDirectory,
  encodeDirectoryNode,
  encodeFileNode,
  encodeSymlinkNode,
} from './directory.ts';
import { DirectorySchema } from './gen/build/bazel/remote/execution/v2/remote_execution_pb.js';

const digests: fc.Arbitrary<Digest> = fc.tuple(fc.string(), fc.nat()).map(([text, sizeBytes]) => ({
  hash: digestOf(Buffer.from(text)).hash,
  sizeBytes,
}));
const mtimes = fc.option(
  fc.record({ seconds: fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }), nanos: fc.nat(999_999_999) }),
  { nil: undefined },
);
const names = fc.string({ unit: 'grapheme', minLength: 1 });
const files = fc.array(
  fc.record({ name: names, digest: digests, mtime: mtimes, isExecutable: fc.boolean() }),
);
const directories = fc.array(fc.record({ name: names, digest: digests }));
const links = fc.array(fc.record({ name: names, target: names }));

function toMessage({ hash, sizeBytes }: Digest): { hash: string; sizeBytes: bigint } {
  return { hash, sizeBytes: BigInt(sizeBytes) };
}

test('encodeDirectory() writes what generated code writes', () => {
  fc.assert(
    fc.property(files, directories, links, (files, directories, links) => {
      const ours = encodeDirectory({
        files: files.map(({ name, digest, ...rest }) => encodeFileNode(name, digest, rest)),
        directories: directories.map(({ name, digest }) => encodeDirectoryNode(name, digest)),
        links: links.map(({ name, target }) => encodeSymlinkNode(name, target)),
      });
      const theirs = create(DirectorySchema, {
        files: files.map(({ name, digest, mtime, isExecutable }) => ({
          name,
          digest: toMessage(digest),
          isExecutable,
          ...(mtime && { nodeProperties: { mtime } }),
        })),
        directories: directories.map(({ name, digest }) => ({ name, digest: toMessage(digest) })),
        symlinks: links,
      });
      assert.deepEqual(Buffer.from(ours), Buffer.from(toBinary(DirectorySchema, theirs)));
    }),
  );
});

test('compareNames() sorts by bytes', () => {
  // U+FF5E is one UTF-16 unit that is greater than the two of U+1F600.
  assert.deepEqual(['\u{1f600}', 'b', '\uff5e', 'a'].sort(compareNames), ['a', 'b', '\uff5e', '\u{1f600}']);
});
