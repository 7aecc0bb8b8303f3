/*
 * distccd, the part that the service manager sees: it listens, drops privileges, keeps a worker running
 * (src/cli/distccd.ts, which talks to the clients) and starts compilers at the worker's word.
 *
 *    shell ── P0 ──┬── node WORKER --plan …    reads the options, says what is to be done, ends
 *                  └── P1, the parent ──┬── node WORKER --work     the worker: control socket on 3,
 *                                       │                          listening sockets on 4, 5, …
 *                                       └── gcc, g++, …            each in a process group of its own
 *
 * P0 binds the port, so that its exit status 0 means "listening and ready"; P1 is P0 itself when it does
 * not detach. A parent this small forks in 0.1 ms; a Node process of some hundred megabytes takes 10 to
 * 30 ms, and serves nobody meanwhile. And it outlives the worker: while a new one starts, the listening
 * socket stays open and clients wait in its backlog.
 *
 * Here is the service: start, log, signals, end. runner.h runs the compilers, inetd.h brings clients that
 * come on standard input. The plan, and the frames
 * between P1 and the worker, are in docs/protocol/runner.md.
 *
 * Compile with -DMANYHANDS_NODE='"/abs/node"' -DMANYHANDS_WORKER='"/abs/distccd.cjs"'.
 */
#define _GNU_SOURCE
#include <grp.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>

#include "runner.h"

enum { MAX_LISTENERS = 16, MAX_FRAME = 8 << 20, MAX_PLAN = 1 << 20, BACKLOG = 1024 };
enum { RESTART_FIRST_MS = 50, RESTART_MOST_MS = 10000, LIVED_WELL_MS = 30000, KILL_GRACE_MS = 3000 };
enum { EXIT_FAILED = 100, EXIT_BAD_ARGUMENTS = 101, EXIT_BIND_FAILED = 102, EXIT_IO_ERROR = 107, EXIT_SETUID_FAILED = 112 };

static struct {
    bool detach, inetd, keep, defer_accept, log_json;
    const char *hosts[MAX_LISTENERS], *port, *stats_port, *user, *log, *pid_file, *oom_score, *settings;
    int host_count, level;
    long lifetime_s, drain_s;
} plan = {.port = "3632", .user = "distcc", .log = "stderr", .settings = "", .level = LOG_NOTICE};

static char self[PATH_MAX];
static const char *name = "distccd";   /* as we were called: a second daemon has a name of its own */
static int listeners[2 * MAX_LISTENERS], listener_count, stats_count;   /* those for statistics are the last */
static bool are_listeners_passed;   /* they are systemd's, and stay open when we go */
static int log_fd = STDERR_FILENO, pid_fd = -1;
static bool is_stderr_clients;
static int terminal = -1;   /* where the launching process's errors go, until ready; -1: nowhere besides the log */
static int told = -1;       /* the pipe on which P0 waits to hear how the start went */
static int worker_log = -1;
static pid_t worker;
static bool is_ready, is_draining;
static int64_t worker_since, restart_at, stop_at, kill_at, restart_delay = RESTART_FIRST_MS;
static struct buffer incoming;

/* ---- Saying something ---- */

static void write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;   /* a log that cannot be written must not stop the service */
        text += n;
        size -= n;
    }
}

/* One line into the log, with its newline; it may hold anything but that. */
static void log_line(int level, const char *line, size_t size)
{
    if (level > plan.level) return;
    if (log_fd >= 0) write_all(log_fd, line, size);
    else syslog(level, "%.*s", (int)size - 1, line);
    if (terminal < 0 || level > LOG_ERR) return;
    if (log_fd < 0) dprintf(terminal, "%s: ", name);
    write_all(terminal, line, size);
}

/* The same as an object of JSON; bytes that JSON has other names for become spaces and primes. */
static void log_object(int level, char *text)
{
    static const char *const names[] = {"emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"};
    char line[2048], when[32] = "";
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", gmtime(&now.tv_sec));
    for (char *c = text; *c != '\0'; c++) *c = (unsigned char)*c < ' ' || *c == '\\' ? ' ' : *c == '"' ? '\'' : *c;
    int size = snprintf(line, sizeof line,
        "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\",\"program\":\"%s\",\"pid\":%d,\"text\":\"%s\"}\n",
        when, now.tv_nsec / 1000000, names[level], name, (int)getpid(), text);
    log_line(level, line, size);
}

