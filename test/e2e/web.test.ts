/** `manyhands web`: the page, in a real browser, during a real build. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { PHASES } from '../../src/events/event.ts';
import { History } from '../../src/events/history.ts';
import { Journal } from '../../src/events/journal.ts';
import { readPage } from '../../src/files/page-file.ts';
import { WebDoor } from '../../src/monitor/web/web-door.ts';
import { BIN } from '../rig/cluster.ts';
import { needsBox, needsRoot } from '../rig/peers.ts';
import { Site } from '../rig/site.ts';

const FILES = 120;
const NEEDS = needsBox('chromium');
/** Names that would do harm if a page took them for anything but text. */
const EVIL = '<img src=x onerror=alert(1)>.c';

/** In the page: what can be used, but for the rows of files, of which there are many. */
const NAME = `(control) => control.id || control.ariaLabel || control.textContent`;
const NAME_FOCUSED = `(${NAME})(document.activeElement)`;
const NAME_CONTROLS = `[...document.querySelectorAll('button, input, [tabindex="0"]')].filter((control) => !control.closest('tbody')).map(${NAME})`;
/** In the page: of the canvas with the lanes. */
const COUNT_COLOURS = `(() => {
  const canvas = document.getElementById('timeline');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})()`;

const site = await Site.open({ isNative: true, workers: 2 });
let browser: Browser | undefined;
before(async () => {
  if (NEEDS.skip === false)
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  await site[Symbol.asyncDispose]();
});

const names = Array.from({ length: FILES }, (_, index) => `f${index}.c`);
const cwd = site.project({
  'shared.h': '#include <stdio.h>\n#include <stdlib.h>\n',
  [EVIL]: 'int evil;\n',
  ...Object.fromEntries(
    names.map((name, index) => [name, `#include "shared.h"\nint f${index}(void) { return ${index}; }\n`]),
  ),
  Makefile: [
    `OBJECTS = ${names.map((name) => name.replace('.c', '.o')).join(' ')}`,
    'all: $(OBJECTS)',
    '%.o: %.c shared.h',
    '\t$(CC) -O2 -c $< -o $@',
    '',
  ].join('\n'),
});

/** Where the page is: the agent serves it from the first question on. */
async function askAddress(): Promise<string> {
  const { stdout } = await site.runWell([path.join(BIN, 'manyhands'), 'web', '--no-open']);
  return stdout.trim();
}

async function openPage(colorScheme: 'light' | 'dark'): Promise<{ page: Page; complaints: string[] }> {
  assert.ok(browser);
  const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  const address = new URL(await askAddress());
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (asked) => {
    const url = new URL(asked.url());
    if (url.protocol !== 'data:' && url.origin !== address.origin) complaints.push(`it asks ${asked.url()}`);
  });
  await page.goto(address.href);
  await page.waitForSelector('#totals [data-fact]');
  return { page, complaints };
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  // The policy of the page lets no other program in; the inspector does.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await inPage.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

function fact(page: Page, name: string): Promise<number> {
  return page
    .locator(`[data-fact="${name}"]`)
    .textContent()
    .then((text) => Number(text?.replaceAll(',', '')));
}

