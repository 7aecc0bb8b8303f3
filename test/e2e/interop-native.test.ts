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

testPairings([
  { ...NATIVE, corpus: 'rdkafka', tool: 'make' },
  { ...NATIVE, corpus: 'rdkafka', tool: 'make', compilers: CLANG },
  { ...NATIVE, corpus: 're2', tool: 'ninja' },
]);
