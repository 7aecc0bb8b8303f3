import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDomain } from './domain.ts';

test('parseDomain() reads what is searched first', () => {
  assert.equal(parseDomain('nameserver 192.0.2.1\nsearch example.org other.org\n'), 'example.org');
  assert.equal(parseDomain('domain example.org.\n'), 'example.org');
  assert.equal(parseDomain('domain a.org\nsearch b.org c.org\n'), 'b.org');
  for (const text of ['', '# search x', 'nameserver ::1', 'search .'])
    assert.equal(parseDomain(text), undefined, text);
});
