/** The page: one file with its style and program in it, and the policy that lets it be those and nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface PageFile {
  readonly html: string;
  /** For the header Content-Security-Policy. */
  readonly policy: string;
}

/** Where a page that is saved has its data. */
const START = '<script type="application/json" id="saved">';
const END = '</script>';
const EMPTY = `${START}${END}`;

/** @throws where it cannot be read. */
export function readPage(file: string): PageFile {
  const html = readFileSync(file, 'utf8');
  const hashesOf = (tag: string): string =>
    [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ');
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf('script')}`,
    `style-src ${hashesOf('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { html, policy: policy.join('; ') };
}

/** The page as a file that shows these jobs, and asks nobody. */
export function formatReport({ html }: PageFile, saved: unknown): string {
  // Within a script nothing but an end of it has a meaning.
  const json = JSON.stringify(saved).replaceAll('<', String.raw`\u003c`);
  return html.split(EMPTY).join(`${START}${json}${END}`);
}
