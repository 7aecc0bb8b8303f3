/**
 * The worker's counts as a page, in the form of distcc's --stats: for people with curl, for tools that
 * read distcc's, and for tests that want to know what was compiled here.
 */
import { formatCounts } from './counts.ts';

export function formatStatusPage(counts: Readonly<Record<string, number>>): string {
  const body = `argv /distccd\n<distccstats>\n${formatCounts(counts)}</distccstats>\n`;
  return [
    'HTTP/1.0 200 OK',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
