/**
 * Whole projects through every pairing of our programs with Debian's distcc 3.4, as preprocessed texts
 * (rig/pairing.ts).
 *
 * MANYHANDS_CONTROL=1 runs Debian's client with Debian's daemon as well, which tests the test.
 */
import type { Make } from '../rig/cluster.ts';
import { testPairings } from '../rig/pairing.ts';

const MAKES: readonly (readonly [client: Make, daemon: Make])[] = [
  ['ours', 'debian'],
  ['debian', 'ours'],
  ['ours', 'ours'],
  ...(process.env['MANYHANDS_CONTROL'] === '1' ? ([['debian', 'debian']] as const) : []),
];

testPairings([
  ...(['rdkafka', 're2'] as const).flatMap((corpus) =>
    MAKES.flatMap(([client, daemon]) =>
      (['', ',lzo'] as const).map((compression) => ({
        client,
        daemon,
        corpus,
        compression,
        optimisation: '-O1' as const,
        tool: 'make' as const,
      })),
    ),
  ),
  {
    client: 'ours',
    daemon: 'ours',
    corpus: 'rdkafka',
    compression: ',lzo',
    optimisation: '-O2',
    tool: 'ninja',
  },
]);
