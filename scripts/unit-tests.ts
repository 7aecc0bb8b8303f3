/** The tests that need nothing but this tree and take seconds: part of `check`, and a suite of its own. */
import { globSync } from 'node:fs';

export const UNIT_TESTS: readonly string[] = [
  'src/**/*.test.ts',
  'bench/**/*.test.ts',
  'scripts/**/*.test.ts',
  'test/rig/*.test.ts',
  'test/architecture.test.ts',
].flatMap((pattern) => globSync(pattern, { exclude: ['bench/corpus/cache/**'] }));
