/** `manyhands`: looks into what our programs do, and installs them. */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUILD } from '../base/build.ts';
import { describeReason, remedyOf, sentenceOf } from '../agent/reasons.ts';
import { EXIT } from '../base/exit-code.ts';
import type { Story, StoryQuestion } from '../events/history.ts';
import { cachePlaceOf, distccDirOf, environmentOf, readClientSettings } from '../config/client-settings.ts';
import { formatManyhandsHelp, parseManyhandsCommand } from '../config/manyhands-options.ts';
import { ownPlaceOf, SITE_HOSTS_FILE } from '../config/paths.ts';
import { runCacheCommand, type CacheAction } from '../monitor/cache-command.ts';
import { explain } from '../monitor/explain-text.ts';
import { BuildModel } from '../monitor/build-model.ts';
import { traceOf } from '../monitor/trace.ts';
import { rowOfStory } from '../monitor/web/feed-rows.ts';
import { readPage } from '../files/page-file.ts';
import { formatReport } from '../monitor/web/report-file.ts';
import { describeReasons } from '../monitor/web/told-story.ts';
import { examineAll } from '../monitor/doctor/doctor.ts';
import { formatFindings } from '../monitor/doctor/finding.ts';
import { nativeFlagsOf } from '../monitor/doctor/native-flags.ts';
import { Progress } from '../monitor/progress.ts';
import { runTop } from '../monitor/top.ts';
import { formatStatus, type AgentStatus } from '../monitor/status-text.ts';
import { install, uninstall, type InstallOptions } from '../setup/install.ts';
import { installInOwnPlace } from '../setup/own-place.ts';
import { COMPILER_DIRECTORIES, findCompilers } from '../toolchain/masquerade.ts';
import { run } from './main.ts';
import { NO_AGENT } from '../monitor/ask-agent.ts';
import { ask, findSocket } from './own-agent.ts';
import { openPage } from './page.ts';

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseManyhandsCommand(args);
  if (!parsed.ok) return refuse(`${parsed.error}. Try --help`);
  const { command, word, options } = parsed.value;
  switch (command) {
    case 'help':
      process.stdout.write(formatManyhandsHelp());
      return 0;
    case 'status':
      return status(options.has('json'));
    case 'explain':
      return explainJobs(word, options);
    case 'doctor':
      return doctor(options);
    case 'native-flags':
      return tellNativeFlags(word === '' ? 'gcc' : word, options.has('json'));
    case 'top':
      await runTop({
        findSocket,
        input: process.stdin,
        output: process.stdout,
        isJson: options.has('json'),
      });
      return 0;
    case 'web':
      return web(options);
    case 'report':
      return report(options);
    case 'cache':
      return cache(word as CacheAction, options.has('json'));
    case 'setup':
      return setup(options);
  }
}

function refuse(sentence: string): number {
  process.stderr.write(`manyhands: ${sentence}\n`);
  return EXIT.badArguments;
}

/* ---- cache ---- */

async function cache(action: CacheAction, asJson: boolean): Promise<number> {
  const place = cachePlaceOf(environmentOf(process), process.cwd());
  if (place === undefined)
    return refuse('Results are not kept: MANYHANDS_CACHE is off, or there is no place for them');
  const { isWell, text } = await runCacheCommand(action, place, {
    asJson,
    progress: new Progress(process.stderr),
  });
  if (isWell) console.log(text);
  else process.stderr.write(`manyhands: ${text}\n`);
  return isWell ? 0 : EXIT.failed;
}

/* ---- setup ---- */

function setup(options: ReadonlyMap<string, string>): number {
  const prefix = options.get('prefix');
  const staging = options.has('destdir') ? path.resolve(options.get('destdir') ?? '') : '';
  if (prefix !== undefined && !path.isAbsolute(prefix))
    return refuse(`--prefix ${prefix} is no absolute path`);
  if (prefix === undefined && (staging !== '' || options.has('remove')))
    return refuse('Name the --prefix that is meant');
  if (prefix !== undefined && options.has('remove')) return remove(path.join(staging, prefix));

  // The bundle stands in dist/ of the checkout or package.
  const root = path.dirname(path.dirname(realpathSync(process.argv[1] ?? '')));
  if (!existsSync(path.join(root, 'native')))
    return refuse(
      'This is an installed copy. Set up from the npm package, or by `make install` in the sources',
    );
  const parts = {
    root,
    runningNode: realpathSync(process.execPath),
    node: nodeOf(options),
    compilers: findCompilers(COMPILER_DIRECTORIES),
  };
  try {
    if (prefix === undefined) return setUpOwnPlace(parts);
    install({ ...parts, prefix, staging });
  } catch (error) {
    process.stderr.write(`manyhands: ${(error as Error).message}\n`);
    return EXIT.failed;
  }
  tellPath(prefix);
  return 0;
}

function nodeOf(options: ReadonlyMap<string, string>): InstallOptions['node'] {
  const file = options.get('node');
  if (file !== undefined) return { kind: 'there', path: path.resolve(file) };
  return { kind: options.has('carry-node') ? 'carried' : 'auto' };
}

function setUpOwnPlace(parts: Omit<Parameters<typeof installInOwnPlace>[0], 'home'>): number {
  const home = ownPlaceOf(environmentOf(process), process.getuid?.() ?? 0);
  if (home === undefined) return refuse('Set HOME, or name a --prefix');
  tellPath(installInOwnPlace({ ...parts, home }));
  return 0;
}

