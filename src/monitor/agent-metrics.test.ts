import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Summary } from '../events/summary.ts';
import { formatAgentMetrics } from './agent-metrics.ts';

const DOCS = readFileSync(path.join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');

test('what an agent does and has done is told by phase, ending, host and reason', () => {
  const summary = new Summary();
  const counts = { elapsedMs: 5, bytesSent: 7, bytesReceived: 9, detail: '' };
  for (const job of [1, 2, 3])
    summary.add({ kind: 'started', job, atMs: 0, pid: 1, directory: '', source: 'a.c', argv: [] });
  summary.add({ kind: 'phase', job: 1, atMs: 1, phase: 'compile', host: 'h' });
  summary.add({ kind: 'finished', job: 2, atMs: 2, ending: 'remote', host: 'h', reason: '', ...counts });
  summary.add({ kind: 'finished', job: 3, atMs: 2, ending: 'local', host: '', reason: 'clock', ...counts });
  const identity = { version: '1', startedMs: 0 };
  const text = formatAgentMetrics({ summary, identity, rssBytes: 1 });
  assert.match(text, /^manyhands_agent_jobs_running\{phase="compile"\} 1$/m);
  assert.match(text, /^manyhands_agent_jobs_total\{ending="remote"\} 1$/m);
  assert.match(text, /^manyhands_agent_jobs_remote_total\{host="h"\} 1$/m);
  assert.match(text, /^manyhands_agent_jobs_not_remote_total\{reason="clock"\} 1$/m);
  assert.match(text, /^manyhands_agent_sent_bytes_total 14$/m);
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) assert.ok(DOCS.includes(`\`${name}\``), name);
});
