/** How one types an option, by its row of a table. */
import type { OptionRow } from '../../src/config/option.ts';

export function namesOf({ name, synonyms = [], short, value }: OptionRow): readonly string[] {
  const withValue = (option: string): string => (value === undefined ? option : `${option} ${value}`);
  return [
    ...(short === undefined ? [] : [`-${short}`]),
    withValue(`--${name}`),
    ...synonyms.map((synonym) => `--${synonym}`),
  ];
}
