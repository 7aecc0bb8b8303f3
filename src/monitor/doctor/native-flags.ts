/** What `-march=native` stands for on this machine: flags that mean the same on every one. */
import { execFileSync } from 'node:child_process';

/** @throws where the compiler cannot be asked. */
export function nativeFlagsOf(compiler: string): string[] {
  // 2>&1 in the shell's words: the driver says it on standard error.
  const said = execFileSync('/bin/sh', ['-c', '"$0" -march=native -E -v -x c /dev/null 2>&1', compiler], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return flagsOf(said);
}

/** Out of what a driver says of the compiler proper that it starts. */
export function flagsOf(said: string): string[] {
  const line = said.split('\n').find((text) => /^ \S*(?:\/cc1 |"? "?-cc1"? )/.test(text)) ?? '';
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const isClang = words.includes('-cc1');
  return words.flatMap((word, index) => {
    const next = words[index + 1] ?? '';
    return isClang ? flagOfClang(word, next) : flagOfGcc(word, next);
  });
}

function flagOfGcc(word: string, next: string): string[] {
  if (word === '--param') return [word, next];
  return /^-m[a-z\d]/.test(word) ? [word] : [];
}

function flagOfClang(word: string, next: string): string[] {
  if (word === '-target-cpu') return [`-march=${next}`];
  if (word !== '-target-feature') return [];
  return [next.startsWith('+') ? `-m${next.slice(1)}` : `-mno-${next.slice(1)}`];
}
