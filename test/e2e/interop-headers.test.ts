/**
 * Whole projects with their headers sent, to our daemon and to Debian's distcc 3.4 (rig/pairing.ts): from ours
 * come the bytes of the direct compile, from Debian's the same once debug sections are stripped.
 */
import { testPairings } from '../rig/pairing.ts';

const WITH_HEADERS = { client: 'ours', compression: ',cpp,lzo', optimisation: '-O1', tool: 'make' } as const;

testPairings([
  { ...WITH_HEADERS, corpus: 'rdkafka', daemon: 'debian' },
  { ...WITH_HEADERS, corpus: 'rdkafka', daemon: 'ours' },
  // The daemon is the same, and a third of the files has all kinds in it.
  { ...WITH_HEADERS, corpus: 're2', daemon: 'debian', every: 3 },
  { ...WITH_HEADERS, corpus: 're2', daemon: 'ours' },
]);
