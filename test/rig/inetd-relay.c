/* Stands where `distccd --inetd` would: carries standard input and output to a daemon on a port of loopback.
 *
 *     relay PORT [ARGUMENT...]
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char buffer[1 << 16];

/* Moves what is there. Returns 0 at the end. */
static int move(int from, int to)
{
    ssize_t got = read(from, buffer, sizeof buffer);
    for (ssize_t at = 0; at < got;) {
        ssize_t put = write(to, buffer + at, got - at);
        if (put <= 0) return 0;
        at += put;
    }
    return got > 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int daemon = socket(AF_INET, SOCK_STREAM, 0);
    if (argc < 2) return 2;
    address.sin_port = htons(atoi(argv[1]));
    if (connect(daemon, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    struct pollfd ends[2] = { { .fd = 0, .events = POLLIN }, { .fd = daemon, .events = POLLIN } };
    while (poll(ends, 2, -1) > 0) {
        if (ends[1].revents && !move(daemon, 1)) return 0;
        /* A client that has gone: the daemon notices when we go. */
        if (ends[0].revents && !move(0, daemon)) return 0;
    }
    return 1;
}
