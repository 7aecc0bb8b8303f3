/**
 * Writes the manual pages (docs/man), the shells' completions (packaging/completions) and the page for users of
 * distcc (docs/coming-from-distcc.md) from the option tables. With --check it writes nothing, and fails when a file is not what it would write.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatPage } from './coming-from-distcc/page.ts';
import { formatBashCompletion, formatFishCompletion, formatZshCompletion } from './manuals/completion.ts';
import { formatManPage } from './manuals/man-page.ts';
import { MANUALS } from './manuals/pages.ts';

const ROOT = path.join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
const isCheck = process.argv.includes('--check');

const files: readonly (readonly [name: string, text: string])[] = [
  ['docs/coming-from-distcc.md', formatPage()],
  ...MANUALS.flatMap((manual): [name: string, text: string][] => [
    [`docs/man/${manual.program}.1`, formatManPage(manual, version)],
    [`packaging/completions/bash/${manual.program}`, formatBashCompletion(manual)],
    [`packaging/completions/zsh/_${manual.program}`, formatZshCompletion(manual)],
    [`packaging/completions/fish/${manual.program}.fish`, formatFishCompletion(manual)],
  ]),
];

for (const [name, text] of files) {
  const file = path.join(ROOT, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (isCheck) {
    console.log(`${name} is not what the option tables say: npm run manuals`);
    process.exitCode = 1;
  } else {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
