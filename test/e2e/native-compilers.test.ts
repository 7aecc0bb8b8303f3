/** Compilers in places of their own, and such that nobody can tell by their parts. */
import assert from 'node:assert/strict';
import { chmodSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { formatHosts, openClient, readAgentStatus } from '../rig/client.ts';
import { START_DISTCCD } from '../rig/cluster.ts';
import { needsBox } from '../rig/peers.ts';
import { run } from '../rig/run.ts';
import { PLAIN_ENVIRONMENT, Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

const DRIVER = realpathSync('/usr/bin/gcc');
const project = scratch.openDirectory('project');
writeFileSync(path.join(project, 'a.c'), 'int f(void) { return 1; }\n');
const compilers = scratch.openDirectory('compilers');
const gcc = path.join(compilers, 'gcc');

interface Compiled {
  readonly status: number | null;
  /** By the client's count. */
  readonly remote: number | undefined;
  /** On the native wire, by the worker's count. */
  readonly executed: string | undefined;
}

/** Compiles with the compiler at `gcc`, which the worker looks for there, too. */
async function compile(): Promise<Compiled> {
  const PATH = `${compilers}:${PLAIN_ENVIRONMENT['PATH']}`;
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 2, env: { DISTCCD_PATH: PATH } });
  const env = { MANYHANDS_NATIVE: 'on', PATH };
  await using client = openClient('ours', scratch, { hosts: formatHosts([worker]), env });
  const words = [client.launcher, 'gcc', '-c', 'a.c', '-o', 'a.o'];
  const { status } = await run(words, { cwd: project, env: client.env });
  const page = await (await fetch(`http://127.0.0.1:${worker.port}/`)).text();
  const { endings } = (await readAgentStatus(client.env)).jobs as { endings: Record<string, number> };
  return { status, remote: endings['remote'], executed: /manyhands_executed (\d+)/.exec(page)?.[1] };
}

test('a compiler that is a link to one is that one', needsBox(), async () => {
  symlinkSync(DRIVER, gcc);
  assert.deepEqual(await compile(), { status: 0, remote: 1, executed: '1' });
});

test('for a compiler that is a script texts are sent, as by distcc', async () => {
  rmSync(gcc, { force: true });
  writeFileSync(gcc, `#!/bin/sh\nexec ${DRIVER} "$@"\n`);
  chmodSync(gcc, 0o755);
  assert.deepEqual(await compile(), { status: 0, remote: 1, executed: '0' });
});
