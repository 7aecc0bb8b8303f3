/**
 * What would be sent of a compile, told without an agent: for `distcc --scan-includes`. It is the tool that
 * does this, so compilers are asked by child processes of its own.
 *
 * Source: distcc 3.4, `distcc --scan-includes`, for the lines. There SYSTEMDIR are the compiler's own
 * directories, whose headers stay at home; we send them, each as a FILE.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pumpArgv } from '../action/pump-argv.ts';
import { RealNames } from '../action/real-names.ts';
import { layOutTree, type TreeLayout } from '../action/tree-layout.ts';
import type { Clock } from '../base/clock.ts';
import { err, type Result } from '../base/result.ts';
import { analyze } from '../command/analyze.ts';
import { familyOf } from '../command/compiler-name.ts';
import { STAY_REASONS } from '../command/stay-reason.ts';
import { versionOf } from '../files/file-version.ts';
import { INCLUDE_READER } from '../files/include-reader.ts';
import { SOURCE_PLACE, type CompilerAnswer, type Question } from '../includes/compiler-facts.ts';
import { Scanner, type ScanAnswer, type ScanRequest } from '../includes/scanner.ts';
import { fullCompilerName } from './compiler-identity.ts';
import { DEMOTIONS, type Demotion } from './demotion.ts';
import { inBytes, markInTheWay, MOST_QUESTIONS } from './headers.ts';
import { readText } from './plan.ts';

export interface ScanHereOptions {
  /** The compiler's name as typed, and its arguments. */
  readonly argv: readonly string[];
  /** The program that is called by that name; absolute. */
  readonly compiler: string;
  /** Absolute, through no link. */
  readonly directory: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly temporaryDirectory: string;
  readonly clock: Clock;
}

/** The error is a sentence on why nothing is sent with its headers. */
export function scanHere(options: ScanHereOptions): Result<TreeLayout, string> {
  const { argv, compiler, directory, environment, clock } = options;
  const searchPath = environment.get('PATH') ?? '';
  const family = familyOf(fullCompilerName({ typed: argv[0] ?? '', compiler, searchPath }));
  const read = (name: string): string | undefined => readText(path.resolve(directory, name));
  const analyzed = analyze(argv, { environment, family, readText: read });
  if (analyzed.kind === 'stays-local') return err(sentence(STAY_REASONS[analyzed.reason], analyzed.detail));

  const command = inBytes(analyzed);
  const scanner = new Scanner(INCLUDE_READER, clock);
  const compilerVersion = versionOf(compiler);
  const answer = scanAll(scanner, { command, compiler, compilerVersion, directory, environment }, options);
  if (answer.kind === 'ask') return objection({ reason: 'asks-too-much', detail: analyzed.source });
  if (answer.kind === 'unsure') return objection(answer);
  const { closure } = answer;
  const reason = markInTheWay(closure, command);
  if (reason !== undefined) return objection({ reason, detail: analyzed.source });
  const sent = pumpArgv(analyzed, { name: analyzed.compiler }, closure);
  if (!sent.ok) return objection(sent.error);
  const layout = layOutTree(new RealNames((name) => scanner.linkAt(name)), closure, directory);
  return layout.ok ? layout : objection(layout.error);
}

/** One line for each entry of the tree. */
export function formatLayout({ files, links, emptyDirectories }: TreeLayout): string {
  const line = (kind: string, name: string): string => `${kind.padEnd(9)} ${name}\n`;
  return [
    ...[...files.keys()].map((name) => line('FILE', name)),
    ...[...links.keys()].map((name) => line('SYMLINK', name)),
    ...emptyDirectories.map((name) => line('DIRECTORY', name)),
  ].join('');
}

function scanAll(scanner: Scanner, request: ScanRequest, options: ScanHereOptions): ScanAnswer {
  const spool = mkdtempSync(path.join(options.temporaryDirectory, 'distcc-scan-'));
  try {
    for (let questionsLeft = MOST_QUESTIONS; ; questionsLeft--) {
      scanner.openPass();
      const answer = scanner.scan(request);
      if (answer.kind !== 'ask' || questionsLeft === 0) return answer;
      scanner.learn(answer.question.key, ask(answer.question, spool, options));
    }
  } finally {
    rmSync(spool, { recursive: true });
  }
}

function ask(
  { argv, text, suffix }: Question,
  spool: string,
  { compiler, directory, environment }: ScanHereOptions,
): CompilerAnswer {
  const source = path.join(spool, `question${suffix}`);
  writeFileSync(source, text, 'latin1');
  const [argv0 = '', ...words] = argv.map((word) => (word === SOURCE_PLACE ? source : word));
  const { status, stdout, stderr } = spawnSync(compiler, words, {
    argv0,
    cwd: directory,
    env: { ...Object.fromEntries(environment), LC_ALL: 'C' },
    encoding: 'latin1',
    maxBuffer: Infinity,
  });
  return { isWell: status === 0, stdout, stderr };
}

function objection({ reason, detail }: Demotion): Result<never, string> {
  return err(sentence(DEMOTIONS[reason], detail));
}

function sentence(reason: string, detail: string): string {
  return detail === '' ? reason : `${reason}: ${detail}`;
}
