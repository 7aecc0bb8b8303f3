/**
 * Clients that mean harm with a tree of files: each ends in a refusal or in the compiler's own error. Nothing
 * outside of the job's directory is read or written, nothing is left in it, and the worker goes on.
 */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { exited } from '../../src/base/wait-status.ts';
import type { TreeEntry } from '../../src/wire/distcc/tree.ts';
import { nothingLeft, program, scratch, token } from '../rig/distccd-world.ts';
import { dial, Distccd, whenClosed } from '../rig/our-distccd.ts';
import { compileTree, encodeJob, file, link, systemTarget, type TreeJob } from '../rig/tree-client.ts';

const SECRET = 'the_canary_sings';
const canary = scratch.openDirectory('canary');
writeFileSync(`${canary}/secret.h`, `#error ${SECRET}\n`);
chmodSync(`${canary}/secret.h`, 0o666);

let daemon: Distccd;
before(async () => (daemon = await Distccd.start(program, scratch)));
after(() => daemon[Symbol.asyncDispose]());

afterEach(async () => {
  await nothingLeft(daemon);
  assert.equal(readFileSync(`${canary}/secret.h`, 'utf8'), `#error ${SECRET}\n`);
  assert.equal(statSync(canary).nlink, 2);
  const reply = await compileTree(daemon.port, job());
  assert.equal(reply.waitStatus, 0, Buffer.from(reply.stderr).toString());
});

const SOURCE = file('/w/a.c', '#include "h.h"\n');
const HEADER = file('/w/h.h', 'int x;\n');
/** As far up as any root can be. */
const UP = '../'.repeat(40);

function job(
  more: Partial<TreeJob> & { readonly words?: readonly string[]; readonly add?: readonly TreeEntry[] } = {},
): TreeJob {
  const { words = [], add = [], ...rest } = more;
  return {
    argv: ['gcc', '-c', 'a.c', '-o', 'a.o', ...words],
    directory: '/w',
    entries: [SOURCE, HEADER, ...add],
    ...rest,
  };
}

const WITH_SECRET = file('/w/a.c', '#include <secret.h>\n#include "l/secret.h"\n#include "m/secret.h"\n');

const REFUSED: readonly (readonly [what: string, job: TreeJob])[] = [
  ['a name that climbs', job({ add: [file(`/${UP}${canary}/secret.h`, 'gone')] })],
  ['a relative name', job({ add: [file('x.h', '')] })],
  ['a NUL in a name', job({ add: [file('/w/x\0.h', '')] })],
  ['a name twice', job({ add: [HEADER] })],
  ['a link over a file', job({ add: [link('/w/h.h', canary)] })],
  ['a file over a link', job({ add: [link('/w/l', '/'), file('/w/l', 'x')] })],
  ['a file below a link', job({ add: [link('/w/l', canary), file('/w/l/secret.h', 'gone')] })],
  [
    'a file below a link that climbs',
    job({ add: [link('/w/l', UP + canary), file('/w/l/secret.h', 'gone')] }),
  ],
  ['a directory below a link', job({ directory: '/w/l/x', add: [link('/w/l', '/v')] })],
  ['a working directory that climbs', job({ directory: `/${UP}w` })],
  ['a relative working directory', job({ directory: 'w' })],
  ['an empty working directory', job({ directory: '' })],
  ['a link that climbs', job({ entries: [WITH_SECRET, link('/w/l', UP + canary)] })],
  [
    'a link that climbs by links',
    job({ entries: [WITH_SECRET, link('/w/x/y/l', `m/../${UP}${canary}`), link('/w/x/y/m', '/')] }),
  ],
  [
    'a link to the canary as if it held headers',
    job({ entries: [WITH_SECRET, link(canary, systemTarget(canary))] }),
  ],
  [
    'a link back from the headers',
    job({
      entries: [
        WITH_SECRET,
        link('/usr/include', systemTarget('/usr/include')),
        link('/w/l', `/usr/include/../..${canary}`),
      ],
    }),
  ],
  ['a loop of links', job({ add: [link('/w/1', '2'), link('/w/2', '/w/1')] })],
  ['a row of links', job({ add: Array.from({ length: 100 }, (_, at) => link(`/w/${at}`, `${at + 1}`)) })],
  ['a precompiled header', job({ add: [file('/w/h.h.gch', 'gpch')] })],
  [
    'too many directories',
    job({ add: Array.from({ length: 1500 }, (_, at) => file(`/${at}${'/d'.repeat(200)}`, '')) }),
  ],
  ['a search directory that climbs', job({ entries: [WITH_SECRET], words: ['-I', UP + canary] })],
  [
    'a search directory that climbs by a link',
    job({ entries: [WITH_SECRET, link('/w/x/y', '/')], words: [`-Ix/y/${UP}${canary}`] }),
  ],
  ['a search directory from a sysroot', job({ entries: [WITH_SECRET], words: [`-I=${canary}`] })],
  ['a search directory by a prefix', job({ entries: [WITH_SECRET], words: ['-iwithprefix', UP + canary] })],
  ['a sysroot', job({ entries: [WITH_SECRET], words: [`--sysroot=${canary}`] })],
  ['words for the preprocessor', job({ entries: [WITH_SECRET], words: [`-Wp,-I${canary}`] })],
  ['a header of the worker', job({ words: ['-include', `${UP}${canary}/secret.h`] })],
  ['a source of the worker', job({ argv: ['gcc', '-c', `${UP}${canary}/secret.c`] })],
  ['options in a file', job({ words: ['@x'] })],
  ['a plug-in', job({ words: ['-fplugin=/w/x.so'] })],
  ['an output elsewhere, by another option', job({ words: ['-dumpdir', canary] })],
  ['a compiler of its own', job({ argv: ['/w/gcc', '-c', 'a.c'] })],
];

