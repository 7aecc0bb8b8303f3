/**
 * What a text asks the compiler about itself: `__has_builtin(x)` and the like. All that may be asked in the files
 * seen so far is asked together, because each question is a process.
 */
import type { ByteString } from '../base/byte-string.ts';
import { FILE_OPERATORS, type ConditionContext } from './condition.ts';
import { Doubt } from './doubt.ts';
import { Expander } from './expand.ts';
import { tokenize } from './token.ts';
import type { Translation } from './translation.ts';

/** The compiler has to be asked these, before the walk can go on. */
export class MustAsk extends Error {
  readonly queries: readonly ByteString[];

  constructor(queries: readonly ByteString[]) {
    super('the compiler has to be asked');
    this.queries = queries;
  }
}

export class Queries {
  readonly #context: ConditionContext;
  readonly #answers: Translation['answers'];
  readonly #calls = new Set<ByteString>();

  constructor(context: ConditionContext, answers: Translation['answers']) {
    this.#context = context;
    this.#answers = answers;
  }

  /** @param calls that may be questions, or become some: `NAME(x)`. */
  add(calls: readonly ByteString[]): void {
    for (const call of calls) this.#calls.add(call);
  }

  /** @throws {MustAsk} before there is an answer: for this, and what else may be asked. */
  ask(operator: ByteString, operand: ByteString): bigint {
    const query = `${operator}(${operand.replaceAll(/\s/g, '')})`;
    const [, first = '', second = ''] = /^(\w+)(?:\s*::\s*(\w+))?$/.exec(operand) ?? [];
    const isWarning = operator === '__has_warning' && /^"-W[\w+=-]+"$/.test(operand);
    // Whether such a name is expanded differs from operator to operator.
    const isPlain =
      first !== '' && this.#context.get(first) === undefined && this.#context.get(second) === undefined;
    if (!isPlain && !isWarning) throw new Doubt('bad-condition', query);
    const answer = this.#answers.get(query);
    if (answer !== undefined) return answer;
    const others = [...this.#calls].flatMap((call) => this.#queryOf(call) ?? []);
    throw new MustAsk([...new Set([query, ...others])].filter((one) => !this.#answers.has(one)));
  }

  /** What a call in some condition asks the compiler, if it does. */
  #queryOf(call: ByteString): ByteString | undefined {
    try {
      const text = new Expander(this.#context, tokenize(call))
        .rest()
        .map((token) => token.text)
        .join('');
      const [, operator = ''] = /^(__\w+)\([A-Za-z_][\w:]*\)$/.exec(text) ?? [];
      return FILE_OPERATORS.has(operator) || !this.#context.isQuery(operator) ? undefined : text;
    } catch (error) {
      if (error instanceof Doubt) return undefined;
      throw error;
    }
  }
}
