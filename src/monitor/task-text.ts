/**
 * A job as a line of distccmon-text, in columns of bytes:
 *
 *     24311  Compile     hello.c                                          build7[3]
 *
 * Source: what distcc 3.4's distccmon-text prints.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { TaskState } from '../wire/monitor/state-file.ts';

export function formatTask({ pid, phase, file, host, slot }: TaskState): ByteString {
  const job = `${String(pid).padStart(6)}  ${phase.padEnd(10)}`;
  const place = `${printable(host).slice(0, 24).padStart(24)}[${slot}]`;
  return `${job}  ${printable(file).slice(0, 30).padEnd(30)} ${place}\n`;
}

/** Without control characters: a file's name could do anything to the terminal. */
function printable(name: ByteString): ByteString {
  // oxlint-disable-next-line no-control-regex -- these are what must not pass
  return name.replaceAll(/[\x00-\x1f\x7f]/g, '?');
}
