/** Opens the page for whoever sits at this machine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Long enough for a browser to start and read it. */
const KEPT_MS = 10_000;

/** Whether it is one of ours: what an agent of somebody else says is not opened unseen. */
export function isPageAddress(text: string): boolean {
  return /^http:\/\/127\.0\.0\.1:\d{1,5}\/\?token=[\w-]+$/.test(text);
}

/**
 * Hands the address over in a file that only this user reads: what a program is started with, everybody sees.
 * The process lives until the file is gone.
 */
export function openInBrowser(address: string, runtimeDirectory: string | undefined): void {
  const directory = mkdtempSync(path.join(runtimeDirectory ?? tmpdir(), 'manyhands-web-'));
  const file = path.join(directory, 'open.html');
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0;url=${address}">`, {
    mode: 0o600,
  });
  const browser = spawn('xdg-open', [file], { stdio: 'ignore', detached: true });
  browser.on('error', () => {}); // The address is printed.
  browser.unref();
  setTimeout(() => rmSync(directory, { recursive: true, force: true }), KEPT_MS);
}
