/**
 * `manyhands top`: a terminal that shows what the agent does, or a line for each file that has ended where the output
 * is no terminal. Only lines that have changed are written.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { setTimeout as delay } from 'node:timers/promises';
import type { Story } from '../events/history.ts';
import { askAgent, NO_AGENT } from './ask-agent.ts';
import { BuildModel, type Job } from './build-model.ts';
import { fit, lineOfEnded, renderScreen, SORTS, type Sort } from './top-screen.ts';
import { watchAgent } from './watch-agent.ts';
import { rowOfEvent, rowOfStory, type EventRow } from './web/feed-rows.ts';

export interface TopOptions {
  /** Where the agent is now, if there is one. */
  readonly findSocket: () => string | undefined;
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** For programs: an object of JSON in each line, for each file that has ended. */
  readonly isJson: boolean;
}

const LOOK_AGAIN_MS = 500;
const FRAME_MS = 250;
/** While it is paused: some minutes of a large build. More is shown all the same. */
const MOST_HELD = 200_000;
/** The other screen, no cursor, no lines that go on; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
/** What a terminal that knows it shows at once. */
const [BEGIN_FRAME, END_FRAME] = ['\u001b[?2026h', '\u001b[?2026l'];
const [INTERRUPT, END_OF_INPUT, ESCAPE, RETURN, DELETE, BACKSPACE] = [
  '\u0003',
  '\u0004',
  '\u001b',
  '\r',
  '\u007f',
  '\b',
];

/** Ends when the user says so, or the terminal is gone. */
export async function runTop(options: TopOptions): Promise<void> {
  const stop = new AbortController();
  const top = options.output.isTTY && !options.isJson ? new Screen(options, stop) : new Lines(options);
  using _top = top;
  options.output.on('error', () => stop.abort());
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => stop.abort());
  while (!stop.signal.aborted) {
    const socket = options.findSocket();
    if (socket !== undefined) await follow(socket, top, stop.signal);
    top.lose();
    await delay(LOOK_AGAIN_MS, undefined, { signal: stop.signal }).catch(() => {});
  }
}

async function follow(socket: string, top: Screen | Lines, signal: AbortSignal): Promise<void> {
  const model = new BuildModel();
  let isGreeted = false;
  const early: Parameters<typeof rowOfEvent>[0][] = [];
  const watching = watchAgent(
    socket,
    (event) => {
      if (isGreeted) top.hear(rowOfEvent(event));
      else early.push(event);
    },
    signal,
  );
  const answer = await askAgent(socket, 'stories {"kind":"all"}');
  if (answer !== undefined) {
    model.greet({ stories: (JSON.parse(answer) as readonly Story[]).map(rowOfStory) });
    top.show(model);
    isGreeted = true;
    for (const event of early) top.hear(rowOfEvent(event));
    await watching;
  }
}

/** For pipes: what has ended, as it ends. */
class Lines implements Disposable {
  readonly #output: WriteStream;
  readonly #format: (job: Job) => string;
  #model = new BuildModel();

  constructor({ output, isJson }: TopOptions) {
    this.#output = output;
    this.#format = isJson ? objectOfEnded : (job) => fit(lineOfEnded(job), Infinity);
  }

  show(model: BuildModel): void {
    this.#model = model;
  }

  lose(): void {}

  hear(row: EventRow): void {
    const job = this.#model.jobs.get(row[1]);
    const had = job?.ending;
    this.#model.add(row);
    if (row[0] !== 'finished' || job === undefined || had !== undefined) return;
    this.#output.write(`${this.#format(job)}\n`);
  }

  [Symbol.dispose](): void {}
}

function objectOfEnded(job: Job): string {
  // Where it is drawn is nobody's business.
  return JSON.stringify({ job: job.number, ...job, number: undefined, place: undefined });
}

class Screen implements Disposable {
  readonly #options: TopOptions;
  readonly #stop: AbortController;
  readonly #timer: NodeJS.Timeout;
  readonly #onResize = (): void => this.#repaint();
  readonly #onKeys = (text: string): void => {
    for (const key of text) this.#press(key);
    this.#draw();
  };
  #model = new BuildModel();
  #hasAgent = false;
  #sort: Sort = SORTS[0];
  #filter = '';
  #isTyping = false;
  #isPaused = false;
  /** When it was paused, and what has happened since. */
  #pausedMs = 0;
  #held: EventRow[] = [];
  #drawn: readonly string[] = [];

  constructor(options: TopOptions, stop: AbortController) {
    this.#options = options;
    this.#stop = stop;
    const { input, output } = options;
    output.write(ENTER);
    output.on('resize', this.#onResize);
    if (input.isTTY) input.setRawMode(true);
    input
      .setEncoding('utf8')
      .on('data', this.#onKeys)
      .on('end', () => stop.abort())
      .on('error', () => stop.abort());
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  show(model: BuildModel): void {
    this.#model = model;
    this.#held = [];
    this.#hasAgent = true;
    this.#draw();
  }

  lose(): void {
    this.#hasAgent = false;
  }

  hear(row: EventRow): void {
    this.#held.push(row);
    if (!this.#isPaused || this.#held.length >= MOST_HELD) this.#catchUp();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    const { input, output } = this.#options;
    output.off('resize', this.#onResize);
    input.off('data', this.#onKeys);
    if (input.isTTY) input.setRawMode(false);
    input.pause();
    output.write(LEAVE);
  }

  #press(key: string): void {
    if (key === INTERRUPT || key === END_OF_INPUT) return this.#stop.abort();
    if (this.#isTyping) return this.#type(key);
    switch (key) {
      case 'q':
        return this.#stop.abort();
      case 'p':
        this.#isPaused = !this.#isPaused;
        this.#pausedMs = Date.now();
        return this.#catchUp();
      case 's':
        this.#sort = SORTS[(SORTS.indexOf(this.#sort) + 1) % SORTS.length] ?? 'host';
        return;
      case '/':
        this.#filter = '';
        this.#isTyping = true;
    }
  }

  #catchUp(): void {
    for (const row of this.#held.splice(0)) this.#model.add(row);
  }

  #type(key: string): void {
    if (key === RETURN) this.#isTyping = false;
    else if (key === ESCAPE) {
      this.#filter = '';
      this.#isTyping = false;
    } else if (key === DELETE || key === BACKSPACE) this.#filter = this.#filter.slice(0, -1);
    else if (key >= ' ') this.#filter += key;
  }

  #repaint(): void {
    this.#drawn = [];
    this.#options.output.write('\u001b[2J');
    this.#draw();
  }

  #draw(): void {
    const { output } = this.#options;
    // A terminal that does not keep up gets less.
    if (this.#stop.signal.aborted || output.writableNeedDrain) return;
    const lines = renderScreen(this.#model, {
      columns: output.columns,
      rows: output.rows,
      nowMs: this.#isPaused ? this.#pausedMs : Date.now(),
      sort: this.#sort,
      filter: this.#filter,
      isTyping: this.#isTyping,
      isPaused: this.#isPaused,
      trouble: this.#hasAgent ? undefined : NO_AGENT,
    });
    const changed = lines.flatMap((line, row) =>
      line === this.#drawn[row] ? [] : [`\u001b[${row + 1};1H${line}\u001b[K`],
    );
    this.#drawn = lines;
    if (changed.length > 0) output.write(`${BEGIN_FRAME}${changed.join('')}${END_FRAME}`);
  }
}
