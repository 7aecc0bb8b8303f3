/** What others have written, such as names of files, is not to command the terminal that it is shown on. */

/** Lines stay lines. */
export function tame(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, '?');
}

/** For one line. */
export function tameLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}