test('during a build the lanes fill, and at its end the numbers are the agent’s', NEEDS, async () => {
  await site.distcc(['gcc', '-c', EVIL, '-o', 'evil.o'], { cwd });
  await site.distcc(['gcc', '-march=native', '-c', 'f0.c', '-o', 'native.o'], { cwd });
  const { page, complaints } = await openPage('light');
  const building = site.runWell(['make', '-j8', `CC=${site.client.launcher} gcc`], { cwd });
  const seen = new Set<number>();
  const watching = setInterval(() => void fact(page, 'under way').then((count) => seen.add(count)), 50);
  await building;
  clearInterval(watching);
  const { endings, hosts } = await site.report();
  await page.locator('[data-fact=remote]', { hasText: new RegExp(`^${endings.remote}$`) }).waitFor();
  assert.ok(
    [...seen].some((count) => count > 1),
    `under way were ${[...seen].join(', ')}`,
  );
  assert.deepEqual(
    [await fact(page, 'here'), await fact(page, 'from cache'), await fact(page, 'failed')],
    [endings.local, endings.cached, endings.failed],
  );
  for (const [host, count] of Object.entries(hosts))
    assert.equal(
      await page.locator(`#hosts tr:has(td:text-is("${host}")) td:nth-child(3)`).textContent(),
      `${count}`,
    );
  const drawn = await page.evaluate<number>(COUNT_COLOURS);
  assert.ok(drawn > 4, `${drawn} colours`);
  assert.equal(await page.locator('#files-count').textContent(), `${FILES + 2} of ${FILES + 2} files`);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a worker’s own page has figures, and no names of files', NEEDS, async () => {
  assert.ok(browser);
  const [worker] = site.workers;
  assert.ok(worker !== undefined);
  const address = `http://127.0.0.1:${worker.port}`;
  await site.runWell(
    [
      'make',
      '-B',
      '-j8',
      `CC=${site.client.launcher} gcc`,
      ...names.slice(0, 20).map((name) => name.replace('.c', '.o')),
    ],
    { cwd },
  );
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (asked) => {
      if (!asked.url().startsWith(address) && !asked.url().startsWith('data:')) complaints.push(asked.url());
    });
    await page.goto(`${address}/web`);
    await page.locator('[data-fact="running"]').waitFor();
    const { ok } = await worker.counts();
    await page.locator(`#since tr:has(td:text-is("ok")) td:text-is("${ok}")`).waitFor();
    assert.ok(ok > 0);
    assert.doesNotMatch(await page.content(), /f\d+\.c/);
    assert.deepEqual(await violationsOf(page), [], colorScheme);
    assert.deepEqual(complaints, []);
    await context.close();
  }
});

test('a file’s story, by mouse and by keyboard; a name is only ever text', NEEDS, async () => {
  const { page, complaints } = await openPage('dark');
  await page.fill('#filter', 'onerror');
  await page.locator('#files tr[data-job]').first().click();
  await page.locator('#story pre', { hasText: EVIL }).waitFor();
  await page.fill('#filter', 'native');
  const row = page.locator('#files tr[data-job]').first();
  await row.focus();
  await page.keyboard.press('Enter');
  await page.locator('#story pre', { hasText: '-march=native' }).waitFor();
  await page.locator('#theme').focus();
  const reached = new Set([await page.evaluate<string>(NAME_FOCUSED)]);
  const controls = await page.evaluate<string[]>(NAME_CONTROLS);
  assert.ok(controls.length > 15, controls.join(', '));
  for (let presses = 1; presses < controls.length; presses++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate<string>(NAME_FOCUSED));
  }
  assert.deepEqual(
    controls.filter((name) => !reached.has(name)),
    [],
  );
  await page.locator('#lanes').focus();
  for (const key of ['Home', 'ArrowLeft', 'ArrowUp', 'End']) await page.keyboard.press(key);
  await page.locator('#live[aria-pressed=true]').waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('axe finds nothing, in the light and in the dark', NEEDS, async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const { page } = await openPage(scheme);
    await page.locator('#files tr[data-job]').first().click();
    assert.deepEqual(await violationsOf(page), [], scheme);
    await page.context().close();
  }
});