function tellPath(prefix: string): void {
  console.log(`Installed in ${prefix}. To have compilers called by their own names go through distcc:`);
  console.log(`  export PATH="${path.join(prefix, 'lib', 'distcc')}:$PATH"`);
}

function remove(target: string): number {
  if (uninstall(target)) return 0;
  process.stderr.write(`manyhands: Nothing is installed in ${target}: it has no lib/manyhands/installed\n`);
  return EXIT.noSuchFile;
}

/* ---- status ---- */

async function status(isJson: boolean): Promise<number> {
  const answer = await ask('status');
  if (answer === undefined) {
    console.log(isJson ? JSON.stringify({ agent: null }) : NO_AGENT);
    return 0;
  }
  console.log(isJson ? answer : formatStatus(JSON.parse(answer) as AgentStatus));
  return 0;
}

/* ---- doctor ---- */

async function doctor(options: ReadonlyMap<string, string>): Promise<number> {
  const environment = environmentOf(process);
  const settings = readClientSettings(environment, {
    siteHostsFile: SITE_HOSTS_FILE,
    directory: process.cwd(),
  });
  const isJson = options.has('json');
  const progress = new Progress(process.stderr);
  const findings = await examineAll({
    environment,
    settings,
    distccDir: distccDirOf(environment),
    compiler: options.get('compiler') ?? 'gcc',
    ...launcherPlaces(),
    hasSocket: findSocket() !== undefined,
    storiesOf: async (question) => {
      const answer = await ask(`stories ${JSON.stringify(question)}`);
      return answer === undefined ? undefined : (JSON.parse(answer) as readonly Story[]);
    },
    describe: describeReason,
    onProgress: (what, done, all) => progress.show(done, all, what),
  });
  progress.end();
  console.log(isJson ? JSON.stringify(findings) : formatFindings(findings));
  return findings.some(({ severity }) => severity === 'bad') ? EXIT.failed : 0;
}

/** Beside our bundle, in a checkout or where it is installed. */
function launcherPlaces(): { readonly launcher: string; readonly masquerade: string } {
  const bundles = bundleDirectory();
  const root = existsSync(path.join(bundles, '..', 'bin', 'distcc'))
    ? path.dirname(bundles)
    : path.dirname(path.dirname(bundles));
  const launcher = path.join(root, 'bin', 'distcc');
  return {
    launcher: existsSync(launcher) ? launcher : 'distcc',
    masquerade: path.join(root, 'lib', 'distcc'),
  };
}

function tellNativeFlags(compiler: string, isJson: boolean): number {
  try {
    const flags = nativeFlagsOf(compiler);
    if (flags.length === 0) return fail(`${compiler} does not say what -march=native stands for`);
    console.log(isJson ? JSON.stringify(flags) : flags.join(' '));
    return 0;
  } catch (error) {
    return fail((error as Error).message);
  }
}

/* ---- web ---- */

function web(options: ReadonlyMap<string, string>): Promise<number> | number {
  const port = options.get('port') ?? '0';
  if (!/^\d{1,5}$/.test(port) || Number(port) > MOST_PORT) return refuse(`--port ${port} is no port`);
  const [opens, waits] = [!options.has('no-open'), options.has('wait')];
  return openPage({ program: 'manyhands', port: Number(port), opens, waits });
}

/* ---- report ---- */

async function report(options: ReadonlyMap<string, string>): Promise<number> {
  const answer = await ask('stories {"kind":"all"}');
  if (answer === undefined) return fail(NO_AGENT);
  const stories = JSON.parse(answer) as readonly Story[];
  const greeting = { version: BUILD.version, pid: 0, nowMs: Date.now(), stories: stories.map(rowOfStory) };
  const isTrace = options.has('trace');
  const file = options.get('output') ?? (isTrace ? 'manyhands-trace.json' : 'manyhands-report.html');
  const model = new BuildModel();
  model.greet(greeting);
  try {
    const told = stories.map((story) => ({ story, known: describeReasons(story, describeReason) }));
    const text = isTrace
      ? JSON.stringify(traceOf(model))
      : formatReport(readPage(path.join(bundleDirectory(), 'page.html')), { greeting, stories: told });
    writeFileSync(file, text);
  } catch (error) {
    return fail((error as Error).message);
  }
  console.log(`${file}: ${stories.length} jobs`);
  return 0;
}

function bundleDirectory(): string {
  return path.dirname(realpathSync(process.argv[1] ?? ''));
}

const MOST_PORT = 65_535;

function fail(sentence: string): number {
  process.stderr.write(`manyhands: ${sentence}\n`);
  return EXIT.failed;
}

/* ---- explain ---- */

async function explainJobs(file: string, options: ReadonlyMap<string, string>): Promise<number> {
  const asked = (['last', 'local', 'trouble', 'all'] as const).filter((name) => options.has(name));
  const [kind = 'last'] = asked;
  if (asked.length + (file === '' ? 0 : 1) !== 1)
    return refuse('explain wants one of FILE, --last, --local, --trouble and --all');
  const question: StoryQuestion = file === '' ? { kind } : { kind: 'file', file, directory: process.cwd() };
  const answer = await ask(`stories ${JSON.stringify(question)}`);
  const stories = JSON.parse(answer ?? '[]') as readonly Story[];
  if (options.has('json')) console.log(JSON.stringify(stories));
  else
    console.log(answer === undefined ? NO_AGENT : explain(stories, question.kind, { sentenceOf, remedyOf }));
  return 0;
}

run('manyhands', main);
