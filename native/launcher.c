/*
 * The launcher: what a build calls as `distcc`, or by links as `gcc`, `x86_64-linux-gnu-g++-12` and so on.
 * It hands the call to this user's agent, does at its word what only a child of the build can do (start a
 * preprocessor, rename, print, exit), and becomes the compiler when it is told to.
 *
 * The law: any doubt ends in the compiler running here, exactly once, as if we were not there. So each
 * function below either does its part or calls doubt(), which does not return.
 *
 * Why C: one of these starts for every compile, and Node needs 40 ms of CPU to start where this needs 0.1.
 * It is linked without a C library where we have what it needs of one (bare.h), else statically where that
 * works: no loader, and no LD_PRELOAD of a build (fakeroot, sandboxes) between it and the kernel. That is also
 * why it asks neither users nor hosts of the C library.
 *
 * Read it from main(), at the end. The agent's side of every sentence: docs/protocol/launcher.md.
 * Compiled with MANYHANDS_NODE, MANYHANDS_AGENT, MANYHANDS_TOOL (absolute paths) and MANYHANDS_BUILD.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef BARE
#include "bare.h"
#endif

#ifndef ACK_MS
#define ACK_MS 2000 /* from our INVOCATION to the agent's ACK; also for another launcher to start one */
#endif
#ifndef SILENCE_MS
#define SILENCE_MS 15000 /* without any frame; an agent that lives says so every 5 s */
#endif
#define MERCY_MS 500 /* for a spawned program to end by SIGTERM, before SIGKILL */

enum { FAILED = 100, BAD_ARGUMENTS = 101, OUT_OF_MEMORY = 105, COMPILER_MISSING = 110, RECURSION = 111 };
enum { INVOCATION = 1, ENDED = 2, ACK = 0x81, ALIVE, RUN_HERE, SPAWN, EXIT, REPORT, STAGED };
enum { STDOUT_IS_TERMINAL = 1, STDERR_IS_TERMINAL = 2, IS_MASQUERADE = 4 };
enum { MAX_LAUNCHER_FRAME = 16 << 20, MAX_AGENT_FRAME = 64 << 20, MAX_SEEN = 64, MAX_DEPTH = 32 };
enum { KEPT_SOCKET = 200 }; /* beyond the descriptors that build tools use, below the usual limit of 1024 */

static char **command; /* the caller's words, from the compiler's name on */
static char compiler[PATH_MAX];
static struct stat compiler_stat, self_stat;
static char **environment; /* the compiler's */
static int agent = -1;     /* the socket */
static int log_fd = STDERR_FILENO;
static pid_t child;        /* the spawned program, 0 if none */

static _Noreturn void doubt(const char *reason);

/* ---- small things ---- */

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static bool same_file(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct timespec time_until(int64_t deadline) {
  int64_t left = deadline - now_ms();
  if (left < 0) left = 0;
  return (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
}

/* All of it, even to a pipe that does not block. What cannot be written is lost, as it is for a compiler. */
static void write_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t written = write(fd, bytes, size);
    if (written > 0) {
      bytes += written;
      size -= written;
    } else if (written < 0 && errno == EAGAIN) {
      poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      return;
    }
  }
}

static _Noreturn void fail(int status, const char *what, const char *name, const char *why) {
  char line[PATH_MAX + 400];
  int size = snprintf(line, sizeof line, "distcc[%d] ERROR: %s %.*s: %s\n", getpid(), what, PATH_MAX, name, why);
  write_all(log_fd, line, size);
  _exit(status);
}

/* ccache, for one, keeps what its compiler says on standard error, and gives a descriptor for what is not kept. */
static void find_log(void) {
  const char *set = getenv("UNCACHED_ERR_FD");
  int fd = set ? atoi(set) : 0;
  if (fd > STDIN_FILENO && fcntl(fd, F_GETFD) >= 0) log_fd = fd;
}

static void *grow(void *old, size_t size) {
  void *memory = realloc(old, size);
  if (memory) return memory;
  if (environment) doubt("out of memory");
  fail(OUT_OF_MEMORY, "cannot start", "distcc", "out of memory");
}

static size_t count(char **list) {
  size_t n = 0;
  while (list[n]) n++;
  return n;
}

/* An edit is NAME=value to set, or NAME alone to remove. */
static char **edited_environment(char **base, char **edits) {
  size_t n = count(base);
  char **list = memcpy(grow(NULL, (n + count(edits) + 1) * sizeof *list), base, (n + 1) * sizeof *list);
  for (; *edits; edits++) {
    size_t name_size = strcspn(*edits, "=");
    char **to = list;
    for (char **from = list; *from; from++)
      if (strncmp(*from, *edits, name_size) != 0 || (*from)[name_size] != '=') *to++ = *from;
    if ((*edits)[name_size] == '=') *to++ = *edits;
    *to = NULL;
  }
  return list;
}

/* ---- which compiler ---- */

