/*
 * What the launcher needs of a C library, without one: for x86_64 and aarch64, where -DBARE is given.
 *
 * Why: before main() glibc asks the processor dozens of questions (CPUID), each of which leaves a virtual
 * machine, and chooses its string functions by the answers. That is 0.4 ms of CPU, half of what a
 * launcher takes. Types and constants are the C library's headers'; only functions that the launcher calls
 * are here, and each does what its manual page says as far as the launcher uses that.
 */
#include <stdarg.h>
#include <stddef.h>

#if !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__)) || !defined(__LP64__)
#error "this machine is not known here"
#endif

/* Or the compiler would make calls of these functions of their own bodies. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

/* ---- the kernel ---- */

static int error_number;
int *__errno_location(void) { return &error_number; }

#if defined(__x86_64__)
static long kernel(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

/* The child returns first, on the parent's stack: so the return address must not lie there. */
__asm__(".globl vfork\n"
        "vfork:\n"
        "  pop %rdi\n"
        "  mov $58, %eax\n"
        "  syscall\n"
        "  push %rdi\n"
        "  mov %eax, %edi\n"
        "  jmp vfork_result\n"
        ".globl signal_return\n"
        "signal_return:\n"
        "  mov $15, %eax\n"
        "  syscall\n"
        ".globl _start\n"
        "_start:\n"
        "  xor %ebp, %ebp\n"
        "  mov %rsp, %rdi\n"
        "  and $-16, %rsp\n"
        "  call begin\n");
#else
static long kernel(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

/* clone(CLONE_VM | CLONE_VFORK | SIGCHLD); the return address is in a register. */
__asm__(".globl vfork\n"
        "vfork:\n"
        "  mov x0, #0x4111\n"
        "  mov x1, #0\n"
        "  mov x8, #220\n"
        "  svc 0\n"
        "  b vfork_result\n"
        ".globl _start\n"
        "_start:\n"
        "  mov x29, #0\n"
        "  mov x30, #0\n"
        "  mov x0, sp\n"
        "  bl begin\n");
#endif

static long checked(long result) {
  if (result >= 0 || result < -4095) return result;
  error_number = -result;
  return -1;
}

int vfork_result(int result) { return checked(result); }

#define CALL(number, a, b, c, d, e, f) \
  checked(kernel(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)))
#define CALL0(name) CALL(SYS_##name, 0, 0, 0, 0, 0, 0)
#define CALL1(name, a) CALL(SYS_##name, a, 0, 0, 0, 0, 0)
#define CALL2(name, a, b) CALL(SYS_##name, a, b, 0, 0, 0, 0)
#define CALL3(name, a, b, c) CALL(SYS_##name, a, b, c, 0, 0, 0)
#define CALL4(name, a, b, c, d) CALL(SYS_##name, a, b, c, d, 0, 0)
#define CALL5(name, a, b, c, d, e) CALL(SYS_##name, a, b, c, d, e, 0)

/* ---- strings ---- */

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  void *result = to;
#if defined(__x86_64__)
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
#else
  for (size_t i = 0; i < size; i++) ((char *)to)[i] = ((const char *)from)[i];
#endif
  return result;
}

void *memmove(void *to, const void *from, size_t size) {
  if ((uintptr_t)to - (uintptr_t)from >= size) return memcpy(to, from, size);
  while (size-- > 0) ((char *)to)[size] = ((const char *)from)[size];
  return to;
}

void *memset(void *to, int byte, size_t size) {
  for (size_t i = 0; i < size; i++) ((char *)to)[i] = byte;
  return to;
}

void *memchr(const void *in, int byte, size_t size) {
  for (const unsigned char *at = in; size > 0; at++, size--)
    if (*at == (unsigned char)byte) return (void *)at;
  return NULL;
}

size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size]) size++;
  return size;
}

char *strchr(const char *text, int byte) {
  for (;; text++) {
    if (*text == (char)byte) return (char *)text;
    if (!*text) return NULL;
  }
}

char *strrchr(const char *text, int byte) {
  const char *last = NULL;
  for (;; text++) {
    if (*text == (char)byte) last = text;
    if (!*text) return (char *)last;
  }
}

