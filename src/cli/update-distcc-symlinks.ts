/** `update-distcc-symlinks`: a link to distcc for each compiler of this machine, and none for what has gone. */
import path from 'node:path';
import { BUILD } from '../base/build.ts';
import { EXIT } from '../base/exit-code.ts';
import { environmentOf } from '../config/client-settings.ts';
import {
  formatUpdateDistccSymlinksHelp,
  parseUpdateDistccSymlinksOptions,
  type UpdateDistccSymlinksOptions,
} from '../config/update-distcc-symlinks-options.ts';
import { findPrefix } from '../files/prefix.ts';
import {
  COMPILER_DIRECTORIES,
  findCompilers,
  linkTextFor,
  updateMasquerade,
} from '../toolchain/masquerade.ts';
import { run } from './main.ts';

function main(argv: readonly string[]): number {
  const options = parseUpdateDistccSymlinksOptions(argv);
  if (!options.ok) return complain(EXIT.badArguments, options.error);
  switch (options.value.action) {
    case 'help':
      process.stdout.write(formatUpdateDistccSymlinksHelp());
      return 0;
    case 'version':
      process.stdout.write(`update-distcc-symlinks ${BUILD.version} (manyhands)\n`);
      return 0;
    case 'update':
      return update(options.value);
  }
}

function update(options: UpdateDistccSymlinksOptions): number {
  const prefix = findPrefix(process.argv[1] ?? '');
  const launcher = prefix && path.join(prefix, 'bin', 'distcc');
  const directory = options.directory ?? (prefix && path.join(prefix, 'lib', 'distcc'));
  if (directory === undefined)
    return complain(EXIT.noSuchFile, 'there is no bin/distcc above this program: name a --directory');
  const absolute = path.resolve(directory);
  const link = options.link ?? linkTextFor(absolute, launcher ?? 'distcc');
  const words = (environmentOf(process).get('PATH') ?? '').split(path.delimiter);
  const onPath = words.filter((word) => path.isAbsolute(word));
  const names = findCompilers([...COMPILER_DIRECTORIES, ...onPath]);
  try {
    const { added, removed } = updateMasquerade({ directory: absolute, link, names });
    process.stdout.write(
      [...added.map((name) => `added ${name}\n`), ...removed.map((name) => `removed ${name}\n`)].join(''),
    );
    return 0;
  } catch (error) {
    return complain(EXIT.ioError, `cannot update ${absolute}: ${(error as Error).message}`);
  }
}

function complain(exitCode: number, sentence: string): number {
  process.stderr.write(`update-distcc-symlinks: ${sentence}\n`);
  return exitCode;
}

run('update-distcc-symlinks', main);
