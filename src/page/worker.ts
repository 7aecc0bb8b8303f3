/** A worker's own page: what it does now, and has done of late. */
import type { WorkerFigures } from '../wire/monitor/worker-figures.ts';
import { colour, openSurface } from './drawing.ts';
import { formatBytes, formatCount, formatTime } from './format.ts';

const HEIGHT = 150;

function show(figures: WorkerFigures): void {
  const { jobs, running, queued, connections, load, processors, freeMemoryBytes } = figures;
  fill('totals', [
    ['running', `${formatCount(running)} of ${formatCount(jobs)}`],
    ['queued', formatCount(queued)],
    ['connections', formatCount(connections)],
    ['load', `${(load[0] ?? 0).toFixed(1)} on ${processors} processors`],
    ['free memory', formatBytes(freeMemoryBytes)],
  ]);
  draw('running', figures.runningEach, jobs);
  draw('ended', figures.endedEach, Math.max(1, ...figures.endedEach));
  const rows = [
    ...Object.entries(figures.ended).map(([name, count]) => [name, formatCount(count)]),
    ['headers and sources that came', formatBytes(figures.uploadedBytes) || '0'],
    ['up since', formatTime(figures.nowMs - figures.startedMs)],
    ['version', figures.version],
  ];
  element('since').replaceChildren(
    ...rows.map(([name = '', value = '']) => {
      const row = document.createElement('tr');
      row.append(cell('td', name), cell('td', value, 'number'));
      return row;
    }),
  );
}

function fill(id: string, facts: readonly (readonly [name: string, value: string])[]): void {
  element(id).replaceChildren(
    ...facts.map(([name, value]) => {
      const group = document.createElement('div');
      const told = cell('dd', value);
      told.dataset['fact'] = name;
      group.append(cell('dt', name), told);
      return group;
    }),
  );
}

function cell(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function draw(id: string, values: readonly number[], most: number): void {
  const { context, width, height } = openSurface(element(id) as HTMLCanvasElement, HEIGHT);
  const barWidth = width / values.length;
  context.fillStyle = colour('compile');
  for (const [index, value] of values.entries()) {
    const tall = Math.min(1, value / most) * (height - 18);
    context.fillRect(index * barWidth, height - 1 - tall, Math.max(1, barWidth - 1), tall);
  }
  context.fillStyle = colour('line');
  context.fillRect(0, height - 1, width, 1);
  context.fillStyle = colour('faint');
  context.font = '11px system-ui, sans-serif';
  context.fillText(formatCount(most), 2, 11);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`there is no ${id}`);
  return found;
}

const isDark = matchMedia('(prefers-color-scheme: dark)');
const setTheme = (): void => {
  document.documentElement.dataset['theme'] = isDark.matches ? 'dark' : 'light';
};
isDark.addEventListener('change', setTheme);
setTheme();
const feed = new EventSource('/web/feed');
feed.addEventListener('open', () => (element('connection').textContent = 'live'));
feed.addEventListener('message', ({ data }) => show(JSON.parse(data as string) as WorkerFigures));
feed.addEventListener('error', () => (element('connection').textContent = 'the worker does not answer'));
