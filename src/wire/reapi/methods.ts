/** The names of the calls that a client makes, as HTTP/2 paths. `updateInputs` is our own. */
const API = '/build.bazel.remote.execution.v2.';

export const METHODS = {
  getCapabilities: `${API}Capabilities/GetCapabilities`,
  findMissingBlobs: `${API}ContentAddressableStorage/FindMissingBlobs`,
  batchUpdateBlobs: `${API}ContentAddressableStorage/BatchUpdateBlobs`,
  batchReadBlobs: `${API}ContentAddressableStorage/BatchReadBlobs`,
  updateInputs: '/manyhands.v1.Inputs/Update',
  execute: `${API}Execution/Execute`,
  write: '/google.bytestream.ByteStream/Write',
  read: '/google.bytestream.ByteStream/Read',
} as const;
