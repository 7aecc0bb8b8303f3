/**
 * Goes through one translation unit as the preprocessor does, directive by directive, and notes each file
 * that it would read and each place where it looked in vain.
 *
 * Conditions are computed, because only so the files of Boost or the kernel are the ones that the compiler
 * reads. Whatever cannot be computed for sure is a Doubt, and the preprocessor itself answers.
 *
 * Source: GCC's cpp manual, "Search Path", "Wrapper Headers", "Computed Includes"; gcc's libcpp/files.cc for what
 * include_next continues from.
 */
import type { ByteString } from '../base/byte-string.ts';
import { FILE_OPERATORS, isTrue, joinName, type ConditionContext } from './condition.ts';
import type { ConditionText, Directive, IncludeDirective, IncludeWay, ScannedText } from './directive.ts';
import { Doubt, type DoubtReason } from './doubt.ts';
import { Expander } from './expand.ts';
import {
  DirectoryEntry,
  join,
  type Absence,
  type FileEntry,
  type FileTree,
  type Lookup,
  type ReadFile,
} from './file-tree.ts';
import type { Macro } from './macro.ts';
import type { Dialect } from './scan.ts';
import type { SearchPath } from './search-path.ts';
import { tokenize, type Token } from './token.ts';

export interface Translation {
  /** Absolute: what relative names are relative to. */
  readonly directory: string;
  /** As the compiler is told it. */
  readonly source: string;
  readonly search: SearchPath;
  readonly dialect: Dialect;
  readonly isClang: boolean;
  /** Before the first line: the compiler's macros, less those that it has without a text. */
  readonly macros: ReadonlyMap<ByteString, Macro>;
  /** Macros without a text: `__FILE__`, `__has_include`. */
  readonly builtins: ReadonlySet<ByteString>;
  /** -D and -U, in order. */
  readonly definitions: readonly (Macro | { readonly undefined: ByteString })[];
  /** -imacros, in order. */
  readonly macroFiles: readonly string[];
  /** Headers that the compiler includes by itself, then -include, in order. */
  readonly preincluded: readonly { readonly name: string; readonly isBuiltin: boolean }[];
  /** What the compiler says to `__has_builtin(x)` and the like. */
  readonly answers: ReadonlyMap<ByteString, bigint>;
}

export interface Walked {
  readonly files: readonly ReadFile[];
  /** Those of them of which nothing is seen under that name, because a guard or `#pragma once` hides it. */
  readonly unread: ReadonlySet<ReadFile>;
  /** Where names were looked up in vain, or anything was looked at. */
  readonly directories: readonly DirectoryEntry[];
  /** What files have in them that may matter to whoever sends them. */
  readonly marks: ReadonlySet<DoubtReason>;
  /** Whether it matters which names are the same file. */
  readonly standsOnIdentity: boolean;
}

/** The compiler has to be asked these, before the walk can go on. */
export class MustAsk extends Error {
  readonly queries: readonly ByteString[];

  constructor(queries: readonly ByteString[]) {
    super('the compiler has to be asked');
    this.queries = queries;
  }
}

interface Frame {
  readonly file: FileEntry;
  readonly typed: string;
  /** Where in the search path it was found: BESIDE for the directory of who asked, ABSOLUTE for nowhere. */
  readonly position: number;
}

const BESIDE = -1;
const ABSOLUTE = -2;
/** As in gcc. */
const DEEPEST = 200;
const MOST_FILES = 100_000;
const MOST_DIRECTIVES = 5_000_000;
const SPECIAL: ReadonlySet<string> = new Set([
  '__LINE__',
  '__COUNTER__',
  '__DATE__',
  '__TIME__',
  '__TIMESTAMP__',
  '__BASE_FILE__',
]);

/**
 * @throws {Doubt} where it cannot be said which files are read.
 * @throws {MustAsk} where it takes something that only the compiler knows.
 */
export function walk(tree: FileTree, translation: Translation): Walked {
  return new Walk(tree, translation).run();
}

class Walk implements ConditionContext {
  readonly #tree: FileTree;
  readonly #translation: Translation;
  readonly #macros: Map<ByteString, Macro>;
  readonly #pushed = new Map<ByteString, (Macro | undefined)[]>();
  readonly #odd = new Set<ByteString>();
  readonly #files = new Map<string, ReadFile>();
  readonly #unread = new Set<ReadFile>();
  readonly #directories = new Set<DirectoryEntry>();
  readonly #frames: Frame[] = [];
  /** Files that are not to be read once more, by device and inode. */
  readonly #once = new Map<string, FileEntry>();
  /** The same by size and time. */
  readonly #onceByAge = new Map<string, FileEntry>();
  readonly #marks = new Set<DoubtReason>();
  readonly #queries = new Set<ByteString>();
  readonly hasWords: boolean;
  #directives = 0;
  #standsOnIdentity = false;
  #isNewLanguage = false;

