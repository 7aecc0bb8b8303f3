/** Draws the lanes, and says which bar is under a point. */
import { colour, openSurface, stepFor } from './drawing.ts';
import {
  COLOURS,
  type Bar,
  type BuildModel,
  type Colour,
  type Group,
  type Lane,
} from '../monitor/build-model.ts';

const AXIS = 18;
const HEADING = 18;
const MOST_LANE = 14;
const LEAST_LANE = 4;
const ROOM = 420;
/** Of pixels: what is narrower is drawn so wide, and what hides behind it not at all. */
const LEAST_WIDTH = 1;

interface Placed {
  readonly lane: Lane;
  readonly top: number;
  readonly height: number;
}

export interface Shown {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  readonly chosen: number | undefined;
}

export class Timeline {
  readonly #canvas: HTMLCanvasElement;
  readonly #model: BuildModel;
  #placed: Placed[] = [];
  #shown: Shown = { fromMs: 0, toMs: 1, nowMs: 0, chosen: undefined };
  #width = 1;

  constructor(canvas: HTMLCanvasElement, model: BuildModel) {
    this.#canvas = canvas;
    this.#model = model;
  }

  draw(shown: Shown): void {
    this.#shown = shown;
    const groups = this.#model.shown;
    const lanes = groups.reduce((sum, group) => sum + group.lanes.length, 0);
    const laneHeight = Math.min(MOST_LANE, Math.max(LEAST_LANE, Math.floor(ROOM / Math.max(1, lanes))));
    const height = AXIS + groups.length * HEADING + lanes * laneHeight + 4;
    const { context, width } = openSurface(this.#canvas, height);
    this.#width = width;
    this.#placed = [];
    this.#drawAxis(context, height);
    const colours = new Map(COLOURS.map((name) => [name, colour(name)] as const));
    let top = AXIS;
    for (const group of groups) {
      this.#drawHeading(context, group, top);
      top += HEADING;
      for (const lane of group.lanes) {
        this.#placed.push({ lane, top, height: laneHeight });
        this.#drawLane(context, { lane, top, height: laneHeight - 1 }, colours);
        top += laneHeight;
      }
    }
  }

  /** @param x, y within the canvas. */
  find(x: number, y: number): Bar | undefined {
    const placed = this.#placed.find(({ top, height }) => y >= top && y < top + height);
    const atMs = this.timeAt(x);
    const slackMs = this.timeAt(x + 2) - atMs;
    return placed?.lane.bars.findLast(
      ({ stretches, toMs }) =>
        (stretches[0]?.fromMs ?? Infinity) <= atMs + slackMs && (toMs ?? Infinity) >= atMs - slackMs,
    );
  }

  timeAt(x: number): number {
    const { fromMs, toMs } = this.#shown;
    return fromMs + (x / this.#width) * (toMs - fromMs);
  }

  #xOf(ms: number): number {
    const { fromMs, toMs } = this.#shown;
    return ((ms - fromMs) / (toMs - fromMs)) * this.#width;
  }

  #drawAxis(context: CanvasRenderingContext2D, height: number): void {
    const { fromMs, toMs } = this.#shown;
    const step = stepFor(toMs - fromMs);
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    for (let ms = Math.ceil(fromMs / step) * step; ms < toMs; ms += step) {
      const x = Math.round(this.#xOf(ms)) + 0.5;
      context.fillStyle = colour('line');
      context.fillRect(x, AXIS - 4, 1, height);
      context.fillStyle = colour('faint');
      const time = new Date(ms).toLocaleTimeString('en-GB');
      context.fillText(step < 1000 ? `${time}.${String(ms % 1000).padStart(3, '0')}` : time, x + 3, AXIS / 2);
    }
  }

  #drawHeading(context: CanvasRenderingContext2D, { name, running, lanes }: Group, top: number): void {
    context.fillStyle = colour('text');
    context.font = '600 11px system-ui, sans-serif';
    context.fillText(`${name}   ${running} of ${lanes.length}`, 4, top + HEADING / 2);
  }

  #drawLane(
    context: CanvasRenderingContext2D,
    { lane, top, height }: Placed,
    colours: ReadonlyMap<Colour, string>,
  ): void {
    const { bars } = lane;
    const { fromMs, toMs, nowMs, chosen } = this.#shown;
    let lastX = -1;
    for (let at = firstWithin(bars, fromMs); at < bars.length; at++) {
      const bar = bars[at];
      if (bar === undefined || (bar.stretches[0]?.fromMs ?? Infinity) > toMs) return;
      const endX = this.#xOf(bar.toMs ?? nowMs);
      if (endX < lastX) continue;
      for (const [index, stretch] of bar.stretches.entries()) {
        const x = this.#xOf(stretch.fromMs);
        const next = bar.stretches[index + 1]?.fromMs;
        const width = Math.max(LEAST_WIDTH, (next === undefined ? endX : this.#xOf(next)) - x);
        context.fillStyle = colours.get(stretch.colour) ?? '';
        context.fillRect(x, top, width, height);
      }
      lastX = Math.ceil(endX);
      if (bar.job.number !== chosen) continue;
      const x = this.#xOf(bar.stretches[0]?.fromMs ?? 0);
      context.strokeStyle = colour('text');
      context.lineWidth = 2;
      context.strokeRect(x, top, Math.max(3, endX - x), height);
    }
  }
}

/** Of bars in their order: the first that had not ended by then. */
function firstWithin(bars: readonly Bar[], ms: number): number {
  let [low, high] = [0, bars.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bars[middle]?.toMs ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
