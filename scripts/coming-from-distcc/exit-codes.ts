/** The exit codes: one row for each of base/exit-code.ts, and for those that only distcc has. */
import { EXIT } from '../../src/base/exit-code.ts';
import { better, later, other, same, type Row } from './row.ts';

type Told = (code: string) => Row;

const CODES: Readonly<Record<keyof typeof EXIT, Told>> = {
  failed: (code) =>
    same(
      code,
      'something failed that has no code',
      'test/e2e/errors.test.ts › without Node, without the agent, with an agent that cannot start: just the compiler',
    ),
  badArguments: (code) =>
    same(
      code,
      'bad options or variables',
      'test/e2e/errors.test.ts › no words at all are 101, and a line that tells where help is',
    ),
  bindFailed: (code) =>
    same(code, 'distccd cannot have its port', 'native/distccd-service.test.ts › a busy port is 102'),
  connectFailed: (code) =>
    same(
      code,
      'within: no connection. It ends as 116 or as a compile here',
      'test/e2e/errors.test.ts › a host that refuses connections: the line names it and asks the right question',
    ),
  compilerCrashed: (code) =>
    same(
      code,
      'within: a signal ended the compiler there. It is compiled here',
      'src/agent/agent.test.ts › Agent compiles here what was killed there',
    ),
  outOfMemory: (code) =>
    better(
      code,
      'no memory',
      'native/distccd-peers.test.ts › announced lengths and sent bytes do not fill the memory',
      'never: what a peer announces is bounded before memory is taken',
    ),
  badHostSpec: (code) =>
    same(
      code,
      'within: the host list is invalid. It ends as 116 or as a compile here',
      'test/e2e/host-lists.test.ts › a host list that cannot be understood: 127.0.0.1/0',
      'and `distcc-config --set-hosts` refuses such a list with it',
    ),
  ioError: (code) =>
    same(
      code,
      'a file cannot be read or written',
      'test/e2e/variables.test.ts › a variable that says what cannot be: TMPDIR,/none',
    ),
  truncated: (code) =>
    same(
      code,
      'within: the other side hung up. Another host, then here',
      'src/agent/agent.test.ts › Agent tries another host when one does not answer',
    ),
  protocolError: (code) =>
    same(
      code,
      'within: what came is no distcc',
      'native/distccd-peers.test.ts › what is no request is closed, and others are served',
    ),
  compilerMissing: (code) =>
    same(
      code,
      'there is no such compiler; distccd: no compiler may be run',
      'test/e2e/errors.test.ts › a compiler that is not there is 110, and a line that names it',
    ),
  recursion: (code) => same(code, 'it called itself', 'test/e2e/errors.test.ts › called in circles is 111'),
  setUserFailed: (code) =>
    same(
      code,
      'distccd cannot become the other user',
      'native/distccd-service.test.ts › a user that it cannot become is 112',
    ),
  accessDenied: (code) =>
    better(
      code,
      'within: the host closes without a word',
      'native/distccd-jobs.test.ts › a refused job is answered with 113 and a sentence',
      'the status of such a job, with the reason, from a worker of ours',
    ),
  busy: (code) =>
    same(
      code,
      'within: a slot is taken',
      'src/hosts/slots.test.ts › Slots never exceeds a limit, never lets a usable slot idle, and loses nobody',
    ),
  noSuchFile: (code) =>
    same(
      code,
      'a file is not there',
      'test/e2e/tools.test.ts › what is not installed cannot be taken away: 115',
    ),
  noHosts: (code) =>
    same(
      code,
      'there is no host, and DISTCC_FALLBACK=0',
      'test/e2e/host-lists.test.ts › nobody to ask: an empty list',
    ),
  gone: (code) =>
    same(
      code,
      'within: what was to be removed has gone',
      'src/files/temp-directories.test.ts › TempDirectories removes what dead processes left, and nothing else',
    ),
  timeout: (code) =>
    same(
      code,
      'the compile took longer than --job-lifetime',
      'native/distccd-jobs.test.ts › --job-lifetime stops the compile and says so with 118',
    ),
};

export const EXIT_ROWS: readonly Row[] = [
  same(
    '0 to 99',
    "the compiler's own",
    'native/launcher-verbs.test.ts › EXIT ends the launcher as the compiler ended',
  ),
  ...Object.entries(EXIT).map(([name, code]) => CODES[name as keyof typeof EXIT](`${code}`)),
  later(
    '119',
    'GSS-API failed',
    'test/e2e/errors.test.ts › an option that cannot be: --show-principal',
    'never: it is not built in',
  ),
  same(
    '120',
    'within: it only preprocesses, and runs here',
    'test/e2e/variables.test.ts › DISTCC_VERBOSE=1 tells all on standard error, why a job stays here among it',
  ),
  other(
    '128 and more',
    '128 and the number of the signal that ended the compiler',
    'native/launcher-verbs.test.ts › EXIT ends the launcher as the compiler ended',
    'as the compiler itself: ended by that signal, which a shell shows as 128 and its number',
  ),
];
