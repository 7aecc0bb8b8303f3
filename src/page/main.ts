/** The page: listens to the feed, or has a build that was saved, and shows it. */
import type { EventRow, Greeting } from '../monitor/web/feed-rows.ts';
import { formatTime } from './format.ts';
import { drawHosts, drawTotals, element, Files } from './lists.ts';
import { BuildModel, COLOURS } from '../monitor/build-model.ts';
import { drawRate, PLOTTED } from './rate.ts';
import type { ToldStory } from '../monitor/web/told-story.ts';
import { showStory } from './story.ts';
import { Timeline } from './timeline.ts';
import { TimeWindow } from './window.ts';

/** A build as `manyhands report` saves it. */
interface Saved {
  readonly greeting: Greeting;
  readonly stories: readonly ToldStory[];
}

const LISTS_EVERY_MS = 500;
const FRAME_MS = 100;

const savedText = element('saved').textContent ?? '';
const saved = savedText === '' ? undefined : (JSON.parse(savedText) as Saved);
let model = new BuildModel();
const window_ = new TimeWindow();
const canvas = element('timeline') as HTMLCanvasElement;
const rateCanvas = element('rate') as HTMLCanvasElement;
let timeline = new Timeline(canvas, model);
let files = new Files(model, choose);
let chosen: number | undefined;
let isPaused = false;
/** Between the agent's clock and ours. */
let skewMs = 0;
let drawnVersion = -1;
let isAsked = true;

function start(): void {
  fillLegend(
    'legend',
    COLOURS.map((name) => [name, name] as const),
  );
  fillLegend('rate-legend', PLOTTED);
  for (const [id, act] of Object.entries(BUTTONS)) element(id).addEventListener('click', act);
  element('filter').addEventListener('input', ({ target }) => {
    files.filter = (target as HTMLInputElement).value;
    files.draw(chosen);
  });
  element('lanes').addEventListener('keydown', onKey);
  canvas.addEventListener('wheel', onWheel, { passive: false });
  canvas.addEventListener('pointerdown', onDrag);
  canvas.addEventListener('pointermove', onHover);
  canvas.addEventListener('pointerleave', () => (element('tip').hidden = true));
  addEventListener('resize', () => (isAsked = true));
  setTheme(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  if (saved === undefined) listen();
  else open(saved.greeting, 'saved');
  setInterval(frame, FRAME_MS);
  setInterval(lists, LISTS_EVERY_MS);
}

function listen(): void {
  const feed = new EventSource('/feed');
  feed.addEventListener('greeting', ({ data }) => open(JSON.parse(data as string) as Greeting, 'live'));
  feed.addEventListener('events', ({ data }) => {
    for (const row of JSON.parse(data as string) as EventRow[]) model.add(row);
  });
  feed.addEventListener('error', () =>
    tell('The agent is gone. `manyhands web` opens the page of the next one', true),
  );
}

function open(greeting: Greeting, state: 'live' | 'saved'): void {
  model = new BuildModel();
  model.greet(greeting);
  skewMs = greeting.nowMs - Date.now();
  timeline = new Timeline(canvas, model);
  const { filter } = files;
  files = new Files(model, choose);
  files.filter = filter;
  if (state === 'saved' || model.lastMs < nowMs() - window_.spanMs) window_.fit(model.firstMs, model.lastMs);
  tell(
    state === 'live' ? `live, agent ${greeting.pid}, version ${greeting.version}` : 'a saved build',
    false,
  );
  isAsked = true;
  frame();
  lists();
}

function tell(text: string, isLost: boolean): void {
  const place = element('connection');
  place.textContent = text;
  place.toggleAttribute('data-lost', isLost);
}

function nowMs(): number {
  return saved === undefined ? Date.now() + skewMs : model.lastMs;
}

/* ---- drawing ---- */

function frame(): void {
  const isMoving = window_.isLive && model.running > 0;
  if (document.hidden || isPaused || !(isAsked || isMoving || drawnVersion !== model.version)) return;
  const now = nowMs();
  if (window_.isLive) window_.grow(model.firstMs, now);
  // Where nothing happens, the clock stands.
  const shown = window_.at(model.running > 0 || !window_.isLive ? now : Math.min(now, model.lastMs + 1000));
  timeline.draw({ fromMs: shown[0], toMs: shown[1], nowMs: now, chosen });
  drawRate(rateCanvas, model, shown);
  element('live').ariaPressed = `${window_.isLive}`;
  isAsked = false;
}

function lists(): void {
  if (document.hidden || isPaused || drawnVersion === model.version) return;
  drawnVersion = model.version;
  drawTotals(model);
  drawHosts(model);
  files.draw(chosen);
  isAsked = true;
}

function fillLegend(id: string, names: readonly (readonly [string, string])[]): void {
  element(id).replaceChildren(
    ...names.map(([name, hue]) => {
      const [item, patch] = [document.createElement('li'), document.createElement('span')];
      patch.style.background = `var(--${hue})`;
      item.append(patch, name);
      return item;
    }),
  );
}

/* ---- what people do ---- */

const BUTTONS: Readonly<Record<string, () => void>> = {
  live: () => {
    window_.goLive();
    isAsked = true;
  },
  fit: () => {
    window_.fit(model.firstMs, model.lastMs);
    isAsked = true;
  },
  closer: () => zoom(0.5),
  wider: () => zoom(2),
  theme: () => setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark'),
  pause: () => {
    isPaused = !isPaused;
    element('pause').ariaPressed = `${isPaused}`;
  },
};

function setTheme(theme: 'light' | 'dark'): void {
  document.documentElement.dataset['theme'] = theme;
  element('theme').textContent = theme === 'dark' ? 'Light' : 'Dark';
  isAsked = true;
}

function zoom(factor: number, around?: number): void {
  const [fromMs, toMs] = window_.at(nowMs());
  window_.zoom(factor, around ?? (fromMs + toMs) / 2, nowMs());
  isAsked = true;
}

const KEYS: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => window_.pan(-window_.spanMs / 4, nowMs()),
  ArrowRight: () => window_.pan(window_.spanMs / 4, nowMs()),
  ArrowUp: () => zoom(0.7),
  ArrowDown: () => zoom(1.4),
  Home: () => window_.fit(model.firstMs, model.lastMs),
  End: () => window_.goLive(),
};

