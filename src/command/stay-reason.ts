/**
 * Why a command is not sent away: the closed list, with one sentence each for people. What explains a
 * build to its user, and the documentation, are derived from it.
 */
export const STAY_REASONS = {
  'not-a-compile': 'It asks the compiler about itself, or only checks the source',
  'other-tool': 'The program is no C compiler',
  links: 'It links: there is neither -c nor -S',
  'preprocess-only': 'It only preprocesses (-E)',
  'dependencies-only': 'It only lists dependencies (-M, -MM)',
  'dependency-options': 'It says how to write a dependency file, but not to write one',
  'no-source': 'It names no source file',
  'several-sources': 'It names more than one source file',
  'standard-input': 'The source comes from standard input',
  'standard-output': 'The result goes to standard output',
  'output-special': 'An output is a device, or bears the name of a source',
  'several-outputs': 'It names an output or a dependency file more than once',
  'several-modes': 'It asks for an object and for assembler text in one go',
  'configure-probe': 'The source is the probe of a configure script, which must see this machine',
  'unknown-language': 'The file or the language is none that can be sent preprocessed',
  assembler: 'The source is written in assembler',
  'assembler-listing': 'The assembler writes a listing or a file of its own, or reads one',
  'native-flag': 'It asks for code for the processor of this machine (native)',
  'extra-outputs': 'The compiler writes another file besides the object',
  coverage: 'The compiler writes coverage notes, and profiles name this machine’s paths',
  'profile-feedback': 'The compiler reads a profile of an earlier run',
  'names-a-file': 'An option names a file or directory that the compiler reads',
  plugin: 'The compiler loads a plug-in',
  specs: 'A specs or configuration file changes what the compiler does',
  'other-programs': 'It changes which programs the compiler runs',
  'path-mapping': 'Only gcc maps paths in preprocessed text as in a source',
  modules: 'C++ or clang modules are read or written beside the source',
  'precompiled-header': 'A precompiled header is made or read',
  'several-architectures': 'It compiles for several architectures in one go (-arch)',
  'records-command': 'The command line becomes part of the result',
  'prints-progress': 'It asks the compiler to print what it does (-v, -Q, times)',
  'preprocessor-mode': 'It changes how the preprocessor writes its text',
  'preprocessor-words': 'It hands words to the preprocessor whose meaning we do not know',
  'front-end-words': 'It hands words to the compiler proper whose meaning we do not know',
  'unknown-option': 'A long option is none that we know',
  'missing-operand': 'The last option lacks its operand',
  'response-file': 'An @file cannot be read, is too large or can be read in two ways',
  'preprocessed-dependencies': 'It asks for the dependencies of a source that is preprocessed already',
  environment: 'An environment variable makes the compiler do more than the command says',
} as const satisfies Readonly<Record<string, string>>;

export type StayReason = keyof typeof STAY_REASONS;

export interface StaysLocal {
  readonly kind: 'stays-local';
  readonly reason: StayReason;
  /** The word, file or variable that decided, for people. */
  readonly detail: string;
}

export function stayLocal(reason: StayReason, detail: string): StaysLocal {
  return { kind: 'stays-local', reason, detail };
}
