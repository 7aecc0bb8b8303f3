/** Why a job is sent in a lesser form than its host would take: the closed list, with one sentence each for people. */
import { NATIVE_OBJECTIONS } from '../action/native-objection.ts';
import { PLAIN_OBJECTIONS } from '../action/plain-objection.ts';
import { PUMP_OBJECTIONS } from '../action/pump-objection.ts';
import { DOUBTS } from '../includes/doubt.ts';

export const DEMOTIONS = {
  ...DOUBTS,
  ...PUMP_OBJECTIONS,
  'asks-too-much': 'The compiler has to be asked too many questions',
  'cannot-ask': 'A question to the compiler cannot be written down',
  ...NATIVE_OBJECTIONS,
  ...PLAIN_OBJECTIONS,
  'odd-compiler': 'The compiler cannot be told by its parts',
  'refused-whole': 'The host does not compile it on the native wire',
  'failed-with-headers': 'The host did not compile it with the headers that we had sent',
} as const;

export type DemotionReason = keyof typeof DEMOTIONS;

export interface Demotion {
  readonly reason: DemotionReason;
  readonly detail: string;
}
