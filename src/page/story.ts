/** One job's whole story, as text. */
import type { ToldStory } from '../monitor/web/told-story.ts';
import { formatBytes, formatTime } from './format.ts';
import { element } from './lists.ts';

export function showStory(told: ToldStory | undefined): void {
  const text = document.createElement('pre');
  text.textContent = told === undefined ? 'It is not remembered any more.' : tell(told);
  element('story').replaceChildren(text);
}

function tell({ story, known }: ToldStory): string {
  const { source, directory, ending, host, reason, detail, elapsedMs, steps, phases, argv } = story;
  const because = (name: string, more: string): string[] => {
    const { sentence, remedy } = known[name] ?? {};
    return [
      ...(name === '' ? [] : [`why  ${[sentence ?? name, more].filter(Boolean).join(': ')}`]),
      ...(remedy === undefined ? [] : [`do   ${remedy}`]),
    ];
  };
  const end =
    ending === undefined ? 'under way' : `${ending}${host && ` on ${host}`}, ${formatTime(elapsedMs)}`;
  const lines = [source, `in   ${directory}`, `end  ${end}`, ...because(reason, detail)];
  for (const step of steps) lines.push(`${step.kind}  ${step.host}`, ...because(step.reason, step.detail));
  for (const [index, [phase, beganMs]] of phases.entries()) {
    const toMs = phases[index + 1]?.[1] ?? (ending === undefined ? beganMs : elapsedMs);
    lines.push(`  ${phase.padEnd(11)}${formatTime(Math.max(0, toMs - beganMs))}`);
  }
  const [sent, received] = [formatBytes(story.bytesSent), formatBytes(story.bytesReceived)];
  if (sent !== '' || received !== '') lines.push(`wire ${sent || '0'} sent, ${received || '0'} received`);
  if (argv.length > 0) lines.push('', argv.join(' '));
  return lines.join('\n');
}
