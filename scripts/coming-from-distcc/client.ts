/** The client: how it is called, and what a host list says. */
import { better, later, other, same, type Row } from './row.ts';

const ABOUT_ITSELF = 'test/e2e/errors.test.ts › distcc tells about itself';
const FORMS_OF_CALL = 'native/launcher.test.ts › the launcher knows the forms of a call';
const FORMS_OF_HOST = 'src/hosts/parse.test.ts › parseHosts() reads each form of a host';
const LOCAL_SLOTS =
  'src/agent/local-slots.test.ts › LocalSlots bounds what runs here by the host list, else as distcc does';

export const CLIENT_ROWS: readonly Row[] = [
  same('--help', 'shows a text', ABOUT_ITSELF, 'the text is ours, and has all variables'),
  same('--version', 'version, machine, protocols, port', ABOUT_ITSELF, 'in the form of the first two lines'),
  same('--show-hosts', 'the entries of the list as they were written; always 0', ABOUT_ITSELF),
  same('-j', 'the sum of their limits', ABOUT_ITSELF),
  same(
    '--scan-includes COMPILE',
    'lists what pump mode would send; 100 where no host has `,cpp`',
    'test/e2e/pump.test.ts › distcc --scan-includes lists what a host with ,cpp is sent',
    'at once, without a slot. No SYSTEMDIR: the compiler’s own headers are sent, and listed as FILE. 100 and a sentence too, where the job would be preprocessed here',
  ),
  later(
    '--show-principal',
    'with GSS-API: the name that it authenticates as',
    'test/e2e/errors.test.ts › an option that cannot be: --show-principal',
    '101, and a sentence that it is not built in',
  ),
  same('distcc COMPILER …', 'compiles with that compiler', FORMS_OF_CALL),
  same('distcc -c a.c', 'compiles with `cc`', FORMS_OF_CALL),
  same(
    'gcc … (a link to distcc)',
    'compiles with what is found behind it on PATH',
    'test/e2e/masquerade.test.ts › called as gcc, compiles go away',
    'the rest of PATH is found however the directory is spelled, too',
  ),
  same(
    'distcc (without words)',
    '101',
    'test/e2e/errors.test.ts › no words at all are 101, and a line that tells where help is',
  ),
];

export const HOST_ROWS: readonly Row[] = [
  same(
    ['HOST', 'HOST/LIMIT', 'HOST:PORT', 'HOST/LIMIT:PORT', 'HOST:PORT/LIMIT'],
    'TCP; 4 jobs, 3632',
    FORMS_OF_HOST,
  ),
  same('[2001:db8::1]:PORT', 'TCP, by IPv6', FORMS_OF_HOST),
  same(
    ['@HOST', 'USER@HOST', '@HOST/LIMIT:COMMAND'],
    'an ssh for each job, which takes a second or more',
    'test/e2e/ssh.test.ts › 100 files go over one connection',
    'but one ssh for all jobs of a host, and no second for each',
  ),
  same(['localhost', 'localhost/LIMIT'], 'compiles here; 2 jobs', FORMS_OF_HOST),
  same(['localhost,lzo', 'localhost:PORT', '127.0.0.1'], 'TCP to this machine', FORMS_OF_HOST),
  same(
    ',lzo',
    'protocol 2: compressed',
    'test/oracle/distcc-wire.test.ts › the stock distccd answers our requests of protocol 2',
  ),
  better(
    [',lzo,cpp', ',cpp,lzo'],
    'protocol 3: headers are sent, and the host preprocesses, if the build runs under `pump`; with a stale or a wrong header all later jobs are preprocessed here',
    'test/e2e/variables.test.ts › a host with ,lzo,cpp is sent the source with its headers',
    'with `pump` or without; the compiler’s own headers too. A job that cannot be sent so, or fails there, goes as a text, and no other with it. `,cpp` alone makes the list invalid, as there',
  ),
  other(
    [',nonative', 'grpc://HOST:PORT/LIMIT?NAME=VALUE'],
    'no such things',
    'src/hosts/parse.test.ts › parseHosts() reads servers of the Remote Execution API',
    'the first keeps a host of ours to the protocols of distcc; the second is a server of the Remote Execution API, of any make: `instance=NAME`, `headers=image` (system headers are the server’s), and platform properties, percent-encoded',
  ),
  same(
    ',down',
    'the host is listed and gets no job',
    'test/e2e/host-lists.test.ts › nobody to ask: all are down',
  ),
  later(
    [',auth', ',auth=NAME'],
    'with GSS-API: asks the host to prove who it is; without: the list is invalid',
    'test/e2e/host-lists.test.ts › a host that is to say who it is: not used, for there is no GSS-API',
    'a sentence that it is built without; such a host is never used, the others are',
  ),
  same(
    '--randomize',
    'another order of the list for each job',
    'src/hosts/choose.test.ts › chooseHosts() shuffles with --randomize',
  ),
  better(
    ['--localslots=N', '--localslots/N'],
    'bounds what cannot be sent: 4',
    LOCAL_SLOTS,
    'also what comes home because no host could be asked, where distcc starts all at once',
  ),
  same(['--localslots_cpp=N', '--localslots_cpp/N'], 'bounds preprocessors here: 8', LOCAL_SLOTS),
  later(
    '+zeroconf',
    'with Avahi: hosts that were found; without: the name of a host that nobody knows',
    'test/e2e/host-lists.test.ts › a list with an entry that means nothing: +zeroconf',
    'passed over, with a sentence; the other hosts are used',
  ),
  same(
    '# comment',
    'to the end of the line, in the middle of a word too',
    'src/hosts/parse.test.ts › parseHosts() reads what counts for the whole list',
  ),
  other(
    'the order of the hosts',
    'the first slot of each, then the second of each …; who finds none sleeps for a second',
    'src/hosts/slots.test.ts › Slots hands a freed slot to the longest waiter that can use it, at once',
    'the same order, but who finds none is woken',
  ),
];
