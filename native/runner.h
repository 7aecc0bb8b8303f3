/*
 * The half of the parent that is a runner: the control socket to the worker, and the compilers that are
 * started at its word. Included by distccd.c, which is the other half. docs/protocol/runner.md has the
 * frames and what a job may count on.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_JOBS = 1024 };
enum { SETTINGS = 1, STARTED = 2, ENDED = 3, DRAIN = 4 };   /* parent to worker */
enum { READY = 1, RUN = 2, KILL = 3 };                      /* worker to parent */
enum { AT_SETUP = 1, AT_EXEC = 2 };                         /* where a job that never ran stopped */
enum { EXIT_NEVER_RAN = 100 };                              /* seen by nobody: `failures` tells */

struct buffer { uint8_t *bytes; size_t size, room; };
struct job { uint32_t id; pid_t pid; };   /* pid 0: a free place. id 0: the job of a worker that is dead */

static int control = -1;            /* the socket to the worker, or -1 */
static struct buffer outgoing;
static struct job jobs[MAX_JOBS];
static int *failures;               /* shared with the forked: AT_… << 16 | errno, one per place in jobs */

/* Signals as a program expects to find them, whatever we or our own parent did with them. */
static void reset_signals(void)
{
    sigset_t none;
    for (int i = 1; i < SIGRTMIN; i++) signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* ---- The control socket ---- */

static void append(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->size + size > buffer->room) {
        buffer->room = (buffer->size + size) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->room);
        if (buffer->bytes == NULL) abort();   /* out of memory: the service manager starts us again */
    }
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

static void consume(struct buffer *buffer, size_t size)
{
    buffer->size -= size;
    memmove(buffer->bytes, buffer->bytes + size, buffer->size);
    if (buffer->size > 0 || buffer->room < 65536) return;
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

/* Sends what the socket takes; poll() brings us back for the rest. */
static void flush_outgoing(void)
{
    while (control >= 0 && outgoing.size > 0) {
        ssize_t n = send(control, outgoing.bytes, outgoing.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) return;
        if (n < 0) outgoing.size = 0;   /* it is dying: its end is on the way to us */
        else consume(&outgoing, n);
    }
}

/* A frame is its length, its type, some u32, some u64, and text; the last three as given. */
static void send_frame(uint8_t type, const uint32_t *small, int smalls, const uint64_t *large, int larges, const char *text)
{
    if (control < 0) return;
    size_t text_size = text ? strlen(text) : 0;
    uint32_t length = htole32((uint32_t)(1 + 4 * smalls + 8 * larges + text_size));
    append(&outgoing, &length, 4);
    append(&outgoing, &type, 1);
    for (int i = 0; i < smalls; i++) append(&outgoing, &(uint32_t){htole32(small[i])}, 4);
    for (int i = 0; i < larges; i++) append(&outgoing, &(uint64_t){htole64(large[i])}, 8);
    if (text) append(&outgoing, text, text_size);
    flush_outgoing();
}

/* ---- Compilers ---- */

static struct job *job_of(pid_t pid)
{
    for (int i = 0; i < MAX_JOBS; i++)
        if (jobs[i].pid == pid) return &jobs[i];
    return NULL;
}

/* Where a RUN frame is read; `at` beyond `end` says that it was too short. */
struct reader { uint8_t *at, *end; };

static uint64_t take_number(struct reader *reader, int size)
{
    uint64_t value = 0;
    if (reader->end - reader->at < size) reader->at = reader->end + 1;
    else for (int i = 0; i < size; i++) value |= (uint64_t)*reader->at++ << (8 * i);
    return value;
}

/* Moves the string over its own length, which makes room for the NUL. */
static char *take_string(struct reader *reader)
{
    size_t size = take_number(reader, 4);
    if (reader->at > reader->end || size > (size_t)(reader->end - reader->at)) return reader->at = reader->end + 1, "";
    char *text = memmove(reader->at - 4, reader->at, size);
    text[size] = '\0';
    reader->at += size;
    return text;
}

static char **take_list(struct reader *reader)
{
    size_t count = take_number(reader, 4);
    if (reader->at > reader->end || count > (size_t)(reader->end - reader->at) / 4) return reader->at = reader->end + 1, NULL;
    char **list = calloc(count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++) list[i] = take_string(reader);
    return list;
}

static bool redirect(int fd, const char *path, int flags)
{
    int opened = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    return opened >= 0 && dup2(opened, fd) == fd;
}

static bool limit(int resource, rlim_t value)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0) return false;
    if (value < now.rlim_max) now.rlim_cur = now.rlim_max = value;
    return setrlimit(resource, &now) == 0;
}