for (const [what, hostile] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const reply = await compileTree(daemon.port, hostile);
    const said = Buffer.from(reply.stderr).toString();
    assert.equal(reply.waitStatus, exited(113), said);
    assert.match(said, /^distccd on .*: refused: .*\n$/);
    assert.ok(!said.includes(SECRET), said);
    assert.equal(reply.object.length, 0);
  });
}

const FAILING: readonly (readonly [what: string, job: TreeJob, said: RegExp])[] = [
  ['an empty tree', job({ entries: [] }), /a\.c: No such file/],
  ['a source that is not in the tree', job({ argv: ['gcc', '-c', 'b.c'] }), /b\.c: No such file/],
  [
    'a source of another name, absolute',
    job({ argv: ['gcc', '-c', `${canary}/secret.c`] }),
    /secret\.c: No such file/,
  ],
  ['a directory for a source', job({ entries: [file('/w/a.c/x', '')] }), /a\.c/],
  ['a dangling link for a source', job({ entries: [link('/w/a.c', 'none')] }), /a\.c: No such file/],
  [
    'a search directory of the worker',
    job({ entries: [WITH_SECRET], words: [`-I${canary}`] }),
    /secret\.h: No such file/,
  ],
  [
    'a link to a directory of the worker',
    job({ entries: [file('/w/a.c', '#include "l/secret.h"\n'), link('/w/l', canary)] }),
    /secret\.h: No such file/,
  ],
  [
    'a header of the worker, absolute',
    job({ words: ['-include', `${canary}/secret.h`] }),
    /secret\.h: No such file/,
  ],
  [
    'outputs elsewhere',
    job({ words: [], argv: ['gcc', '-c', 'b.c', '-o', `${canary}/a.o`, '-MF', `${canary}/a.d`] }),
    /b\.c: No such file/,
  ],
];

for (const [what, failing, expected] of FAILING) {
  test(`the compiler's error: ${what}`, async () => {
    const reply = await compileTree(daemon.port, failing);
    const said = Buffer.from(reply.stderr).toString();
    assert.equal(reply.waitStatus, exited(1), said);
    assert.match(said, expected);
    assert.ok(!said.includes(SECRET), said);
    assert.ok(!said.includes(daemon.temporaryDirectory), said);
  });
}

