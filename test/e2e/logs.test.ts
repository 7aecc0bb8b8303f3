/** Logs of both sides: lines for people, or objects for programs; each job has one name in both. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openClient, formatHosts } from '../rig/client.ts';
import { START_DISTCCD } from '../rig/cluster.ts';
import { needsBox } from '../rig/peers.ts';
import { run } from '../rig/run.ts';
import { Scratch } from '../rig/scratch.ts';

const scratch = new Scratch();
after(() => scratch[Symbol.dispose]());

interface Line {
  readonly time: string;
  readonly level: string;
  readonly program: string;
  readonly pid: number;
  readonly text: string;
  readonly job?: string;
  readonly result?: string;
  readonly exit?: number;
  readonly input?: string;
}

/** Of a compile of each file, and what the worker says when it ends. */
async function logsOf(
  format: 'lines' | 'json',
  files: readonly string[],
): Promise<readonly [string, string]> {
  const args = [`--log-format=${format}`, '--log-level=info'];
  const worker = await START_DISTCCD.ours(scratch, { jobs: 2, args });
  const log = path.join(scratch.openDirectory(`client ${format}`), 'log');
  {
    await using _worker = worker;
    const env = { MANYHANDS_NATIVE: 'on', MANYHANDS_LOG_FORMAT: format, DISTCC_LOG: log };
    await using client = openClient('ours', scratch, { hosts: formatHosts([worker]), env });
    const cwd = scratch.openDirectory(`project ${format}`);
    for (const name of files) {
      const script = `echo 'int f(void) { return ${name.length}; }' >'${name}'; exec ${client.launcher} gcc -c '${name}'`;
      assert.equal((await run(['sh', '-c', script], { cwd, env: client.env })).status, 0);
    }
  }
  return [readFileSync(log, 'utf8'), readFileSync(worker.logFile, 'utf8')];
}

test('both logs name the job, as lines and as JSON', needsBox(), async () => {
  const [client, worker] = await logsOf('lines', ['a.c']);
  const name = /^distcc\[\d+\] job (\w{8}-1)$/m.exec(client)?.[1] ?? 'none';
  assert.match(worker, new RegExp(`COMPILE_OK exit:0 .* a\\.c job:${name}$`, 'm'));

  const odd = 'odd "name" \\ é.c';
  const [clients, workers] = (await logsOf('json', ['a.c', odd])).map((text) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line),
  );
  assert.ok(clients !== undefined && workers !== undefined);
  for (const { time, level, program, pid, text } of [...clients, ...workers]) {
    assert.ok(Math.abs(Date.now() - Date.parse(time)) < 600_000, time);
    assert.match(`${level} ${program} ${pid} ${text}`, /^[a-z]+ distccd? \d+ ./);
  }
  const names = [...new Set(clients.map(({ job }) => job))];
  assert.equal(names.length, 2);
  const summaries = workers.filter(({ result }) => result !== undefined);
  assert.deepEqual(
    summaries.map(({ job, result, exit, input }) => [job, result, exit, input]),
    names.map((job, index) => [job, 'COMPILE_OK', 0, ['a.c', odd][index]]),
  );
});

test('the parent of a worker writes JSON, too', async () => {
  const args = ['--log-format=json', '--log-level=info'];
  await using worker = await START_DISTCCD.ours(scratch, { jobs: 2, args });
  const find = async (start: string): Promise<Line> => {
    for (let triesLeft = 100; triesLeft > 0; triesLeft--) {
      const lines = readFileSync(worker.logFile, 'utf8').split('\n').slice(0, -1);
      const found = lines.map((line) => JSON.parse(line) as Line).find(({ text }) => text.startsWith(start));
      if (found !== undefined) return found;
      await delay(50);
    }
    return assert.fail(`no line has ${start}`);
  };
  const ready = await find('ready');
  process.kill(ready.pid, 'SIGKILL');
  const ended = await find('The worker ended');
  assert.deepEqual([ended.level, ended.program], ['error', 'distccd']);
  assert.notEqual(ended.pid, ready.pid);
});
