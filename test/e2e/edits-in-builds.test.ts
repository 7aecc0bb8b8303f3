/**
 * Headers are edited while make -j16 builds, and make does not know. No object is made of a text that was
 * no longer to be found when its compile began; headers that the build itself makes are seen as soon as they
 * are there, also where a compile has looked for them before in vain, or at the text that they had a moment ago.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Chance, SEED } from '../rig/chaos/chance.ts';
import {
  MOVING_HEADERS,
  MOVING_WAY,
  MovingHeaders,
  OPTIONAL_HEADERS,
  type Span,
} from '../rig/edits/moving-headers.ts';
import { Site, sum } from '../rig/site.ts';

const FILES = 80;
const MADE = 10;
const ROUNDS = 2;
const EDIT_EVERY_MS = 3;
const LEAST_EDITS = 100;

const site = await Site.open({ workers: 2, jobs: 8, compression: ',cpp,lzo' });
after(() => site[Symbol.asyncDispose]());

const chance = new Chance('edits in builds');
const root = site.newDirectory();
const headers = new MovingHeaders(root, chance);
test(`seed ${SEED}: no object of a build is stale, and none is made of what was never there`, async () => {
  writeProject();
  const editing = setInterval(() => headers.edit(), EDIT_EVERY_MS);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { status, stderr } = await site.run(['make', '-s', '-j16', `CC=${site.client.launcher} gcc`], {
        cwd: root,
        timeoutMs: 120_000,
      });
      assert.deepEqual([status, stderr], [0, '']);
      const objections = Array.from({ length: FILES }, (_, index) => objectionsTo(index)).flat();
      assert.deepEqual(objections, []);
      for (let index = 0; index < MADE; index++) assertMade(index);
      await site.runWell(['make', '-s', 'clean'], { cwd: root });
    }
  } finally {
    clearInterval(editing);
  }
  const { demotions, endings } = await site.report();
  console.log(
    `figure: edits in builds, seed ${SEED}: ${headers.count} edits, endings ${JSON.stringify(endings)}, demotions ${JSON.stringify(demotions)}`,
  );
  assert(headers.count >= LEAST_EDITS, `${headers.count} edits`);
  assert.equal(endings.remote, ROUNDS * (FILES + 4 * MADE));
  assert(sum(Object.values(demotions)) < endings.remote / 2, 'most are sent with their headers');
});

function writeProject(): void {
  mkdirSync(path.join(root, 'made'));
  const write = (name: string, text: string): void => writeFileSync(path.join(root, name), text);
  for (let index = 0; index < FILES; index++) write(`f${index}.c`, newSource());
  for (let index = 0; index < MADE; index++) {
    write(`late/g${index}.h`, tell('g=old;'));
    write(`u${index}.c`, `#include <g${index}.h>\n`);
    write(`r${index}.c`, `#include <t${index}.h>\n`);
  }
  write('Makefile', MAKEFILE);
}

function newSource(): string {
  const included = chance.shuffle(MOVING_HEADERS).slice(0, 4);
  const asked = chance.pick(OPTIONAL_HEADERS) ?? '';
  return `${included.map((name) => `#include <${name}.h>\n`).join('')}#if __has_include("${asked}.h")
${tell(`${asked}=1;`)}#else
${tell(`${asked}=0;`)}#endif
`;
}

function tell(words: string): string {
  return `__asm__(".ascii \\"${words}\\"");\n`;
}

/**
 * g: looked for while it is not made yet, made, and looked for again. t: made, and made anew, of equal length,
 * while a compile of it goes on. made/ is the first on the way.
 */
const MAKEFILE = `SHELL = /bin/bash
names = $(foreach i,$(shell seq 0 $(2)),$(1)$(i).o)
FLAGS = -Imade ${MOVING_WAY.map((name) => `-I${name}`).join(' ')}
TELL = printf '__asm__(".ascii \\\\"%s;\\\\"");\\n'
all: $(call names,f,${FILES - 1}) $(call names,user,${MADE - 1}) $(call names,again,${MADE - 1})
f%.o: f%.c
	began=$$EPOCHREALTIME; $(CC) $(FLAGS) -c $< -o $@ && echo $$began $$EPOCHREALTIME >$@.span
probe%.o: u%.c
	$(CC) $(FLAGS) -c $< -o $@
made/g%.h: probe%.o
	$(TELL) g=new >$@
user%.o: u%.c made/g%.h
	$(CC) $(FLAGS) -c $< -o $@
again%.o: r%.c
	$(TELL) t=one >made/t$*.h; $(CC) $(FLAGS) -c $< -o first$*.o & \\
	$(TELL) t=one >made/t$*.h; $(TELL) t=two >made/t$*.h; $(CC) $(FLAGS) -c $< -o $@; wait
clean:
	rm -f *.o *.span made/*
.SECONDARY:
`;

function objectionsTo(index: number): readonly string[] {
  const [beganMs = 0, endedMs = 0] = read(`f${index}.o.span`)
    .split(' ')
    .map((seconds) => Number(seconds) * 1000);
  const span: Span = { beganMs, endedMs };
  const said = [...read(`f${index}.o`).matchAll(/([mnp]\d)=(\d+);/g)];
  if (said.length !== 5) return [`f${index}.o tells of ${said.length} headers`];
  return said.flatMap(([, name = '', number]) => {
    const objection = headers.objectionTo(name, Number(number), span);
    return objection === undefined ? [] : [`f${index}.o: ${objection}`];
  });
}

function assertMade(index: number): void {
  const said = ['probe', 'user', 'again'].map((name) => /[gt]=\w+(?=;)/.exec(read(`${name}${index}.o`))?.[0]);
  assert.deepEqual(said, ['g=old', 'g=new', 't=two'], `made headers of ${index}`);
}

function read(name: string): string {
  return readFileSync(path.join(root, name), 'latin1');
}