__attribute__((format(printf, 2, 3))) static void say(int level, const char *format, ...)
{
    char line[1024];
    int size = log_fd < 0 || plan.log_json ? 0 : snprintf(line, sizeof line, "%s[%d] %s", name, (int)getpid(),
        level <= LOG_ERR ? "ERROR: " : level == LOG_WARNING ? "Warning: " : "");
    va_list arguments;
    va_start(arguments, format);
    size += vsnprintf(line + size, sizeof line - 1 - size, format, arguments);
    va_end(arguments);
    if (size > (int)sizeof line - 2) size = sizeof line - 2;
    if (plan.log_json) return log_object(level, line);
    line[size++] = '\n';
    log_line(level, line, size);
}

static void log_to_system(void)
{
    openlog(name, LOG_PID, LOG_DAEMON);
    log_fd = -1;
}

/* Ends this process, before the service is up, with distcc's code for what is wrong. */
#define FAIL(code, ...) do { say(LOG_ERR, __VA_ARGS__); leave(code); } while (0)

/* Removes the pid file, if it still is ours: while we drained another distccd may have written its own. */
static void remove_pid_file(void)
{
    char text[32] = "";
    if (pid_fd < 0 || pread(pid_fd, text, sizeof text - 1, 0) <= 0 || atoi(text) != getpid()) return;
    /* A directory that only root can write keeps the name; then at least it names nobody. */
    if (unlink(plan.pid_file) != 0 && ftruncate(pid_fd, 0) != 0) say(LOG_WARNING, "Cannot remove %s", plan.pid_file);
}

static void remove_place(void);

static void leave(int code)
{
    kill_jobs();
    for (int i = 0; i < listener_count; i++) close(listeners[i]);
    remove_place();
    remove_pid_file();
    if (told >= 0) write_all(told, (char[]){(char)code}, 1);
    exit(code);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#include "inetd.h"

static void close_between(int from, int to)
{
    if (from > to) return;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, from, to, 0) == 0) return;
#endif
    for (int fd = from; fd <= to && fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++) close(fd);   /* Linux before 5.9 */
}

/* From here on 0, 1 and 2 are something, and every other descriptor is ours and closed by execve(). */
static void close_inherited(void)
{
    int fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < 3) fd = dup(fd);
    take_passed_listeners();
    for (int i = 0, from = 3; i <= listener_count; i++) {   /* they are in ascending order */
        int to = i < listener_count ? listeners[i] - 1 : INT_MAX;
        close_between(from, to);
        from = to + 2;
    }
}

/* ---- The plan ---- */

static void take_field(char *field)
{
    char *value = strchr(field, '=');
    if (value == NULL) FAIL(EXIT_FAILED, "Cannot read the plan of %s: is it of another version?", MANYHANDS_WORKER);
    *value++ = '\0';
    if (!strcmp(field, "detach")) plan.detach = atoi(value);
    else if (!strcmp(field, "inetd")) plan.inetd = atoi(value);
    else if (!strcmp(field, "keep")) plan.keep = atoi(value);
    else if (!strcmp(field, "host") && plan.host_count < MAX_LISTENERS) plan.hosts[plan.host_count++] = value;
    else if (!strcmp(field, "port")) plan.port = value;
    else if (!strcmp(field, "stats-port")) plan.stats_port = value;
    else if (!strcmp(field, "user")) plan.user = value;
    else if (!strcmp(field, "log")) plan.log = value;
    else if (!strcmp(field, "log-json")) plan.log_json = atoi(value);
    else if (!strcmp(field, "level")) plan.level = atoi(value);
    else if (!strcmp(field, "pid-file")) plan.pid_file = value;
    else if (!strcmp(field, "lifetime")) plan.lifetime_s = atol(value);
    else if (!strcmp(field, "drain")) plan.drain_s = atol(value);
    else if (!strcmp(field, "defer-accept")) plan.defer_accept = atoi(value);
    else if (!strcmp(field, "oom-score-adj")) plan.oom_score = value;
    else if (!strcmp(field, "settings")) plan.settings = value;
    else FAIL(EXIT_FAILED, "Cannot follow the plan of %s: \"%s\" is unknown or once too often", MANYHANDS_WORKER, field);
}