/* In the forked process: becomes the compiler that the frame describes, or says where that failed. */
static void become_compiler(struct reader frame, int *failure, pid_t parent)
{
    setpgid(0, 0);
    reset_signals();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_NEVER_RAN);   /* it died before it could matter to us */
    mode_t mask = take_number(&frame, 4);
    int niceness = (int32_t)take_number(&frame, 4);
    rlim_t file_size = take_number(&frame, 8);
    const char *directory = take_string(&frame), *out = take_string(&frame), *err = take_string(&frame);
    char **argv = take_list(&frame), **environment = take_list(&frame);
    *failure = AT_SETUP << 16 | EPROTO;
    if (frame.at != frame.end || argv == NULL || argv[0] == NULL || environment == NULL) _exit(EXIT_NEVER_RAN);
    errno = 0;
    umask(mask);
    bool is_set = chdir(directory) == 0 && redirect(0, "/dev/null", O_RDONLY) &&
        redirect(1, out, O_WRONLY | O_CREAT | O_EXCL) && redirect(2, err, O_WRONLY | O_CREAT | O_EXCL) &&
        limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, file_size);
    *failure = AT_SETUP << 16 | errno;
    if (!is_set) _exit(EXIT_NEVER_RAN);
    if (nice(niceness) == -1) errno = 0;   /* only root can be less nice; a compiler that is nicer will do */
    environ = environment;
    *failure = 0;
    execvp(argv[0], argv);
    *failure = AT_EXEC << 16 | errno;
    _exit(EXIT_NEVER_RAN);
}

static void send_ended(uint32_t id, int failure, int status, const struct rusage *usage)
{
    uint64_t times[] = {
        (uint64_t)usage->ru_utime.tv_sec * 1000000 + usage->ru_utime.tv_usec,
        (uint64_t)usage->ru_stime.tv_sec * 1000000 + usage->ru_stime.tv_usec,
        (uint64_t)usage->ru_maxrss,
    };
    send_frame(ENDED, (uint32_t[]){id, failure >> 16, failure & 0xffff, status}, 4, times, 3, NULL);
}

static void run(struct reader frame)
{
    uint32_t id = take_number(&frame, 4);
    struct job *job = job_of(0);
    struct rusage none = {0};
    pid_t parent = getpid(), pid = -1;
    errno = EAGAIN;
    if (job != NULL) {
        failures[job - jobs] = 0;
        pid = fork();
    }
    if (pid == 0) become_compiler(frame, &failures[job - jobs], parent);
    if (pid < 0) {
        send_ended(id, AT_SETUP << 16 | errno, 0, &none);
        return;
    }
    setpgid(pid, pid);   /* in both processes: a KILL may come before the child gets to it */
    *job = (struct job){id, pid};
    send_frame(STARTED, (uint32_t[]){id, pid}, 2, NULL, 0, NULL);
}

static void signal_job(struct reader frame)
{
    uint32_t id = take_number(&frame, 4), signal = take_number(&frame, 4);
    for (int i = 0; i < MAX_JOBS; i++)
        if (jobs[i].pid && jobs[i].id == id && signal < (uint32_t)SIGRTMIN) kill(-jobs[i].pid, signal);
}

/* Their worker is dead; the next one counts from 1 as that one did, and is not told of these. */
static void kill_jobs(void)
{
    for (int i = 0; i < MAX_JOBS; i++) {
        if (jobs[i].pid) kill(-jobs[i].pid, SIGKILL);
        jobs[i].id = 0;
    }
}

/* Waits for a child that has ended. True if it was a job's; else `status` tells how it ended. */
static bool reap(pid_t pid, int *status)
{
    struct rusage usage;
    struct job *job = job_of(pid);
    /* The rest of its group first: until it is waited for nobody else can have its number. */
    if (job) kill(-pid, SIGKILL);
    wait4(pid, status, 0, &usage);
    if (job == NULL) return false;
    job->pid = 0;
    if (job->id != 0) send_ended(job->id, failures[job - jobs], *status, &usage);
    return true;
}

static bool make_room_for_jobs(void)
{
    failures = mmap(NULL, MAX_JOBS * sizeof *failures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return failures != MAP_FAILED;
}
