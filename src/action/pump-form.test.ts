import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closureOf, file } from '../../test/rig/closure.ts';
import { Content } from '../includes/content.ts';
import { analyze } from '../command/analyze.ts';
import type { Closure } from '../includes/answer-memory.ts';
import { decompress } from '../wire/distcc/lzo-decompress.ts';
import { encodeTreeRequest, RequestDecoder } from '../wire/distcc/request.ts';
import type { TreeEntry } from '../wire/distcc/tree.ts';
import type { EncodedTreeAction } from './action.ts';
import { PumpForms } from './pump-form.ts';

const LINKS: Readonly<Record<string, string>> = { '/w/inc': 'real', '/w/a': 'b', '/w/b': 'a' };

function formsWith(links = LINKS): PumpForms {
  return new PumpForms((name) => links[name]);
}

const NO_JOB = { directory: '/w', logicalDirectory: '', epoch: 1, compiler: { name: 'gcc' } };

function form(
  closure: Closure,
  {
    forms = formsWith(),
    argv = ['gcc', '-c', 'a.c'],
    ...options
  }: Partial<typeof NO_JOB & { forms: PumpForms; argv: readonly string[] }> = {},
) {
  const command = analyze(argv, { environment: new Map(), readText: () => undefined });
  assert(command.kind === 'compile');
  return forms.form({ ...NO_JOB, command, closure, ...options });
}

function entriesOf(action: EncodedTreeAction): readonly string[] {
  const request = new RequestDecoder().push(Buffer.concat(encodeTreeRequest(action)));
  assert(request?.kind === 'tree');
  return request.entries.map(format);
}

function format(entry: TreeEntry): string {
  if (entry.kind === 'link') return `${entry.name} > ${entry.target}`;
  const text =
    entry.body.length === 0 ? '' : Buffer.from(decompress(entry.body, { maxBytes: 1000 })).toString();
  return `${entry.name}: ${text}`;
}

interface Case {
  readonly title: string;
  readonly closure: Closure;
  readonly entries: readonly string[];
}

const inc = file('inc/h.h');
const real = file('/w/real/h.h', { text: 'inc/h.h\n' });
const CASES: readonly Case[] = [
  {
    title: 'stand under their absolute names',
    closure: closureOf([file('a.c'), file('d/h.h')]),
    entries: ['/w/a.c: a.c\n', '/w/d/h.h: d/h.h\n'],
  },
  {
    title: 'say their names where the compiler calls them by absolute ones',
    closure: closureOf([file('a.c'), file('/x/"q.h', { text: 'q\n' })]),
    entries: ['/w/a.c: a.c\n', `/x/"q.h: #line 1 "/x/\\"q.h"\nq\n`],
  },
  {
    title: 'are nothing where they are empty, whatever they are called',
    closure: closureOf([file('a.c', { text: '' }), file('/x/e.h', { text: '' })]),
    entries: ['/w/a.c: ', '/x/e.h: '],
  },
  {
    title: 'are at their real names, with the link',
    closure: closureOf([file('a.c'), inc]),
    entries: ['/w/a.c: a.c\n', '/w/real/h.h: inc/h.h\n', '/w/inc > /w/real'],
  },
  {
    title: 'are there once where they have two names of one sort',
    closure: closureOf([inc, file('real/h.h', { text: 'inc/h.h\n' })]),
    entries: ['/w/real/h.h: inc/h.h\n', '/w/inc > /w/real'],
  },
  {
    title: 'have the name by which they are read, where by the other they are passed over',
    closure: closureOf([real, inc], { unread: [inc] }),
    entries: ['/w/real/h.h: #line 1 "/w/real/h.h"\ninc/h.h\n', '/w/inc > /w/real'],
  },
  {
    title: 'have it also where that comes later',
    closure: closureOf([real, inc], { unread: [real] }),
    entries: ['/w/real/h.h: inc/h.h\n', '/w/inc > /w/real'],
  },
  {
    title: 'have directories beside them that are only gone through, or looked at',
    closure: closureOf([file('a.c'), file('gone/../h.h', { text: 'h\n' })], {
      directories: ['/w/empty', '/w', '/'],
    }),
    entries: [
      '/w/a.c: a.c\n',
      '/w/h.h: h\n',
      '/w/gone/forcing_technique_271828: ',
      '/w/empty/forcing_technique_271828: ',
    ],
  },
];

