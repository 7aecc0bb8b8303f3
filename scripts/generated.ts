/**
 * Makes src/wire/reapi/gen from proto/. `--check` says whether what lies there is what would be made.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const GENERATED = path.join('src', 'wire', 'reapi', 'gen');

function generate(root: string): void {
  const { status, stdout, stderr } = spawnSync('buf', ['generate'], {
    cwd: path.join(root, 'proto'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`buf generate: ${stdout}${stderr}`);
}

function contents(root: string): string {
  const names = readdirSync(path.join(root, GENERATED), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.js') || name.endsWith('.ts'))
    .sort()
    .map((name) => `${name}\n${readFileSync(path.join(root, GENERATED, name), 'utf8')}`)
    .join('');
}

function check(): void {
  const copy = mkdtempSync(path.join(tmpdir(), 'manyhands-generated-'));
  try {
    cpSync(path.join(ROOT, 'proto'), path.join(copy, 'proto'), { recursive: true });
    generate(copy);
    if (contents(copy) === contents(ROOT)) return;
    console.log(`${GENERATED} is not what proto/ says: npm run generate`);
    process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

if (process.argv.includes('--check')) check();
else generate(ROOT);
