/** A job's story with what is known of its reasons, as the page gets it. */
import type { Story } from '../../events/history.ts';

export interface ReasonText {
  readonly sentence: string | undefined;
  /** What its user may do about it. */
  readonly remedy: string | undefined;
}

export type DescribeReason = (reason: string) => ReasonText;

export interface ToldStory {
  readonly story: Story;
  /** By reason. */
  readonly known: Readonly<Record<string, Partial<ReasonText>>>;
}

export function describeReasons({ reason, steps }: Story, describe: DescribeReason): ToldStory['known'] {
  const reasons = [reason, ...steps.map((step) => step.reason)];
  return Object.fromEntries(reasons.map((name) => [name, describe(name)]));
}
