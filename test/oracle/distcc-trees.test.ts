/** The stock distccd compiles the trees that we send, and we read its answers; ours are in test/e2e/pump-debian.test.ts. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { EncodedTreeAction } from '../../src/action/action.ts';
import { executeOverDistcc, overTcp, type Answer } from '../../src/execute/over-distcc.ts';
import { encodeEntry } from '../../src/wire/distcc/tree.ts';
import { needsPeer } from '../rig/peers.ts';
import { startStockDistccd } from '../rig/stock-distcc.ts';
import { file, link, systemTarget } from '../rig/tree-client.ts';

const PEERS = needsPeer('distccd', 'gcc');
const LONG = `/* ${'long '.repeat(30_000)} */\n`;

/** A compiler that writes an object, and no dependencies. */
const COMPILER = `#!/bin/sh
while [ $# -gt 1 ]; do case $1 in -o) output=$2;; esac; shift; done
echo object > "$output"
`;

let directory: string;

before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'oracle-'));
  chmodSync(directory, 0o755);
  writeFileSync(path.join(directory, 'silent-cc'), COMPILER, { mode: 0o755 });
});

after(() => rmSync(directory, { recursive: true }));

async function compile(action: Pick<EncodedTreeAction, 'argv'>): Promise<Answer> {
  await using daemon = await startStockDistccd(`${directory}:/usr/bin:/bin`);
  const entries = [
    file(
      '/w/src/a.c',
      '#include <stdio.h>\n#include "h.h"\n#include "empty.h"\nint f(void) { return puts(H); }\n',
    ),
    file('/w/inc/h.h', `#define H "h"\n${LONG}`),
    file('/w/inc/empty.h', ''),
    link('/w/linked', '/w/inc'),
    link('/usr/include', systemTarget('/usr/include')),
  ];
  const tree = { entryCount: entries.length, packets: entries.map(encodeEntry) };
  const answer = await executeOverDistcc(
    overTcp({ host: '127.0.0.1', port: daemon.port }, 2),
    { kind: 'tree', directory: '/w/src', tree, ...action },
    { signal: AbortSignal.timeout(20_000), ioTimeoutMs: 20_000, onPhase: () => undefined },
  );
  assert.ok(answer.ok, JSON.stringify(answer));
  return answer.value;
}

test('the stock distccd compiles our trees', PEERS, async () => {
  const argv = ['gcc', '-c', 'a.c', '-I/w/linked', '-MMD', '-MF', 'a.d', '-o', 'a.o'];
  const { result } = await compile({ argv });
  assert.equal(result.waitStatus, 0, Buffer.from(result.stderr).toString());
  assert.equal(Buffer.from(result.object).toString('latin1', 1, 4), 'ELF');
  // Broken where it had the names of its own files.
  const names = Buffer.from(result.dependencies ?? [])
    .toString()
    .split(/[\s\\]+/);
  assert.deepEqual(names, ['a.o:', 'a.c', '/w/linked/h.h', '/w/linked/empty.h', '']);
});

test('the stock distccd tells what its compiler says of our trees', PEERS, async () => {
  const { result } = await compile({ argv: ['gcc', '-c', 'a.c', '-o', 'a.o'] });
  assert.equal(result.waitStatus, 1 << 8);
  assert.match(Buffer.from(result.stderr).toString(), /a\.c:2:.*h\.h: No such file/);
  assert.equal(result.dependencies, undefined);
});

test('the stock distccd may answer without dependencies', PEERS, async () => {
  const { result } = await compile({ argv: ['silent-cc', '-c', 'a.c', '-o', 'a.o'] });
  assert.equal(Buffer.from(result.object).toString(), 'object\n');
  assert.equal(result.dependencies, undefined);
});