for (const { title, closure, entries } of CASES) {
  test(`PumpForms: files ${title}`, () => {
    const formed = form(closure);
    assert(formed.ok, JSON.stringify(formed));
    assert.equal(formed.value.directory, '/w');
    assert.equal(formed.value.tree.entryCount, entries.length);
    assert.deepEqual(entriesOf(formed.value), entries);
  });
}

test('PumpForms refuses what a stock distccd would get wrong', () => {
  const cases: readonly [reason: string, Closure, logicalDirectory?: string][] = [
    ['two-names', closureOf([inc, real])],
    ['link-circle', closureOf([file('a/h.h')])],
    ['logical-directory', closureOf([file('a.c')]), '/home/link'],
  ];
  for (const [reason, closure, logicalDirectory = ''] of cases) {
    const formed = form(closure, { logicalDirectory });
    assert(!formed.ok);
    assert.equal(formed.error.reason, reason);
  }
  assert(form(closureOf([file('a.c')]), { logicalDirectory: '/w' }).ok, 'PWD says the same');
});

test('PumpForms leaves out comments of system headers where no compiler looks at them', () => {
  const [source, header] = [file('a.c', { text: '/* a */\n' }), file('/s/h.h', { text: '/* h */\n' })];
  const [bare, whole] = ['\n', '/* h */\n'];
  const cases: readonly [text: string, command: string, isSystem: boolean][] = [
    [bare, 'gcc -g -c a.c', true],
    [whole, 'gcc -c a.c', false],
    [whole, 'gcc -Wsystem-headers -c a.c', true],
    [bare, 'clang -c a.c', true],
    // It has their digests.
    [whole, 'clang -g -c a.c', true],
  ];
  const forms = formsWith();
  for (const [text, command, isSystem] of cases) {
    const closure = closureOf([source, header], { directories: ['/s'], isSystem });
    const formed = form(closure, { forms, argv: command.split(' ') });
    assert(formed.ok);
    assert.deepEqual(
      entriesOf(formed.value),
      ['/w/a.c: /* a */\n', `/s/h.h: #line 1 "/s/h.h"\n${text}`],
      command,
    );
  }
});

test('PumpForms makes packets once for each content, and looks at links again in a new epoch', () => {
  const links: Record<string, string> = { '/w/inc': 'real' };
  const forms = formsWith(links);
  const [source, header] = [file('a.c'), file('inc/h.h')];
  const packetsOf = (epoch: number): readonly Uint8Array[] => {
    const formed = form(closureOf([source, header]), { forms, epoch });
    assert(formed.ok);
    return formed.value.tree.packets;
  };
  const first = packetsOf(1);
  const isKept = (packets: readonly Uint8Array[]): boolean[] =>
    packets.map((packet, index) => packet === first[index]);
  assert.deepEqual(isKept(packetsOf(1)).slice(0, 2), [true, true], 'also in another closure');
  source.entry.content = new Content(Buffer.from('other\n'));
  assert.deepEqual(isKept(packetsOf(1)).slice(0, 2), [false, true]);
  links['/w/inc'] = 'elsewhere';
  assert.match(Buffer.from(packetsOf(1)[1] ?? []).toString('latin1'), /\/w\/real\/h\.h/);
  assert.match(Buffer.from(packetsOf(2)[1] ?? []).toString('latin1'), /\/w\/elsewhere\/h\.h/);
});