test('outputs and dependencies go nowhere but into the reply', async () => {
  const words = ['-MMD', '-MF', `${canary}/a.d`, '-MT', `${canary}/a.o`];
  const argv = ['gcc', '-c', 'a.c', '-o', `${canary}/a.o`, ...words];
  const reply = await compileTree(daemon.port, job({ argv }));
  assert.equal(reply.waitStatus, 0, Buffer.from(reply.stderr).toString());
  assert.equal(Buffer.from(reply.dependencies ?? []).toString(), `${canary}/a.o: a.c h.h\n`);
});

test('names of all sorts are files like others', async () => {
  for (const name of [
    'a b',
    'a\nb',
    'ä€',
    'a\\b',
    'a"b',
    "a'b",
    '$(touch x)',
    ';x',
    '-x',
    '#',
    'x'.repeat(251),
  ]) {
    const directory = `/w/${name}`;
    const entries = [file(`${directory}/a.c`, '#include "h.h"\n'), file(`${directory}/h.h`, 'int x;\n')];
    const reply = await compileTree(
      daemon.port,
      job({ directory, entries, argv: ['gcc', '-c', `${directory}/a.c`] }),
    );
    assert.equal(reply.waitStatus, 0, Buffer.from(reply.stderr).toString());
  }
});

const CLOSED: readonly (readonly [what: string, body: Uint8Array])[] = [
  ['a file that is no LZO', Buffer.from('hello there')],
  ['a file that is cut short', Buffer.of(0x18, 0x69)],
  // Each zero byte of the length stands for 255 more.
  [
    'a file that stands for very much',
    Buffer.concat([Buffer.of(0x12, 0x78, 0x20), Buffer.alloc(16 << 20), Buffer.of(1, 0, 0, 0x11, 0, 0)]),
  ],
];

for (const [what, body] of CLOSED) {
  test(`closed: ${what}`, async () => {
    const entries: TreeEntry[] = [SOURCE, { kind: 'file', name: '/w/h.h', body }];
    await assert.rejects(compileTree(daemon.port, job({ entries })), /without a whole reply/);
    await daemon.whenLogged(/REJ_BAD_REQ/);
  });
}

test('closed: files that stand for very much together', async () => {
  const bomb = Buffer.concat([
    Buffer.of(0x12, 0x78, 0x20),
    Buffer.alloc(1 << 18),
    Buffer.of(1, 0, 0, 0x11, 0, 0),
  ]);
  const entries = Array.from({ length: 400 }, (_, at): TreeEntry => ({
    kind: 'file',
    name: `/w/${at}`,
    body: bomb,
  }));
  await assert.rejects(compileTree(daemon.port, job({ entries })), /without a whole reply/);
});

test('closed: a million names, and names without end', async () => {
  for (const bytes of [
    `${token('NFIL', 1_000_000)}${`${token('NAME', 2)}/a${token('FILE', 0)}`.repeat(1000)}`,
    `${token('NFIL', 1)}${token('NAME', 0x7fffffff)}`,
    `${token('NFIL', 1)}${token('NAME', 2)}/a${token('LINK', 5000)}`,
    `${token('NFIL', 1)}${token('NAME', 2)}/a${token('FILE', 0xffffffff)}`,
  ]) {
    const socket = await dial(daemon.port);
    socket.write(`${token('DIST', 3)}${token('CDIR', 1)}/${token('ARGC', 1)}${token('ARGV', 2)}cc${bytes}`);
    assert.equal(await whenClosed(socket), '');
  }
});

test('a client that goes away while its tree is written or compiled leaves nothing', async () => {
  for (const delayMs of [0, 5, 20, 50]) {
    const many = Array.from({ length: 3000 }, (_, at) => file(`/w/many/${at}.h`, `int x${at};\n`));
    const socket = await dial(daemon.port);
    socket.write(encodeJob(job({ add: many })));
    await delay(delayMs);
    socket.destroy();
  }
  await nothingLeft(daemon);
});
