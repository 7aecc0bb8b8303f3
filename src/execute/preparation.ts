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

  /** Known once it was stated as blobs of some kind. */
  get toolchain(): StatedToolchain | undefined {
    return this.#toolchain;
  }

  /** undefined where it cannot be had in any of them. @param forms that its host takes, the best first. */
  async make(forms: readonly Form[]): Promise<Result<SentAction | undefined, T>> {
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
      if ('toolchain' in made.value) this.#toolchain = made.value.toolchain;
      this.#made.set(form, made.value);
      return ok(made.value);
    }
    return ok(undefined);
  }

  mayBe(form: Form): boolean {
    return !this.#out.has(form);
  }

  /** Whether some form cannot be had, or was of no use. */
  get lacksForms(): boolean {
    return this.#out.size > 0;
  }

  /** The form was of no use: the next one will be tried. */
  demote(form: Form): void {
    this.#out.add(form);
  }
}