/* Sets `path` to NAME in the first element of `*search`, and moves on; false when there is none left. */
static bool next_on_path(const char **search, const char *name, char path[PATH_MAX]) {
  if (!*search) return false;
  size_t size = strcspn(*search, ":");
  const char *element = size == 0 ? "." : *search; /* an empty one is the current directory */
  int length = snprintf(path, PATH_MAX, "%.*s/%s", size == 0 ? 1 : (int)size, element, name);
  if (length >= PATH_MAX) path[0] = '\0';
  *search = (*search)[size] ? *search + size + 1 : NULL;
  return true;
}

/* What follows the element in which `name` is `wanted`; NULL when nothing does. */
static const char *path_after(const char *search, const char *name, const struct stat *wanted) {
  char path[PATH_MAX];
  struct stat found;
  while (next_on_path(&search, name, path))
    if (stat(path, &found) == 0 && same_file(&found, wanted)) return search;
  return NULL;
}

/*
 * What is left of PATH when the element that holds this launcher, and all before it, are taken away; NULL
 * when no element does, or only the last. The directory that we were called in counts first. Compared by
 * what is there, because text (which distcc compares) fails for links and trailing slashes.
 */
static const char *trimmed_path(const char *argv0) {
  char directory[PATH_MAX];
  struct stat here;
  const char *search = getenv("PATH"), *rest = NULL, *name = base_name(argv0);
  if (name > argv0 && snprintf(directory, PATH_MAX, "%.*s.", (int)(name - argv0), argv0) < PATH_MAX &&
      stat(directory, &here) == 0)
    rest = path_after(search, ".", &here);
  return rest ? rest : path_after(search, name, &self_stat);
}

/* Makes it absolute: the agent stands elsewhere. */
static bool set_compiler(const char *path) {
  char directory[PATH_MAX] = "";
  if (path[0] != '/' && !getcwd(directory, sizeof directory)) return false;
  return snprintf(compiler, PATH_MAX, "%s%s%s", directory, *directory ? "/" : "", path) < PATH_MAX;
}

/*
 * What is left of PATH where our own links stand before the compiler; else NULL. gcc looks for itself on PATH, and then for
 * its parts beside what it finds.
 */
static const char *path_behind_us;

/* Never finds this program itself: neither on PATH nor as one of our links, spelled out. */
static bool find_compiler(const char *name, const char *search) {
  char path[PATH_MAX];
  if (strchr(name, '/')) {
    if (stat(name, &compiler_stat) != 0) return false;
    if (!same_file(&compiler_stat, &self_stat)) return set_compiler(name);
    name = base_name(name);
  }
  while (*name && next_on_path(&search, name, path)) {
    if (stat(path, &compiler_stat) != 0 || !S_ISREG(compiler_stat.st_mode) || access(path, X_OK) != 0) continue;
    if (!same_file(&compiler_stat, &self_stat)) return set_compiler(path);
    path_behind_us = search;
  }
  return false;
}

static bool is_one_of(const char *word, const char *const *list) {
  for (; *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

static bool is_source_or_object(const char *word) {
  static const char *const extensions[] = {".c",  ".i", ".cc", ".cpp", ".cxx", ".cp",  ".c++", ".C",
                                           ".ii", ".m", ".mi", ".mm",  ".M",   ".mii", ".o",   NULL};
  const char *extension = strrchr(base_name(word), '.');
  return extension && is_one_of(extension, extensions);
}

/* ---- signals: blocked but inside ppoll(), so that none is lost between a look and a wait ---- */

enum { WATCHED = 5 };
static const int watched[WATCHED] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static struct sigaction inherited_actions[WATCHED];
static sigset_t inherited_mask, waiting_mask;
static bool signals_are_ours;
static volatile sig_atomic_t caught;

static void note_signal(int number) {
  if (number != SIGCHLD) caught = number;
}

static void take_signals(void) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (int i = 0; i < WATCHED; i++) sigaddset(&blocked, watched[i]);
  sigprocmask(SIG_BLOCK, &blocked, &inherited_mask);
  waiting_mask = inherited_mask;
  sigdelset(&waiting_mask, SIGCHLD);
  for (int i = 0; i < WATCHED; i++) {
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_NOCLDSTOP};
    sigaction(watched[i], &action, &inherited_actions[i]);
    /* Ignored by the caller stays ignored; but a child whose end is ignored could not be waited for. */
    if (inherited_actions[i].sa_handler == SIG_IGN && watched[i] != SIGCHLD)
      sigaction(watched[i], &inherited_actions[i], NULL);
  }
  signals_are_ours = true;
}

static void give_signals_back(void) {
  if (!signals_are_ours) return;
  for (int i = 0; i < WATCHED; i++) sigaction(watched[i], &inherited_actions[i], NULL);
  sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
}

