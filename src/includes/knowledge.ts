/**
 * What is known of compilers, by the options that may change it; and the questions that are still open.
 *
 * Each question has a key of its own, so that an answer belongs to what was asked even when several jobs ask
 * at the same time. A compiler that does not answer is not asked the same again.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { CompileCommand } from '../command/compile-command.ts';
import {
  askForFacts,
  askQueries,
  readAnswers,
  readFacts,
  type CompilerAnswer,
  type CompilerFacts,
  type Question,
} from './compiler-facts.ts';
import { Doubt } from './doubt.ts';

interface Entry {
  facts: CompilerFacts | 'silent' | undefined;
  readonly answers: Map<ByteString, bigint>;
  /** One query that the compiler does not take spoils the answers to all others: then each is put alone. */
  asksAlone: boolean;
  readonly refused: Set<ByteString>;
}

interface OpenQuestion {
  readonly entry: Entry;
  /** undefined for the facts. */
  readonly queries: readonly ByteString[] | undefined;
}

const MOST_KNOWN = 2000;
const MOST_OPEN = 2000;

export class Knowledge {
  readonly #known = new Map<string, Entry>();
  readonly #open = new Map<string, OpenQuestion>();

  /**
   * @param options said besides the command's own.
   * @throws {Doubt} when the compiler does not say.
   */
  facts(
    commandKey: string,
    command: CompileCommand,
    options: readonly ByteString[] = [],
  ): CompilerFacts | Question {
    const key = options.length === 0 ? commandKey : [commandKey, 'and', ...options].join('\0');
    const entry = this.#entryOf(key);
    if (entry.facts === 'silent') throw new Doubt('compiler-silent', command.compiler);
    if (entry.facts !== undefined) return entry.facts;
    this.#note(key, { entry, queries: undefined });
    return askForFacts(key, command, options);
  }

  answers(key: string): ReadonlyMap<ByteString, bigint> {
    return this.#entryOf(key).answers;
  }

  /**
   * @param queries the first cannot be done without.
   * @throws {Doubt} when the compiler has no answer to it.
   */
  ask(key: string, command: CompileCommand, queries: readonly ByteString[]): Question {
    const entry = this.#entryOf(key);
    const [first = ''] = queries;
    if (entry.refused.has(first)) throw new Doubt('bad-condition', first);
    const wanted = entry.asksAlone ? [first] : queries;
    const questionKey = [key, '', ...wanted].join('\0');
    this.#note(questionKey, { entry, queries: wanted });
    return askQueries(questionKey, command, wanted);
  }

  learn(questionKey: string, answer: CompilerAnswer): void {
    const question = this.#open.get(questionKey);
    if (question === undefined) return;
    this.#open.delete(questionKey);
    const { entry, queries } = question;
    if (queries === undefined) {
      entry.facts = readFacts(answer) ?? 'silent';
      return;
    }
    const answers = readAnswers(queries, answer);
    if (answers === undefined) {
      entry.asksAlone = true;
      if (queries.length === 1) entry.refused.add(queries[0] ?? '');
    }
    for (const [query, value] of answers ?? []) entry.answers.set(query, value);
  }

  #entryOf(key: string): Entry {
    let entry = this.#known.get(key);
    if (entry === undefined) {
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      entry = { facts: undefined, answers: new Map(), asksAlone: false, refused: new Set() };
      this.#known.set(key, entry);
    }
    return entry;
  }

  #note(key: string, question: OpenQuestion): void {
    if (this.#open.size >= MOST_OPEN) this.#open.clear();
    this.#open.set(key, question);
  }
}
