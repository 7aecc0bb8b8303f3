/** Whether what is seen in a file keeps us from saying what else is read, in this language. */
import { Doubt, DOUBTS, type DoubtReason } from './doubt.ts';
import type { Mark } from './mark.ts';
import type { Translation } from './translation.ts';

/** What compilers said of C++20 while it was being made. */
const FIRST_MODULES = 201_709;

/** @throws {Doubt} if so. */
export function objectTo(mark: Mark, detail: string, translation: Translation): void {
  switch (mark) {
    case 'modules': {
      const version = translation.macros.get('__cplusplus')?.soleToken?.text ?? '';
      if (Number.parseInt(version, 10) >= FIRST_MODULES) throw new Doubt(mark, detail);
      break;
    }
    case 'new-branches':
      if (!translation.hasNewBranches) throw new Doubt('bad-directive', `#elifdef in ${detail}`);
      break;
    case 'line-comments':
      if (!translation.hasLineComments) throw new Doubt('bad-directive', `// in ${detail}`);
      break;
    case 'bad-directive':
    case 'odd-macro':
    case 'too-large':
      throw new Doubt(mark, detail);
    default:
  }
}

/** Or it is of use in this room only. */
export function isReason(mark: Mark): mark is DoubtReason {
  return mark !== 'modules' && Object.hasOwn(DOUBTS, mark);
}