/* Ends as a program that was ended by this signal. */
static _Noreturn void die_by(int number) {
  static const struct rlimit no_core;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  setrlimit(RLIMIT_CORE, &no_core);
  signal(number, SIG_DFL);
  if (number != SIGSTOP && number != SIGTSTP && number != SIGTTIN && number != SIGTTOU) raise(number);
  sigprocmask(SIG_UNBLOCK, &only, NULL);
  _exit(128 + number); /* as process 1, or by a signal that ends nobody */
}

/* ---- the spawned program ---- */

struct spawn {
  const char *program;
  char **argv, **environment, *stdout_path, *stderr_path;
};

/* `fd` becomes this file. The descriptors below it are taken, so that open() cannot land on one of those. */
static bool open_as(int fd, const char *path, int flags) {
  int opened = open(path, flags, 0600);
  return opened == fd || (opened >= 0 && dup2(opened, fd) == fd && close(opened) == 0);
}

/* In the child, which shares our memory until execve: it allocates nothing. Returns when that failed. */
static void exec_spawn(const struct spawn *spawn, pid_t launcher) {
  const int fresh = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher) _exit(127); /* it ended before the line above */
  if (open_as(STDIN_FILENO, "/dev/null", O_RDONLY) && open_as(STDOUT_FILENO, spawn->stdout_path, fresh) &&
      open_as(STDERR_FILENO, spawn->stderr_path, fresh)) {
    give_signals_back();
    execve(spawn->program, spawn->argv, spawn->environment);
  }
}

/* Returns 0, or why the program was not started. */
static int start_child(const struct spawn *spawn) {
  static volatile int failure;
  pid_t launcher = getpid();
  failure = 0;
  pid_t pid = vfork();
  if (pid < 0) return errno;
  if (pid == 0) {
    exec_spawn(spawn, launcher);
    failure = errno;
    _exit(127);
  }
  if (failure == 0) child = pid;
  else waitpid(pid, NULL, 0);
  return failure;
}

static void end_child(void) {
  if (child == 0) return;
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  int64_t deadline = now_ms() + MERCY_MS;
  kill(child, SIGTERM);
  while (waitpid(child, NULL, WNOHANG) == 0) {
    struct timespec left = time_until(deadline);
    if (sigtimedwait(&ended, NULL, &left) >= 0 || errno != EAGAIN) continue;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    break;
  }
  child = 0;
}

/* ---- becoming the compiler ---- */

/* Files and emptied directories that the agent makes for us: ours to remove, should it be gone. */
static char **staged;
static size_t staged_count;

/* A few times, for a preprocessor that we ended may have left a child, which is just making its last file. */
static void remove_staged(void) {
  bool is_all = false;
  for (int tries = 0; tries < 5 && !is_all; tries++) {
    is_all = true;
    for (size_t i = 0; i < staged_count; i++)
      if (remove(staged[i]) != 0 && errno == ENOTEMPTY) is_all = false;
  }
}

static _Noreturn void become_compiler(char **argv, char **its_environment) {
  end_child();
  remove_staged();
  give_signals_back();
  execvpe(compiler, argv, its_environment); /* as execve, and runs scripts that lack a first line */
  fail(COMPILER_MISSING, "cannot run the compiler", compiler, strerror(errno));
}

/* Says why only to who asked by DISTCC_VERBOSE=1: a build's output stays the compiler's own. */
static void doubt(const char *reason) {
  const char *verbose = getenv("DISTCC_VERBOSE"), *log = getenv("DISTCC_LOG");
  if (verbose && strcmp(verbose, "1") == 0) {
    char line[400];
    int size = snprintf(line, sizeof line, "distcc[%d] running the compiler here: %s\n", getpid(), reason);
    int fd = log && *log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    write_all(fd >= 0 ? fd : log_fd, line, size);
  }
  become_compiler(command, environment); /* the socket closes by itself */
}

/* ---- where the agent is ---- */

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static char distcc_dir[PATH_MAX];
static const char *runtime_dir; /* $XDG_RUNTIME_DIR if it is to be believed */

static bool is_own_directory(const char *path, mode_t mode_bits, mode_t mode) {
  struct stat status;
  return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == getauxval(AT_EUID) &&
         (status.st_mode & mode_bits) == mode;
}

static bool have_private_directory(const char *path) {
  return is_own_directory(path, 07777, 0700) ||
         ((mkdir(path, 0700) == 0 || errno == EEXIST) && is_own_directory(path, 07777, 0700));
}

/*
 * Makes the directory that a link leads to, with those above it: in memory (tmpfs) all of it goes with each
 * reboot. A name that fails at something which is not there is given back resolved up to and with that.
 */
static void make_target(const char *link) {
  struct stat status;
  char missing[PATH_MAX] = "";
  if (lstat(link, &status) != 0 || !S_ISLNK(status.st_mode)) return;
  for (int depth = 0; depth < MAX_DEPTH && !realpath(link, missing) && errno == ENOENT; depth++)
    if (mkdir(missing, 0777) != 0 && errno != EEXIST) return;
}

