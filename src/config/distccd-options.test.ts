import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatDistccdHelp, parseDistccdOptions } from './distccd-options.ts';
import type { DistccdOptions } from './distccd-options.ts';

function parse(line: string): DistccdOptions {
  const parsed = parseDistccdOptions(line.split(' ').filter(Boolean));
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error.sentence);
  return parsed.value;
}

test('parseDistccdOptions() knows every form of an option', () => {
  for (const line of ['--port=14000', '--port 14000', '-p 14000', '-p14000', '-p=14000']) {
    assert.equal(parse(line).port, 14_000, line);
  }
});

test('parseDistccdOptions() has distcc’s defaults', () => {
  const { port, niceness, user, allow, detach, logLevel, action } = parse('');
  assert.deepEqual(
    { port, niceness, user, allow, detach, logLevel, action },
    { port: 3632, niceness: 5, user: 'distcc', allow: [], detach: true, logLevel: 'notice', action: 'serve' },
  );
});

test('parseDistccdOptions() collects what may be repeated', () => {
  const { allow, listen } = parse('-a 10.0.0.0/8 --allow=::1 --listen a --listen b stray -ac');
  assert.deepEqual(allow, ['10.0.0.0/8', '::1', 'c']);
  assert.deepEqual(listen, ['a', 'b']);
});

test('parseDistccdOptions() knows the levels by all their names', () => {
  const names = 'emerg alert crit critical err error warn warning note notice info debug'.split(' ');
  const levels = names.map((name) => parse(`--log-level ${name}`).logLevel);
  assert.deepEqual(
    levels,
    'emerg alert crit crit error error warning warning notice notice info debug'.split(' '),
  );
});

test('parseDistccdOptions() takes what distcc’s users have in their scripts', () => {
  const options = parse(
    '--pid-file=/run/distccd.pid --log-file=/var/log/distccd.log --daemon --user distccd --no-fifo --no-fork ' +
      '--allow 127.0.0.1 --listen 127.0.0.1 --nice 10 --jobs 8 --job-lifetime=1200 -N -5 --log-stderr --verbose',
  );
  assert.equal(options.niceness, -5);
  assert.equal(options.jobs, 8);
  assert.equal(options.jobLifetimeSeconds, 1200);
  assert.equal(options.pidFile, '/run/distccd.pid');
  assert.equal(parse('-W').detach, false);
  assert.deepEqual(
    ['', '--daemon', '--inetd --enable-tcp-insecure', '-W'].map((line) => parse(line).mode),
    [undefined, 'daemon', 'inetd', 'daemon'],
  );
  assert.equal(parse('--make-me-a-botnet').anyCompiler, true);
});

test('parseDistccdOptions() says what is wrong, with distcc’s exit code', () => {
  const lines: [line: string, sentence: RegExp][] = [
    ['--prot 1', /Unknown option --prot/],
    ['-Z', /Unknown option -Z/],
    ['--allow --port 1', /--allow needs an ADDRESS/],
    ['--allow', /--allow needs an ADDRESS/],
    ['--port', /--port needs a PORT/],
    ['--port=', /--port needs a PORT/],
    ['--port 0', /--port 0 is no number from 1 to 65535/],
    ['--port 65536', /from 1 to 65535/],
    ['--port 1e3', /is no number/],
    ['--jobs 0', /--jobs 0/],
    ['--nice x', /--nice x/],
    ['--log-level loud', /--log-level loud is no level/],
    ['--verbose=1', /--verbose takes no value/],
    ...['--zeroconf', '--auth', '--show-principal', '--blacklist x', '--whitelist=x'].map(
      (option): [string, RegExp] => [option, /^--[a-z-]+ is not built into this distccd$/],
    ),
  ];
  for (const [line, sentence] of lines) {
    const parsed = parseDistccdOptions(line.split(' '));
    assert.ok(!parsed.ok, line);
    assert.equal(parsed.error.exitCode, 101, line);
    assert.match(parsed.error.sentence, sentence);
  }
});

test('formatDistccdHelp() names every option that does something', () => {
  const help = formatDistccdHelp();
  for (const name of ['port', 'allow', 'jobs', 'user', 'log-file', 'pid-file', 'enable-tcp-insecure']) {
    assert.match(help, new RegExp(`--${name}\\b`));
  }
  assert.doesNotMatch(help, /no-fifo|wizard|zeroconf/);
  assert.match(help, /^ {2}DISTCC_CMDLIST_NUMWORDS +how many .* \(1\)$/m);
});
