/**
 * Goes through one translation unit as the preprocessor does, directive by directive, and notes each file
 * that it would read and each place where it looked in vain.
 *
 * Conditions are computed, because only so the files of Boost or the kernel are the ones that the compiler
 * reads. Whatever cannot be computed for sure is a Doubt, and the preprocessor itself answers.
 *
 * Source: GCC's cpp manual, "Computed Includes", "Pragmas".
 */
import type { ByteString } from '../base/byte-string.ts';
import { computeName } from './computed-name.ts';
import { isTrue, type ConditionContext } from './condition.ts';
import type {
  ConditionDirective,
  ConditionText,
  Directive,
  IncludeDirective,
  IncludeWay,
} from './directive.ts';
import { Doubt, type DoubtReason } from './doubt.ts';
import type { DirectoryEntry, FileEntry, ReadFile } from './file-entry.ts';
import type { FileTree } from './file-tree.ts';
import { Footing } from './footing.ts';
import { isHarmless } from './group.ts';
import { HeaderSearch, type Frame } from './header-search.ts';
import type { Macro } from './macro.ts';
import { MacroState } from './macro-state.ts';
import type { Mark } from './mark.ts';
import { isReason, objectTo } from './objection.ts';
import { OnceFiles } from './once-files.ts';
import { Queries } from './query.ts';
import { makeSpecial } from './special-macro.ts';
import type { Token } from './token.ts';
import type { Translation } from './translation.ts';

export interface Walked {
  readonly files: readonly ReadFile[];
  /** Those of them of which nothing is seen under that name. */
  readonly unread: ReadonlySet<ReadFile>;
  /** What links lead to in vain. */
  readonly missing: readonly FileEntry[];
  /** Where names were looked up in vain, or anything was looked at. */
  readonly directories: readonly DirectoryEntry[];
  /** What files have in them that may matter to whoever sends them. */
  readonly marks: ReadonlySet<DoubtReason>;
  /** Whether it matters which names are the same file. */
  readonly standsOnIdentity: boolean;
}

/** As in gcc. */
const DEEPEST = 200;
const MOST_DIRECTIVES = 5_000_000;

/**
 * @throws {Doubt} where it cannot be said which files are read.
 * @throws {MustAsk} where it takes something that only the compiler knows.
 */
export function walk(tree: FileTree, translation: Translation): Walked {
  return new Walk(tree, translation).run();
}

class Walk implements ConditionContext {
  readonly #translation: Translation;
  readonly #footing: Footing;
  readonly #search: HeaderSearch;
  readonly #macros: MacroState;
  readonly #once = new OnceFiles();
  readonly #frames: Frame[] = [];
  readonly #marks = new Set<DoubtReason>();
  readonly #queries: Queries;
  readonly hasWords: boolean;
  readonly hasTrue: boolean;
  readonly hasUnsignedCharacters: boolean;
  #directives = 0;
  #hasOtherNames: boolean;

  constructor(tree: FileTree, translation: Translation) {
    this.#translation = translation;
    this.#footing = new Footing(tree);
    this.#search = new HeaderSearch(tree, translation, this.#footing);
    this.#macros = new MacroState(translation);
    this.#queries = new Queries(this, translation.answers);
    this.#hasOtherNames = translation.mapsNames;
    this.hasWords = translation.macros.has('__cplusplus');
    this.hasTrue = translation.hasTrue;
    this.hasUnsignedCharacters = translation.macros.has('__CHAR_UNSIGNED__');
  }

  run(): Walked {
    const { macroFiles, preincluded, search } = this.#translation;
    for (const entry of search.opened) this.#footing.addDirectory(entry);
    for (const absence of search.absences) this.#footing.addAbsence(absence);
    this.#macros.define(this.#translation.definitions);
    const main = this.#search.findSource();
    const directives = this.#open(main);
    this.#frames.push(main);
    for (const name of macroFiles) this.#enter(this.#search.findNamed(name));
    for (const { name, isBuiltin } of preincluded) {
      const found = isBuiltin ? this.#search.findBuiltin(name) : this.#search.findNamed(name);
      if (found !== undefined) this.#enter(found);
    }
    this.#obey(directives);
    this.#footing.close();
    return {
      files: this.#footing.files,
      unread: this.#footing.unread,
      missing: this.#footing.missing,
      directories: this.#footing.directories,
      marks: this.#marks,
      standsOnIdentity: this.#once.hasTwins,
    };
  }

  // What conditions and macros ask for.

  get(name: ByteString): Macro | undefined {
    return this.#macros.get(name);
  }

