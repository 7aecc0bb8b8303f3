/**
 * Which macros there are at one place of a translation unit, as far as that is known.
 *
 * `#pragma GCC target("avx2")` and `optimize("O3")` change what gcc itself defines, so where options are not
 * those of the command, gcc is asked what it defines with -mavx2 or -O3 besides: once for each set of options,
 * and only where a condition asks for a macro of the compiler. Its own headers for processors have a hundred such
 * places, and ask in nearly all of them for what no target changes: that is no reason to ask (STEADY).
 *
 * Where the options cannot be told, what looks like a macro of gcc's for processors or optimization is in
 * doubt. clang passes over these pragmas. gcc 12 does so, too, with -E; here counts what a compile does.
 *
 * Source: GCC manual, "Function Specific Option Pragmas", "Push/Pop Macro Pragmas"; for what optimize("…")
 * takes, gcc/c-family/c-common.cc, parse_optimize_options.
 */
import type { ByteString } from '../base/byte-string.ts';
import type { Directive, OptionsDirective } from './directive.ts';
import { Doubt } from './doubt.ts';
import type { Macro } from './macro.ts';
import type { Translation } from './translation.ts';

/** What `target` does not change, be it ever so often asked there. */
const STEADY: ReadonlySet<string> = new Set(['__x86_64__', '__i386__', '__OPTIMIZE__']);
/** All that compilers define begins so, but for names like `linux`, which no such option changes. */
const RESERVED = /^_[_A-Z]/;
/** In capitals between underscores, but for names of headers, types and languages; or by other families' habits. */
const OF_OPTIONS =
  /^__(?!STDC_|GNU|ASSEMBLER__$|ELF__$|LP64__$|.*_[TH]__$|.*_TYPE__$)[A-Z][A-Z\d_]*__$|^(?:__ARM_|__riscv_|_ARCH_)/;

/** What `optimize` changes; see gcc/c-family/c-cppbuiltin.cc, c_cpp_builtins_optimize_pragma. */
const OF_OPTIMIZATION = /^__(?:OPTIMIZE|OPTIMIZE_SIZE|SUPPORT_SNAN|\w*_MATH(?:_\w+)?|NO_\w+)__$/;

/** What is said besides the command's own; undefined where that is not known. */
type Options = readonly ByteString[] | undefined;
const GIVEN: Options = [];

export class MacroState {
  readonly #isClang: boolean;
  readonly #given: ReadonlyMap<ByteString, Macro>;
  readonly #macrosWith: Translation['macrosWith'];
  readonly #macros: Map<ByteString, Macro>;
  readonly #builtins: Set<ByteString>;
  readonly #pushed = new Map<ByteString, (Macro | undefined)[]>();
  readonly #odd = new Set<ByteString>();
  #options = GIVEN;
  readonly #pushedOptions: Options[] = [];
  /** What may have been changed where we do not see it. */
  #doubtful: 'pragma-target' | 'pragma-optimize' | undefined;

  constructor({
    macros,
    builtins,
    isClang,
    macrosWith,
  }: Pick<Translation, 'macros' | 'builtins' | 'isClang' | 'macrosWith'>) {
    this.#isClang = isClang;
    this.#given = macros;
    this.#macrosWith = macrosWith;
    this.#macros = new Map(macros);
    this.#builtins = new Set(builtins);
  }

  /** @throws {Doubt} when it may be another by now. */
  get(name: ByteString): Macro | undefined {
    if (this.#odd.size > 0 && this.#odd.has(name)) throw new Doubt('odd-macro', name);
    const macro = this.#macros.get(name);
    const isPlain = this.#doubtful === undefined && this.#options?.length === 0;
    return isPlain || this.#isClang || !RESERVED.test(name) ? macro : this.#getChanged(name, macro);
  }

  /** Of those without a text. */
  isBuiltin(name: ByteString): boolean {
    return this.#builtins.has(name);
  }

  define(definitions: Translation['definitions']): void {
    for (const definition of definitions) {
      if ('undefined' in definition) this.delete(definition.undefined);
      else this.set(definition);
    }
  }

  set(macro: Macro): void {
    this.#macros.set(macro.name, macro);
  }

  delete(name: ByteString): void {
    this.#macros.delete(name);
    this.#builtins.delete(name);
  }

  push(name: ByteString): void {
    if (this.#builtins.has(name)) throw new Doubt('odd-macro', name);
    const values = this.#pushed.get(name) ?? [];
    values.push(this.#macros.get(name));
    this.#pushed.set(name, values);
  }

  pop(name: ByteString): void {
    const values = this.#pushed.get(name);
    if (values === undefined || values.length === 0) return;
    const macro = values.pop();
    if (macro === undefined) this.#macros.delete(name);
    else this.#macros.set(name, macro);
  }

  /** It may be set aside or brought back where we do not see it. */
  makeOdd(name: ByteString): void {
    this.#odd.add(name);
  }

  /** Directives of which it is not known whether they count: none of them reads anything, or is a condition. */
  doubtGroup(group: readonly Directive[]): void {
    for (const one of group) {
      if (one.kind === 'define') this.makeOdd(one.macro.name);
      if (one.kind === 'undef') this.makeOdd(one.name);
      if (one.kind === 'options' && one.way === 'add') this.#options = undefined;
    }
  }

  changeOptions({ way, words }: OptionsDirective): void {
    switch (way) {
      case 'push':
        this.#pushedOptions.push(this.#options);
        break;
      case 'pop':
        this.#options = this.#pushedOptions.length === 0 ? GIVEN : this.#pushedOptions.pop();
        break;
      case 'reset':
        this.#options = GIVEN;
        break;
      case 'add':
        this.#options = this.#options && words && [...this.#options, ...words];
    }
  }

  /** They may be changed where we do not see it. */
  doubtOptions(by: 'pragma-target' | 'pragma-optimize'): void {
    if (this.#doubtful !== 'pragma-target') this.#doubtful = by;
  }

  /** Of those that the compiler may have changed. */
  #getChanged(name: ByteString, macro: Macro | undefined): Macro | undefined {
    const given = this.#given.get(name);
    const isOwn = macro === given;
    if (!isOwn && given === undefined) return macro;
    const options = STEADY.has(name)
      ? this.#options?.filter((word) => !word.startsWith('-m'))
      : this.#options;
    if (options !== undefined && this.#doubtful === undefined && isOwn)
      return options.length === 0 ? macro : this.#macrosWith(options).get(name);
    const isOptimization = this.#doubtful === 'pragma-optimize' && this.#options?.length === 0;
    if ((isOptimization ? OF_OPTIMIZATION : OF_OPTIONS).test(name)) throw new Doubt('odd-macro', name);
    return macro;
  }
}