/* Stays empty where nothing says where it is: the host list may come from elsewhere. */
static bool find_distcc_dir(void) {
  const char *set = getenv("DISTCC_DIR"), *home = getenv("HOME");
  if (!(set && *set) && !(home && *home)) return true;
  char spelled[PATH_MAX];
  int size = set && *set ? snprintf(spelled, PATH_MAX, "%s", set)
                         : snprintf(spelled, PATH_MAX, "%s/.distcc", home);
  if (size >= PATH_MAX) return false;
  if (realpath(spelled, distcc_dir)) return true;
  mkdir(spelled, 0777); /* now: resolved later, through a link, it would be another name and another agent */
  make_target(spelled);
  if (!realpath(spelled, distcc_dir)) strcpy(distcc_dir, spelled);
  return distcc_dir[0] == '/';
}

static uint64_t fnv1a(uint64_t hash, const char *text) {
  for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
  return hash;
}

/* Sets `address`; false when there is no place for a socket. */
static bool find_socket(const struct stat *root) {
  unsigned long user = getauxval(AT_EUID);
  struct stat namespace = {0};
  char world[128], directories[3][PATH_MAX] = {""};
  stat("/proc/self/ns/mnt", &namespace);
  snprintf(world, sizeof world, "%lu:%lu:%ju:%ju:%ju:", user, getauxval(AT_EGID), (uintmax_t)root->st_dev,
           (uintmax_t)root->st_ino, (uintmax_t)namespace.st_ino);
  uint64_t hash = fnv1a(fnv1a(fnv1a(0xcbf29ce484222325, world), MANYHANDS_BUILD ":"), distcc_dir);

  runtime_dir = getenv("XDG_RUNTIME_DIR");
  if (runtime_dir && (runtime_dir[0] != '/' || !is_own_directory(runtime_dir, 0, 0))) runtime_dir = NULL;
  if (runtime_dir) snprintf(directories[0], PATH_MAX, "%s/manyhands", runtime_dir);
  snprintf(directories[1], PATH_MAX, "/run/user/%lu/manyhands", user);
  snprintf(directories[2], PATH_MAX, "/tmp/manyhands-%lu", user);
  /* Gentoo's sandbox allows /tmp; an attempt elsewhere fails the package, even one that comes to nothing. */
  for (int i = getenv("SANDBOX_ON") ? 2 : 0; i < 3; i++) {
    size_t size = strlen(directories[i]);
    if (size == 0 || size + 1 + 16 >= sizeof address.sun_path || !have_private_directory(directories[i])) continue;
    sprintf(address.sun_path, "%s/%016jx", directories[i], (uintmax_t)hash);
    return true;
  }
  return false;
}

/* ---- starting it ---- */

/* Away from 0, 1 and 2, which the caller may have closed, and which the compiler gets as they are. */
static int above_standard(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  close(fd);
  return moved;
}

