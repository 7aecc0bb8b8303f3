/** `manyhands doctor`: looks at all that keeps builds from being distributed, and says what to do. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ClientSettings } from '../../command/client-settings.ts';
import type { Story, StoryQuestion } from '../../events/history.ts';
import { countSlots, type HostList } from '../../hosts/host.ts';
import { parseHosts } from '../../hosts/parse.ts';
import type { DescribeReason } from '../web/told-story.ts';
import { finding, type Finding } from './finding.ts';
import { examineFlags } from './flags.ts';
import { examineHost } from './hosts.ts';
import { examineJobs } from './jobs.ts';
import { nativeFlagsOf } from './native-flags.ts';
import { examinePlaces } from './places.ts';
import { examinePath, findCompiler } from './search-path.ts';

export interface DoctorOptions {
  readonly environment: ReadonlyMap<string, string>;
  readonly settings: ClientSettings;
  readonly distccDir: string | undefined;
  readonly compiler: string;
  /** Absolute, links followed. */
  readonly launcher: string;
  readonly masquerade: string;
  /** A socket of an agent is there. */
  readonly hasSocket: boolean;
  /** undefined where no agent answers. */
  readonly storiesOf: (question: StoryQuestion) => Promise<readonly Story[] | undefined>;
  readonly describe: DescribeReason;
  readonly onProgress: (what: string, done: number, all: number) => void;
}

export async function examineAll(options: DoctorOptions): Promise<Finding[]> {
  const { settings, environment, distccDir, compiler, launcher, masquerade, describe } = options;
  const hosts = examineSettings(settings);
  const pathQuestion = {
    searchPath: environment.get('PATH') ?? '',
    compiler: path.basename(compiler),
    launcher,
    masquerade,
    ccachePrefix: environment.get('CCACHE_PREFIX') ?? '',
  };
  const realCompiler = findCompiler(pathQuestion);
  const stories = await options.storiesOf({ kind: 'all' });
  return [
    ...examineAgent(options.hasSocket, stories),
    ...hosts.findings,
    ...examinePlaces({
      distccDir,
      cacheDirectory: settings.cache?.directory,
      temporaryDirectory: environment.get('TMPDIR') || '/tmp',
      nowMs: Date.now(),
    }),
    ...examinePath(pathQuestion),
    ...examineFlags({
      environment,
      nativeFlags: () => (realCompiler === undefined ? undefined : nativeFlags(realCompiler)),
    }),
    ...examineJobs({
      stories: stories ?? [],
      describe,
      slots: hosts.list === undefined ? 0 : countSlots(hosts.list),
      makeFlags: environment.get('MAKEFLAGS') ?? '',
    }),
    ...(hosts.list === undefined || realCompiler === undefined
      ? []
      : await examineHosts(hosts.list, options, realCompiler)),
  ];
}

function examineAgent(hasSocket: boolean, stories: readonly Story[] | undefined): Finding[] {
  if (stories !== undefined)
    return [finding('agent-here', `The agent is there, and remembers ${stories.length} jobs`)];
  if (!hasSocket) return [finding('no-agent', 'No agent runs: the next compile starts one')];
  return [
    finding(
      'agent-gone',
      'The agent is gone or does not answer, though its socket is there',
      'nothing: the next compile starts another one; see its process if it is there all the same (pgrep -af distcc-agent)',
    ),
  ];
}

function examineSettings({ hosts, mistake }: ClientSettings): {
  readonly findings: readonly Finding[];
  readonly list?: HostList;
} {
  const findings =
    mistake === undefined ? [] : [finding('bad-setting', mistake.message, 'correct or unset that variable')];
  if (hosts === undefined) {
    const remedy = "export DISTCC_HOSTS='HOST/8 …', or write the hosts to ~/.distcc/hosts";
    return {
      findings: [
        ...findings,
        finding('no-host-list', 'No host list is set: everything is compiled here', remedy),
      ],
    };
  }
  const parsed = parseHosts(hosts.text);
  if (!parsed.ok) {
    const sentence = `The host list from ${hosts.from} cannot be understood: ${parsed.error.message}`;
    return {
      findings: [
        ...findings,
        finding('bad-host-list', sentence, 'correct that entry; man distcc has the grammar'),
      ],
    };
  }
  const list = parsed.value;
  for (const complaint of list.complaints)
    findings.push(
      finding('bad-entry', `In the host list from ${hosts.from}: ${complaint}`, 'correct that entry'),
    );
  if (list.hosts.every(({ kind }) => kind === 'local'))
    findings.push(
      finding(
        'only-localhost',
        `The host list from ${hosts.from} names no other machine`,
        'add hosts to it: export DISTCC_HOSTS="HOST/8 localhost/2"',
      ),
    );
  return { findings, list };
}

async function examineHosts(
  { hosts }: HostList,
  options: DoctorOptions,
  realCompiler: string,
): Promise<Finding[]> {
  const { compiler, launcher, environment, describe, storiesOf, onProgress } = options;
  const directory = mkdtempSync(path.join(environment.get('TMPDIR') || '/tmp', 'manyhands-doctor-'));
  const findings: Finding[] = [];
  try {
    for (const [index, host] of hosts.entries()) {
      onProgress(host.token, index, hosts.length);
      const storyOf = async (file: string): Promise<Story | undefined> =>
        (await storiesOf({ kind: 'file', file, directory }))?.[0];
      const question = { launcher, compiler, realCompiler, directory, environment, describe, storyOf };
      findings.push(...(await examineHost(host, index, question)));
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return findings;
}

function nativeFlags(compiler: string): readonly string[] | undefined {
  try {
    return nativeFlagsOf(compiler);
  } catch {
    return undefined;
  }
}
