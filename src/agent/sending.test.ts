/** In which form a job is sent, and what makes the agent choose the other one. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Event } from '../events/event.ts';
import type { AgentMessage } from '../wire/launcher/agent-message.ts';
import { AgentRig } from '../../test/rig/agent-rig.ts';
import { FakeDistccd, type Conversation } from '../../test/rig/fake-distccd.ts';

const OBJECT = Buffer.from('the object');

/** A host with ,cpp, jobs one after the other, and what was sent and told of each. */
class Scene implements AsyncDisposable {
  readonly #rig = new AgentRig();
  readonly #host: FakeDistccd;
  /** Forms, as they came. */
  readonly sent: string[] = [];
  readonly demotions: string[] = [];

  constructor(answer: (conversation: Conversation) => void) {
    this.#host = new FakeDistccd((conversation) => {
      this.sent.push(conversation.request.kind);
      answer(conversation);
    });
  }

  async open(): Promise<this> {
    await this.#rig.start(`${await this.#host.listen()},lzo,cpp`, {}, [(event) => this.#note(event)]);
    return this;
  }

  write(name: string, text: string): void {
    writeFileSync(path.join(this.#rig.project, name), text);
  }

  async compile(...words: string[]): Promise<AgentMessage> {
    const launcher = await this.#rig.call('gcc', '-c', ...words);
    return launcher.obey(this.#rig.project);
  }

  #note(event: Event): void {
    if (event.kind === 'demotion') this.demotions.push(event.reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#rig[Symbol.dispose]();
    await this.#host[Symbol.asyncDispose]();
  }
}

const compiles = ({ answer }: Conversation): void => answer({ object: OBJECT });
/** As with a header too few. */
const failsWithTrees = ({ request, answer }: Conversation): void =>
  answer(request.kind === 'tree' ? { waitStatus: 256 } : { object: OBJECT });

test('a job is sent with its headers, and asks for no preprocessor', async () => {
  await using scene = await new Scene(compiles).open();
  const exit = await scene.compile('a.c');
  assert(exit.type === 'exit' && exit.status === 0);
  assert.deepEqual(readFileSync(exit.moves[0]?.from ?? ''), OBJECT);
  assert.deepEqual([scene.sent, scene.demotions], [['tree'], []]);
});

test('what stands in the way makes a text of that job alone', async () => {
  await using scene = await new Scene(compiles).open();
  scene.write('when.c', 'const char *when = __TIME__;\n');
  for (const words of [['when.c'], ['a.c'], ['-ffile-prefix-map=/x=/y', 'a.c'], ['-DX', 'a.c']])
    assert.equal((await scene.compile(...words)).type, 'exit');
  assert.deepEqual(scene.sent, ['text', 'tree', 'text', 'tree']);
  assert.deepEqual(scene.demotions, ['clock', 'maps-paths']);
});

test('modules come home: neither form has them', async () => {
  await using scene = await new Scene(compiles).open();
  scene.write('m.cc', 'import whatever;\n');
  assert.equal((await scene.compile('-std=c++20', '-fmodules-ts', 'm.cc')).type, 'run-here');
  assert.deepEqual(scene.sent, []);
});

test('a job that fails with its headers is sent as a text, and as a text from then on', async () => {
  await using scene = await new Scene(failsWithTrees).open();
  scene.write('b.c', 'int b;\n');
  for (const name of ['a.c', 'a.c', 'b.c']) assert.equal((await scene.compile(name)).type, 'exit');
  assert.deepEqual(scene.sent, ['tree', 'text', 'text', 'tree', 'text'], 'others are not distrusted');
  assert.deepEqual(scene.demotions, ['failed-with-headers', 'failed-with-headers', 'failed-with-headers']);
});

test('a source that is wrong is not distrusted: its headers may be right', async () => {
  await using scene = await new Scene(({ answer }) => answer({ waitStatus: 256 })).open();
  for (let times = 0; times < 2; times++) assert.equal((await scene.compile('a.c')).type, 'run-here');
  assert.deepEqual(scene.sent, ['tree', 'text', 'tree', 'text']);
});

test('a host that closes, or sends nonsense, is asked with a text', async () => {
  for (const nonsense of ['', 'DONE00000001']) {
    await using scene = await new Scene(({ request, socket, answer }) => {
      if (request.kind === 'text') answer({ object: OBJECT });
      else socket.end(nonsense);
    }).open();
    assert.equal((await scene.compile('a.c')).type, 'exit');
    assert.deepEqual(scene.sent, ['tree', 'text']);
  }
});
