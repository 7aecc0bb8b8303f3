/** Which programs a compiler's name leads to, in the order of PATH. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { finding, type Finding } from './finding.ts';

export interface PathQuestion {
  readonly searchPath: string;
  /** As builds call it: gcc. */
  readonly compiler: string;
  /** Of ours: absolute, links followed. */
  readonly launcher: string;
  /** Where links by compilers' names are. */
  readonly masquerade: string;
  /** CCACHE_PREFIX. */
  readonly ccachePrefix: string;
}

/** The first on PATH that is a compiler itself; undefined where there is none. */
export function findCompiler(question: PathQuestion): string | undefined {
  return findAll(question).find(({ kind }) => kind === 'compiler')?.file;
}

type Kind = 'ours' | 'ccache' | 'stock' | 'compiler';

export function examinePath(question: PathQuestion): Finding[] {
  const { compiler, masquerade, ccachePrefix } = question;
  const found = findAll(question);
  const kinds = found.map(({ kind }) => kind);
  if (!kinds.includes('compiler'))
    return [
      finding('no-compiler', `There is no ${compiler} on PATH`, `install ${compiler}, or correct PATH`),
    ];
  const [first] = kinds;
  const ours = kinds.indexOf('ours');
  if (first === 'ours' && kinds[1] === 'ccache') {
    return [
      finding(
        'before-ccache',
        'ccache comes behind distcc: what ccache has is sent all the same, and it is called as the compiler',
        `export CCACHE_PREFIX=distcc, and take ${masquerade} out of PATH`,
      ),
    ];
  }
  if (first === 'stock') {
    const remedy = `export PATH="${masquerade}:$PATH"`;
    return [finding('behind-compiler', `${found[0]?.file} is a stock distcc`, remedy)];
  }
  if (ours > kinds.indexOf('compiler')) {
    const remedy = `export PATH="${masquerade}:$PATH"`;
    return [finding('behind-compiler', `${found[0]?.file} stands before ours on PATH`, remedy)];
  }
  const isReached = ours === 0 || (first === 'ccache' && (ours > 0 || /\bdistcc\b/.test(ccachePrefix)));
  if (isReached) return [];
  return [
    finding(
      'not-on-path',
      `${compiler} on PATH is the compiler itself: only builds that call distcc by name are distributed`,
      `make CC='distcc ${compiler}', or export PATH="${masquerade}:$PATH"`,
    ),
  ];
}

function findAll(question: PathQuestion): { readonly file: string; readonly kind: Kind }[] {
  return question.searchPath.split(':').flatMap((directory) => {
    const file = path.join(directory || '.', question.compiler);
    const kind = kindOf(file, question);
    return kind === undefined ? [] : [{ file, kind }];
  });
}

function kindOf(file: string, { launcher }: PathQuestion): Kind | undefined {
  try {
    accessSync(file, constants.X_OK);
    if (!statSync(file).isFile()) return undefined;
    const real = realpathSync(file);
    if (real === launcher) return 'ours';
    const name = path.basename(real);
    return name === 'ccache' ? 'ccache' : name === 'distcc' ? 'stock' : 'compiler';
  } catch {
    return undefined;
  }
}