test(
  'nobody is told anything without the token, under another name, or for another site’s page',
  NEEDS,
  async () => {
    const address = new URL(await askAddress());
    const statusOf = (
      headers: Readonly<Record<string, string>>,
      target = '/feed',
      method = 'GET',
    ): Promise<number> =>
      new Promise((resolve, reject) => {
        const asked = request({ port: address.port, host: address.hostname, path: target, method, headers });
        asked.on('response', (response) => {
          resolve(response.statusCode ?? 0);
          response.destroy();
        });
        asked.on('error', reject).end();
      });
    const bearer = { authorization: `Bearer ${address.searchParams.get('token')}` };
    assert.equal(await statusOf(bearer), 200);
    assert.equal(await statusOf(bearer, '/metrics'), 200);
    assert.equal(await statusOf({}), 401);
    assert.equal(await statusOf({}, '/'), 401);
    assert.equal(await statusOf({}, '/?token=guessed'), 401);
    assert.equal(await statusOf({ ...bearer, host: 'evil.example' }), 403);
    assert.equal(await statusOf({ ...bearer, origin: 'http://evil.example' }), 403);
    assert.equal(await statusOf({ ...bearer, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await statusOf({}, '//'), 400);
    assert.equal(await statusOf(bearer, '/', 'POST'), 405);
    assert.equal(await statusOf(bearer, '/story?job=99999'), 404);
  },
);

test('with 20,000 jobs there is something to see within a second', NEEDS, async () => {
  assert.ok(browser);
  const history = new History();
  for (let job = 1; job <= 20_000; job++) addJob(history, job);
  using door = await WebDoor.open(
    {
      page: readPage(path.join(BIN, '..', 'dist', 'page.html')),
      history,
      journal: new Journal(),
      identity: { version: '0', pid: 1 },
      nowMs: () => Date.now(),
      metrics: () => '',
      describe: () => ({ sentence: undefined, remedy: undefined }),
    },
    0,
  );
  const page = await browser.newPage();
  await page.goto(door.address);
  await page.locator('#files-count', { hasText: 'of 20,000 files' }).waitFor();
  const [painted = 0, filled = 0] = await page.evaluate<number[]>(
    `[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]`,
  );
  console.log(`figure: 20,000 jobs: first paint ${Math.round(painted)} ms, filled ${Math.round(filled)} ms`);
  assert.ok(painted <= 1000, `first paint after ${painted} ms`);
  await page.close();
});

test('distccmon-gui is the page, of another user too when root asks', needsRoot(), async () => {
  const { DISTCC_DIR = '' } = site.client.env;
  // Another user's has another name of its socket, and is found by the word that it leaves in its directory.
  const asked = await site.runWell(
    ['setpriv', '--regid=12345', '--clear-groups', path.join(BIN, 'distccmon-gui')],
    {
      env: { DISTCC_DIR, XDG_RUNTIME_DIR: undefined },
    },
  );
  assert.equal(asked.stdout.trim(), await askAddress());
  const gnome = await site.runWell([path.join(BIN, 'distccmon-gnome')]);
  assert.equal(gnome.stdout, asked.stdout);
});

function addJob(history: History, job: number): void {
  const atMs = 1_800_000_000_000 + job * 40;
  const [host, source] = [`host-${job % 9}/8`, `some/directory/of/the/project/file-${job}.c`];
  history.add({ kind: 'started', job, atMs, pid: 1, directory: '/w', source, argv: [] });
  for (const [index, phase] of PHASES.entries())
    history.add({ kind: 'phase', job, atMs: atMs + index * 60, phase, host: index < 3 ? '' : host });
  const end = { ending: 'remote', host, reason: '', detail: '', elapsedMs: 500 } as const;
  history.add({ kind: 'finished', job, atMs: atMs + 500, ...end, bytesSent: 1, bytesReceived: 1 });
}

test('a report is one file that shows the build by itself, and a trace has all bars', NEEDS, async () => {
  assert.ok(browser);
  const { jobs } = await site.report().then(({ endings }) => ({
    jobs: Object.values(endings).reduce((sum, count) => sum + count, 0),
  }));
  await site.runWell([path.join(BIN, 'manyhands'), 'report'], { cwd });
  await site.runWell([path.join(BIN, 'manyhands'), 'report', '--trace'], { cwd });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (asked) => {
    if (!/^(?:file|data):/.test(asked.url())) complaints.push(asked.url());
  });
  await page.goto(`file://${path.join(cwd, 'manyhands-report.html')}`);
  await page.locator('#files-count', { hasText: `of ${jobs} files` }).waitFor();
  await page.fill('#filter', 'onerror');
  await page.locator('#files tr[data-job]').first().click();
  await page.locator('#story pre', { hasText: EVIL }).waitFor();
  assert.deepEqual(complaints, []);
  await page.close();
  const { traceEvents } = JSON.parse(readFileSync(path.join(cwd, 'manyhands-trace.json'), 'utf8')) as {
    readonly traceEvents: readonly { readonly ph: string; readonly args: { readonly job?: number } }[];
  };
  assert.equal(new Set(traceEvents.flatMap(({ ph, args }) => (ph === 'X' ? [args.job] : []))).size, jobs);
});