int strncmp(const char *a, const char *b, size_t size) {
  for (; size > 0; a++, b++, size--)
    if (*a != *b || !*a) return (unsigned char)*a - (unsigned char)*b;
  return 0;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }
char *strcpy(char *restrict to, const char *restrict from) { return memcpy(to, from, strlen(from) + 1); }

size_t strcspn(const char *text, const char *ends) {
  size_t size = 0;
  while (text[size] && !strchr(ends, text[size])) size++;
  return size;
}

char *strstr(const char *text, const char *sought) {
  size_t size = strlen(sought);
  for (;; text++) {
    if (strncmp(text, sought, size) == 0) return (char *)text;
    if (!*text) return NULL;
  }
}

/* Decimal, as atoi() has it; no more than fits is ever there to be read. */
long strtol(const char *restrict text, char **restrict end, int base) {
  (void)end, (void)base;
  while (*text == ' ' || (*text >= '\t' && *text <= '\r')) text++;
  bool is_negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  long value = 0;
  for (; *text >= '0' && *text <= '9' && value < LONG_MAX / 10 - 1; text++) value = value * 10 + (*text - '0');
  return is_negative ? -value : value;
}

char *strerror(int number) {
  switch (number) {
    case ENOENT: return "No such file or directory";
    case EACCES: return "Permission denied";
    case ENOEXEC: return "Exec format error";
    case E2BIG: return "Argument list too long";
    case ENOMEM: return "Cannot allocate memory";
    case EISDIR: return "Is a directory";
    case ENOTDIR: return "Not a directory";
    case ELOOP: return "Too many levels of symbolic links";
    case ETXTBSY: return "Text file busy";
    default: return "it cannot be executed";
  }
}

/* ---- formatted text: %s, %.*s, %d, %lu, %ju, %016jx ---- */

struct text {
  char *at;
  size_t room, size; /* `size` counts what has no room as well */
};

static void put_character(struct text *text, char character) {
  if (text->size + 1 < text->room) text->at[text->size] = character;
  text->size++;
}

static void put_number(struct text *text, uintmax_t value, unsigned base, int width) {
  char digits[24];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while ((value /= base) > 0);
  while (width-- > count) put_character(text, '0');
  while (count > 0) put_character(text, digits[--count]);
}

int vsnprintf(char *restrict to, size_t room, const char *restrict format, va_list values) {
  struct text text = {to, room, 0};
  for (; *format; format++) {
    if (*format != '%') {
      put_character(&text, *format);
      continue;
    }
    int most = INT_MAX, width = 0;
    format++;
    if (strncmp(format, ".*", 2) == 0) most = va_arg(values, int), format += 2;
    for (; *format >= '0' && *format <= '9'; format++) width = width * 10 + (*format - '0');
    if (*format == 's') {
      const char *word = va_arg(values, const char *);
      for (; most > 0 && *word; word++, most--) put_character(&text, *word);
    } else if (*format == 'd') {
      long value = va_arg(values, int);
      if (value < 0) put_character(&text, '-');
      put_number(&text, value < 0 ? -value : value, 10, width);
    } else {
      format++; /* l and j are of one size here */
      put_number(&text, va_arg(values, uintmax_t), *format == 'x' ? 16 : 10, width);
    }
  }
  if (room > 0) to[text.size < room ? text.size : room - 1] = '\0';
  return text.size;
}

int snprintf(char *restrict to, size_t room, const char *restrict format, ...) {
  va_list values;
  va_start(values, format);
  int size = vsnprintf(to, room, format, values);
  va_end(values);
  return size;
}

int sprintf(char *restrict to, const char *restrict format, ...) {
  va_list values;
  va_start(values, format);
  int size = vsnprintf(to, INT_MAX, format, values);
  va_end(values);
  return size;
}

/* ---- memory: never given back but for what is large ---- */

enum { LARGE = 128 << 10, CHUNK = 256 << 10, HEAD = 16 };

