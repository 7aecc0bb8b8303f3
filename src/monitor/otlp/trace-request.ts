/**
 * Jobs as spans of OpenTelemetry: one for each job, and below it one for each of its phases.
 *
 * Source: OTLP 1.x, ExportTraceServiceRequest in its JSON encoding: identifiers in hexadecimal, times in nanoseconds as text.
 */
import { createHash } from 'node:crypto';
import type { Story } from '../../events/history.ts';

export interface TracedJob {
  readonly story: Story;
  /** Names the agent: jobs are numbered by it. */
  readonly agent: string;
}

type Attributes = Readonly<Record<string, string | number>>;

const CLIENT_KIND = 3;
const INTERNAL_KIND = 1;
const ERROR = 2;
const UNSET = 0;

export function traceRequestOf(jobs: readonly TracedJob[], service: string, version: string): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ 'service.name': service, 'service.version': version }) },
        scopeSpans: [{ scope: { name: 'manyhands', version }, spans: jobs.flatMap(spansOf) }],
      },
    ],
  };
}

function spansOf({ story, agent }: TracedJob): object[] {
  const { job, source, directory, startedMs, elapsedMs, ending = '', host, reason, detail, phases } = story;
  const traceId = identifierOf(`${agent} ${job}`, 16);
  const spanId = identifierOf(`${agent} ${job} span`, 8);
  const endedMs = startedMs + elapsedMs;
  const root = {
    traceId,
    spanId,
    name: `compile ${source}`,
    kind: CLIENT_KIND,
    ...timesOf(startedMs, endedMs),
    attributes: attributesOf({
      'code.filepath': source,
      'process.working_directory': directory,
      'process.pid': story.pid,
      'manyhands.job': job,
      'manyhands.ending': ending,
      'manyhands.reason': reason,
      'server.address': host,
      'manyhands.sent_bytes': story.bytesSent,
      'manyhands.received_bytes': story.bytesReceived,
    }),
    status: ending === 'failed' ? { code: ERROR, message: detail } : { code: UNSET },
  };
  const children = phases.map(([phase, beganMs], index) => ({
    traceId,
    spanId: identifierOf(`${agent} ${job} ${index}`, 8),
    parentSpanId: spanId,
    name: phase,
    kind: INTERNAL_KIND,
    ...timesOf(startedMs + beganMs, startedMs + (phases[index + 1]?.[1] ?? elapsedMs)),
    attributes: [],
    status: { code: UNSET },
  }));
  return [root, ...children];
}

function timesOf(fromMs: number, toMs: number): object {
  const nanoseconds = (ms: number): string => `${Math.round(ms * 1000)}000`;
  return { startTimeUnixNano: nanoseconds(fromMs), endTimeUnixNano: nanoseconds(Math.max(fromMs, toMs)) };
}

/** Without those that say nothing. */
function attributesOf(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (value === '') return [];
    return [{ key, value: typeof value === 'number' ? { intValue: `${value}` } : { stringValue: value } }];
  });
}

function identifierOf(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2);
}