function onKey(event: KeyboardEvent): void {
  const act = KEYS[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
  isAsked = true;
}

function onWheel(event: WheelEvent): void {
  if (!event.ctrlKey && !event.shiftKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 0.8 : 1.25, timeline.timeAt(event.offsetX));
}

/** Moves the time; a press that does not move chooses what is there. */
function onDrag(down: PointerEvent): void {
  let movedX = 0;
  let lastX = down.clientX;
  const move = (event: PointerEvent): void => {
    const byX = event.clientX - lastX;
    lastX = event.clientX;
    movedX += Math.abs(byX);
    window_.pan((-byX / canvas.clientWidth) * window_.spanMs, nowMs());
    isAsked = true;
  };
  const up = (): void => {
    removeEventListener('pointermove', move);
    if (movedX > 3) return;
    const bar = timeline.find(down.offsetX, down.offsetY);
    if (bar !== undefined) choose(bar.job.number);
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', up, { once: true });
}

function onHover({ offsetX, offsetY, clientX, clientY }: PointerEvent): void {
  const tip = element('tip');
  const job = timeline.find(offsetX, offsetY)?.job;
  tip.hidden = job === undefined;
  if (job === undefined) return;
  const { source, phase, ending, elapsedMs, host } = job;
  const how = ending === undefined ? phase : `${ending}, ${formatTime(elapsedMs)}`;
  tip.textContent = [source, how, host].filter(Boolean).join(' · ');
  tip.style.left = `${Math.min(clientX + 12, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${clientY + 14}px`;
}

function choose(job: number): void {
  chosen = job;
  isAsked = true;
  files.draw(chosen);
  void findStory(job).then((told) => {
    if (chosen === job) showStory(told);
  });
}

async function findStory(job: number): Promise<ToldStory | undefined> {
  if (saved !== undefined) return saved.stories.find(({ story }) => story.job === job);
  const answer = await fetch(`/story?job=${job}`);
  return answer.ok ? ((await answer.json()) as ToldStory) : undefined;
}

start();
