/** What the launcher tells an agent, which compiler it picks, and what it leaves to the tool. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { encodeAck } from '../src/wire/launcher/agent-message.ts';
import { type InvocationFrame } from '../src/wire/launcher/launcher-message.ts';
import {
  DEFINES,
  BUILD,
  LAUNCHER,
  compile,
  Scene,
  type StartOptions,
  ending,
  OWN,
  serve,
  HERE,
  exit,
  fileId,
  startedAgents,
  stopAgents,
} from './launcher-rig.ts';

test('the launcher tells how and where it was called', async (t) => {
  const scene = new Scene();
  writeFileSync(scene.path('a.c'), '');
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), exit(0));
  });
  const child = scene.start(['gcc', '-c', 'a.c', 'absent.c', '-', '.'], {
    environment: { PWD: scene.directory },
  });
  assert.equal((await ending(child)).status, 0);
  const [frame] = told;
  assert.ok(frame);
  const { environment, ...rest } = frame;
  assert.deepEqual(rest, {
    type: 'invocation',
    build: BUILD,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    isMasquerade: false,
    columns: 0,
    umask: process.umask(),
    pid: child.pid,
    root: fileId('/'),
    cwd: fileId(scene.directory),
    directory: scene.directory,
    pwd: scene.directory,
    compiler: scene.compiler,
    compilerId: fileId(scene.compiler),
    argv: ['gcc', '-c', 'a.c', 'absent.c', '-', '.'],
    seen: [{ index: 2, id: fileId(scene.path('a.c')) }],
    isText: true,
  });
  assert.deepEqual(Object.fromEntries(environment), { ...scene.environment, PWD: scene.directory });
  assert.equal(scene.runs, 0);
});

test('the launcher sends PWD only where it names the directory', async (t) => {
  const scene = new Scene();
  symlinkSync(scene.directory, scene.path('link'));
  const told: string[] = [];
  await serve(t, scene, async (connection) => {
    told.push((await connection.invocation()).pwd);
    connection.send(encodeAck(), exit(0));
  });
  for (const pwd of [scene.path('link'), '/', '.', '', undefined]) {
    await scene.run(['gcc'], { environment: { PWD: pwd } });
  }
  assert.deepEqual(told, [scene.path('link'), '', '', '', '']);
});

test('the launcher tells what is a terminal, and an agent that it starts gets none', async (t) => {
  if (spawnSync('script', ['--version']).status !== 0) return t.skip('no script(1) here');
  const scene = new Scene();
  const inTerminal = async (more: string): Promise<void> => {
    const line = `stty cols 77; exec "${LAUNCHER}" gcc ${more}`;
    await scene.run(['-qec', line, '/dev/null'], { program: 'script' });
  };
  await inTerminal('');
  const [agent] = startedAgents(scene);
  assert.equal(agent?.stat.slice(agent.stat.lastIndexOf(')') + 2).split(' ')[4], '0');
  await stopAgents(scene);

  const told: [boolean, boolean, number][] = [];
  rmSync(scene.socketPath);
  await serve(t, scene, async (connection) => {
    const { stdoutIsTerminal, stderrIsTerminal, columns } = await connection.invocation();
    told.push([stdoutIsTerminal, stderrIsTerminal, columns]);
    connection.send(encodeAck(), exit(0));
  });
  for (const more of ['', '> /dev/null', '2> /dev/null']) await inTerminal(more);
  assert.deepEqual(told, [
    [true, true, 77],
    [false, true, 77],
    [true, false, 0],
  ]);
  return undefined;
});

test('the launcher knows the forms of a call', async (t) => {
  const scene = new Scene();
  for (const name of ['cc', 'g++', 'x86_64-linux-gnu-g++-12']) symlinkSync('gcc', path.join(scene.bin, name));
  const links = scene.path('links');
  mkdirSync(links);
  for (const name of ['gcc', 'g++', 'x86_64-linux-gnu-g++-12', 'my-distcc-3']) {
    symlinkSync(LAUNCHER, path.join(links, name));
  }
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), exit(0));
  });
  const as = (name: string) => ({ program: path.join(links, name) });
  const calls: [words: string[], options: StartOptions, argv: string[], compiler: string][] = [
    [['gcc', '-c'], {}, ['gcc', '-c'], 'gcc'],
    [['-c', 'a.c'], {}, ['cc', '-c', 'a.c'], 'cc'],
    [['a.c', '-c'], {}, ['cc', 'a.c', '-c'], 'cc'],
    [['a.mii', '-c'], {}, ['cc', 'a.mii', '-c'], 'cc'],
    [['a.o', '-o', 'a'], {}, ['cc', 'a.o', '-o', 'a'], 'cc'],
    [[scene.compiler, '-c'], {}, [scene.compiler, '-c'], 'gcc'],
    [['bin/gcc', '-c'], {}, ['bin/gcc', '-c'], 'gcc'],
    [['gcc', '--version'], {}, ['gcc', '--version'], 'gcc'],
    [['gcc', '-c'], as('my-distcc-3'), ['gcc', '-c'], 'gcc'],
    [['--version'], as('gcc'), ['gcc', '--version'], 'gcc'],
    [['a.c'], as('x86_64-linux-gnu-g++-12'), ['x86_64-linux-gnu-g++-12', 'a.c'], 'x86_64-linux-gnu-g++-12'],
    [[], as('g++'), ['g++'], 'g++'],
    // One of our links as an explicit compiler: never this program itself.
    [[path.join(links, 'g++'), 'a.c'], {}, [path.join(links, 'g++'), 'a.c'], 'g++'],
  ];
  for (const [words, options] of calls)
    assert.equal((await scene.run(words, options)).status, 0, words.join(' '));
  assert.deepEqual(
    told.map(({ argv, compiler, isMasquerade }) => ({ argv, compiler, isMasquerade })),
    calls.map(([, { program }, argv, name]) => ({
      argv,
      compiler: path.join(scene.bin, name),
      isMasquerade: program !== undefined && !program.includes('distcc-3'),
    })),
  );
});

test('words come through whatever is in them', async (t) => {
  const scene = new Scene();
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), HERE);
  });
  const lists = [
    ['a b', 'new\nline', '', '\t"\'\\$(x)', 'ä\u{1F600}', ''],
    ['x'.repeat(100_000), 'y'.repeat(100_000)],
    Array.from({ length: 2000 }, (_, index) => `-DNAME_${index}=${index}`),
  ];
  for (const [index, words] of lists.entries()) {
    assert.deepEqual(await scene.run(['gcc', ...words]), OWN);
    assert.deepEqual(told[index]?.argv, ['gcc', ...words]);
    assert.deepEqual(scene.argv, [scene.compiler, ...words]);
  }
});

test('words that are not UTF-8 come through, and are marked', async (t) => {
  const scene = new Scene();
  const told: InvocationFrame[] = [];
  await serve(t, scene, async (connection) => {
    told.push(await connection.invocation());
    connection.send(encodeAck(), HERE);
  });
  const script = `exec "${LAUNCHER}" gcc "$(printf 'a\\377b')"`;
  assert.deepEqual(await scene.run(['-c', script], { program: '/bin/sh' }), OWN);
  assert.equal(told[0]?.isText, false);
  assert.ok(scene.read('argv').endsWith('\0a\xffb\0'));
});

test('PATH is trimmed after the launcher, however it is spelled', async (t) => {
  const scene = new Scene();
  const early = scene.path('early');
  const links = scene.path('links');
  const copies = scene.path('copies');
  for (const directory of [early, links, copies]) mkdirSync(directory);
  symlinkSync(links, scene.path('alias'));
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  linkSync(LAUNCHER, path.join(copies, 'gcc'));
  scene.script(path.join(early, 'gcc'), '#!/bin/sh\nexit 99\n');
  const told: { compiler: string; path: string | undefined }[] = [];
  await serve(t, scene, async (connection) => {
    const { compiler, environment } = await connection.invocation();
    told.push({ compiler, path: environment.get('PATH') });
    connection.send(encodeAck(), exit(0));
  });
  const rest = `${scene.bin}:/usr/bin:/bin`;
  const alias = scene.path('alias');
  const calls: [path: string, program: string, argv0: string | undefined, left: string][] = [
    [`${early}:${links}:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `${links}/gcc`, 'gcc', rest],
    [`${early}:${links}/:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}//:${rest}`, `${links}/gcc`, 'gcc', rest],
    [`${early}:${alias}:${rest}`, `${links}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `${alias}/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `links/gcc`, undefined, rest],
    [`${early}:${links}:${rest}`, `./early/../links/gcc`, undefined, rest],
    [`${early}:${copies}:${rest}`, `${copies}/gcc`, undefined, rest],
    [`${early}:${copies}:${rest}`, `${copies}/gcc`, 'gcc', rest],
    // Two of our directories: neither stays, or gcc would look for its parts beside ours.
    [`${links}:${early}:${copies}:${rest}`, `${copies}/gcc`, undefined, rest],
    [`${links}:${copies}:${rest}`, `${links}/gcc`, undefined, rest],
    // Not on PATH at all.
    [rest, `${links}/gcc`, undefined, rest],
    [rest, `${links}/gcc`, 'gcc', rest],
    // The last element: as it is, and we pass ourselves over.
    [`${scene.bin}:${links}`, `${links}/gcc`, undefined, `${scene.bin}:${links}`],
  ];
  for (const [search, program, argv0] of calls) {
    const options = { program, environment: { PATH: search }, ...(argv0 === undefined ? {} : { argv0 }) };
    assert.equal((await scene.run(['-c'], options)).status, 0, `${search} ${program}`);
  }
  assert.deepEqual(
    told,
    calls.map(([, , , left]) => ({ compiler: scene.compiler, path: left })),
  );
});

test('an explicit call passes the launcher over, and only where it stands before the compiler it is taken off PATH', async (t) => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  mkdirSync(path.join(links, 'g++'));
  symlinkSync('gcc', path.join(scene.bin, 'g++'));
  writeFileSync(path.join(links, 'cc'), 'not executable');
  symlinkSync('gcc', path.join(scene.bin, 'cc'));
  const told: string[] = [];
  await serve(t, scene, async (connection) => {
    const { compiler, environment } = await connection.invocation();
    told.push(compiler, environment.get('PATH') ?? '');
    connection.send(encodeAck(), exit(0));
  });
  const search = `${links}:${scene.bin}:/usr/bin:/bin`;
  for (const name of ['gcc', 'g++', 'cc']) {
    told.length = 0;
    assert.equal((await scene.run([name, '-c'], { environment: { PATH: search } })).status, 0);
    const left = name === 'gcc' ? `${scene.bin}:/usr/bin:/bin` : search;
    assert.deepEqual(told, [path.join(scene.bin, name), left]);
  }
  // An empty element is the directory that we are in.
  told.length = 0;
  assert.equal((await scene.run(['gcc'], { cwd: scene.bin, environment: { PATH: ':/bin' } })).status, 0);
  assert.equal(realpathSync(told[0] ?? ''), scene.compiler);
});

test('no compiler is 110, with one line that says so', async () => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  scene.script(scene.path('broken'), '#!/no/such/interpreter\n');
  const calls: [words: string[], options: StartOptions][] = [
    [['no-such-compiler', '-c'], {}],
    [['/no/such/gcc', '-c'], {}],
    [['', '-c'], {}],
    [['-c'], { program: path.join(links, 'gcc'), environment: { PATH: `${links}:/no/such` } }],
    [[scene.path('broken')], { environment: { DISTCC_DIR: 'no/such' } }],
  ];
  for (const [words, options] of calls) {
    const { status, stdout, stderr } = await scene.run(words, options);
    assert.deepEqual({ status, stdout }, { status: 110, stdout: '' }, words.join(' '));
    assert.match(stderr, /^distcc\[\d+\] ERROR: [^\n]+\n$/);
  }
});

test('a script without its first line runs, as it would from a shell', async () => {
  const scene = new Scene();
  scene.script(scene.path('bare'), 'echo "$@"; exit 4\n');
  const over = await scene.run(['./bare', 'a', 'b c'], {
    environment: { DISTCC_DIR: 'no/such' },
  });
  assert.deepEqual(over, { status: 4, signal: null, stdout: 'a b c\n', stderr: '' });
});

test('_DISTCC_SAFEGUARD: one level runs the compiler, circles end with 111', async () => {
  const scene = new Scene();
  const links = scene.path('links');
  mkdirSync(links);
  symlinkSync(LAUNCHER, path.join(links, 'gcc'));
  const masquerade = { program: path.join(links, 'gcc') };
  const trimmed = `${links}:${scene.bin}:/usr/bin:/bin`;
  const calls: [words: string[], options: StartOptions, level: string, status: number][] = [
    [['-c'], { ...masquerade, environment: { PATH: trimmed } }, '1', 7],
    [['-c'], { ...masquerade, environment: { PATH: trimmed } }, '2', 111],
    [['-c'], masquerade, '1', 111],
    [['gcc', '-c'], {}, '1', 111],
  ];
  for (const [words, options, level, status] of calls) {
    const environment = { ...options.environment, _DISTCC_SAFEGUARD: level };
    const over = await scene.run(words, { ...options, environment });
    assert.equal(over.status, status);
    if (status === 111) assert.match(over.stderr, /^distcc\[\d+\] ERROR: [^\n]+\n$/);
    else assert.equal(scene.compilerEnvironment().get('_DISTCC_SAFEGUARD'), '2');
  }
  assert.deepEqual(startedAgents(scene), []);
});

test('a foreign distcc as the compiler ends in a circle, not in a storm', async (t) => {
  const scene = new Scene();
  scene.script(scene.compiler, `#!/bin/sh\necho run >> "$SCENE/runs"\nexec "${LAUNCHER}" gcc "$@"\n`);
  await serve(t, scene, async (connection) => {
    await connection.invocation();
    connection.send(encodeAck(), HERE);
  });
  assert.equal((await scene.run(['gcc', '-c'])).status, 111);
  assert.equal(scene.runs, 1);
});

test("distcc's own options and the lack of any go to the tool", async () => {
  const scene = new Scene();
  const calls = [
    ['--help'],
    ['--version'],
    ['--show-hosts'],
    ['-j'],
    ['--scan-includes', 'gcc', '-c', 'a b.c'],
    ['--show-principal'],
    [],
  ];
  for (const words of calls) {
    const { status, stdout } = await scene.run(words);
    assert.deepEqual({ status, words: JSON.parse(stdout) }, { status: 42, words });
  }
});

test('a tool that has gone is one sentence and 100; the compiler is not affected', async () => {
  const scene = new Scene();
  const orphan = path.join(scene.directory, 'distcc');
  const nowhere = JSON.stringify('/no/such/file');
  for (const missing of ['MANYHANDS_NODE', 'MANYHANDS_TOOL'] as const) {
    compile(orphan, { ...DEFINES, [missing]: nowhere, MANYHANDS_AGENT: nowhere });
    const { status, stdout, stderr } = await scene.run(['--version'], { program: orphan });
    assert.deepEqual({ status, stdout }, { status: 100, stdout: '' });
    assert.match(stderr, /^distcc\[\d+\] ERROR: [^\n]*\/no\/such\/file[^\n]*\n$/);
  }
  assert.deepEqual(await scene.run(['gcc'], { program: orphan }), OWN);
});

test('DISTCC_VERBOSE=1 tells why the compiler runs here, to DISTCC_LOG where that is set', async (t) => {
  const scene = new Scene();
  await serve(t, scene, ({ socket }) => void socket.end());
  const environment = { DISTCC_VERBOSE: '1', DISTCC_LOG: scene.path('log') };
  assert.deepEqual(await scene.run(['gcc'], { environment }), OWN);
  assert.match(scene.read('log'), /^distcc\[\d+\] [^\n]+\n$/);
  const { stderr } = await scene.run(['gcc'], { environment: { DISTCC_VERBOSE: '1' } });
  assert.match(stderr, /^distcc\[\d+\] [^\n]+\nown diagnostics\n$/);
  const lost = { DISTCC_VERBOSE: '1', DISTCC_LOG: '/none/log' };
  assert.match((await scene.run(['gcc'], { environment: lost })).stderr, /^distcc\[\d+\] [^\n]+\nown/);
});

test('UNCACHED_ERR_FD is where our own lines go, if it is open', async () => {
  const scene = new Scene();
  const shell = `exec "$0" no-such-compiler 5>"$LOG"`;
  const environment = { UNCACHED_ERR_FD: '5', LOG: scene.path('log') };
  const quiet = await scene.run(['-c', shell, LAUNCHER], { program: '/bin/sh', environment });
  assert.deepEqual([quiet.status, quiet.stderr], [110, '']);
  assert.match(scene.read('log'), /^distcc\[\d+\] ERROR: [^\n]+\n$/);
  for (const number of ['77', '0', '-1', 'five', '']) {
    const loud = await scene.run(['no-such-compiler'], { environment: { UNCACHED_ERR_FD: number } });
    assert.match(loud.stderr, /^distcc\[\d+\] ERROR: [^\n]+\n$/, number);
  }
});