/* Asks the worker's program what the options mean. When it has said it all itself, so ends this process. */
static void make_plan(int argc, char **argv)
{
    int answer[2], status;
    if (pipe2(answer, O_CLOEXEC) != 0) FAIL(EXIT_FAILED, "Cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) FAIL(EXIT_FAILED, "Cannot start %s: %s", MANYHANDS_NODE, strerror(errno));
    if (pid == 0) {
        char **words = calloc(argc + 6, sizeof *words);
        words[0] = MANYHANDS_NODE;
        words[1] = MANYHANDS_WORKER;
        words[2] = "--plan";
        words[3] = self;
        words[4] = (char *)name;
        for (int i = 1; i < argc; i++) words[i + 4] = argv[i];
        /* answer[1] may be 3 already, and dup2() onto itself would leave it marked for closing. */
        int end = fcntl(answer[1], F_DUPFD, 10);
        if (end >= 0 && dup2(end, 3) == 3) close(end), execv(MANYHANDS_NODE, words);
        say(LOG_ERR, "Cannot start %s: %s. Was it moved or removed?", MANYHANDS_NODE, strerror(errno));
        _exit(EXIT_FAILED);
    }
    close(answer[1]);
    char *text = malloc(MAX_PLAN + 1);
    size_t size = 0;
    for (ssize_t n; size < MAX_PLAN && (n = read(answer[0], text + size, MAX_PLAN - size)) != 0;) {
        if (n < 0 && errno != EINTR) break;
        if (n > 0) size += n;
    }
    close(answer[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    relay_errors();
    if (WIFSIGNALED(status)) FAIL(EXIT_FAILED, "%s died of signal %d", MANYHANDS_NODE, WTERMSIG(status));
    if (WEXITSTATUS(status) != 0 || size == 0) exit(WEXITSTATUS(status));
    if (size == MAX_PLAN) FAIL(EXIT_FAILED, "The options are too long");
    text[size] = '\0';
    for (char *field = text; field < text + size;) {
        size_t length = strlen(field);   /* before the field is cut in two */
        take_field(field);
        field += length + 1;
    }
}

/* ---- Becoming a service ---- */

static int bind_one(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    /* A client speaks first; until then its connection is the kernel's, for a second at most. */
    if (plan.defer_accept) setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &yes, sizeof yes);
    /* Alone, "::" means both families; beside 0.0.0.0 it cannot. */
    int only_v6 = plan.host_count > 1 && address->ai_family == AF_INET6 &&
        IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address->ai_addr)->sin6_addr);
    if (address->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

/* Listens on a numeric address; false if this machine has no such address (the next may do). */
static bool listen_on(const char *host, const char *port)
{
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    int why = getaddrinfo(host, port, &hints, &found);
    if (why != 0) FAIL(EXIT_BIND_FAILED, "Cannot listen on %s port %s: %s", host, port, gai_strerror(why));
    int fd = bind_one(found);
    freeaddrinfo(found);
    if (fd >= 0) listeners[listener_count++] = fd;
    else if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
        FAIL(EXIT_BIND_FAILED, "Cannot listen on %s port %s: %s%s", host, port, strerror(errno),
             errno == EADDRINUSE ? ". Is another distccd running?" : "");
    return fd >= 0;
}

/* Returns the number of sockets. */
static int listen_everywhere(const char *port)
{
    int before = listener_count;
    if (plan.host_count == 0 && (listen_on("::", port) || listen_on("0.0.0.0", port))) return 1;
    for (int i = 0; i < plan.host_count; i++) listen_on(plan.hosts[i], port);
    if (listener_count == before)
        FAIL(EXIT_BIND_FAILED, "Cannot listen on %s port %s: this machine has no such address",
             plan.host_count ? plan.hosts[0] : "any address", port);
    return listener_count - before;
}

static int open_log_file(void)
{
    return open(plan.log, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644);
}

static void open_log(void)
{
    if (!strcmp(plan.log, "stderr") && !is_stderr_clients) return;
    bool is_file = plan.log[0] == '/';
    int fd = is_file ? open_log_file() : -1;
    if (is_file && fd < 0) FAIL(EXIT_IO_ERROR, "Cannot write the log file %s: %s", plan.log, strerror(errno));
    terminal = is_stderr_clients ? -1 : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    if (is_file) log_fd = fd;
    else log_to_system();
}

/* After this the process is P1; P0 stays behind until it is told how the start went, and ends with that. */
static void detach(void)
{
    int fds[2];
    unsigned char code = EXIT_FAILED;
    if (pipe2(fds, O_CLOEXEC) != 0) FAIL(EXIT_FAILED, "Cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0) FAIL(EXIT_FAILED, "Cannot fork: %s", strerror(errno));
    if (pid > 0) {
        close(fds[1]);
        while (read(fds[0], &code, 1) < 0 && errno == EINTR) continue;
        _exit(code);
    }
    close(fds[0]);
    told = fds[1];
    setsid();
}

static void write_pid_file(void)
{
    if (plan.pid_file == NULL) return;
    pid_fd = open(plan.pid_file, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (pid_fd < 0 || dprintf(pid_fd, "%d\n", (int)getpid()) < 0)
        FAIL(EXIT_IO_ERROR, "Cannot write the pid file %s: %s", plan.pid_file, strerror(errno));
}

/* While it is root still: only root can make itself less likely. */
static void set_oom_score(void)
{
    if (plan.oom_score == NULL) return;
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, plan.oom_score, strlen(plan.oom_score)) < 0)
        say(LOG_WARNING, "Cannot set --oom-score-adj %s: %s", plan.oom_score, strerror(errno));
    if (fd >= 0) close(fd);
}

static void drop_privileges(void)
{
    if (geteuid() == 0) {
        struct passwd *user = getpwnam(plan.user);
        if (user == NULL) user = getpwnam("nobody");
        uid_t uid = user ? user->pw_uid : 65534;
        gid_t gid = user ? user->pw_gid : 65534;
        /* So that HUP can open it again after a log rotator has renamed it and made a new one as it was. */
        if (log_fd > STDERR_FILENO && fchown(log_fd, uid, (gid_t)-1) != 0) say(LOG_WARNING, "Cannot give %s away", plan.log);
        if ((user ? initgroups(user->pw_name, gid) : setgroups(0, NULL)) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
            FAIL(EXIT_SETUID_FAILED, "Cannot become %s: %s", user ? user->pw_name : "uid 65534", strerror(errno));
    }
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);   /* cleared by setuid(); the worker wants to read its own /proc */
}

/* Said here, because Node would say it in many words and in the middle of a start. */
static void check_programs(void)
{
    const char *missing = access(MANYHANDS_NODE, X_OK) ? MANYHANDS_NODE : access(MANYHANDS_WORKER, R_OK) ? MANYHANDS_WORKER : NULL;
    if (missing == NULL) return;
    int why = errno;
    struct passwd *user = getpwuid(getuid());
    FAIL(EXIT_FAILED, "Cannot start %s as %s: %s. Another user may be able to: see --user", missing,
         user ? user->pw_name : "this user", strerror(why));
}

/* The service is up: whoever started us may go, and nothing of theirs is held. */
static void release_caller(void)
{
    if (terminal >= 0) close(terminal);
    terminal = -1;
    if (!plan.detach) return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < (log_fd == STDERR_FILENO ? 2 : 3); fd++) dup2(null, fd);
    close(null);
    if (told < 0) return;
    write_all(told, (char[]){0}, 1);
    close(told);
    told = -1;
}

/* ---- The worker ---- */

static void become_worker(int socket, int log)
{
    int fds[1 + 2 * MAX_LISTENERS], count = 0;
    setpgid(0, 0);   /* Ctrl-C is for the parent, which lets the worker finish */
    reset_signals();
    /* Out of the way first: any of them may sit where another one has to go. */
    fds[count++] = fcntl(socket, F_DUPFD_CLOEXEC, 100);
    for (int i = 0; i < listener_count; i++) fds[count++] = fcntl(listeners[i], F_DUPFD_CLOEXEC, 100);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), text = fcntl(log, F_DUPFD_CLOEXEC, 100);
    dup2(null, 0);
    dup2(text, 1);
    dup2(text, 2);
    for (int i = 0; i < count; i++) dup2(fds[i], 3 + i);
    execl(MANYHANDS_NODE, MANYHANDS_NODE, MANYHANDS_WORKER, "--work", (char *)NULL);
    dprintf(2, "<%d>Cannot start %s: %s\n", LOG_ERR, MANYHANDS_NODE, strerror(errno));
    _exit(EXIT_FAILED);
}

