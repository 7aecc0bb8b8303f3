/** What `manyhands doctor` has to say: one sentence each, and what to type. */

import { tame } from '../../base/tame.ts';

export type Severity =
  /** Nothing is distributed so, or less than could be. */
  | 'bad'
  /** It works, but not as well as it could. */
  | 'warning'
  | 'good';

export interface Finding {
  /** Of a closed list, for programs. */
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly sentence: string;
  readonly remedy?: string | undefined;
}

/** All that is looked for, with how bad it is. */
export const FINDINGS = {
  'agent-here': 'good',
  'agent-gone': 'warning',
  'no-agent': 'good',
  'no-host-list': 'bad',
  'bad-host-list': 'bad',
  'bad-entry': 'warning',
  'bad-setting': 'bad',
  'only-localhost': 'bad',
  'host-unreachable': 'bad',
  'host-refuses': 'bad',
  'host-fails': 'bad',
  'host-compiler': 'bad',
  'host-differs': 'bad',
  'host-lesser': 'warning',
  'host-full': 'warning',
  'host-clock': 'warning',
  'host-old': 'warning',
  'host-limit': 'warning',
  'host-good': 'good',
  'not-on-path': 'warning',
  'behind-compiler': 'warning',
  'before-ccache': 'bad',
  'native-flag': 'bad',
  'few-jobs': 'warning',
  'one-job': 'warning',
  'stays-here': 'warning',
  'stock-client': 'warning',
  'directory-unwritable': 'bad',
  'disk-full': 'warning',
  'no-compiler': 'bad',
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingKind = keyof typeof FINDINGS;

export function finding(kind: FindingKind, sentence: string, remedy?: string): Finding {
  return { kind, severity: FINDINGS[kind], sentence, remedy };
}

const MARKS: Readonly<Record<Severity, string>> = { bad: '✗', warning: '!', good: '✓' };

/** As people read them: what is bad first. */
export function formatFindings(findings: readonly Finding[]): string {
  const order: readonly Severity[] = ['bad', 'warning', 'good'];
  const lines = order.flatMap((severity) =>
    findings
      .filter((one) => one.severity === severity)
      .flatMap(({ sentence, remedy }) => [
        `${MARKS[severity]} ${sentence}`,
        ...(remedy === undefined ? [] : [`  do: ${remedy}`]),
      ]),
  );
  const count = findings.filter(({ severity }) => severity === 'bad').length;
  const end =
    count === 0
      ? 'Nothing stands in the way.'
      : `${count} ${count === 1 ? 'thing stands' : 'things stand'} in the way.`;
  return tame([...lines, end].join('\n'));
}