static void *map_memory(size_t size) {
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  long mapped = CALL(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  return mapped == -1 ? NULL : (void *)mapped;
}

/* Before each block stands its size. */
void *malloc(size_t size) {
  static _Alignas(HEAD) char first[32 << 10];
  static char *chunk = first;
  static size_t left = sizeof first;
  if (size > SIZE_MAX / 2) return NULL;
  size_t whole = (size + HEAD + HEAD - 1) & ~(size_t)(HEAD - 1);
  char *block;
  if (whole >= LARGE) {
    block = map_memory(whole);
  } else {
    if (whole > left) {
      chunk = map_memory(CHUNK);
      left = chunk ? CHUNK : 0;
    }
    block = whole <= left ? chunk : NULL;
    if (block) chunk += whole, left -= whole;
  }
  if (!block) return NULL;
  *(size_t *)block = whole;
  return block + HEAD;
}

void free(void *memory) {
  char *block = (char *)memory - HEAD;
  if (memory && *(size_t *)block >= LARGE) CALL2(munmap, block, *(size_t *)block);
}

void *realloc(void *old, size_t size) {
  void *memory = malloc(size);
  if (!memory || !old) return memory;
  size_t before = *(size_t *)((char *)old - HEAD) - HEAD;
  memcpy(memory, old, before < size ? before : size);
  free(old);
  return memory;
}

int asprintf(char **restrict to, const char *restrict format, ...) {
  va_list values;
  va_start(values, format);
  int size = vsnprintf(NULL, 0, format, values);
  va_end(values);
  *to = malloc(size + 1);
  if (!*to) return -1;
  va_start(values, format);
  vsnprintf(*to, size + 1, format, values);
  va_end(values);
  return size;
}

/* ---- files ---- */

ssize_t read(int fd, void *to, size_t size) { return CALL3(read, fd, to, size); }
ssize_t write(int fd, const void *bytes, size_t size) { return CALL3(write, fd, bytes, size); }
int close(int fd) { return CALL1(close, fd); }
int dup2(int from, int to) { return from == to ? from : CALL3(dup3, from, to, 0); }
int flock(int fd, int operation) { return CALL2(flock, fd, operation); }
int chdir(const char *path) { return CALL1(chdir, path); }
int access(const char *path, int mode) { return CALL3(faccessat, AT_FDCWD, path, mode); }
int mkdir(const char *path, mode_t mode) { return CALL3(mkdirat, AT_FDCWD, path, mode); }
int unlink(const char *path) { return CALL3(unlinkat, AT_FDCWD, path, 0); }
int rename(const char *from, const char *to) { return CALL4(renameat, AT_FDCWD, from, AT_FDCWD, to); }
mode_t umask(mode_t mask) { return CALL1(umask, mask); }
int stat(const char *restrict path, struct stat *restrict to) { return CALL4(newfstatat, AT_FDCWD, path, to, 0); }

int lstat(const char *restrict path, struct stat *restrict to) {
  return CALL4(newfstatat, AT_FDCWD, path, to, AT_SYMLINK_NOFOLLOW);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return CALL4(openat, AT_FDCWD, path, flags, mode);
}

int fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  long value = va_arg(rest, long);
  va_end(rest);
  return CALL3(fcntl, fd, command, (int)value);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *value = va_arg(rest, void *);
  va_end(rest);
  return CALL3(ioctl, fd, request, value);
}

int remove(const char *path) {
  int result = unlink(path);
  return result != 0 && (errno == EISDIR || errno == EPERM) ? CALL3(unlinkat, AT_FDCWD, path, AT_REMOVEDIR)
                                                            : result;
}

char *getcwd(char *to, size_t room) { return CALL2(getcwd, to, room) < 0 ? NULL : to; }

