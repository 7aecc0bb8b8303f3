/** `distcc --scan-includes COMPILE`: which files, links and directories are sent of it to a host with ,cpp. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatLayout, scanHere } from '../agent/scan-here.ts';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { EXIT } from '../base/exit-code.ts';
import { err, ok, type Result } from '../base/result.ts';
import { roleOf } from '../command/language.ts';

/** An exit code, and a sentence. */
type Refusal = readonly [code: number, sentence: string];

/** @param words what stands behind --scan-includes: a compile as distcc takes it. */
export function scanIncludes(
  words: readonly string[],
  environment: ReadonlyMap<string, string>,
): Result<string, Refusal> {
  const [first] = words;
  if (first === undefined) return err([EXIT.badArguments, '--scan-includes needs a compile after it']);
  const isImplicit = first.startsWith('-') || roleOf(first) === 'source' || first.endsWith('.o');
  const argv = isImplicit ? ['cc', ...words] : words;
  const [name = ''] = argv;
  const compiler = findCompiler(name, environment.get('PATH') ?? '/bin:/usr/bin');
  if (compiler === undefined) return err([EXIT.compilerMissing, `cannot find the compiler ${name} on PATH`]);
  const layout = scanHere({
    argv,
    compiler,
    directory: process.cwd(),
    environment,
    temporaryDirectory: tmpdir(),
    clock: SYSTEM_CLOCK,
  });
  return layout.ok ? ok(formatLayout(layout.value)) : err([EXIT.failed, layout.error]);
}

function findCompiler(name: string, searchPath: string): string | undefined {
  const files = name.includes('/')
    ? [path.resolve(name)]
    : searchPath.split(path.delimiter).map((directory) => path.resolve(directory, name));
  return files.find(isCompiler);
}

/** And no distcc, of any make. */
function isCompiler(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile() && path.basename(realpathSync(file)) !== 'distcc';
  } catch {
    return false;
  }
}
