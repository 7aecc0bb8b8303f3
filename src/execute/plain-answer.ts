/** Makes a local compile's result of what came back from below another root: see action/plain-script.ts. */
import { unwrap } from '../action/plain-script.ts';
import { fromBytes, fromText, toBytes, type ByteString } from '../base/byte-string.ts';
import type { Failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { FetchedResult } from './fetch-result.ts';
import type { NoToolchain } from './over-reapi.ts';

/** @param name of the server, for messages. */
export function answerOfPlain(
  name: string,
  fetched: FetchedResult,
): Result<FetchedResult, Failure | NoToolchain> {
  const unwrapped = unwrap(fetched.result.stdout);
  if (unwrapped.kind === 'cannot')
    return err({ kind: 'derailed', message: `${name} cannot compile: ${unwrapped.why}` });
  if (unwrapped.kind === 'other-compiler') {
    const [version = ''] = /\b(?:gcc|clang) version \S+/.exec(unwrapped.said) ?? [];
    const has = version === '' ? 'no such compiler' : version;
    return err({ kind: 'no-toolchain', version, message: `${name} has not this very compiler, but ${has}` });
  }
  const { root, stdout } = unwrapped;
  const { stderr, object, dependencies, ...rest } = fetched.result;
  const place = fromText(root);
  // What it did not map would name that machine's directories.
  if (root !== '' && Buffer.from(object.buffer, object.byteOffset, object.byteLength).includes(`${root}/`))
    return err({ kind: 'refused', message: `${name} compiled it, but left its own directory in the object` });
  return ok({
    ...fetched,
    result: {
      ...rest,
      object,
      stdout,
      stderr: withoutRoot(stderr, place),
      ...(dependencies !== undefined && { dependencies: withoutRoot(dependencies, place) }),
    },
  });
}

function withoutRoot(text: Uint8Array, root: ByteString): Uint8Array {
  const found = fromBytes(text);
  if (root === '' || !found.includes(root)) return text;
  return toBytes(found.replaceAll(new RegExp(String.raw`(?<![\w./-])${RegExp.escape(root)}(?=/)`, 'g'), ''));
}
