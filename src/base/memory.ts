/**
 * Memory given back at once, instead of by the garbage collector: V8 goes through its whole heap for each
 * 10 to 20 MB of buffers that it has been told of, and a job's buffers are a megabyte.
 */

/** All views of these bytes' buffer are empty afterwards: for who knows that nobody looks at it any more. */
export function freeMemory({ length, buffer }: Uint8Array): void {
  // What is empty may be a constant that many use.
  if (length > 0 && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Whether these are all bytes of their buffer, as in a socket's chunks; small Buffers of Node's share one. */
export function isWholeBuffer({ length, buffer }: Uint8Array): boolean {
  return length === buffer.byteLength;
}
