/** Why jobs went as they did, for people: one story, or all that were compiled here, by why. */
import path from 'node:path';
import { tame } from '../base/tame.ts';
import { quoteForShell } from '../base/shell.ts';
import type { Step, Story, StoryQuestion } from '../events/history.ts';

/** What is known of reasons. */
export interface Reasons {
  readonly sentenceOf: (reason: string) => string | undefined;
  readonly remedyOf: (reason: string) => string | undefined;
}

const MOST_NAMES = 5;

/** @param stories that were asked for. */
export function explain(stories: readonly Story[], kind: StoryQuestion['kind'], reasons: Reasons): string {
  if (stories.length === 0) return NOTHING[kind];
  const text =
    kind === 'local'
      ? explainByReason(stories, reasons)
      : stories.map((story) => tell(story, reasons)).join('\n');
  return tame(text);
}

const NOTHING: Readonly<Record<StoryQuestion['kind'], string>> = {
  file: 'No job of that name is known to the agent: it ran before the agent started, or through another one (DISTCC_DIR)',
  last: 'The agent has seen no job yet',
  local: 'Nothing was compiled here',
  all: 'The agent has seen no job yet',
  trouble: 'Nothing went otherwise than meant',
};

function tell(story: Story, reasons: Reasons): string {
  const { source, directory, argv, steps, bytesSent, bytesReceived, phases } = story;
  const lines = [`${source} in ${directory}: ${endOf(story)}`];
  if (story.reason !== '') lines.push(...because('why   ', story, reasons));
  for (const step of steps) lines.push(...wentWrong(step, reasons));
  if (phases.length > 0) lines.push(`took  ${durationsOf(story).join(', ')}`);
  if (bytesSent + bytesReceived > 0)
    lines.push(`wire  sent ${bytesSent} bytes, received ${bytesReceived} bytes`);
  if (argv.length > 0 && story.ending !== 'remote' && story.ending !== 'cached')
    lines.push(
      `try   cd ${inShell(directory)} && DISTCC_VERBOSE=1 DISTCC_FALLBACK=0 distcc ${commandOf(story)}`,
    );
  return lines.map((line, index) => (index === 0 ? line : `  ${line}`)).join('\n');
}

function endOf({ ending, host, elapsedMs }: Story): string {
  const seconds = `${(elapsedMs / 1000).toFixed(2)} s`;
  switch (ending) {
    case 'remote':
      return `compiled on ${host} in ${seconds}`;
    case 'cached':
      return `its result was in the cache (${seconds})`;
    case 'local':
      return `compiled here in ${seconds}`;
    case 'failed':
      return `failed after ${seconds}`;
    case 'cancelled':
      return `given up by its caller after ${seconds}`;
    case undefined:
      return 'under way';
  }
}

function because(
  label: string,
  { reason, detail }: Pick<Step, 'reason' | 'detail'>,
  { sentenceOf, remedyOf }: Reasons,
): string[] {
  const remedy = remedyOf(reason);
  return [
    `${label}${[sentenceOf(reason) ?? reason, detail].filter(Boolean).join(': ')}`,
    ...(remedy === undefined ? [] : [`do    ${remedy}`]),
  ];
}

function wentWrong(step: Step, reasons: Reasons): string[] {
  const label = step.host === '' ? 'then  ' : `then  ${step.host}: `;
  if (step.kind === 'trouble') return [`${label}${step.detail}`];
  return because(`${label}sent in a lesser form: `, step, reasons);
}

/** Each phase with its time; those of no time at all are left out. */
function durationsOf({ phases, elapsedMs, ending }: Story): string[] {
  const all = phases.map(([phase, beganMs], index) => {
    const endedMs = phases[index + 1]?.[1] ?? (ending === undefined ? beganMs : Math.round(elapsedMs));
    return { phase, tookMs: endedMs - beganMs };
  });
  // A job that asks several hosts has a phase more than once.
  const sums = Map.groupBy(all, ({ phase }) => phase);
  return [...sums].flatMap(([phase, parts]) => {
    const tookMs = parts.reduce((sum, part) => sum + part.tookMs, 0);
    return tookMs < 1 ? [] : [`${phase} ${tookMs} ms`];
  });
}

function explainByReason(stories: readonly Story[], reasons: Reasons): string {
  const byReason = Map.groupBy(stories, ({ reason }) => reason);
  const groups = [...byReason].sort(([, one], [, other]) => other.length - one.length);
  return groups
    .map(([reason, some]) => {
      const names = [...new Set(some.map(({ source }) => source))];
      const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : '';
      const [first] = some;
      return [
        `${some.length} compiled here: ${reasons.sentenceOf(reason) ?? reason}`,
        `  such as ${names.slice(0, MOST_NAMES).join(', ')}${more}`,
        ...(first?.detail ? [`  why   ${first.detail}`] : []),
        ...(reasons.remedyOf(reason) === undefined ? [] : [`  do    ${reasons.remedyOf(reason)}`]),
      ].join('\n');
    })
    .join('\n');
}

function commandOf({ argv }: Story): string {
  const [first = '', ...rest] = argv;
  return [path.basename(first), ...rest].map(inShell).join(' ');
}

function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : quoteForShell(word);
}
