/**
 * What the launcher has in place of a C library (bare.h), compared with a C library: one program, compiled with either.
 * Also for a processor of another kind, where its compiler and an emulator are installed.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { BARE } from '../src/setup/native-program.ts';

const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'bare-test-')));
after(() => rmSync(directory, { recursive: true, force: true }));

const launcher = readFileSync(path.join(import.meta.dirname, 'launcher.c'), 'utf8');
const headers = launcher.slice(launcher.indexOf('#define _GNU_SOURCE'), launcher.indexOf('#ifndef ACK_MS'));
writeFileSync(
  path.join(directory, 'program.c'),
  `${headers}
static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...) {
  char line[3 * PATH_MAX];
  va_list values;
  va_start(values, format);
  int size = vsnprintf(line, sizeof line, format, values);
  va_end(values);
  if (write(1, line, size) != size) _exit(1);
}

static void tell(int value) { say("%d\\n", value); }

static volatile int got, shared;
static void note(int number) { got = number; }

static void show_path(const char *name) {
  char real[PATH_MAX] = "";
  bool is_there = realpath(name, real) != NULL;
  say("%s: %s %d\\n", name, is_there || errno == ENOENT ? real : "-", is_there ? 0 : errno);
}

static void show_memory(void) {
  unsigned sum = 0;
  char *grown = NULL;
  for (size_t size = 1; size < 1 << 22; size = size * 3 / 2 + 1) {
    char *other = malloc(size);
    memset(other, 7, size);
    char *bigger = realloc(grown, size);
    if (((uintptr_t)bigger | (uintptr_t)other) % 16 != 0) say("unaligned\\n");
    bigger[size - 1] = 5;
    if (grown) sum = sum * 31 + (unsigned char)bigger[0] + (unsigned char)bigger[size / 3];
    bigger[0] = size % 100;
    bigger[size / 3] = 9;
    grown = bigger;
    free(other);
  }
  say("%d\\n", (int)(sum % 1000000));
}

static void show_signals(void) {
  sigset_t usr, before;
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_NOCLDSTOP}, old;
  sigemptyset(&usr);
  sigaddset(&usr, SIGUSR1);
  sigaction(SIGUSR1, &action, &old);
  say("%d\\n", old.sa_handler == SIG_DFL);
  sigprocmask(SIG_BLOCK, &usr, &before);
  raise(SIGUSR1);
  say("%d\\n", got);
  struct timespec none = {0};
  say("%d\\n", ppoll(NULL, 0, &none, &before));
  tell(got == SIGUSR1); tell(errno == EINTR);
  raise(SIGUSR1);
  say("%d\\n", sigtimedwait(&usr, NULL, &none) == SIGUSR1);
  tell(sigtimedwait(&usr, NULL, &none)); tell(errno == EAGAIN);
  sigdelset(&usr, SIGUSR1);
  sigprocmask(SIG_SETMASK, &before, NULL);
  say("%d\\n", signal(SIGUSR1, SIG_IGN) == note);
}

static void show_children(void) {
  int status;
  struct rusage usage;
  volatile int seen = 0;
  pid_t pid = vfork();
  if (pid == 0) {
    seen = 42;
    execve("/nowhere", (char *[]){"x", NULL}, environ);
    _exit(errno == ENOENT ? 3 : 4);
  }
  tell(wait4(pid, &status, 0, &usage) == pid); tell(WEXITSTATUS(status));
  shared = seen;
  pid = fork();
  if (pid == 0) {
    execvpe("./script", (char *[]){"name", "a b", NULL}, (char *[]){"X=y", NULL});
    _exit(5);
  }
  tell(waitpid(pid, &status, 0) == pid); tell(WEXITSTATUS(status));
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) show_path(argv[i]);
  say("%s|%.*s|%.*s|%d|%d|%lu|%ju|%016jx\\n", "word", 2, "cut", 9, "whole", 0, INT_MIN, 1234567890123UL,
      (uintmax_t)UINT64_MAX, (uintmax_t)0xabc);
  char room[8];
  tell(snprintf(room, sizeof room, "%s", "longer than that"));
  say("%s\\n", room);
  char *made = NULL;
  tell(asprintf(&made, "%s=%d", "a", 5));
  say("%s\\n", made);
  for (const char **at = (const char *[]){"12", " -7x", "+3", "", "z", "0099", NULL}; *at; at++) say("%d ", atoi(*at));
  const char *text = "a/b/c";
  say("%s %s %d %s %d %d\\n", strchr(text, '/'), strrchr(text, '/'), strchr(text, 'x') == NULL, strstr(text, "b/"),
      (int)strcspn(text, "bc"), strstr(text, "bb") == NULL);
  tell(strcmp("a", "b") < 0); tell(strcmp("b", "a") > 0); tell(strncmp("ab", "ac", 1)); tell(strcmp("\\xff", "a") > 0);
  char moved[] = "0123456789";
  memmove(moved + 2, moved, 6);
  say("%s ", moved);
  memmove(moved, moved + 2, 6);
  say("%s %d\\n", moved, memchr(moved, '9', sizeof moved) == moved + 9);
  say("%s %d %d\\n", getenv("NAMED"), getenv("NAME") == NULL, getauxval(AT_EUID) == (unsigned long)syscall(SYS_geteuid));
  struct stat status;
  tell(stat("link", &status)); tell(S_ISDIR(status.st_mode)); tell((int)(status.st_mode & 07777));
  tell(lstat("link", &status)); tell(S_ISLNK(status.st_mode));
  tell(mkdir("made", 0700)); tell(mkdir("made", 0700)); tell(errno == EEXIST);
  tell(remove("made")); tell(remove("made")); tell(errno == ENOENT);
  tell(remove("dir")); tell(errno == ENOTEMPTY); tell(access("script", X_OK));
  int fd = open("new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  tell(fd >= 0); tell(fcntl(fd, F_GETFD) == FD_CLOEXEC); tell(fcntl(fd, F_DUPFD, 50)); tell(dup2(fd, 60));
  tell(rename("new", "newer")); tell(unlink("newer")); tell(unlink("newer"));
  struct rlimit files;
  tell(getrlimit(RLIMIT_NOFILE, &files)); tell(files.rlim_cur <= files.rlim_max); tell(setrlimit(RLIMIT_NOFILE, &files));
  show_memory();
  show_signals();
  show_children();
  say("vfork: %d\\n", shared); /* which an emulator cannot do */
  return 6;
}
`,
);

mkdirSync(path.join(directory, 'dir', 'in'), { recursive: true });
writeFileSync(path.join(directory, 'dir', 'file'), '');
writeFileSync(path.join(directory, 'script'), 'echo "$0 $1 $X"; exit 8\n', { mode: 0o755 });
for (const [name, target] of [
  ['link', 'dir'],
  ['chain', 'link/in/../file'],
  ['loop', 'loop'],
  ['idle', 'dir/none/below'],
  ['absolute', `${directory}/link/in`],
  ['up', '../'],
] as const)
  symlinkSync(target, path.join(directory, name));
const NAMES: readonly string[] = [
  '/',
  '//',
  '.',
  '..',
  'dir',
  './dir/./in/',
  'dir/../dir//in',
  'link',
  'link/',
  'link/in/..',
  'chain',
  'loop',
  'idle',
  'idle/x',
  'none',
  'none/',
  'none/x',
  'dir/none',
  'dir/file',
  'dir/file/',
  'dir/file/x',
  'dir/file/..',
  'absolute',
  'absolute/..',
  'up',
  `up/${path.basename(directory)}/link`,
  '',
  '/../..',
  '/proc/self/..',
  `${directory}/link`,
];

function compile(name: string, flags: readonly string[], compiler = 'cc'): string {
  const program = path.join(directory, name);
  const words = ['-std=gnu11', '-O2', '-Wall', '-Wextra', `-I${import.meta.dirname}`, ...flags];
  const built = spawnSync(compiler, [...words, path.join(directory, 'program.c'), '-o', program], {
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  return program;
}

function show(program: readonly string[]): { readonly said: string; readonly status: number | null } {
  const [name = '', ...words] = program;
  const { stdout, stderr, status } = spawnSync(name, [...words, ...NAMES], {
    cwd: directory,
    env: { NAMED: 'so', PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  });
  // What a process calls itself.
  return { said: (stdout + stderr).replaceAll(/\/proc\/\d+/g, '/proc/PID'), status };
}

const whole = show([compile('whole', ['-include', 'stdarg.h'])]);

test('each function does what the C library’s does', () => {
  assert.equal(whole.status, 6, whole.said);
  assert.deepEqual(show([compile('bare', BARE)]), whole);
});

const [arm, emulator] = ['/usr/bin/aarch64-linux-gnu-gcc', '/usr/bin/qemu-aarch64'];
const needs = [arm, emulator].find((name) => !existsSync(name));

test('so it is on aarch64', { skip: needs === undefined ? false : `not installed: ${needs}` }, () => {
  const { said, status } = show([emulator, compile('arm', BARE, arm)]);
  assert.deepEqual([said.replace(/vfork: .*/, ''), status], [whole.said.replace(/vfork: .*/, ''), 6]);
});