static int open_socket(void) {
  return above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static void close_from(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  struct rlimit files = {.rlim_max = 1 << 16};
  getrlimit(RLIMIT_NOFILE, &files);
  for (unsigned fd = first; fd < files.rlim_max && fd < 1 << 20; fd++) close(fd);
}

/* The agent outlives this build: it takes along nothing of it. */
static _Noreturn void become_agent(int listener) {
  sigset_t none;
  sigemptyset(&none);
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigprocmask(SIG_SETMASK, &none, NULL);
  umask(077);
  setpriority(PRIO_PROCESS, 0, 0);
  sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
  cpu_set_t all;
  sched_setaffinity(0, sizeof all, memset(&all, 0xff, sizeof all));
  for (int resource = 0; resource < RLIMIT_NLIMITS; resource++) {
    struct rlimit limit;
    /* Not the stack: the kernel lays memory out differently where that has no limit. */
    if (resource == RLIMIT_STACK || resource == RLIMIT_CORE || getrlimit(resource, &limit) != 0) continue;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(resource, &limit);
  }

  listener = fcntl(listener, F_DUPFD, 10);
  int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= STDERR_FILENO; fd++) dup2(null, fd);
  if (dup2(listener, 3) != 3 || chdir("/") != 0) _exit(127);
  close_from(4);

  static const char *const kept[] = {"HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "TZ", "XDG_RUNTIME_DIR"};
  char *clean[10] = {"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "LANG=C.UTF-8"};
  for (int i = 0, n = 2; i < 6; i++) {
    const char *value = i == 5 ? runtime_dir : getenv(kept[i]);
    if (value && asprintf(&clean[n], "%s=%s", kept[i], value) > 0) n++;
  }
  /* In MiB: what V8 takes by itself adds 100 MB to a busy agent, and makes it no faster. */
  char *argv[] = {MANYHANDS_NODE, "--max-semi-space-size=8", MANYHANDS_AGENT, "--socket", address.sun_path, "--dir", distcc_dir, NULL};
  execve(argv[0], argv, clean);
  _exit(127);
}

/* With the lock held. The listening socket is there when this returns, so that nobody waits for Node. */
static bool start_agent(void) {
  int listener = open_socket();
  unlink(address.sun_path);
  mode_t mask = umask(0177);
  bool is_bound = listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
  umask(mask);
  if (!is_bound || listen(listener, 1024) != 0) return false;
  pid_t between = fork();
  if (between == 0) {
    setsid(); /* and a child that does not lead it, and so can never get a terminal */
    if (fork() == 0) become_agent(listener);
    _exit(0);
  }
  if (between > 0) waitpid(between, NULL, 0);
  close(listener);
  return between > 0;
}

static bool connect_once(void) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  agent = open_socket();
  if (agent >= 0 && connect(agent, (struct sockaddr *)&address, sizeof address) == 0) {
    if (getsockopt(agent, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == getauxval(AT_EUID)) return true;
    doubt("somebody else has the agent's socket");
  }
  /* EAGAIN, for one, is a full backlog: an agent is there, and far behind. */
  if (agent < 0 || (errno != ENOENT && errno != ECONNREFUSED)) doubt("the agent's socket cannot be connected to");
  close(agent);
  return false;
}

/* Whether other machines may be reached from here: an address of ours is not this machine's alone. */
static bool has_way_out(void) {
  struct ifreq list[64]; /* those with an address of IPv4 */
  struct ifconf all = {.ifc_len = sizeof list, .ifc_req = list};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool is_known = fd >= 0 && ioctl(fd, SIOCGIFCONF, &all) == 0, found = !is_known;
  for (size_t i = 0; is_known && !found && i < all.ifc_len / sizeof *list; i++)
    found = ioctl(fd, SIOCGIFFLAGS, &list[i]) == 0 && !(list[i].ifr_flags & IFF_LOOPBACK);
  if (fd >= 0) close(fd);

  static const char own[] = "00000000000000000000000000000001 "; /* ::1; each line begins with an address */
  char text[4096];
  fd = open("/proc/net/if_inet6", O_RDONLY | O_CLOEXEC);
  ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
  if (fd >= 0) close(fd);
  text[size > 0 ? size : 0] = '\0';
  for (const char *line = text; *line && !found;) {
    found = strncmp(line, own, sizeof own - 1) != 0;
    const char *end = strchr(line, '\n');
    line = end ? end + 1 : "";
  }
  return found;
}

/*
 * Without a network (unshare --net) an agent of the common name, started outside, serves us well. One that is
 * started in here would serve those outside badly: it has a name of this network alone.
 */
static void use_name_of_network(void) {
  struct stat network;
  size_t size = strlen(address.sun_path);
  char name[32];
  if (stat("/proc/self/ns/net", &network) != 0) return;
  snprintf(name, sizeof name, ".%ju", (uintmax_t)network.st_ino);
  if (size + strlen(name) < sizeof address.sun_path) strcpy(address.sun_path + size, name);
}

/* Connected when it returns, to an agent that is there or to one that is on its way. */
static void connect_to_agent(void) {
  static bool is_alone;
  if (connect_once()) return;
  if (!is_alone && !has_way_out()) {
    is_alone = true;
    use_name_of_network();
    if (connect_once()) return;
  }
  if (access(MANYHANDS_NODE, X_OK) != 0 || access(MANYHANDS_AGENT, R_OK) != 0) doubt("there is no agent to start");
  char path[sizeof address.sun_path + 8];
  sprintf(path, "%s.lock", address.sun_path);
  int lock = above_standard(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock < 0) doubt("the lock file cannot be opened");
  for (int64_t deadline = now_ms() + ACK_MS;;) {
    bool is_locked = flock(lock, LOCK_EX | LOCK_NB) == 0;
    if (connect_once()) break; /* another launcher has started it meanwhile */
    if (is_locked && start_agent() && connect_once()) break;
    if (is_locked) doubt("the agent cannot be started");
    if (now_ms() >= deadline) doubt("another launcher is starting the agent for too long");
    poll(NULL, 0, 5);
  }
  flock(lock, LOCK_UN); /* said aloud, because a child on its way to execve still has the descriptor */
  close(lock);
}

/* ---- frames out ---- */

struct bytes {
  unsigned char *data;
  size_t size, room;
};

static void reserve(struct bytes *bytes, size_t more) {
  if (bytes->room - bytes->size >= more) return;
  bytes->room = (bytes->size + more) * 2;
  bytes->data = grow(bytes->data, bytes->room);
}

static void put_integer(struct bytes *out, uint64_t value, int size) {
  reserve(out, size);
  for (; size > 0; size--, value >>= 8) out->data[out->size++] = value;
}

static void put_u32(struct bytes *out, uint32_t value) { put_integer(out, value, 4); }
static void put_u64(struct bytes *out, uint64_t value) { put_integer(out, value, 8); }

/* Over a u32 that was put before its value was known. */
static void put_u32_at(struct bytes *out, size_t at, uint32_t value) {
  put_u32(&(struct bytes){.data = out->data + at, .room = 4}, value);
}

static void put_string(struct bytes *out, const char *text) {
  size_t size = strlen(text);
  if (size > MAX_LAUNCHER_FRAME) doubt("a word is too long to send");
  put_u32(out, size);
  reserve(out, size);
  memcpy(out->data + out->size, text, size);
  out->size += size;
}

static void put_list(struct bytes *out, char **list) {
  put_u32(out, count(list));
  for (; *list; list++) put_string(out, *list);
}

static void put_file(struct bytes *out, const struct stat *status) {
  put_u64(out, status->st_dev);
  put_u64(out, status->st_ino);
}

static void begin_frame(struct bytes *out, int type) {
  put_u32(out, 0);
  put_integer(out, type, 1);
}

static void end_frame(struct bytes *out) {
  if (out->size - 4 > MAX_LAUNCHER_FRAME) doubt("the command is too long to send");
  put_u32_at(out, 0, out->size - 4);
}

static void put_seen(struct bytes *out) {
  struct stat status;
  size_t at = out->size;
  uint32_t seen = 0;
  put_u32(out, 0);
  for (uint32_t i = 1; command[i] && seen < MAX_SEEN; i++) {
    if (command[i][0] == '-' || stat(command[i], &status) != 0 || !S_ISREG(status.st_mode)) continue;
    put_u32(out, i);
    put_file(out, &status);
    put_u32_at(out, at, ++seen);
  }
}

static void put_invocation(struct bytes *out, const struct stat *root, bool is_masquerade, char **callers) {
  struct stat here, there;
  struct winsize stdout_size, stderr_size = {0};
  char directory[PATH_MAX];
  const char *pwd = getenv("PWD");
  if (!getcwd(directory, sizeof directory) || directory[0] != '/' || stat(".", &here) != 0)
    doubt("the current directory has no name");
  if (!pwd || pwd[0] != '/' || stat(pwd, &there) != 0 || !same_file(&here, &there)) pwd = "";
  int flags = (ioctl(STDOUT_FILENO, TIOCGWINSZ, &stdout_size) == 0 ? STDOUT_IS_TERMINAL : 0) |
              (ioctl(STDERR_FILENO, TIOCGWINSZ, &stderr_size) == 0 ? STDERR_IS_TERMINAL : 0) |
              (is_masquerade ? IS_MASQUERADE : 0);
  mode_t mask = umask(0);
  umask(mask);

  begin_frame(out, INVOCATION);
  put_string(out, MANYHANDS_BUILD);
  put_u32(out, flags);
  put_u32(out, stderr_size.ws_col);
  put_u32(out, mask);
  put_u64(out, getpid());
  put_file(out, root);
  put_file(out, &here);
  put_string(out, directory);
  put_string(out, pwd);
  put_string(out, compiler);
  put_file(out, &compiler_stat);
  put_list(out, command);
  put_seen(out);
  put_list(out, callers);
  end_frame(out);
}

/* False when the agent has gone. Returns early when a signal came: the conversation looks for those. */
static bool send_all(const struct bytes *bytes, int64_t deadline) {
  for (size_t sent = 0; sent < bytes->size && !caught;) {
    ssize_t n = send(agent, bytes->data + sent, bytes->size - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    if (n >= 0) {
      sent += n;
      continue;
    }
    struct timespec left = time_until(deadline);
    if (ppoll(&(struct pollfd){.fd = agent, .events = POLLOUT}, 1, &left, &waiting_mask) == 0)
      doubt("the agent does not listen");
  }
  return true;
}

static void send_ended(int failure, int status, const struct rusage *usage, int64_t deadline) {
  struct bytes out = {0};
  begin_frame(&out, ENDED);
  put_u32(&out, failure);
  put_u32(&out, status);
  put_u64(&out, usage->ru_utime.tv_sec * UINT64_C(1000000) + usage->ru_utime.tv_usec);
  put_u64(&out, usage->ru_stime.tv_sec * UINT64_C(1000000) + usage->ru_stime.tv_usec);
  put_u64(&out, usage->ru_maxrss);
  end_frame(&out);
  if (!send_all(&out, deadline)) doubt("the agent has gone");
  free(out.data);
}

/* ---- frames in: fields are taken off the front; what does not fit makes the frame bad ---- */

struct frame {
  unsigned char *at, *end;
  bool is_bad;
};

static uint32_t take_u32(struct frame *frame) {
  if (frame->end - frame->at < 4) frame->is_bad = true;
  if (frame->is_bad) return 0;
  unsigned char *at = frame->at;
  frame->at += 4;
  return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static char *take_bytes(struct frame *frame, uint32_t *size) {
  *size = take_u32(frame);
  if (*size > (size_t)(frame->end - frame->at)) frame->is_bad = true;
  if (frame->is_bad) *size = 0;
  char *bytes = (char *)frame->at;
  frame->at += *size;
  return bytes;
}

static char *take_string(struct frame *frame) {
  uint32_t size;
  char *bytes = take_bytes(frame, &size);
  if (memchr(bytes, 0, size)) frame->is_bad = true;
  if (frame->is_bad) return "";
  char *text = memmove(bytes - 4, bytes, size); /* over its own length, to have room for the NUL */
  text[size] = '\0';
  return text;
}

static char **take_list(struct frame *frame) {
  uint32_t size = take_u32(frame);
  if (size > (size_t)(frame->end - frame->at) / 4) frame->is_bad = true;
  if (frame->is_bad) size = 0;
  char **list = grow(NULL, (size + 1) * sizeof *list);
  for (uint32_t i = 0; i < size; i++) list[i] = take_string(frame);
  list[size] = NULL;
  return list;
}

static void check(const struct frame *frame, bool is_sound) {
  if (frame->is_bad || frame->at != frame->end || !is_sound) doubt("the agent sent a malformed frame");
}

/* ---- what the agent can say ---- */

static _Noreturn void run_here(struct frame *frame) {
  char **argv = take_list(frame), **edits = take_list(frame), *message = take_string(frame);
  check(frame, true);
  write_all(log_fd, message, strlen(message));
  /* Stays open in the compiler: when that ends, the agent learns that this core is free again. */
  fcntl(agent, F_DUPFD, KEPT_SOCKET);
  become_compiler(*argv ? argv : command, edited_environment(environment, edits));
}

static void spawn(struct frame *frame, int64_t deadline) {
  char *program = take_string(frame);
  char **argv = take_list(frame), **edits = take_list(frame);
  char *stdout_path = take_string(frame), *stderr_path = take_string(frame);
  check(frame, *argv && child == 0);
  char *slash = strrchr(stdout_path, '/');
  if (slash && slash > stdout_path) {
    *slash = '\0';
    mkdir(stdout_path, 0700); /* by us and not by the agent: whoever is killed, the other one removes it */
    *slash = '/';
  }
  struct spawn spawn = {*program ? program : compiler, argv, edited_environment(environment, edits), stdout_path, stderr_path};
  int failure = start_child(&spawn);
  if (failure != 0) send_ended(failure, 0, &(struct rusage){0}, deadline);
  free(spawn.environment);
  free(edits);
  free(argv);
}

static _Noreturn void deliver(struct frame *frame) {
  uint32_t status = take_u32(frame), stdout_size, stderr_size;
  char *message = take_string(frame);
  char *stdout_bytes = take_bytes(frame, &stdout_size), *stderr_bytes = take_bytes(frame, &stderr_size);
  char **moves = take_list(frame);
  check(frame, count(moves) % 2 == 0 && status <= 0xffff && (WIFEXITED(status) || WIFSIGNALED(status)));
  end_child();
  for (char **move = moves; *move; move += 2) /* after a doubt the compiler writes all of them again */
    if (rename(move[0], move[1]) != 0) doubt("an output cannot be put in its place");
  give_signals_back(); /* nothing is half done any more, and a pipe may keep us for long */
  write_all(log_fd, message, strlen(message));
  write_all(STDOUT_FILENO, stdout_bytes, stdout_size);
  write_all(STDERR_FILENO, stderr_bytes, stderr_size);
  if (WIFSIGNALED(status)) die_by(WTERMSIG(status));
  _exit(WEXITSTATUS(status));
}

/* ---- the conversation ---- */

static struct bytes incoming;

/* True when a whole frame has come; it is the first in `incoming` then. */
static bool have_frame(struct frame *frame) {
  if (incoming.size < 4) return false;
  uint32_t length = take_u32(&(struct frame){.at = incoming.data, .end = incoming.data + 4});
  if (length < 1 || length > MAX_AGENT_FRAME) doubt("the agent announced an impossible frame");
  *frame = (struct frame){.at = incoming.data + 4, .end = incoming.data + 4 + length};
  return incoming.size >= 4 + (size_t)length;
}

static void stage(struct frame *frame) {
  char **names = take_list(frame);
  check(frame, true);
  staged = grow(staged, (staged_count + count(names) + 1) * sizeof *staged);
  for (char **name = names; *name; name++) /* copied, for they outlive their frame */
    staged[staged_count++] = strcpy(grow(NULL, strlen(*name) + 1), *name);
  free(names);
}

static void obey(struct frame frame, bool is_first, int64_t deadline) {
  int type = *frame.at++;
  if (is_first != (type == ACK)) doubt("the agent speaks out of order");
  if (type == RUN_HERE) run_here(&frame);
  else if (type == EXIT) deliver(&frame);
  else if (type == SPAWN) spawn(&frame, deadline);
  else if (type == STAGED) stage(&frame);
  else check(&frame, type == ACK || type == ALIVE);
}

/* Returns only when the connection ended before the agent had said anything. */
static void converse(const struct bytes *invocation) {
  bool is_heard = false;
  int64_t deadline = now_ms() + ACK_MS;
  if (!send_all(invocation, deadline)) return;
  for (;;) {
    struct frame frame;
    while (!caught && have_frame(&frame)) {
      deadline = now_ms() + SILENCE_MS;
      obey(frame, !is_heard, deadline);
      is_heard = true;
      incoming.size -= frame.end - incoming.data;
      memmove(incoming.data, frame.end, incoming.size);
    }

    int status;
    struct rusage usage;
    if (child > 0 && wait4(child, &status, WNOHANG, &usage) == child) {
      child = 0;
      send_ended(0, status, &usage, deadline);
    }
    if (caught) {
      end_child();
      remove_staged();
      close(agent);
      die_by(caught);
    }

    /* Looks even when the deadline is past: we may have been stopped while the agent was not. */
    struct timespec left = time_until(deadline);
    int ready = ppoll(&(struct pollfd){.fd = agent, .events = POLLIN}, 1, &left, &waiting_mask);
    if (ready == 0) doubt(is_heard ? "the agent has fallen silent" : "the agent does not answer");
    if (ready < 0 && errno != EINTR) doubt("waiting for the agent fails");
    if (ready < 0) continue;
    reserve(&incoming, 16 << 10); /* doubles with what has come: a length alone makes us allocate nothing */
    ssize_t size = recv(agent, incoming.data + incoming.size, incoming.room - incoming.size, 0);
    if (size > 0) incoming.size += size;
    else if (is_heard || incoming.size > 0) doubt("the agent has gone");
    else return;
  }
}

static _Noreturn void ask_agent(bool is_masquerade, char **callers_environment) {
  struct stat root;
  struct bytes invocation = {0};
  if (stat("/", &root) != 0 || !find_distcc_dir()) doubt("DISTCC_DIR is too long, or relative and not there");
  if (!find_socket(&root)) doubt("there is no private directory for a socket");
  put_invocation(&invocation, &root, is_masquerade, callers_environment);
  for (int attempt = 0; attempt < 2; attempt++) { /* the first agent may just have been leaving */
    connect_to_agent();
    take_signals();
    converse(&invocation);
    give_signals_back();
    close(agent);
  }
  doubt("the agent hangs up");
}

/* ---- main ---- */

static _Noreturn void become_tool(char **argv) {
  size_t n = count(argv);
  char **tool = grow(NULL, (n + 2) * sizeof *tool);
  tool[0] = MANYHANDS_NODE;
  tool[1] = MANYHANDS_TOOL;
  memcpy(tool + 2, argv + 1, n * sizeof *tool);
  bool is_there = access(tool[1], R_OK) == 0;
  if (is_there) execv(tool[0], tool);
  fail(FAILED, "cannot run", tool[!is_there], "it was there when this program was built; build or install again");
}

int main(int argc, char **argv) {
  static const char *const own_options[] = {"--help",          "--version",        "--show-hosts", "-j",
                                            "--scan-includes", "--show-principal", NULL};
  if (argc < 1) return BAD_ARGUMENTS;
  find_log(); /* before there are descriptors of ours */
  const char *name = base_name(argv[0]), *path = getenv("PATH"), *trimmed = NULL;
  bool is_masquerade = strstr(name, "distcc") == NULL;
  if (!is_masquerade && (argc == 1 || is_one_of(argv[1], own_options))) become_tool(argv);
  if (stat("/proc/self/exe", &self_stat) != 0) stat((const char *)getauxval(AT_EXECFN), &self_stat);

  bool is_explicit = !is_masquerade && argv[1][0] != '-' && !is_source_or_object(argv[1]);
  command = is_explicit ? argv + 1 : argv;
  if (is_masquerade) trimmed = trimmed_path(argv[0]);
  if (!is_explicit) command[0] = is_masquerade ? (char *)name : "cc";

  /* Set by every distcc for its compiler. One level is well when PATH brought us here for it. */
  const char *safeguard = getenv("_DISTCC_SAFEGUARD");
  int level = safeguard ? atoi(safeguard) : 0;
  if (level > (trimmed ? 1 : 0)) fail(RECURSION, "called in circles: distcc found itself as", name, "check PATH");
  if (!find_compiler(command[0], trimmed ? trimmed : path ? path : "/bin:/usr/bin"))
    fail(COMPILER_MISSING, "cannot find the compiler", command[0], "no such program on PATH but this one");
  if (path_behind_us) trimmed = path_behind_us;

  char *path_edit = NULL, level_edit[64];
  if (trimmed) sprintf(path_edit = grow(NULL, strlen(trimmed) + 6), "PATH=%s", trimmed);
  snprintf(level_edit, sizeof level_edit, "_DISTCC_SAFEGUARD=%d", level + 1);
  char **callers_environment = edited_environment(environ, (char *[]){path_edit, NULL});
  environment = edited_environment(callers_environment, (char *[]){level_edit, NULL});
  if (level > 0) become_compiler(command, environment);
  ask_agent(is_masquerade, callers_environment);
}
