/** Whole projects over the native wire: the objects and dependency files are those of the direct compile, byte for byte. */
import { CLANG } from '../rig/objects.ts';
import { testPairings } from '../rig/pairing.ts';

const NATIVE = {
  client: 'ours',
  daemon: 'ours',
  isNative: true,
  compression: '',
  optimisation: '-O1',
} as const;

/** Of the plain wire; all of them with MANYHANDS_TEST_ALL=1. */
const EVERY = process.env['MANYHANDS_TEST_ALL'] === '1' ? 1 : 6;

testPairings([
  { ...NATIVE, corpus: 'rdkafka', tool: 'make' },
  { ...NATIVE, corpus: 'rdkafka', tool: 'make', compilers: CLANG },
  { ...NATIVE, corpus: 're2', tool: 'ninja' },
  { ...NATIVE, isPlain: true, corpus: 'rdkafka', tool: 'make', every: EVERY },
  { ...NATIVE, isPlain: true, corpus: 'rdkafka', tool: 'make', compilers: CLANG, every: EVERY },
  { ...NATIVE, isPlain: true, corpus: 're2', tool: 'ninja', every: EVERY },
]);