  constructor(tree: FileTree, translation: Translation) {
    this.#tree = tree;
    this.#translation = translation;
    this.#macros = new Map(translation.macros);
    const version = Number.parseInt(this.#macros.get('__cplusplus')?.soleToken?.text ?? '', 10);
    const cVersion = Number.parseInt(this.#macros.get('__STDC_VERSION__')?.soleToken?.text ?? '', 10);
    this.#isNewLanguage = version >= 202_002 || cVersion > 202_000;
    this.hasWords = version > 0;
  }

  run(): Walked {
    const { definitions, macroFiles, preincluded, search, source } = this.#translation;
    for (const { entry } of search.directories) this.#directories.add(entry);
    for (const absence of search.absences) this.#directories.add(absence.holder);
    for (const definition of definitions) {
      if ('undefined' in definition) this.#macros.delete(definition.undefined);
      else this.#macros.set(definition.name, definition);
    }
    const found = this.#tree.findFile(this.#absolute(source));
    if (found.file === undefined) throw new Doubt('no-such-header', source);
    const main: Frame = { file: found.file, typed: source, position: BESIDE };
    const scanned = this.#open(main);
    this.#frames.push(main);
    for (const name of macroFiles) this.#enterNamed(name);
    for (const { name, isBuiltin } of preincluded) {
      if (isBuiltin) this.#includeBuiltin(name);
      else this.#enterNamed(name);
    }
    this.#obey(scanned.directives);
    return {
      files: [...this.#files.values()],
      unread: this.#unread,
      directories: [...this.#directories],
      marks: this.#marks,
      standsOnIdentity: this.#standsOnIdentity,
    };
  }

  // What conditions and macros ask for.

  get(name: ByteString): Macro | undefined {
    if (this.#odd.size > 0 && this.#odd.has(name)) throw new Doubt('odd-macro', name);
    return this.#macros.get(name);
  }

  special(name: ByteString): Token | undefined {
    if (!name.startsWith('__') || !this.#translation.builtins.has(name)) return undefined;
    const plain = { isSpaced: false, leads: false };
    if (name === '__INCLUDE_LEVEL__')
      return { kind: 'number', text: String(this.#frames.length - 1), ...plain };
    if (name === '__FILE__') return { kind: 'string', text: JSON.stringify(this.#current.typed), ...plain };
    if (SPECIAL.has(name)) throw new Doubt('odd-macro', name);
    return undefined;
  }

  isDefined(name: ByteString): boolean {
    return this.get(name) !== undefined || this.#translation.builtins.has(name);
  }

  isQuery(name: ByteString): boolean {
    return (
      name.startsWith('__') && this.#translation.builtins.has(name) && /^__(?:has|is|building)_/.test(name)
    );
  }

  ask(operator: ByteString, operand: ByteString): bigint {
    const query = `${operator}(${operand.replaceAll(/\s/g, '')})`;
    const [, first = '', second = ''] = /^(\w+)(?:\s*::\s*(\w+))?$/.exec(operand) ?? [];
    // Whether such a name is expanded differs from operator to operator.
    if (first === '' || this.#macros.has(first) || this.#macros.has(second))
      throw new Doubt('bad-condition', query);
    const answer = this.#translation.answers.get(query);
    if (answer !== undefined) return answer;
    const others = [...this.#queries].flatMap((call) => this.#queryOf(call) ?? []);
    throw new MustAsk([...new Set([query, ...others])].filter((one) => !this.#translation.answers.has(one)));
  }

  /** What a call in some condition asks the compiler, if it does. */
  #queryOf(call: ByteString): ByteString | undefined {
    try {
      const text = new Expander(this, tokenize(call))
        .rest()
        .map((token) => token.text)
        .join('');
      const [, operator = ''] = /^(__\w+)\([A-Za-z_][\w:]*\)$/.exec(text) ?? [];
      return FILE_OPERATORS.has(operator) || !this.isQuery(operator) ? undefined : text;
    } catch (error) {
      if (error instanceof Doubt) return undefined;
      throw error;
    }
  }

  hasFile(operator: ByteString, name: ByteString): boolean {
    const way: IncludeWay =
      operator === '__has_include_next' ? 'include_next' : operator === '__has_embed' ? 'embed' : 'include';
    const found = this.#lookUp(way, name);
    if (found !== undefined) this.#read(found, true);
    return found !== undefined;
  }

  // Files.

  get #current(): Frame {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Doubt('bad-directive', 'outside of all files');
    return frame;
  }

  #absolute(typed: string): string {
    return typed.startsWith('/') ? typed : join(this.#translation.directory, typed);
  }

  /** -include and -imacros: first where the command was called, then as in quotes. */
  #enterNamed(name: string): void {
    const found = this.#search(name, { beside: '', from: 0 });
    if (found === undefined) throw new Doubt('no-such-header', name);
    this.#enter(found);
  }

  #includeBuiltin(name: string): void {
    const found = this.#search(name, { from: this.#translation.search.bracketStart });
    if (found !== undefined) this.#enter(found);
  }

  /** Remembers that the compiler reads it. */
  #read({ file, typed }: Frame, isHidden = false): void {
    const before = this.#files.get(typed);
    if (before !== undefined) {
      if (!isHidden && this.#unread.size > 0) this.#unread.delete(before);
      return;
    }
    if (this.#files.size >= MOST_FILES) throw new Doubt('too-large', typed);
    const read = file.readAs(typed);
    if (isHidden) this.#unread.add(read);
    this.#files.set(typed, read);
    this.#directories.add(file.directory);
    if (this.#tree.hasPrecompiled(file.directory)) this.#objectToPrecompiled(file);
  }

  #objectToPrecompiled(file: FileEntry): void {
    const base = file.path.slice(file.path.lastIndexOf('/') + 1);
    const directory = file.directory;
    for (const suffix of ['.gch', '.pch']) {
      const isThere =
        this.#tree.find(directory, base + suffix).file !== undefined ||
        this.#tree.findDirectory(join(directory.path, base + suffix)) instanceof DirectoryEntry;
      if (isThere) throw new Doubt('precompiled-header', file.path + suffix);
    }
  }

  #enter(frame: Frame): void {
    if (this.#isDone(frame.file) || this.#isHidden(frame.file)) return this.#read(frame, true);
    if (this.#frames.length >= DEEPEST)
      throw new Doubt('bad-directive', `${frame.typed} is included too deep`);
    const scanned = this.#open(frame);
    this.#frames.push(frame);
    this.#obey(scanned.directives);
    this.#frames.pop();
  }

  #open(frame: Frame): ScannedText {
    this.#read(frame);
    const scanned = frame.file.content.scannedAs(this.#translation.dialect);
    for (const mark of scanned.marks) this.#noteMark(mark, frame.typed);
    for (const name of scanned.pragmaMacros) this.#odd.add(name);
    for (const query of scanned.queries) this.#queries.add(query);
    return scanned;
  }

  #noteMark(mark: DoubtReason, detail: string): void {
    switch (mark) {
      case 'modules':
        if (this.#isNewLanguage) throw new Doubt(mark, detail);
        break;
      case 'bad-directive':
        // #elifdef is a directive in new languages only; GNU compilers of some age take it in others, too.
        if (!this.#isNewLanguage) throw new Doubt(mark, detail);
        break;
      case 'odd-macro':
        throw new Doubt(mark, detail);
      default:
        this.#marks.add(mark);
    }
  }

  #isHidden(file: FileEntry): boolean {
    const { guard } = file.content.scannedAs(this.#translation.dialect);
    return guard !== undefined && this.isDefined(guard);
  }

  #isDone(file: FileEntry): boolean {
    if (this.#once.size === 0) return false;
    const done = this.#once.get(file.identityKey);
    if (done !== undefined) {
      if (done !== file) this.#standsOnIdentity = true;
      return true;
    }
    // gcc takes copies of the same age for the same file, clang does not; on another machine both do not.
    const twin = this.#onceByAge.get(ageOf(file));
    if (twin !== undefined && twin.content.digest === file.content.digest)
      throw new Doubt('same-header-twice', file.path);
    return false;
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
          this.#macros.set(directive.macro.name, directive.macro);
          break;
        case 'undef':
          this.#macros.delete(directive.name);
          break;
        case 'if': {
          const holds = this.#holds(directive.condition);
          taken.push(holds);
          if (!holds) at = directive.next - 1;
          break;
        }
        case 'elif':
        case 'else': {
          // Reached at the end of a branch that was taken, or by a jump from one that was not.
          const isDecided = taken.at(-1) ?? true;
          const holds = !isDecided && this.#holds(directive.condition);
          if (holds) taken[taken.length - 1] = true;
          else at = directive.next - 1;
          break;
        }
        case 'endif':
          taken.pop();
          break;
        case 'include':
          this.#include(directive);
          break;
        case 'once':
          this.#readOnce(this.#current.file);
          break;
        case 'push':
          this.#push(directive.name);
          break;
        case 'pop':
          this.#pop(directive.name);
          break;
        case 'doubt':
          throw new Doubt(directive.reason, directive.detail);
      }
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

  #readOnce(file: FileEntry): void {
    this.#once.set(file.identityKey, file);
    this.#onceByAge.set(ageOf(file), file);
  }

  #push(name: ByteString): void {
    const values = this.#pushed.get(name) ?? [];
    values.push(this.#macros.get(name));
    this.#pushed.set(name, values);
  }

  #pop(name: ByteString): void {
    const values = this.#pushed.get(name);
    if (values === undefined || values.length === 0) return;
    const macro = values.pop();
    if (macro === undefined) this.#macros.delete(name);
    else this.#macros.set(name, macro);
  }

  #include({ way, header, tokens }: IncludeDirective): void {
    const name = header ?? this.#computeName(tokens);
    const found = this.#lookUp(way, name);
    if (found === undefined) throw new Doubt('no-such-header', `${name} in ${this.#current.typed}`);
    if (way === 'embed') return this.#read(found);
    if (way === 'import') {
      if (this.#isDone(found.file)) return this.#read(found, true);
      this.#enter(found);
      return this.#readOnce(found.file);
    }
    return this.#enter(found);
  }

  #computeName(tokens: readonly Token[]): ByteString {
    const expanded = new Expander(this, tokens).rest();
    const [first] = expanded;
    if (first?.kind === 'string' && first.text.startsWith('"')) return first.text;
    if (first?.text !== '<') throw new Doubt('bad-directive', tokens.map(({ text }) => text).join(' '));
    const end = expanded.findIndex(({ text }) => text === '>');
    if (end < 0) throw new Doubt('bad-directive', tokens.map(({ text }) => text).join(' '));
    const inside = expanded.slice(0, end + 1);
    return joinName(
      this.#translation.isClang ? inside.map((token) => ({ ...token, isSpaced: token.leads })) : inside,
    );
  }

  #lookUp(way: IncludeWay, quoted: ByteString): Frame | undefined {
    const isQuote = quoted.startsWith('"');
    const name = asText(quoted.slice(1, -1));
    if (name === '') throw new Doubt('bad-directive', quoted);
    const { position } = this.#current;
    const isNext = way === 'include_next' && this.#frames.length > 1 && position !== ABSOLUTE;
    if (isNext) {
      // clang goes on from the start for what stood beside its includer.
      if (position === BESIDE && this.#translation.isClang)
        throw new Doubt('bad-directive', `include_next in ${this.#current.typed}`);
      return this.#search(name, { from: position + 1 });
    }
    const { bracketStart } = this.#translation.search;
    return isQuote
      ? this.#search(name, { beside: directoryOf(this.#current.typed), from: 0 })
      : this.#search(name, { from: bracketStart });
  }

  #search(
    name: string,
    { beside, from }: { readonly beside?: string; readonly from: number },
  ): Frame | undefined {
    if (name.startsWith('/')) {
      const found = this.#note(this.#tree.findFile(name));
      return found && { file: found, typed: name, position: ABSOLUTE };
    }
    if (beside !== undefined) {
      const typed = beside + name;
      const file = this.#note(this.#tree.findFile(this.#absolute(typed)));
      if (file !== undefined) return { file, typed, position: BESIDE };
    }
    const { directories } = this.#translation.search;
    for (let position = from; position < directories.length; position++) {
      const directory = directories[position];
      if (directory === undefined) break;
      const file = this.#note(this.#tree.find(directory.entry, name));
      if (file !== undefined) return { file, typed: join(directory.typed, name), position };
    }
    return undefined;
  }

  #note(lookup: Lookup): FileEntry | undefined {
    if (lookup.file !== undefined) return lookup.file;
    this.#noteAbsence(lookup);
    return undefined;
  }

  #noteAbsence({ holder }: Absence): void {
    this.#directories.add(holder);
  }
}

function ageOf({ stat }: FileEntry): string {
  return `${stat.size}:${stat.mtimeMs}`;
}

/** With its slash; empty for a name without one. */
function directoryOf(typed: string): string {
  return typed.slice(0, typed.lastIndexOf('/') + 1);
}

/** @throws {Doubt} when the bytes are no UTF-8: what is called otherwise cannot be named here. */
function asText(bytes: ByteString): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(buffer)) throw new Doubt('odd-name', bytes);
  return text;
}
