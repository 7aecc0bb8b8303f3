/** A page that is saved, with what it shows in it. */
import type { PageFile } from '../../files/page-file.ts';

/** Where a page that is saved has its data. */
const START = '<script type="application/json" id="saved">';
const END = '</script>';
const EMPTY = `${START}${END}`;

/** The page as a file that shows these jobs, and asks nobody. */
export function formatReport({ html }: PageFile, saved: unknown): string {
  // Within a script nothing but an end of it has a meaning.
  const json = JSON.stringify(saved).replaceAll('<', String.raw`\u003c`);
  return html.split(EMPTY).join(`${START}${json}${END}`);
}
