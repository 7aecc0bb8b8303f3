import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesAssemblerFile } from './assembler-text.ts';

test('namesAssemblerFile() finds what an assembler would read', () => {
  for (const text of [
    String.raw`asm(".incbin \"logo.png\"");`,
    String.raw`__asm__("a:\n\t.incbin" "\"x\"");`.replace('" "', ' '),
    String.raw`asm(".section .x\n.include \"macros.s\"\n");`,
    'asm(".incbin " "\\"x\\"");',
    String.raw`asm(".INCBIN \"x.bin\"");`,
    String.raw`asm(".incbin /* c */ \"x\"");`,
    String.raw`asm(".incbin %0" :: "i"(name));`,
    String.raw`asm(".incbin\"x\"");`,
    String.raw`asm("a:.incbin" "\"x\"");`,
  ]) {
    assert.equal(namesAssemblerFile(Buffer.from(text)), true, text);
  }
});

test('namesAssemblerFile() is not alarmed by members and text', () => {
  for (const text of [
    '',
    'x.include = 1;',
    'x.inc++;',
    'puts("a .increment");',
    'f(p.incoming, ".inc");',
    'f("a.jti.include");',
    'f("a.include" "b");',
  ]) {
    assert.equal(namesAssemblerFile(Buffer.from(text)), false, text);
  }
});
