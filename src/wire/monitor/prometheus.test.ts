import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatMetrics } from './prometheus.ts';

test('metrics have help, type, and labels in which nothing ends the line', () => {
  const samples = [{ value: 3 }, { labels: { host: 'a"b\\c\nd', kind: 'x' }, value: 0.5 }];
  assert.equal(
    formatMetrics([{ name: 'manyhands_jobs_total', help: 'Jobs', type: 'counter', samples }]),
    [
      '# HELP manyhands_jobs_total Jobs',
      '# TYPE manyhands_jobs_total counter',
      'manyhands_jobs_total 3',
      String.raw`manyhands_jobs_total{host="a\"b\\c\nd",kind="x"} 0.5`,
      '',
    ].join('\n'),
  );
});
