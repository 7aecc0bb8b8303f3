/**
 * Where traces are to be sent, as programs with OpenTelemetry have it.
 *
 * Source: OpenTelemetry, "OTLP Exporter Configuration": the endpoint is a base that `v1/traces` is put behind, headers are
 * `NAME=VALUE` with commas between, percent-encoded.
 */
import type { TraceTarget } from '../base/trace-target.ts';
import { readText, type Environment } from './client-variables.ts';

/** undefined where none are wanted, or the endpoint is no address of HTTP. */
export function readTraceTarget(environment: Environment): TraceTarget | undefined {
  const base = readText(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? '';
  if (base === '') return undefined;
  const endpoint = URL.parse('v1/traces', base.endsWith('/') ? base : `${base}/`);
  if (endpoint === null || !/^https?:$/.test(endpoint.protocol)) return undefined;
  return {
    endpoint: endpoint.href,
    headers: readHeaders(readText(environment, 'OTEL_EXPORTER_OTLP_HEADERS') ?? ''),
    service: readText(environment, 'OTEL_SERVICE_NAME') || 'manyhands',
  };
}

function readHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair): [string, string][] => {
    const [name = '', value] = pair.split(/=(.*)/s);
    // What fetch() would not take would take all traces along.
    return value === undefined || !/^[\w!#$%&'*+.^`|~-]+$/.test(name.trim())
      ? []
      : [[name.trim().toLowerCase(), decoded(value.trim())]];
  });
  return Object.fromEntries(pairs);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value).replaceAll(/[^\t\x20-\x7e]/g, '');
  } catch {
    return '';
  }
}
