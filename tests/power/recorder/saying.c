/* Sockets: what the outside may have heard. */
#include "recorder.h"

#include <poll.h>
#include <sys/socket.h>

enum { SMALLEST_SAYING = 2 };

int is_socket(int fd) {
    struct stat found;
    int saved = errno;
    int socket = fstat(fd, &found) == 0 && S_ISSOCK(found.st_mode);
    errno = saved;
    return socket;
}

/* Never waits under the lock. A saying of one byte is asyncio waking itself, perhaps out of a signal's handler. */
static ssize_t say(int fd, const struct msghdr *message, int flags) {
    size_t wanted = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) wanted += message->msg_iov[i].iov_len;
    if (!is_recording() || wanted < SMALLEST_SAYING) return syscall(SYS_sendmsg, fd, message, flags);
    for (;;) {
        pthread_mutex_lock(&gate);
        ssize_t sent = syscall(SYS_sendmsg, fd, message, flags | MSG_DONTWAIT);
        if (sent > 0) note(SAID, fd, 0, 0, message->msg_iov, message->msg_iovlen, sent);
        pthread_mutex_unlock(&gate);
        int may_wait = !(flags & MSG_DONTWAIT) && !(syscall(SYS_fcntl, fd, F_GETFL) & O_NONBLOCK);
        if (sent >= 0 && may_wait && (size_t)sent < wanted && message->msg_iovlen == 1) {
            struct iovec rest = {(char *)message->msg_iov[0].iov_base + sent, wanted - sent};
            struct msghdr more = {.msg_iov = &rest, .msg_iovlen = 1};
            ssize_t further = say(fd, &more, flags);
            return further < 0 ? sent : sent + further;
        }
        if (sent >= 0 || !may_wait || (errno != EAGAIN && errno != EWOULDBLOCK)) return sent;
        struct pollfd ready = {fd, POLLOUT, 0};
        poll(&ready, 1, -1);
    }
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) { return say(fd, message, flags); }
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    struct iovec one = {(void *)data, length};
    struct msghdr message = {.msg_name = (void *)to, .msg_namelen = size, .msg_iov = &one, .msg_iovlen = 1};
    return say(fd, &message, flags);
}
ssize_t send(int fd, const void *data, size_t length, int flags) { return sendto(fd, data, length, flags, NULL, 0); }
int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags) {
    unsigned done = 0;
    for (; done < count; done++) {
        ssize_t sent = say(fd, &messages[done].msg_hdr, flags);
        if (sent < 0) return done ? (int)done : -1;
        messages[done].msg_len = sent;
    }
    return done;
}

ssize_t say_parts(int fd, const struct iovec *parts, int count) {
    struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
    return say(fd, &message, 0);
}