  special(name: ByteString): Token | undefined {
    if (!name.startsWith('__') || !this.#macros.isBuiltin(name)) return undefined;
    const isKnown = !this.#hasOtherNames;
    return makeSpecial(
      name,
      isKnown ? { level: this.#frames.length - 1, file: this.#current.typed } : undefined,
    );
  }

  isDefined(name: ByteString): boolean {
    return this.get(name) !== undefined || this.#macros.isBuiltin(name);
  }

  isQuery(name: ByteString): boolean {
    return name.startsWith('__') && /^__(?:has|is|building)_/.test(name) && this.#macros.isBuiltin(name);
  }

  ask(operator: ByteString, operand: ByteString): bigint {
    return this.#queries.ask(operator, operand);
  }

  hasFile(operator: ByteString, name: ByteString, counts: boolean): boolean {
    // clang looks, and reports the file as a dependency, even where the answer does not count.
    if (!counts && !this.#translation.isClang) return false;
    const found = this.#find(operator === '__has_include_next' ? 'include_next' : 'include', name);
    if (found !== undefined) this.#footing.addFile(found.file, found.typed, true);
    return found !== undefined;
  }

  nameHeader(tokens: readonly Token[]): ByteString {
    return computeName(tokens, this, this.#translation);
  }

  // Files.

  get #current(): Frame {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Doubt('bad-directive', 'outside of all files');
    return frame;
  }

  #find(way: IncludeWay, quoted: ByteString): Frame | undefined {
    if (quoted.startsWith('/', 1)) this.#marks.add('absolute-include');
    return this.#search.find(way, quoted, { frame: this.#current, isMain: this.#frames.length === 1 });
  }

  #enter(frame: Frame, isImport = false): void {
    const isDone = isImport ? this.#once.import(frame.file) : this.#once.has(frame.file);
    if (isDone || this.#isHidden(frame)) return this.#footing.addFile(frame.file, frame.typed, true);
    if (this.#frames.length >= DEEPEST)
      throw new Doubt('bad-directive', `${frame.typed} is included too deep`);
    const directives = this.#open(frame);
    this.#frames.push(frame);
    this.#obey(directives);
    this.#frames.pop();
  }

  /** By its guard, as compilers see without reading it again. */
  #isHidden({ file }: Frame): boolean {
    const { guard } = file.content.scannedAs(this.#translation.dialect);
    return guard !== undefined && this.isDefined(guard);
  }

  #open({ file, typed }: Frame): readonly Directive[] {
    this.#footing.addFile(file, typed);
    this.#once.enter(file);
    const scanned = file.content.scannedAs(this.#translation.dialect);
    for (const mark of scanned.marks) this.#noteMark(mark, typed);
    for (const name of scanned.pragmaMacros) this.#macros.makeOdd(name);
    this.#queries.add(scanned.queries);
    return scanned.directives;
  }

  #noteMark(mark: Mark, detail: string): void {
    if (mark === 'pragma-target' || mark === 'pragma-optimize') this.#macros.doubtOptions(mark);
    else if (isReason(mark)) this.#marks.add(mark);
    objectTo(mark, detail, this.#translation);
  }

  // Directives.

  #obey(directives: readonly Directive[]): void {
    /** For each open group: whether one of its branches was taken. */
    const taken: boolean[] = [];
    for (let at = 0; at < directives.length; at++) {
      const directive = directives[at];
      if (directive === undefined) return;
      if (++this.#directives > MOST_DIRECTIVES) throw new Doubt('too-large', this.#current.typed);
      switch (directive.kind) {
        case 'define':
          this.#macros.set(directive.macro);
          break;
        case 'undef':
          this.#macros.delete(directive.name);
          break;
        case 'if': {
          const holds = this.#holdsOrPasses(directives, at, directive);
          taken.push(holds);
          if (!holds) at = directive.next - 1;
          break;
        }
        case 'elif':
        case 'else': {
          // Reached at the end of a branch that was taken, or by a jump from one that was not.
          const isDecided = taken.at(-1);
          if (isDecided === undefined) this.#objectToOpen(directive.kind);
          const holds = !isDecided && this.#holds(directive.condition);
          if (holds) taken[taken.length - 1] = true;
          else at = directive.next - 1;
          break;
        }
        case 'endif':
          if (taken.pop() === undefined) this.#objectToOpen(directive.kind);
          break;
        case 'include':
          this.#include(directive);
          break;
        case 'once':
          // clang pays no heed to it there.
          if (this.#frames.length > 1 || !this.#translation.isClang) this.#once.add(this.#current.file);
          break;
        case 'push':
        case 'pop':
          this.#macros[directive.kind](directive.name);
          break;
        case 'options':
          this.#macros.changeOptions(directive);
          break;
        case 'line':
          this.#hasOtherNames = true;
          break;
        case 'doubt':
          throw new Doubt(directive.reason, directive.detail);
      }
    }
    if (taken.length > 0) this.#objectToOpen('if');
  }

  #objectToOpen(word: string): never {
    throw new Doubt('bad-directive', `#${word} alone in ${this.#current.typed}`);
  }

  /**
   * As #holds(). A group of which nobody can say whether it counts is passed over, if nothing is read in it: what
   * it sets is not known from there on. gcc's headers for processors are full of them.
   */
  #holdsOrPasses(directives: readonly Directive[], at: number, directive: ConditionDirective): boolean {
    try {
      return this.#holds(directive.condition);
    } catch (error) {
      if (!(error instanceof Doubt && error.reason === 'odd-macro' && isHarmless(directives, at, directive)))
        throw error;
      this.#macros.doubtGroup(directives.slice(at + 1, directive.next));
      return false;
    }
  }

  #holds(condition: ConditionText): boolean {
    switch (condition.kind) {
      case 'always':
        return true;
      case 'defined':
        return this.isDefined(condition.name) === condition.holds;
      case 'expression':
        return isTrue(condition.tokens, this);
    }
  }

  #include({ way, header, tokens }: IncludeDirective): void {
    const name = header ?? this.nameHeader(tokens);
    const found = this.#find(way, name);
    if (found === undefined) throw new Doubt('no-such-header', `${name} in ${this.#current.typed}`);
    if (way === 'embed') return this.#footing.addFile(found.file, found.typed);
    return this.#enter(found, way === 'import');
  }
}
