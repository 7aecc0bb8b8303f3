/** The names that gcc and clang derive when the command does not say them. */
import type { ByteString } from '../base/byte-string.ts';

/** Where `-c` or `-S` without `-o` writes: into the directory of the call, under the source's name. */
export function deriveOutput(source: ByteString, makes: 'object' | 'assembly'): ByteString {
  return replaceSuffix(source.slice(source.lastIndexOf('/') + 1), makes === 'object' ? '.o' : '.s');
}

/** Where `-MD` without `-MF` writes: beside an explicit output, else into the directory of the call. */
export function deriveDependencyFile(source: ByteString, explicitOutput: ByteString | undefined): ByteString {
  return replaceSuffix(explicitOutput ?? source.slice(source.lastIndexOf('/') + 1), '.d');
}

/** What stands before the colon when no option says it: the source's base name as an object. */
export function deriveTarget(source: ByteString): ByteString {
  return deriveOutput(source, 'object');
}

function replaceSuffix(path: ByteString, suffix: string): ByteString {
  const slash = path.lastIndexOf('/');
  const dot = path.lastIndexOf('.');
  return (dot > slash ? path.slice(0, dot) : path) + suffix;
}
