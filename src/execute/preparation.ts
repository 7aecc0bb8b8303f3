/** What one job sends, made when it is needed, and each form once. */
import type { SentAction, StatedToolchain } from '../action/action.ts';
import { ok, type Result } from '../base/result.ts';

export type Form = SentAction['kind'];

/**
 * Makes what is to be sent, or says why it cannot be made or must not leave. undefined where it cannot be had in
 * this form, but in another one; a text can always be had.
 */
export type Prepare<T> = (form: Form) => Promise<Result<SentAction | undefined, T>>;

export class Preparation<T> {
  readonly #prepare: Prepare<T>;
  readonly #made = new Map<Form, SentAction>();
  readonly #out = new Set<Form>();
  #toolchain: StatedToolchain | undefined;

  constructor(prepare: Prepare<T>) {
    this.#prepare = prepare;
  }

  /** Known once it was stated as blobs. */
  get toolchain(): StatedToolchain | undefined {
    return this.#toolchain;
  }

  /** @param forms that its host takes, the best first; a text among them. */
  async make(forms: readonly Form[]): Promise<Result<SentAction, T>> {
    for (const form of forms) {
      if (this.#out.has(form)) continue;
      const before = this.#made.get(form);
      if (before !== undefined) return ok(before);
      const made = await this.#prepare(form);
      if (!made.ok) return made;
      if (made.value === undefined) {
        this.demote(form);
        continue;
      }
      if (made.value.kind === 'blobs') this.#toolchain = made.value.toolchain;
      this.#made.set(form, made.value);
      return ok(made.value);
    }
    throw new Error('A job was to be sent in no form at all');
  }

  /** The form was of no use: the next one will be tried. */
  demote(form: Form): void {
    this.#out.add(form);
  }
}
