/*
 * distccd --inetd: one client, on standard input and output, brought by sshd, inetd, xinetd or systemd.
 *
 *    client ── sshd or inetd ── distccd --inetd, the carrier ── Unix socket ── a worker of the same user
 *
 * The carrier brings the client's bytes to a worker and the answer back, and understands none of them. So
 * a job costs no start of Node (40 ms and more) when a worker is there already: the first carrier starts
 * one, which serves those that follow until nobody has come for some minutes. Where it cannot be kept,
 * each carrier has a worker of its own.
 *
 * The connection is the job's life: a carrier that is killed ends its job, and a worker that ends before
 * it took a client costs that client nothing, because until then the carrier has read none of its bytes.
 *
 * Included by distccd.c. docs/protocol/runner.md has the carrier's line and the worker's answer.
 */
#include <dirent.h>
#include <sys/file.h>
#include <sys/un.h>

enum { ACK_MS = 60000, OTHERS_UID = 65534, KEPT_MAX = 8 };

static struct sockaddr_un place = {.sun_family = AF_UNIX};   /* of the kept worker's socket; empty: none */
static char place_lock[PATH_MAX];
static ino_t place_inode;
static bool is_own_unit;   /* systemd ends all that we start when we end */

/* ---- What came with the start ---- */

static bool is_listening(int fd)
{
    int yes = 0;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &(socklen_t){sizeof yes}) == 0 && yes;
}

/* Sockets that listen already: sd_listen_fds(3), or standard input itself, as of inetd's "wait". */
static void take_passed_listeners(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    for (int i = 0; pid && count && atoi(pid) == getpid() && i < atoi(count) && listener_count < MAX_LISTENERS; i++)
        if (is_listening(3 + i)) listeners[listener_count++] = fcntl(3 + i, F_DUPFD_CLOEXEC, 100);
    if (is_listening(0)) {
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        listeners[listener_count++] = fcntl(0, F_DUPFD_CLOEXEC, 100);
        dup2(null, 0);
        close(null);
    }
    are_listeners_passed = listener_count > 0;
}

/* What belongs to one connection in the environment; neither compilers nor other connections shall see it. */
static void forget_connection(void)
{
    static const char *const names[] = {
        "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "SSH_AUTH_SOCK", "SSH_ORIGINAL_COMMAND", "SSH_USER_AUTH",
        "KRB5CCNAME", "XDG_SESSION_ID", "REMOTE_HOST", "REMOTE_ADDR", "REMOTE_PORT", "INVOCATION_ID", "JOURNAL_STREAM",
        "SYSTEMD_EXEC_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "OLDPWD", "SHLVL", "_",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) unsetenv(names[i]);
}

/*
 * What a kept worker, and its compilers, have of the environment of whoever came first. All else may be one
 * connection's: super-servers put the client's port there, each under a name of its own.
 */
static bool is_shared(const char *entry)
{
    static const char *const names[] = {
        "PATH=", "HOME=", "USER=", "LOGNAME=", "TMPDIR=", "TZ=", "LANG=", "LANGUAGE=", "LC_", "DISTCC",
        "LD_LIBRARY_PATH=", "COMPILER_PATH=", "LIBRARY_PATH=", "GCC_EXEC_PREFIX=", "CCACHE_",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0) return true;
    return false;
}

static void forget_what_is_not_shared(void)
{
    char **to = environ;
    for (char **from = environ; *from; from++)
        if (is_shared(*from)) *to++ = *from;
    *to = NULL;
}

static bool is_same_file(int fd, int other)
{
    struct stat one, two;
    return fstat(fd, &one) == 0 && fstat(other, &two) == 0 && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* inetd gives the client as standard error, too: what is said there would be taken for an answer. */
static void keep_errors_from_client(void)
{
    struct stat error;
    if (fstat(STDERR_FILENO, &error) != 0 || !S_ISSOCK(error.st_mode)) return;
    if (!is_same_file(STDERR_FILENO, 0) && !is_same_file(STDERR_FILENO, 1)) return;
    int memory = memfd_create("errors", MFD_CLOEXEC);
    if (memory < 0) memory = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(memory, STDERR_FILENO);
    close(memory);
    is_stderr_clients = true;
    log_to_system();
}

/* What another program had to say where nobody reads it. */
static void relay_errors(void)
{
    char line[1024];
    FILE *said = is_stderr_clients ? fdopen(dup(STDERR_FILENO), "r") : NULL;
    if (said == NULL) return;
    rewind(said);
    while (fgets(line, sizeof line, said) != NULL) log_line(LOG_ERR, line, strlen(line));
    fclose(said);
}

/* ---- The place of the kept worker ---- */

static uint64_t add_to_hash(uint64_t hash, const void *bytes, size_t size)
{
    for (const uint8_t *at = bytes; size > 0; size--) hash = (hash ^ *at++) * 0x100000001b3;   /* FNV-1a */
    return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return add_to_hash(hash, text, strlen(text) + 1);
}

/* Those with the same program, options, directory and what counts of the environment can share a worker. */
static uint64_t hash_of_world(int argc, char **argv)
{
    char directory[PATH_MAX] = "";
    struct stat program = {0};
    uint64_t hash = add_text(0xcbf29ce484222325, self);
    stat(MANYHANDS_WORKER, &program);
    uint64_t numbers[] = {geteuid(), getegid(), program.st_ino, program.st_mtim.tv_sec, program.st_mtim.tv_nsec};
    hash = add_to_hash(hash, numbers, sizeof numbers);
    hash = add_text(hash, getcwd(directory, sizeof directory) ? directory : "");
    for (int i = 0; i < argc; i++) hash = add_text(hash, argv[i]);
    for (char **entry = environ; *entry; entry++)
        if (is_shared(*entry)) hash = add_text(hash, *entry);
    return hash;
}

static bool is_private_directory(const char *path)
{
    struct stat status;
    mkdir(path, 0700);
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 07777) == 0700;
}

static bool find_place(int argc, char **argv)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char directories[3][PATH_MAX] = {""};
    if (runtime && runtime[0] == '/') snprintf(directories[0], PATH_MAX, "%s/manyhands-distccd", runtime);
    snprintf(directories[1], PATH_MAX, "/run/user/%u/manyhands-distccd", (unsigned)geteuid());
    snprintf(directories[2], PATH_MAX, "/tmp/manyhands-distccd-%u", (unsigned)geteuid());
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(directories[i]);
        if (size == 0 || size + 18 > sizeof place.sun_path || !is_private_directory(directories[i])) continue;
        snprintf(place.sun_path, sizeof place.sun_path, "%s/%016jx", directories[i], (uintmax_t)hash_of_world(argc, argv));
        snprintf(place_lock, sizeof place_lock, "%s/lock", directories[i]);
        return true;
    }
    return false;
}

