/** Command lines of all kinds, and a project for them: compilers see names, directories and links of every sort. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const FILES: Readonly<Record<string, string>> = {
  'src/a.c': `#include <stdio.h>
#include <string.h>
#include "near.h"
#include "../inc/../inc/far.h"
int main(int argc, char **argv) { return printf("%zu %d %s %s", strlen(argv[0]), near(argc), FAR, __FILE__); }
`,
  'src/warn.c': '#include "near.h"\nint f(void) { int unused; char *p = 3; return near(p); }\n',
  'src/wrong.c': '#include "near.h"\nint f(void) { return nothing + near(1; }\n',
  'src/a.cc': `#include <string>
#include <vector>
#include <map>
#include "near.h"
std::map<std::string, std::vector<int>> all(int x) { return {{__FILE__, {near(x)}}}; }
`,
  'src/wrong.cc': '#include <vector>\nint f() { std::vector<int> v; return v.push("x"); }\n',
  'src/once.c': '#include "one.h"\n#include "two.h"\nint f(void) { return COUNT; }\n',
  'src/entry.S': '#include "asm.h"\n.globl entry\nentry: NOTHING\n',
  'src/asm.h': '#define NOTHING nop\n',
  'src/with space.c': '#include "near.h"\nint f(void) { return near(1); }\n',
  'src/grün.c': '#include "nah é.h"\nconst char *f(void) { return __FILE__ "ü"; }\n',
  'src/nah é.h': 'int g(void);\n',
  'src/near.h': 'static inline int near(int x) { return x + 1; }\n',
  'inc/far.h': '#define FAR __FILE__\n',
  'inc/pre.h': '#define PRE 1\n',
};

/** Lays the project out in an empty directory. */
export function layOutProject(project: string): void {
  for (const directory of ['src', 'inc', 'obj', 'twins']) mkdirSync(path.join(project, directory));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(project, name), text);
  symlinkSync('src', path.join(project, 'link'));
  symlinkSync('../inc/far.h', path.join(project, 'src', 'linked.h'));
  writeFileSync(
    path.join(project, 'src', 'through.c'),
    '#include "linked.h"\nconst char *f(void) { return FAR; }\n',
  );
}

export interface Case {
  readonly line: string;
  readonly outputs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const UTF8 = { LC_ALL: 'C.UTF-8' };

/** `$CC` is the compiler. */
export function casesFor(project: string): readonly Case[] {
  return [
    { line: '$CC -c src/a.c -o a.o' },
    { line: '$CC -g -O2 -Wall -c src/a.c -o a.o' },
    { line: '$CC -g3 -c src/a.c -o obj/a.o', outputs: ['obj/a.o'] },
    { line: `$CC -g -c ${project}/src/a.c -o a.o` },
    { line: 'cd src && $CC -g -c a.c', outputs: ['src/a.o'] },
    { line: 'cd link && $CC -g -c a.c', outputs: ['src/a.o'] },
    { line: '$CC -g -c link/a.c -o a.o' },
    { line: '$CC -g -c src/through.c -o a.o' },
    { line: '$CC -O2 -S src/a.c -o a.s', outputs: ['a.s'] },
    { line: '$CC -S src/a.c', outputs: ['a.s'] },
    { line: '$CC -MMD -c src/a.c', outputs: ['a.o', 'a.d'] },
    { line: '$CC -MD -c src/a.c -o obj/a.o', outputs: ['obj/a.o', 'obj/a.d'] },
    { line: '$CC -MMD -MP -MF obj/x.d -c src/a.c -o a.o', outputs: ['a.o', 'obj/x.d'] },
    { line: "$CC -MD -MT 'a b' -MQ 'c$d' -c src/a.c -o a.o", outputs: ['a.o', 'a.d'] },
    { line: '$CC -Wp,-MMD,obj/.a.d -c src/a.c -o a.o', outputs: ['a.o', 'obj/.a.d'] },
    { line: "$CC -MMD -c 'src/with space.c' -o 'a b.o'", outputs: ['a b.o', 'a b.d'] },
    { line: '$CC -g -MMD -c src/grün.c -o a.o', outputs: ['a.o', 'a.d'], env: UTF8 },
    { line: '$CC -include inc/pre.h -Iinc -g -fPIC -pg -c src/a.c -o a.o' },
    { line: '$CC -ffile-prefix-map=src=here -g -c src/a.c -o a.o' },
    { line: '$CC -fdebug-prefix-map=$PWD=/there -g -c src/a.c -o a.o' },
    { line: '$CC -x c++ -g -c src/near.h -o a.o' },
    { line: '$CC -c src/entry.S -o a.o' },
    { line: '$CC -g -c src/entry.S -o a.o' },
    { line: '$CC -Wall -c src/warn.c -o a.o' },
    { line: '$CC -Wall -c src/warn.c -o a.o', env: UTF8 },
    {
      line: '$CC -Wall -fdiagnostics-color=always -c src/warn.c -o a.o',
      env: { GCC_COLORS: 'warning=01;32' },
    },
    { line: '$CC -Wall -Werror -c src/warn.c -o a.o' },
    { line: '$CC -c src/wrong.c -o a.o' },
    { line: '$CC -c src/wrong.c -o a.o', env: UTF8 },
    { line: '$CC -c src/wrong.cc -o a.o', env: UTF8 },
    { line: '$CC -O2 -g -std=c++17 -c src/a.cc -o a.o' },
    { line: '$CC -O1 -flto -frandom-seed=1 -c src/a.c -o a.o' },
  ];
}
