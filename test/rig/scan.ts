/**
 * The scanner of src/includes as the oracle asks it: one compile in, the files that it will read out. What
 * the scanner wants to know of the compiler, the compiler is asked at once.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { fromText, toBytes, type ByteString } from '../../src/base/byte-string.ts';
import { analyze } from '../../src/command/analyze.ts';
import { versionOf } from '../../src/files/file-version.ts';
import { INCLUDE_READER } from '../../src/files/include-reader.ts';
import { SOURCE_PLACE, type Question } from '../../src/includes/compiler-facts.ts';
import { Scanner, type ScanRequest } from '../../src/includes/scanner.ts';
import { findOnPath } from './peers.ts';
import { runBytes } from './run-bytes.ts';
import type { Scratch } from './scratch.ts';
import { compileArgv, environmentOf, toAbsolute, type Unit } from './unit.ts';

export type Scanned =
  | {
      /** As the compiler would open them. */
      readonly files: readonly ByteString[];
      /** Why the compile needs more than these files all the same. */
      readonly marks: readonly string[];
    }
  /** Why the preprocessor has to be asked: the reason's word, a colon, and more. */
  | { readonly unsure: string };

/** One scanner, with all that it remembers from one compile to the next. */
export type Scan = (unit: Unit) => Promise<Scanned>;

/** More questions than that, one after the other, are a scanner that does not listen. */
const MOST_QUESTIONS = 20;

/** A scanner that remembers nothing yet. */
export function openScanner(): Scanner {
  return new Scanner(INCLUDE_READER, SYSTEM_CLOCK);
}

/** Has a scanner answer; its questions are put in files below `scratch`. */
export function openScan(scratch: Scratch, scanner = openScanner()): Scan {
  const directory = scratch.path('questions');
  mkdirSync(directory, { recursive: true });
  return async (unit) => {
    const request = requestOf(unit);
    if ('unsure' in request) return request;
    for (let questions = 0; questions < MOST_QUESTIONS; questions++) {
      scanner.openPass();
      const answer = scanner.scan(request);
      if (answer.kind === 'unsure') return { unsure: `${answer.reason}: ${answer.detail}` };
      if (answer.kind === 'closure') {
        const files = answer.closure.files.map(({ typed }) => toAbsolute(fromText(typed), unit.directory));
        return { files, marks: [...answer.closure.marks] };
      }
      scanner.learn(answer.question.key, await put(answer.question, unit, directory));
    }
    return { unsure: 'asks-too-much: more questions than answers' };
  };
}

/** What the scanner is asked. */
export function requestOf(unit: Unit): ScanRequest | { readonly unsure: string } {
  const command = understand(unit);
  if (command.kind === 'stays-local') return { unsure: `stays-local: ${command.reason}` };
  const compiler = findOnPath(unit.compiler) ?? unit.compiler;
  return {
    command,
    compiler,
    compilerVersion: versionOf(compiler),
    directory: unit.directory,
    environment: new Map(Object.entries(unit.environment ?? {})),
  };
}

function understand(unit: Unit): ReturnType<typeof analyze> {
  return analyze(compileArgv(unit), {
    environment: new Map(Object.entries(unit.environment ?? {})),
    readText: (name) => readFileSync(toBytes(toAbsolute(name, unit.directory)), 'latin1'),
  });
}

async function put({ argv, text, suffix }: Question, unit: Unit, directory: string): Promise<Answer> {
  const source = path.join(directory, `question${suffix}`);
  writeFileSync(source, toBytes(text));
  const words = argv.map((word) => (word === SOURCE_PLACE ? source : word));
  const { status, stdout, stderr } = await runBytes(words, {
    directory: unit.directory,
    environment: environmentOf(unit),
  });
  return { isWell: status === 0, stdout, stderr };
}

interface Answer {
  readonly isWell: boolean;
  readonly stdout: ByteString;
  readonly stderr: ByteString;
}