static int lock_place(void)
{
    int lock = open(place_lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) == 0) return lock;
    close(lock);
    return -1;
}

/* Who finds it gone starts another worker. Our own socket is closed already, or they might wait for it. */
static void remove_place(void)
{
    struct stat status;
    if (place_inode == 0) return;
    int lock = lock_place();
    if (lstat(place.sun_path, &status) == 0 && status.st_ino == place_inode) unlink(place.sun_path);
    if (lock >= 0) close(lock);
}

/* ---- Carrying ---- */

static int connect_to(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

static int listen_at(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 && listen(fd, BACKLOG) == 0) return fd;
    if (fd >= 0) close(fd);
    return -1;
}

/*
 * Who the client is, as "net ADDRESS PORT\n" or "pipe ADDRESS PORT\n": whether its address is to be judged,
 * or it came through a pipe of somebody who judged already (sshd), and the address is for the log.
 */
static char caller[160];

static void describe_caller(void)
{
    struct sockaddr_storage peer = {0};
    char host[80] = "-", port[16] = "0";
    int why = getpeername(0, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0 ? 0 : errno;
    bool is_net = peer.ss_family == AF_INET || peer.ss_family == AF_INET6 || (why != 0 && why != ENOTSOCK);
    const char *ssh = is_net ? NULL : getenv("SSH_CONNECTION");
    if (is_net) getnameinfo((struct sockaddr *)&peer, sizeof peer, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    else if (ssh != NULL) sscanf(ssh, "%79s %15s", host, port);
    snprintf(caller, sizeof caller, "%s %s %s\n", is_net ? "net" : "pipe", host, port);
}

/* Introduces the client to the worker. False: the worker has gone before it took it. */
static bool introduce(int worker)
{
    char answer = 0;
    struct pollfd polled = {.fd = worker, .events = POLLIN};
    if (send(worker, caller, strlen(caller), MSG_NOSIGNAL) != (ssize_t)strlen(caller)) return false;
    return poll(&polled, 1, ACK_MS) == 1 && recv(worker, &answer, 1, 0) == 1 && answer == '+';
}

/* Moves what has come. False when there is nothing more to come, or nobody to take it. */
static bool move_bytes(int from, int to)
{
    static char bytes[65536];
    ssize_t size = read(from, bytes, sizeof bytes);
    if (size < 0) return errno == EINTR || errno == EAGAIN;
    for (ssize_t at = 0, n; at < size; at += n)
        if ((n = write(to, bytes + at, size - at)) < 0) {
            if (errno == EAGAIN) poll(&(struct pollfd){.fd = to, .events = POLLOUT}, 1, -1);
            else if (errno != EINTR) return false;
            n = 0;
        }
    return size > 0;
}

/* Carries until the worker has said all. */
static void carry(int worker)
{
    struct pollfd polled[] = {{.fd = worker, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setgid(OTHERS_UID) != 0 || setuid(OTHERS_UID) != 0)) return;
    for (;;) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR) return;
        if (polled[0].revents && !move_bytes(worker, STDOUT_FILENO)) return;
        if (polled[1].revents && !move_bytes(0, worker)) {
            shutdown(worker, SHUT_WR);
            polled[1].fd = -1;
        }
    }
}

