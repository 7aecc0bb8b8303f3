/** Holds the house together: a room imports only from storeys below its own; pure rooms only compute. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** Rooms by storey, ground first. A room imports only from storeys below its own. */
const STOREYS = [
  ['base'],
  ['command', 'events', 'files', 'hosts', 'net', 'process'],
  ['includes', 'toolchain', 'wire'],
  ['action', 'ssh', 'store'],
  ['execute'],
  ['agent', 'config', 'monitor', 'setup', 'worker'],
  ['cli', 'page'],
];

/** Rooms that compute and never touch the world. They import only each other. */
const PURE = new Set(['base', 'command', 'events', 'hosts', 'includes', 'wire', 'action']);
const EFFECT = /^node:(fs|net|tls|http2?|https|child_process|dgram|worker_threads|cluster)(\/|$)/;

const storeyOf = new Map(STOREYS.flatMap((rooms, storey) => rooms.map((room) => [room, storey] as const)));
const SRC = path.join(import.meta.dirname, '..', 'src');

/** What is wrong with one import of one file, or undefined. */
function objection(file: string, specifier: string): string | undefined {
  const room = file.split(path.sep)[0] ?? '';
  if (!specifier.startsWith('.')) {
    return PURE.has(room) && EFFECT.test(specifier)
      ? `${room}/ computes; it cannot import ${specifier}`
      : undefined;
  }
  const target =
    path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier)).split(path.sep)[0] ?? '';
  if (target === room) return undefined;
  const from = storeyOf.get(room);
  const to = storeyOf.get(target);
  if (from === undefined || to === undefined) return `${room}/ or ${target}/ is no room of the house`;
  if (to >= from) return `${room}/ cannot import ${target}/: not below it`;
  if (PURE.has(room) && !PURE.has(target)) return `${room}/ computes; it cannot import ${target}/`;
  if (target === 'config' && room !== 'cli') return `only cli/ reads config/`;
  return undefined;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /(?<!\.test)\.ts$/.test(name),
);

test('every file imports downward', () => {
  const objections = files.flatMap((file) => {
    const text = readFileSync(path.join(SRC, file), 'utf8');
    return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].flatMap(([, specifier]) => {
      const problem = objection(file, specifier ?? '');
      return problem === undefined ? [] : [`${file}: ${problem}`];
    });
  });
  assert.deepEqual(objections, []);
});

test('only config/ reads process.env', () => {
  const readers = files.filter(
    (file) =>
      !file.startsWith('config') && readFileSync(path.join(SRC, file), 'utf8').includes('process.env'),
  );
  assert.deepEqual(readers, []);
});
