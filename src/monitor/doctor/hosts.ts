/** Each host of the list: whether it is there, lets us in, and compiles a file to the very bytes that come of it here. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Story } from '../../events/history.ts';
import type { Host } from '../../hosts/host.ts';
import { connectTcp } from '../../net/connect.ts';
import type { DescribeReason } from '../web/told-story.ts';
import { finding, type Finding } from './finding.ts';
import { askWorker, type WorkerFacts } from './worker-facts.ts';

export interface HostsQuestion {
  readonly launcher: string;
  /** As builds call it. */
  readonly compiler: string;
  /** Absolute. */
  readonly realCompiler: string;
  /** Empty, and gone afterwards. */
  readonly directory: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly describe: DescribeReason;
  /** What the agent remembers of a file's last compile. */
  readonly storyOf: (file: string) => Promise<Story | undefined>;
}

const CONNECT_MS = 4000;
const COMPILE_MS = 60_000;
const MOST_SKEW_MS = 2000;
/** A host with more than so many jobs for each that it runs is none the faster for it. */
const MOST_OVERLOAD = 3;

/** @param index makes its file's name unlike the others'. */
export async function examineHost(host: Host, index: number, question: HostsQuestion): Promise<Finding[]> {
  if (host.kind === 'local' || host.isDown) return [];
  const { token } = host;
  if (host.kind !== 'ssh') {
    const connection = await connectTcp({
      host: host.host,
      port: host.port,
      timeoutMs: CONNECT_MS,
      signal: new AbortController().signal,
    });
    if (!connection.ok) {
      const remedy = `start distccd there (systemctl start distccd), see to its address and port, and to firewalls between; or take ${token} out of the list`;
      return [finding('host-unreachable', `${token}: ${connection.error.message}`, remedy)];
    }
    connection.value.destroy();
  }
  const facts = host.kind === 'tcp' ? await askWorker(host) : undefined;
  const compiled = await compileThere(token, index, question);
  if (facts !== undefined) return [...compiled, ...judgeWorker(host, facts)];
  const isOld = host.kind === 'tcp' && compiled.some(({ kind }) => kind === 'host-good');
  return isOld ? [...compiled, oldDaemon(token)] : compiled;
}

function oldDaemon(token: string): Finding {
  return finding(
    'host-old',
    `${token} is a stock distccd: it gets what the preprocessor has made here, and remembers nothing`,
    'run manyhands’ distccd there: it takes the same options, and serves stock clients as well',
  );
}

function judgeWorker({ token, limit }: Host, facts: WorkerFacts): Finding[] {
  const { slots, running, queued, skewMs } = facts;
  const findings: Finding[] = [];
  if (queued > 0 || (slots > 0 && running >= slots))
    findings.push(
      finding(
        'host-full',
        `${token} is full: ${running} of ${slots} jobs run there, ${queued} wait`,
        'add hosts, or wait for its other clients',
      ),
    );
  if (Math.abs(skewMs) > MOST_SKEW_MS)
    findings.push(
      finding(
        'host-clock',
        `${token}: its clock is ${(Math.abs(skewMs) / 1000).toFixed(0)} s ${skewMs > 0 ? 'ahead' : 'behind'}: logs do not match, and make may build again`,
        'set the clocks by NTP (timedatectl set-ntp true)',
      ),
    );
  if (slots > 0 && limit > slots * MOST_OVERLOAD)
    findings.push(
      finding(
        'host-limit',
        `${token} gets up to ${limit} jobs at a time, and runs ${slots}`,
        `write /${slots + 2} behind its name`,
      ),
    );
  return findings;
}