/* Where it fails, `to` has all that was resolved, and what it failed at. */
char *realpath(const char *restrict path, char *restrict to) {
  static char rest[2][PATH_MAX];
  char link[PATH_MAX], *left = rest[0];
  size_t size = 0;
  int links = 0;
  if (!*path) return errno = ENOENT, NULL;
  if (strlen(path) >= PATH_MAX) return errno = ENAMETOOLONG, NULL;
  strcpy(left, path);
  if (*left != '/' && !getcwd(to, PATH_MAX)) return NULL;
  if (*left != '/') size = strlen(to) == 1 ? 0 : strlen(to);
  for (;;) {
    while (*left == '/') left++;
    size_t length = strcspn(left, "/");
    if (length == 0) break;
    char *next = left + length;
    if (length == 1 && left[0] == '.') {
      left = next;
      continue;
    }
    if (length == 2 && left[0] == '.' && left[1] == '.') {
      while (size > 0 && to[--size] != '/') continue;
      left = next;
      continue;
    }
    size_t parent = size;
    if (size + length + 2 > PATH_MAX) return errno = ENAMETOOLONG, NULL;
    to[size] = '/';
    memcpy(to + size + 1, left, length);
    size += length + 1;
    to[size] = '\0';
    ssize_t linked = CALL4(readlinkat, AT_FDCWD, to, link, PATH_MAX - 1);
    if (linked < 0 && errno != EINVAL) return NULL;
    if (linked < 0) {
      struct stat found;
      if (*next && (stat(to, &found) != 0 || !S_ISDIR(found.st_mode))) return errno = ENOTDIR, NULL;
      left = next;
      continue;
    }
    if (++links > 40) return errno = ELOOP, NULL;
    link[linked] = '\0';
    char *other = rest[left >= rest[0] && left < rest[0] + PATH_MAX];
    if (snprintf(other, PATH_MAX, "%s%s", link, next) >= PATH_MAX) return errno = ENAMETOOLONG, NULL;
    left = other;
    size = *link == '/' ? 0 : parent;
  }
  if (size == 0) to[size++] = '/';
  to[size] = '\0';
  return to;
}

/* ---- processes and signals ---- */

char **environ;
static unsigned long *auxiliary;

_Noreturn void _exit(int status) {
  for (;;) CALL1(exit_group, status);
}

pid_t getpid(void) { return CALL0(getpid); }
pid_t getppid(void) { return CALL0(getppid); }
pid_t fork(void) { return CALL5(clone, SIGCHLD, 0, 0, 0, 0); }
pid_t setsid(void) { return CALL0(setsid); }
int kill(pid_t pid, int number) { return CALL2(kill, pid, number); }
int raise(int number) { return kill(getpid(), number); }
int setpriority(__priority_which_t which, id_t who, int value) { return CALL3(setpriority, which, who, value); }

int sched_setscheduler(pid_t pid, int policy, const struct sched_param *param) {
  return CALL3(sched_setscheduler, pid, policy, param);
}

int sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *set) {
  return CALL3(sched_setaffinity, pid, size, set);
}

int getrlimit(__rlimit_resource_t resource, struct rlimit *limit) {
  return CALL4(prlimit64, 0, resource, NULL, limit);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit) {
  return CALL4(prlimit64, 0, resource, limit, NULL);
}

int prctl(int option, ...) {
  va_list rest;
  va_start(rest, option);
  long value = va_arg(rest, long);
  va_end(rest);
  return CALL5(prctl, option, value, 0, 0, 0);
}

long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long);
  va_end(rest);
  return CALL(number, a, b, c, 0, 0, 0);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage) {
  return CALL4(wait4, pid, status, options, usage);
}

pid_t waitpid(pid_t pid, int *status, int options) { return wait4(pid, status, options, NULL); }

int execve(const char *path, char *const argv[], char *const environment[]) {
  return CALL3(execve, path, argv, environment);
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }

/* Of a path with slashes only. A script that lacks a first line is the shell's. */
int execvpe(const char *path, char *const argv[], char *const environment[]) {
  execve(path, argv, environment);
  if (errno != ENOEXEC) return -1;
  size_t count = 0;
  while (argv[count]) count++;
  char **shell = malloc((count + 2) * sizeof *shell);
  if (!shell) return -1;
  shell[0] = "/bin/sh";
  shell[1] = (char *)path;
  memcpy(shell + 2, argv + (count > 0), (count > 0 ? count : 1) * sizeof *shell);
  return execve(shell[0], shell, environment);
}

