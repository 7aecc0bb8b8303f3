/**
 * Metrics as Prometheus reads them.
 *
 * Source: Prometheus, "Exposition formats", text format 0.0.4, and "Metric and label naming".
 */

export interface Metric {
  /** With `manyhands_` before it, and the unit behind it; of counters with `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How the metrics of one program are made: their names begin with its prefix. */
export class MetricNames {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  counter(name: string, help: string, samples: readonly Sample[]): Metric {
    return { name: `${this.#prefix}_${name}_total`, help, type: 'counter', samples };
  }

  gauge(name: string, help: string, samples: readonly Sample[]): Metric {
    return { name: `${this.#prefix}_${name}`, help, type: 'gauge', samples };
  }
}

/** For the header Content-Type. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map((sample) => line(name, sample)),
        '',
      ].join('\n'),
    )
    .join('');
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
}

function escape(text: string): string {
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
}
