import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTraceTarget } from './trace-settings.ts';

function read(endpoint: string, headers = '', service = ''): ReturnType<typeof readTraceTarget> {
  return readTraceTarget(
    new Map([
      ['OTEL_EXPORTER_OTLP_ENDPOINT', endpoint],
      ['OTEL_EXPORTER_OTLP_HEADERS', headers],
      ['OTEL_SERVICE_NAME', service],
    ]),
  );
}

test('traces go below the endpoint, with its headers', () => {
  assert.deepEqual(read('http://h:4318'), {
    endpoint: 'http://h:4318/v1/traces',
    headers: {},
    service: 'manyhands',
  });
  assert.deepEqual(read('https://h/otlp/', 'Authorization=Basic%20abc=,x=1,bad,b d=2,e=%zz', 'builds'), {
    endpoint: 'https://h/otlp/v1/traces',
    headers: { authorization: 'Basic abc=', x: '1', e: '' },
    service: 'builds',
  });
});

test('without an endpoint of HTTP there are none', () => {
  for (const endpoint of ['', 'nonsense', 'file:///etc/passwd', 'grpc://h:4317'])
    assert.equal(read(endpoint), undefined, endpoint);
});
