/** The page: one file with its style and program in it, and the policy that lets it be those and nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface PageFile {
  readonly html: string;
  /** For the header Content-Security-Policy. */
  readonly policy: string;
}

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
