/** What goes wrong with distcc, and what its user wanted; only what no other table of the page has. */
import { better, type Row } from './row.ts';

const PASSED_OVER =
  'src/hosts/parse.test.ts › parseHosts() passes over what is wrong where distcc goes on, and says so';
const SIDE_FILES = 'test/e2e/side-files.test.ts › files of: gcc -g -gsplit-dwarf -c a.c';

export const IMPROVEMENT_ROWS: readonly Row[] = [
  better(
    ['--randomise', '--localslots=0', '-j4'],
    'a misspelt setting in a host list becomes a host that nobody knows',
    PASSED_OVER,
    'passed over, with a sentence',
  ),
  better(
    'HOST:70000',
    'becomes port 4464',
    'test/e2e/host-lists.test.ts › a list with an entry that means nothing: 127.0.0.1:70000',
    'passed over, with a sentence',
  ),
  better('HOST/4x:5', 'junk after a limit costs the host its port', PASSED_OVER, 'port 5, with a sentence'),
  better('HOST,lzox', 'taken for `lzo` in silence', PASSED_OVER, 'taken for it, with a sentence'),
  better(
    'a host list that is invalid',
    '3.4 with DISTCC_FALLBACK=0: 116, and sentences that name no entry',
    'test/e2e/host-lists.test.ts › a host list that cannot be understood: ::1',
    '116 as there, with one sentence: which entry, and what to write',
  ),
  better(
    'a DISTCC_DIR that cannot be used',
    'nothing is distributed',
    'test/e2e/variables.test.ts › a DISTCC_DIR that cannot be used is no reason to compile here',
    'jobs are sent; only monitors see nothing of them',
  ),
  better(
    'gcc',
    "becomes the triple's gcc that PATH has anywhere, which may be another compiler",
    'src/agent/compiler-identity.test.ts › fullCompilerName() takes no other compiler for this one',
    'takes the full name only where that is the same file',
  ),
  better(
    'clang --target=…',
    '3.4 adds a `-target` of its own beside it',
    'test/e2e/variables.test.ts › DISTCC_NO_REWRITE_CROSS has hosts called as typed',
    'sent as typed',
  ),
  better(
    'a compile error, a refusal',
    'takes the host out for a minute',
    'src/agent/agent.test.ts › Agent does not leave a host alone for a compile that failed on its merits',
    'the host goes on',
  ),
  better(
    'a compile that fails',
    'three lines of its own, and the error twice when the preprocessor found it',
    'src/agent/agent.test.ts › Agent repeats here what failed there, and says so as distcc does',
    'one line of ours, and the error once',
  ),
  better(
    ['-gsplit-dwarf', '-fstack-usage', '--coverage', '-save-temps', '-ftime-trace', '-fdump-*'],
    'files beside the object are lost',
    SIDE_FILES,
    'compiled here, so that they are written',
  ),
  better(
    '-MMD -o obj/a.o',
    'writes `a.d`, with the target `a.o`',
    'src/command/analyze.test.ts › analyze() finds the dependency file where a compile here would put it',
    'writes `obj/a.d`, with the target `obj/a.o`',
  ),
  better(
    '@file',
    'stays here, for its words are not read',
    'src/command/response-file.test.ts › expandResponseFiles() puts the words of a file in its place, and those of files in files',
    'its words count',
  ),
  better(
    '-include x.c',
    'its operand is taken for the source',
    'src/command/analyze.test.ts › analyze() sends what only looks dangerous',
    'sent with its one source',
  ),
  better(
    'colours',
    'none',
    'test/e2e/variables.test.ts › colours are those that the compiler has on a terminal',
    'as the compiler has them',
  ),
  better(
    'quotes and language',
    "the host's",
    'test/e2e/variables.test.ts › quotes are those of the caller’s characters',
    "the caller's",
  ),
  better(
    'who is refused by a daemon',
    'the connection is closed: "server provided no answer"',
    'native/distccd-peers.test.ts › a peer that is not on the list is told so and not served',
    'is told why',
  ),
  better(
    'a request of no words (ARGC 0)',
    'crashes the process that reads it',
    'native/distccd-peers.test.ts › what is no request is closed, and others are served',
    'closed',
  ),
  better(
    'TERM to distccd',
    'jobs are lost, their compilers go on',
    'native/distccd-jobs.test.ts › TERM lets a running job finish, while another distccd can have the port',
    'jobs finish, for up to 20 s',
  ),
  better(
    'a client that leaves',
    'noticed within a second, while the compiler runs; some of its processes stay',
    'native/distccd-jobs.test.ts › a client that leaves takes its whole compiler with it',
    'at once, with all its processes',
  ),
];
