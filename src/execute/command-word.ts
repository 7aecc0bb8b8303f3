/** The words of a compile command by the part they play. No more is decided here than which word belongs to which. */
import type { ByteString } from '../base/byte-string.ts';

export interface CommandWord {
  readonly index: number;
  readonly text: ByteString;
  readonly role: 'option' | 'operand' | 'file';
  /** The option that an operand belongs to. */
  readonly option?: ByteString;
}

/**
 * Options of gcc and clang whose operand is the next word. A missing row makes an operand look like a
 * file: then the command is refused (two inputs) rather than misread.
 */
const WITH_OPERAND: ReadonlySet<string> = new Set(
  `-o -x -D -U -I -L -l -A -F -T -u -z -e -G -B -V -b -J -arch -target -aux-info -dumpbase -dumpbase-ext -dumpdir
   -include -imacros -isystem -iquote -idirafter -iprefix -iwithprefix -iwithprefixbefore -isysroot -imultilib
   -imultiarch -iplugindir -iframework -iframeworkwithsysroot -isystem-after -include-pch -include-with-pch
   -cxx-isystem -stdlib++-isystem -ivfsoverlay -iapinotes-modules -internal-isystem
   -MF -MT -MQ -MJ -Xpreprocessor -Xassembler -Xlinker -Xclang -Xopenmp-target -Xanalyzer -Xarch_host -Xarch_device
   -mllvm -specs -wrapper -param --param --sysroot -sysroot --target --config --prefix --specs --include --output
   --language --serialize-diagnostics -serialize-diagnostics -dependency-dot -dependency-file -working-directory
   -index-store-path -fdebug-compilation-dir -fmodules-user-build-path -ccc-gcc-name -framework -weak_framework
   -install_name -current_version -compatibility_version -meabi`.split(/\s+/),
);

/** The words after the compiler's name. */
export function commandWords(argv: readonly ByteString[]): CommandWord[] {
  const words: CommandWord[] = [];
  for (let index = 1; index < argv.length; index++) {
    const text = argv[index] ?? '';
    const option = words.at(-1);
    if (option?.role === 'option' && WITH_OPERAND.has(option.text)) {
      words.push({ index, text, role: 'operand', option: option.text });
      continue;
    }
    // "-" alone is the standard input: a file.
    words.push({ index, text, role: text.startsWith('-') && text !== '-' ? 'option' : 'file' });
  }
  return words;
}
