/** Draws how many files ended in each second, and how. */
import type { Ending } from '../events/event.ts';
import { colour, openSurface } from './drawing.ts';
import type { BuildModel } from '../monitor/build-model.ts';

const HEIGHT = 130;
const MOST_BARS = 120;

/** With the colour of each. */
export const PLOTTED: readonly (readonly [Ending, string])[] = [
  ['remote', 'compile'],
  ['cached', 'cache'],
  ['local', 'local'],
  ['failed', 'bad'],
];

export function drawRate(
  canvas: HTMLCanvasElement,
  { seconds }: BuildModel,
  [fromMs, toMs]: readonly [number, number],
): void {
  const { context, width, height } = openSurface(canvas, HEIGHT);
  const eachSeconds = Math.max(1, Math.ceil((toMs - fromMs) / 1000 / MOST_BARS));
  const first = Math.floor(fromMs / 1000 / eachSeconds);
  const count = Math.floor(toMs / 1000 / eachSeconds) - first + 1;
  const bins = Array.from({ length: count }, (_, index) =>
    PLOTTED.map(([ending]) => {
      let sum = 0;
      for (let second = 0; second < eachSeconds; second++)
        sum += seconds.get((first + index) * eachSeconds + second)?.[ending] ?? 0;
      return sum / eachSeconds;
    }),
  );
  const most = Math.max(1, ...bins.map((bin) => bin.reduce((sum, value) => sum + value, 0)));
  const barWidth = width / count;
  for (const [index, bin] of bins.entries()) {
    let y = height - 1;
    for (const [place, value] of bin.entries()) {
      const tall = (value / most) * (height - 18);
      context.fillStyle = colour(PLOTTED[place]?.[1] ?? 'text');
      context.fillRect(index * barWidth, y - tall, Math.max(1, barWidth - 1), tall);
      y -= tall;
    }
  }
  context.fillStyle = colour('line');
  context.fillRect(0, height - 1, width, 1);
  context.fillStyle = colour('faint');
  context.font = '11px system-ui, sans-serif';
  context.fillText(`${most < 10 ? most.toFixed(1) : Math.round(most)} a second`, 2, 11);
}
