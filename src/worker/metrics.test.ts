import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { noCounts } from './counts.ts';
import { formatWorkerMetrics } from './metrics.ts';

const DOCS = readFileSync(path.join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');

test('what a worker has done is told by how it ended, and every name is documented', () => {
  const counts = { ...noCounts(), dcc_compile_ok: 5, dcc_other: 3, manyhands_refused: 2 };
  const text = formatWorkerMetrics({
    counts,
    startedMs: 1500,
    jobs: 4,
    running: 2,
    queued: 1,
    connections: 3,
  });
  assert.match(text, /^manyhands_worker_jobs_total\{ending="ok"\} 5$/m);
  assert.match(text, /^manyhands_worker_jobs_total\{ending="refused"\} 2$/m);
  assert.match(text, /^manyhands_worker_jobs_total\{ending="failed"\} 1$/m);
  assert.match(text, /^manyhands_worker_start_time_seconds 1.5$/m);
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) assert.ok(DOCS.includes(`\`${name}\``), name);
});

test('the dashboard asks for what there is, with labels that it has', () => {
  const file = path.join(import.meta.dirname, '../../packaging/grafana/manyhands.json');
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
  };
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/manyhands_\w+/g) ?? []),
  );
  assert.ok(asked.length > 15);
  for (const name of asked) assert.ok(DOCS.includes(`\`${name}\``), name);
});