/* Hands the client to the kept worker of this user, if there is one, and then does not return. */
static void carry_to_kept(void)
{
    int worker = connect_to(&place);
    if (worker < 0) return;
    if (introduce(worker)) carry(worker), exit(0);
    close(worker);
}

/* How many sockets of kept workers are in the directory. With `sweep`, those that nobody listens at go. */
static int count_kept(const char *directory, bool sweep)
{
    int count = 0;
    DIR *entries = opendir(directory);
    for (struct dirent *entry; entries && (entry = readdir(entries)) != NULL;) {
        struct sockaddr_un other = {.sun_family = AF_UNIX};
        if (strlen(entry->d_name) != 16) continue;
        snprintf(other.sun_path, sizeof other.sun_path, "%s/%.16s", directory, entry->d_name);
        int worker = sweep ? connect_to(&other) : -1;
        if (sweep && worker < 0) unlink(other.sun_path);
        else count++;
        if (worker >= 0) close(worker);
    }
    if (entries) closedir(entries);
    return count;
}

static bool is_room_for_worker(void)
{
    char directory[sizeof place.sun_path];
    snprintf(directory, sizeof directory, "%.*s", (int)(strrchr(place.sun_path, '/') - place.sun_path), place.sun_path);
    return count_kept(directory, false) < KEPT_MAX || count_kept(directory, true) < KEPT_MAX;
}

/*
 * Before anything is known of the options: whoever typed the same ones here before has had them judged.
 * Returns with the lock that keeps others from starting a worker too, or with no place.
 */
static int prepare_to_carry(int argc, char **argv)
{
    struct stat input;
    describe_caller();
    is_own_unit = getenv("REMOTE_ADDR") != NULL && getenv("INVOCATION_ID") != NULL;
    forget_connection();
    signal(SIGHUP, SIG_IGN);   /* for daemons, and a client that has gone is seen by its end */
    signal(SIGPIPE, SIG_IGN);
    bool may_be_kept = !are_listeners_passed && !is_own_unit && fstat(0, &input) == 0 &&
        (S_ISSOCK(input.st_mode) || S_ISFIFO(input.st_mode)) && find_place(argc, argv);
    int lock = -1;
    if (may_be_kept) {
        carry_to_kept();
        lock = lock_place();
        if (lock >= 0) carry_to_kept();
        if (lock >= 0 && !is_room_for_worker()) close(lock), lock = -1;
    }
    if (lock < 0) setenv("DISTCCD_KEEP_SECONDS", "0", 1);
    return lock;
}

/* Where a worker for this client alone listens; nobody else can get there. */
static int listen_alone(int *client)
{
    char directory[] = "/tmp/distccd-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (mkdtemp(directory) == NULL) return -1;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    int fd = listen_at(&address);
    *client = connect_to(&address);
    unlink(address.sun_path);
    rmdir(directory);
    return fd;
}

static int listen_kept(int *client)
{
    struct stat status;
    unlink(place.sun_path);
    int fd = listen_at(&place);
    *client = connect_to(&place);
    if (fd >= 0 && lstat(place.sun_path, &status) == 0) place_inode = status.st_ino;
    return fd;
}

/*
 * Starts a parent with a worker and carries this process's client to it. Returns in the parent only, which
 * has no part of the client any more.
 */
static void start_and_carry(int lock)
{
    int client = -1, status = 0;
    bool is_kept = plan.keep && lock >= 0;
    int listener = is_kept ? listen_kept(&client) : listen_alone(&client);
    if (lock >= 0) close(lock);
    if (listener < 0 || client < 0) FAIL(EXIT_IO_ERROR, "Cannot make a socket in /tmp: %s", strerror(errno));
    plan.detach = is_kept;
    pid_t parent = fork();
    if (parent < 0) FAIL(EXIT_FAILED, "Cannot fork: %s", strerror(errno));
    if (parent == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, 0);
        dup2(null, 1);
        close(null);
        close(client);
        if (is_kept) setsid(), forget_what_is_not_shared();
        listeners[listener_count++] = listener;
        return;
    }
    close(listener);
    if (introduce(client)) carry(client), exit(0);
    close(client);
    kill(parent, SIGTERM);
    while (waitpid(parent, &status, 0) < 0 && errno == EINTR) continue;
    exit(WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_FAILED);
}
