/** Groups of directives that count or do not: what stands between `#if`, `#elif`, `#else` and `#endif`. */
import type { ConditionDirective, Directive } from './directive.ts';

/** Says to each `if`, `elif` and `else` where its group ends. */
export function linkConditions(directives: readonly Directive[]): void {
  const open: number[] = [];
  for (const [index, directive] of directives.entries()) {
    if (directive.kind === 'if') {
      open.push(index);
    } else if (directive.kind === 'elif' || directive.kind === 'else' || directive.kind === 'endif') {
      const before = directives[open.at(-1) ?? -1];
      if (before !== undefined && 'next' in before) before.next = index;
      if (directive.kind === 'endif') open.pop();
      else if (open.length > 0) open[open.length - 1] = index;
    }
  }
  for (const index of open) {
    const directive = directives[index];
    if (directive !== undefined && 'next' in directive) directive.next = directives.length;
  }
}

/** Whether nothing is read in the group, be it counted or not, and there is no other for the same condition. */
export function isHarmless(
  directives: readonly Directive[],
  at: number,
  { next }: ConditionDirective,
): boolean {
  return (
    directives[next]?.kind === 'endif' &&
    directives
      .slice(at + 1, next)
      .every(({ kind }) => kind === 'options' || kind === 'define' || kind === 'undef')
  );
}