static void start_worker(void)
{
    int pair[2] = {-1, -1}, text[2] = {-1, -1};
    worker_since = now_ms();
    restart_at = 0;
    worker = -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && pipe2(text, O_CLOEXEC) == 0) worker = fork();
    if (worker == 0) become_worker(pair[1], text[1]);
    close(pair[1]);
    close(text[1]);
    if (worker < 0) {
        close(pair[0]);
        close(text[0]);
        worker = 0;
        if (!is_ready) FAIL(EXIT_FAILED, "Cannot start the worker: %s", strerror(errno));
        say(LOG_ERR, "Cannot start the worker: %s", strerror(errno));
        restart_at = now_ms() + RESTART_MOST_MS;
        return;
    }
    control = pair[0];
    worker_log = text[0];
    fcntl(worker_log, F_SETFL, O_NONBLOCK);
    send_frame(SETTINGS, (uint32_t[]){listener_count - stats_count, stats_count}, 2, NULL, 0, plan.settings);
}

/* Lines of the worker: "<5>text" has syslog's level, what is not marked so is Node's own last words. */
static void relay_log(void)
{
    static char text[16384];
    static size_t held;
    for (ssize_t n; worker_log >= 0 && (n = read(worker_log, text + held, sizeof text - held)) >= 0;) {
        char *line = text, *end;
        if (n == 0) close(worker_log), worker_log = -1;
        held += n;
        if (held == sizeof text && !memchr(text, '\n', held)) text[held - 1] = '\n';   /* too long a line: cut */
        while ((end = memchr(line, '\n', text + held - line)) != NULL) {
            bool marked = end - line >= 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>';
            int level = marked ? line[1] - '0' : LOG_ERR;
            if (marked) line += 3;
            if (plan.log_json && !marked) say(level, "%.*s", (int)(end - line), line);
            else log_line(level, line, end + 1 - line);
            line = end + 1;
        }
        held -= line - text;
        memmove(text, line, held);
    }
}

