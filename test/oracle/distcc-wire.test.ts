/** The stock distcc and distccd read what we write, and we what they write, at sizes that matter. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { encodeReply, ReplyDecoder } from '../../src/wire/distcc/reply.ts';
import { decodeSource, encodeTextRequest, RequestDecoder } from '../../src/wire/distcc/request.ts';
import { needsPeer } from '../rig/peers.ts';
import { converse, runStockDistcc, startAnswerer, startStockDistccd } from '../rig/stock-distcc.ts';

const PEERS = needsPeer('distcc', 'distccd');
/** Longer than the farthest copy, with repetitions near and far. */
const SOURCE = Buffer.from(
  Array.from({ length: 30_000 }, (_, at) => `int variable_${at % 7}_${at} = ${(at * 7919) % 1009};\n`).join(
    '',
  ),
);

/** As a preprocessor it prints its source, as a compiler it copies it to its output. */
const COMPILER = `#!/bin/sh
for word; do case $word in *.c | *.i) source=$word;; esac; last=$word; done
case " $* " in *" -E "*) cat "$source";; *) cat "$source" > "$last"; echo warned >&2;; esac
`;

let directory: string;

before(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'oracle-'));
  chmodSync(directory, 0o755);
  writeFileSync(path.join(directory, 'copy-cc'), COMPILER, { mode: 0o755 });
  writeFileSync(path.join(directory, 'a.c'), SOURCE);
});

after(() => rmSync(directory, { recursive: true }));

for (const protocol of [1, 2] as const) {
  test(`the stock distccd answers our requests of protocol ${protocol}`, PEERS, async () => {
    await using daemon = await startStockDistccd(`${directory}:/usr/bin:/bin`);
    const argv = ['copy-cc', '-c', 'a.c', '-o', 'a.o'];
    const request = Buffer.concat(encodeTextRequest({ protocol, argv, source: SOURCE }));
    const reply = new ReplyDecoder(protocol).push(await converse(daemon.port, request));
    assert.equal(reply?.waitStatus, 0);
    assert.equal(Buffer.from(reply.stderr).toString(), 'warned\n');
    assert.ok(SOURCE.equals(reply.object));
  });

  test(`the stock distcc takes our replies of protocol ${protocol}`, PEERS, async () => {
    const object = SOURCE.toReversed();
    await using answerer = await startAnswerer(() => {
      const decoder = new RequestDecoder();
      return (chunk) => {
        const request = decoder.push(chunk);
        if (request === undefined) return undefined;
        assert(request.kind === 'text');
        assert.deepEqual(request.argv, ['copy-cc', '-c', 'a.c', '-o', 'a.o']);
        assert.ok(SOURCE.equals(decodeSource(request)));
        const texts = { stderr: Buffer.from('to stderr\n'), stdout: Buffer.from('to stdout\n') };
        return encodeReply({ version: protocol, waitStatus: 0, ...texts, object });
      };
    });
    const hosts = `127.0.0.1:${answerer.port}/1${protocol === 2 ? ',lzo' : ''}`;
    const run = await runStockDistcc(['copy-cc', '-c', 'a.c', '-o', 'a.o'], {
      directory,
      hosts,
      path: `${directory}:/usr/bin:/bin`,
    });
    assert.deepEqual(run, { exitCode: 0, stdout: 'to stdout\n', stderr: 'to stderr\n' });
    assert.equal(Buffer.compare(readFileSync(path.join(directory, 'a.o')), object), 0);
  });
}
