/**
 * Which macros there are at one place of a translation unit, as far as that is known.
 *
 * `#pragma GCC target` and `optimize` change what the compiler defines: from there on only macros that a text
 * defines are sure, and a few that no such option changes.
 *
 * Source: GCC manual, "Function Specific Option Pragmas", "Push/Pop Macro Pragmas".
 */
import type { ByteString } from '../base/byte-string.ts';
import type { OptionsWay } from './directive.ts';
import { Doubt } from './doubt.ts';
import type { Macro } from './macro.ts';
import type { Translation } from './translation.ts';

/** What compilers define whatever the processor is that they are to write for. */
const STEADY =
  /^__(?:cplusplus$|.*_[Hh](?:__)?$|(?:DEFINED|DISABLE)_\w+|[a-z_]*(?:size|wchar|ptrdiff|wint)_t|\w*_T(?:YPE)?_*$|OPTIMIZE(?:__)?$|x86_64__|i386__|iamcu__|[A-Z][a-z]\w*__$|VMS__$|BEOS__|GNUG__|sequent__|LP64__|ILP32__|CHAR_BIT__|STRICT_ANSI__|ELF__|(?:GNUC|STDC|SIZEOF|GLIBC|GNU|USE|need)_|has_)/;
/** What has nothing to do with vectors, in the headers that gcc reads for general registers only. */
const GENERAL =
  /^__(?:ADX|BMI2?|CET|CLDEMOTE|CLWB|CLFLUSHOPT|CLZERO|CMPCCXADD|CRC32|ENQCMD|FXSR|FSGSBASE|HRESET|LWP|LZCNT|MOVBE|MOVDIRI|MOVDIR64B|MWAITX?|PCONFIG|PKU|POPCNT|PREFETCHI|PRFCHW|PTWRITE|RAOINT|RDPID|RDRND|RDSEED|RTM|SERIALIZE|SGX|SHSTK|TBM|TSXLDTRK|UINTR|USER_MSR|WAITPKG|WBNOINVD|XSAVE|XSAVEC|XSAVEOPT|XSAVES)__$/;
const OPTIMIZER = '__OPTIMIZE__';

/** How far options may have been changed in the text. */
type Options = 'given' | 'general-registers' | 'other-target' | 'other';

export class MacroState {
  readonly #isClang: boolean;
  readonly #given: ReadonlyMap<ByteString, Macro>;
  readonly #macros: Map<ByteString, Macro>;
  readonly #builtins: Set<ByteString>;
  readonly #pushed = new Map<ByteString, (Macro | undefined)[]>();
  readonly #odd = new Set<ByteString>();
  #options: Options = 'given';
  readonly #pushedOptions: Options[] = [];
  #hasDoubtfulOptions = false;

  constructor({ macros, builtins, isClang }: Pick<Translation, 'macros' | 'builtins' | 'isClang'>) {
    this.#isClang = isClang;
    this.#given = macros;
    this.#macros = new Map(macros);
    this.#builtins = new Set(builtins);
  }

  /** @throws {Doubt} when it may be another by now. */
  get(name: ByteString): Macro | undefined {
    if (this.#odd.size > 0 && this.#odd.has(name)) throw new Doubt('odd-macro', name);
    const macro = this.#macros.get(name);
    if (this.#hasDoubtfulOptions || this.#options !== 'given') this.#objectToOption(name, macro);
    return macro;
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

  changeOptions(way: OptionsWay): void {
    switch (way) {
      case 'push':
        this.#pushedOptions.push(this.#options);
        break;
      case 'pop':
        this.#options = this.#pushedOptions.pop() ?? 'given';
        break;
      case 'reset':
        this.#options = 'given';
        break;
      case 'general-registers':
        if (this.#options === 'given') this.#options = way;
        break;
      case 'target':
        if (this.#options !== 'other') this.#options = 'other-target';
        break;
      case 'optimize':
        this.#options = 'other';
    }
  }

  /** They may be changed where we do not see it. */
  doubtOptions(): void {
    this.#hasDoubtfulOptions = true;
  }

  #objectToOption(name: ByteString, macro: Macro | undefined): void {
    if (this.#isClang || !name.startsWith('__') || macro !== this.#given.get(name)) return;
    if (this.#options === 'general-registers' && !this.#hasDoubtfulOptions && GENERAL.test(name)) return;
    const isOther = this.#hasDoubtfulOptions || this.#options === 'other';
    if (!STEADY.test(name) || (isOther && name === OPTIMIZER)) throw new Doubt('odd-macro', name);
  }
}