static void take_frame(uint8_t *bytes, size_t size)
{
    struct reader frame = {bytes + 1, bytes + size};
    if (bytes[0] == RUN) {
        run(frame);
    } else if (bytes[0] == KILL) {
        signal_job(frame);
    } else if (bytes[0] == READY && !is_ready) {
        is_ready = true;
        release_caller();
    }
}

static void receive(void)
{
    static uint8_t chunk[65536];
    ssize_t n = recv(control, chunk, sizeof chunk, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {   /* it may still live, but nobody could tell it to do anything */
        close(control);
        control = -1;
        if (worker > 0 && !is_draining) kill(worker, SIGKILL);
        return;
    }
    append(&incoming, chunk, n);
    size_t used = 0;
    while (incoming.size - used >= 4) {
        uint32_t size;
        memcpy(&size, incoming.bytes + used, 4);
        size = le32toh(size);
        if (size == 0 || size > MAX_FRAME) {
            say(LOG_CRIT, "The worker sent a frame of %u bytes; it is started again", size);
            kill(worker, SIGKILL);
            used = incoming.size;
            break;
        }
        if (incoming.size - used - 4 < size) break;
        take_frame(incoming.bytes + used + 4, size);
        used += 4 + size;
    }
    consume(&incoming, used);
}

/* ---- Ends ---- */

static void worker_ended(int status)
{
    relay_log();
    if (worker_log >= 0) close(worker_log);
    if (control >= 0) close(control);
    control = worker_log = -1;
    worker = 0;
    incoming.size = outgoing.size = 0;
    kill_jobs();
    bool has_finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (is_ready && (is_draining || (plan.inetd && has_finished))) leave(0);
    if (!is_ready) leave(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_FAILED);
    if (now_ms() - worker_since > LIVED_WELL_MS) restart_delay = RESTART_FIRST_MS;
    say(LOG_ERR, "The worker ended (%s %d); another one starts in %d ms", WIFSIGNALED(status) ? "signal" : "exit status",
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), (int)restart_delay);
    restart_at = now_ms() + restart_delay;
    restart_delay = restart_delay * 2 < RESTART_MOST_MS ? restart_delay * 2 : RESTART_MOST_MS;
}

static void reap_all(void)
{
    int status;
    siginfo_t info = {0};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
        if (!reap(info.si_pid, &status) && info.si_pid == worker) worker_ended(status);
        info.si_pid = 0;
    }
}

