/** The page's texts: totals, hosts and files. Names of files are only ever set as text. */
import { formatBytes, formatCount, formatTime } from './format.ts';
import { HERE, type BuildModel, type Job } from '../monitor/build-model.ts';

const MOST_ROWS = 200;

interface Column {
  readonly name: string;
  readonly isNumber: boolean;
  readonly text: (job: Job) => string;
  readonly order: (job: Job) => string | number;
}

const COLUMNS: readonly Column[] = [
  { name: 'No.', isNumber: true, text: ({ number }) => `${number}`, order: ({ number }) => number },
  { name: 'File', isNumber: false, text: ({ source }) => source, order: ({ source }) => source },
  { name: 'How', isNumber: false, text: howOf, order: howOf },
  { name: 'Host', isNumber: false, text: ({ host }) => host, order: ({ host }) => host },
  {
    name: 'Time',
    isNumber: true,
    text: ({ ending, elapsedMs }) => (ending === undefined ? '' : formatTime(elapsedMs)),
    order: ({ elapsedMs }) => elapsedMs,
  },
  {
    name: 'Sent',
    isNumber: true,
    text: ({ bytesSent }) => formatBytes(bytesSent),
    order: ({ bytesSent }) => bytesSent,
  },
  {
    name: 'Received',
    isNumber: true,
    text: ({ bytesReceived }) => formatBytes(bytesReceived),
    order: ({ bytesReceived }) => bytesReceived,
  },
];

export class Files {
  readonly #model: BuildModel;
  readonly #body: HTMLElement;
  readonly #count: HTMLElement;
  readonly #heads: readonly HTMLTableCellElement[];
  readonly #choose: (job: number) => void;
  #by: Column = COLUMNS[0] as Column;
  #isRising = false;
  filter = '';

  constructor(model: BuildModel, choose: (job: number) => void) {
    this.#model = model;
    this.#choose = choose;
    this.#body = element('files');
    this.#count = element('files-count');
    this.#heads = COLUMNS.map((column) => this.#makeHead(column));
    const row = document.createElement('tr');
    row.append(...this.#heads);
    element('files-head').replaceChildren(row);
    this.#body.addEventListener('click', (event) => this.#chooseAt(event));
    this.#body.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        this.#chooseAt(event);
      }
    });
  }

  draw(chosen: number | undefined): void {
    const wanted = this.filter.toLowerCase();
    const all = [...this.#model.jobs.values()].filter(
      ({ source, host, reason }) =>
        wanted === '' || `${source} ${host} ${reason}`.toLowerCase().includes(wanted),
    );
    const { order } = this.#by;
    const sign = this.#isRising ? 1 : -1;
    all.sort((one, other) => (order(one) < order(other) ? -sign : order(one) > order(other) ? sign : 0));
    const rows = all.slice(0, MOST_ROWS).map((job) => rowOf(job, chosen));
    // A row that has the keyboard keeps it.
    const focused = (document.activeElement as HTMLElement | null)?.dataset['job'];
    this.#body.replaceChildren(...rows);
    if (focused !== undefined)
      rows.find(({ dataset }) => dataset['job'] === focused)?.focus({ preventScroll: true });
    this.#count.textContent = `${formatCount(Math.min(all.length, MOST_ROWS))} of ${formatCount(all.length)} files`;
    for (const [index, head] of this.#heads.entries())
      head.ariaSort = COLUMNS[index] === this.#by ? (this.#isRising ? 'ascending' : 'descending') : 'none';
  }

  #makeHead(column: Column): HTMLTableCellElement {
    const head = document.createElement('th');
    head.scope = 'col';
    if (column.isNumber) head.className = 'number';
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = column.name;
    button.addEventListener('click', () => {
      this.#isRising = this.#by === column ? !this.#isRising : !column.isNumber;
      this.#by = column;
      this.draw(undefined);
    });
    head.append(button);
    return head;
  }

  #chooseAt({ target }: Event): void {
    const row = target instanceof Element ? target.closest<HTMLElement>('tr[data-job]') : null;
    if (row !== null) this.#choose(Number(row.dataset['job']));
  }
}

function rowOf(job: Job, chosen: number | undefined): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.dataset['job'] = `${job.number}`;
  row.tabIndex = 0;
  row.ariaSelected = `${job.number === chosen}`;
  for (const { name, isNumber, text } of COLUMNS) {
    const cell = document.createElement('td');
    cell.textContent = text(job);
    if (isNumber) cell.className = 'number';
    if (name === 'File') {
      cell.className = 'file';
      cell.title = job.source;
    }
    if (name === 'How' && (job.hadTrouble || job.ending === 'failed')) cell.className = 'bad';
    row.append(cell);
  }
  return row;
}

function howOf({ ending, phase, reason }: Job): string {
  if (ending === undefined) return phase;
  return reason === '' ? ending : `${ending}: ${reason}`;
}

export function drawHosts(model: BuildModel): void {
  const rows = model.shown
    .filter(({ name }) => name !== HERE)
    .map(({ name, running, done, troubles, sumMs }) => {
      const row = document.createElement('tr');
      const cells = [
        name,
        `${running}`,
        formatCount(done),
        done === 0 ? '' : formatTime(sumMs / done),
        troubles === 0 ? '' : formatCount(troubles),
      ];
      for (const [index, text] of cells.entries()) {
        const cell = document.createElement('td');
        cell.textContent = text;
        cell.className = [index > 0 && 'number', index === 4 && 'bad'].filter(Boolean).join(' ');
        row.append(cell);
      }
      return row;
    });
  element('hosts').replaceChildren(...rows);
}

export function drawTotals(model: BuildModel): void {
  const { totals, running, bytesSent, bytesReceived } = model;
  const done = totals.remote + totals.cached + totals.local;
  const share = (count: number): string => (done === 0 ? '–' : `${Math.round((100 * count) / done)} %`);
  const facts: readonly (readonly [name: string, value: string])[] = [
    ['under way', formatCount(running)],
    ['remote', formatCount(totals.remote)],
    ['from cache', formatCount(totals.cached)],
    ['here', formatCount(totals.local)],
    ['failed', formatCount(totals.failed)],
    ['hit rate', share(totals.cached)],
    ['sent', formatBytes(bytesSent) || '0'],
    ['received', formatBytes(bytesReceived) || '0'],
  ];
  element('totals').replaceChildren(
    ...facts.map(([name, value]) => {
      const pair = document.createElement('div');
      const [term, description] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = name;
      description.textContent = value;
      description.dataset['fact'] = name;
      pair.append(term, description);
      return pair;
    }),
  );
}

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}
