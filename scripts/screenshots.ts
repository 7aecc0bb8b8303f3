/**
 * Takes the pictures of the page that the documentation has: of a real build by workers of ours on this machine, in a real
 * browser. `node scripts/screenshots.ts`, after a build, where Debian's chromium is installed.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { BIN } from '../test/rig/cluster.ts';
import { Site } from '../test/rig/site.ts';

const IMAGES = path.join(import.meta.dirname, '..', 'docs', 'images');
const SIZE = { width: 1400, height: 1180 };
const FILES = 160;
const BUILD_MS = 300_000;

await using site = await Site.open({ isNative: true, workers: 3, jobs: 2 });
const cwd = site.project(makeSources());
// The agent is there from the first compile on.
await site.distcc(['gcc', '-march=native', '-c', 'parse0.c', '-o', 'native.o'], { cwd });
const { stdout: address } = await site.runWell([path.join(BIN, 'manyhands'), 'web', '--no-open']);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const building = site.runWell(['make', '-j20', `CC=${site.client.launcher} gcc`], {
  cwd,
  timeoutMs: BUILD_MS,
});
await delay(15_000);
mkdirSync(IMAGES, { recursive: true });
for (const colorScheme of ['light', 'dark'] as const) {
  const context = await browser.newContext({ colorScheme, viewport: SIZE });
  const page = await context.newPage();
  await page.goto(address.trim());
  await page.locator('#files tr[data-job]').nth(24).click();
  await page.evaluate('scrollTo(0, 0)');
  await delay(1000);
  await page.screenshot({ path: path.join(IMAGES, `web-${colorScheme}.png`) });
}
await building;
await browser.close();

/** Files of different sizes that take some time to compile. */
function makeSources(): Record<string, string> {
  const names = ['parse', 'lexer', 'emit', 'table', 'net', 'store'].flatMap((part) =>
    Array.from({ length: FILES / 6 }, (_, index) => `${part}${index}`),
  );
  const sources = names.map((name, index) => {
    const functions = Array.from(
      { length: 30 + ((index * 37) % 160) },
      (_, part) => `int ${name}_${part}(int x) { for (int i = 0; i < x; i++) x += i * ${part}; return x; }`,
    );
    return [`${name}.c`, `#include "shared.h"\n${functions.join('\n')}\n`] as const;
  });
  const objects = names.map((name) => `${name}.o`).join(' ');
  return {
    ...Object.fromEntries(sources),
    'shared.h': '#include <stdio.h>\n#include <stdlib.h>\n#include <math.h>\n',
    Makefile: `all: ${objects}\n%.o: %.c\n\t$(CC) -O2 -c $< -o $@\n`,
  };
}