/** A real compile, by our own launcher, with nothing but that host. */
async function compileThere(token: string, index: number, question: HostsQuestion): Promise<Finding[]> {
  const { launcher, compiler, realCompiler, directory, environment, storyOf } = question;
  const source = path.join(directory, `probe-${index}.c`);
  writeFileSync(
    source,
    `#include <stddef.h>\nsize_t manyhands_probe_${index}(void) { return sizeof(long) + ${process.pid}; }\n`,
  );
  const env = {
    ...Object.fromEntries(environment),
    DISTCC_HOSTS: token,
    DISTCC_FALLBACK: '0',
    DISTCC_BACKOFF_PERIOD: '0',
    DISTCC_LOG: '',
    DISTCC_VERBOSE: '0',
    MANYHANDS_CACHE: 'off',
  };
  const words = (output: string): string[] => ['-O1', '-c', path.basename(source), '-o', output];
  const here = await run(realCompiler, words('here.o'), {
    cwd: directory,
    env: Object.fromEntries(environment),
  });
  if (here.code !== 0)
    return [
      finding(
        'no-compiler',
        `${compiler} does not compile here: ${firstLine(here.stderr)}`,
        `see what ${compiler} says`,
      ),
    ];
  const startedMs = performance.now();
  const there = await run(launcher, [compiler, ...words(`there-${index}.o`)], { cwd: directory, env });
  const tookMs = Math.round(performance.now() - startedMs);
  const story = await storyOf(source);
  if (there.code !== 0) return [judgeFailure(token, { stderr: there.stderr, story }, question)];
  const [one, other] = [`there-${index}.o`, 'here.o'].map((name) => readFileSync(path.join(directory, name)));
  const isSame = one !== undefined && other !== undefined && one.equals(other);
  return judgeSuccess(token, { isSame, tookMs, story }, question);
}

function judgeSuccess(
  token: string,
  { isSame, tookMs, story }: { isSame: boolean; tookMs: number; story: Story | undefined },
  { describe, compiler }: HostsQuestion,
): Finding[] {
  if (!isSame)
    return [
      finding(
        'host-differs',
        `${token} makes another object than ${compiler} does here`,
        `install the same ${compiler} on both: compare ${compiler} -v`,
      ),
    ];
  const good = finding('host-good', `${token} compiles to the same bytes, in ${tookMs} ms`);
  const lesser = story?.steps.find(({ kind, reason }) => kind === 'demotion' && reason !== 'refused-whole');
  if (lesser !== undefined) {
    const { sentence = lesser.reason, remedy } = describe(lesser.reason);
    const why = [sentence, lesser.detail].filter(Boolean).join(': ');
    return [good, finding('host-lesser', `${token}: sent in a lesser form: ${why}`, remedy)];
  }
  const refusal = story?.steps.find(({ kind }) => kind === 'trouble');
  if (refusal !== undefined)
    return [
      good,
      finding(
        'host-lesser',
        `${token} gets texts only: ${refusal.detail}`,
        `install the very same build of ${compiler} there`,
      ),
    ];
  return [good];
}

function judgeFailure(
  token: string,
  { stderr, story }: { readonly stderr: string; readonly story: Story | undefined },
  { describe, compiler }: HostsQuestion,
): Finding {
  const trouble = story?.steps.findLast(({ kind }) => kind === 'trouble');
  const said =
    [trouble?.detail, story?.detail, firstLine(stderr)].find((text) => text !== undefined && text !== '') ??
    '';
  const all = `${said} ${stderr}`;
  if (/access list|access denied/i.test(all))
    return finding(
      'host-refuses',
      `${token} does not let this machine in: ${said}`,
      'start it with --allow and the address of this machine (or its network, as 192.168.0.0/24)',
    );
  if (story?.reason === 'other-compiler')
    return finding(
      'host-compiler',
      `${token} has another version of ${compiler}: ${said}`,
      `install the same version of ${compiler} there`,
    );
  if (/no such compiler|not found|No such file|whitelist|masquerade|not allowed/i.test(all))
    return finding(
      'host-compiler',
      `${token} has no ${compiler} that it may run: ${said}`,
      `install ${compiler} there, and run update-distcc-symlinks`,
    );
  const { sentence = 'it failed', remedy } = describe(story?.reason ?? '');
  return finding(
    'host-fails',
    `${token}: ${said === '' ? sentence : said}`,
    remedy ??
      `see the log of distccd there, and by hand: DISTCC_HOSTS='${token}' DISTCC_VERBOSE=1 DISTCC_FALLBACK=0 distcc ${compiler} -c FILE`,
  );
}

interface Ran {
  readonly code: number;
  readonly stderr: string;
}

function run(
  file: string,
  words: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(file, words, { ...options, timeout: COMPILE_MS }, (error, _stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stderr: stderr === '' && error !== null ? error.message : stderr });
    });
  });
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
