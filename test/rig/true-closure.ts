/**
 * Which files a compile reads, said by the compiler itself, as real paths.
 *
 * Asked with `-E -MD` and not with `-M`: where no text is wanted, gcc 12 leaves out what _Pragma says, and
 * reads other files than a compile after `_Pragma("once")` or `_Pragma("pop_macro(...)")`.
 *
 * Files are compared and not names: how a name was put together is the compiler's own business, and a
 * file that two names lead to is read once or twice without any difference to whoever brings it along.
 */
import assert from 'node:assert/strict';
import { readPrerequisites } from './make-rule.ts';
import { runBytes, type Said } from './run-bytes.ts';
import { RealPaths, type RealPath } from './real-paths.ts';
import { environmentOf, type Unit } from './unit.ts';

export type Truth =
  | { readonly kind: 'read'; readonly files: ReadonlySet<RealPath> }
  /** The compiler says no to this unit. */
  | { readonly kind: 'refused'; readonly said: string };

export async function readTruth(unit: Unit, realPaths = new RealPaths()): Promise<Truth> {
  const { status, stdout, stderr } = await runCompiler(unit, []);
  if (status !== 0) return { kind: 'refused', said: stderr };
  const names = readPrerequisites(stdout);
  const lost = names.find((name) => realPaths.find(name, unit.directory) === undefined);
  assert.equal(lost, undefined, `${unit.compiler} lists a file that is not there`);
  return { kind: 'read', files: realPaths.findAll(names, unit.directory) };
}

/** By which includes the compiler comes to `file`: one name per line, the source's own includes first. */
export async function explainRead(unit: Unit, file: RealPath): Promise<string> {
  const { stderr } = await runCompiler(unit, ['-H']);
  const realPaths = new RealPaths();
  const chain: string[] = [];
  for (const [, dots = '', name = ''] of stderr.matchAll(/^(\.+)[!x]? (.*)$/gm)) {
    chain.length = dots.length - 1;
    chain.push(name);
    if (realPaths.find(name, unit.directory) === file) return chain.join('\n  ');
  }
  return `${file}, by an option or without a name in -H`;
}

const SAYS_RULE = ['-E', '-MD', '-MF', '-', '-o', '/dev/null'];

/** Without the unit's own options for a dependency file. */
function runCompiler(unit: Unit, wants: readonly string[]): Promise<Said> {
  const flags = unit.flags.filter((flag) => !/^-Wp,-M|^-M[DMGP]*$/.test(flag));
  return runBytes([unit.compiler, ...flags, ...SAYS_RULE, ...wants, unit.source], {
    directory: unit.directory,
    environment: environmentOf(unit),
  });
}