/* Closes the door at once and lets the worker finish; the second time, or with 0 seconds, at once. */
static void drain(long seconds)
{
    if (is_draining) seconds = 0;
    is_draining = true;
    if (worker == 0) leave(0);
    send_frame(DRAIN, (uint32_t[]){(uint32_t)seconds}, 1, NULL, 0, NULL);
    /* Not just closed: the worker has them too, and another distccd shall be able to bind now. */
    for (int i = 0; i < listener_count; i++) {
        if (!are_listeners_passed) shutdown(listeners[i], SHUT_RDWR);
        close(listeners[i]);
    }
    listener_count = 0;
    kill_at = now_ms() + seconds * 1000 + KILL_GRACE_MS;
}

static void take_signal(int fd)
{
    struct signalfd_siginfo info;
    while (read(fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            reap_all();
        } else if (info.ssi_signo != SIGHUP || (!plan.detach && isatty(STDERR_FILENO))) {
            drain(plan.drain_s);   /* HUP of one in the foreground: its terminal has gone */
        } else if (log_fd > STDERR_FILENO) {
            int fresh = open_log_file();
            if (fresh < 0) say(LOG_ERR, "Cannot open the log file %s again: %s", plan.log, strerror(errno));
            else dup3(fresh, log_fd, O_CLOEXEC), close(fresh);
        }
    }
}

/* Milliseconds to the nearest of the deadlines, -1 if there is none. */
static int next_deadline(void)
{
    int64_t soonest = INT64_MAX, deadlines[] = {restart_at, stop_at, kill_at};
    for (int i = 0; i < 3; i++)
        if (deadlines[i] && deadlines[i] < soonest) soonest = deadlines[i];
    if (soonest == INT64_MAX) return -1;
    int64_t wait = soonest - now_ms();
    return wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

static void meet_deadlines(void)
{
    int64_t now = now_ms();
    if (restart_at && now >= restart_at) start_worker();
    if (stop_at && now >= stop_at) stop_at = 0, drain(0);
    if (kill_at && now >= kill_at) kill_at = 0, kill(worker, SIGKILL);
}

int main(int argc, char **argv)
{
    reset_signals();
    close_inherited();
    unsetenv("NODE_OPTIONS");   /* those of whoever started us are not for our programs */
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) snprintf(self, sizeof self, "%s", argv[0]);
    if (argc > 0 && *basename(argv[0])) name = strndup(basename(argv[0]), 64);
    keep_errors_from_client();
    int lock = prepare_to_carry(argc, argv);
    make_plan(argc, argv);
    if (plan.inetd && are_listeners_passed)
        FAIL(EXIT_BAD_ARGUMENTS, "--inetd serves standard input, but sockets that listen were passed: Accept=yes, or no --inetd");
    if (plan.inetd) start_and_carry(lock);
    else if (lock >= 0) close(lock);
    if (listener_count == 0) listen_everywhere(plan.port);
    plan.defer_accept = false;   /* a reader of statistics may say nothing */
    if (plan.stats_port && !plan.inetd) stats_count = listen_everywhere(plan.stats_port);
    open_log();
    if (plan.detach && !plan.inetd) detach();
    if (chdir("/") != 0) FAIL(EXIT_FAILED, "Cannot go to /: %s", strerror(errno));
    write_pid_file();
    set_oom_score();
    drop_privileges();
    check_programs();
    if (!make_room_for_jobs()) FAIL(EXIT_FAILED, "Out of memory");
    sigset_t handled;
    sigemptyset(&handled);
    for (size_t i = 0; i < 4; i++) sigaddset(&handled, (int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP}[i]);
    sigprocmask(SIG_BLOCK, &handled, NULL);
    signal(SIGPIPE, SIG_IGN);
    int signals = signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK);
    if (plan.lifetime_s > 0) stop_at = now_ms() + plan.lifetime_s * 1000;
    start_worker();
    for (;;) {
        struct pollfd polled[] = {
            {.fd = control, .events = POLLIN | (outgoing.size ? POLLOUT : 0)},
            {.fd = worker_log, .events = POLLIN},
            {.fd = signals, .events = POLLIN},
        };
        poll(polled, 3, next_deadline());
        if (polled[0].revents & POLLOUT) flush_outgoing();
        if (polled[0].revents & (POLLIN | POLLHUP | POLLERR)) receive();
        if (polled[1].revents) relay_log();
        if (polled[2].revents) take_signal(signals);
        meet_deadlines();
    }
}