char *getenv(const char *name) {
  size_t size = strlen(name);
  for (char **at = environ; *at; at++)
    if (strncmp(*at, name, size) == 0 && (*at)[size] == '=') return *at + size + 1;
  return NULL;
}

unsigned long getauxval(unsigned long type) {
  for (unsigned long *at = auxiliary; at[0]; at += 2)
    if (at[0] == type) return at[1];
  return 0;
}

/* The kernel's set is the first word of the library's. */
enum { SET_BYTES = 8 };

int sigemptyset(sigset_t *set) { return memset(set, 0, sizeof *set), 0; }
int sigaddset(sigset_t *set, int number) { return *(uint64_t *)set |= UINT64_C(1) << (number - 1), 0; }
int sigdelset(sigset_t *set, int number) { return *(uint64_t *)set &= ~(UINT64_C(1) << (number - 1)), 0; }

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict before) {
  if (before) sigemptyset(before);
  return CALL4(rt_sigprocmask, how, set, before, SET_BYTES);
}

struct kernel_action {
  void (*handler)(int);
  unsigned long flags;
#if defined(__x86_64__)
  void (*restorer)(void);
#endif
  uint64_t mask;
};

void signal_return(void);

int sigaction(int number, const struct sigaction *restrict action, struct sigaction *restrict before) {
  struct kernel_action new = {0}, old = {0};
  if (action) {
    new.handler = action->sa_handler;
    new.flags = action->sa_flags;
    new.mask = *(const uint64_t *)&action->sa_mask;
#if defined(__x86_64__)
    new.flags |= 0x04000000; /* SA_RESTORER */
    new.restorer = signal_return;
#endif
  }
  if (CALL4(rt_sigaction, number, action ? &new : NULL, &old, SET_BYTES) != 0) return -1;
  if (before) {
    memset(before, 0, sizeof *before);
    before->sa_handler = old.handler;
    before->sa_flags = old.flags & ~0x04000000UL;
    *(uint64_t *)&before->sa_mask = old.mask;
  }
  return 0;
}

__sighandler_t signal(int number, __sighandler_t handler) {
  struct sigaction action = {.sa_handler = handler}, before;
  return sigaction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
}

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info, const struct timespec *restrict time) {
  return CALL4(rt_sigtimedwait, set, info, time, SET_BYTES);
}

/* ---- waiting and sockets ---- */

int clock_gettime(clockid_t clock, struct timespec *now) { return CALL2(clock_gettime, clock, now); }

int ppoll(struct pollfd *list, nfds_t count, const struct timespec *time, const sigset_t *mask) {
  struct timespec left = time ? *time : (struct timespec){0}; /* the kernel writes to it */
  return CALL5(ppoll, list, count, time ? &left : NULL, mask, SET_BYTES);
}

int poll(struct pollfd *list, nfds_t count, int ms) {
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
  return ppoll(list, count, ms < 0 ? NULL : &time, NULL);
}

int socket(int domain, int type, int protocol) { return CALL3(socket, domain, type, protocol); }
int bind(int fd, const struct sockaddr *to, socklen_t size) { return CALL3(bind, fd, to, size); }
int listen(int fd, int backlog) { return CALL2(listen, fd, backlog); }
int connect(int fd, const struct sockaddr *to, socklen_t size) { return CALL3(connect, fd, to, size); }

int getsockopt(int fd, int level, int option, void *restrict value, socklen_t *restrict size) {
  return CALL5(getsockopt, fd, level, option, value, size);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags) {
  return CALL(SYS_sendto, fd, bytes, size, flags, 0, 0);
}

ssize_t recv(int fd, void *bytes, size_t size, int flags) {
  return CALL(SYS_recvfrom, fd, bytes, size, flags, 0, 0);
}

/* ---- the start ---- */

int main(int argc, char **argv);

_Noreturn void begin(long *stack) {
  int argc = (int)stack[0];
  char **argv = (char **)(stack + 1);
  environ = argv + argc + 1;
  char **end = environ;
  while (*end) end++;
  auxiliary = (unsigned long *)(end + 1);
  _exit(main(argc, argv));
}
