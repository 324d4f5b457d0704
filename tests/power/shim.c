/* Records what one process does to the files of one folder, and what it says on its sockets, in one order over all of
 * its threads. Preloaded into tests; it does nothing until `power_record` is called, and nothing in children.
 *
 * Every record is written to the log at once, under the lock under which the system call was made: its place in the log
 * is its place in time. Writes are recorded with their bytes as far as the kernel took them. What has no record here
 * (io_uring, shared writable maps but for SQLite's -shm, what libc does inside itself) is found by whoever compares the
 * replayed log with the files: tests/power/disk.py.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* tests/power/records.py reads these. */
enum { OPEN = 1, CLOSE, DUP, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, LINK, MKDIR, RMDIR, MAP, SAID };
enum { CREATED = 1, EMPTIED = 2, FOLDER = 4 };

struct record {
    uint32_t op, pid;
    int32_t fd, flags;
    int64_t offset;
    uint64_t length;
    int64_t at_ns;
};

enum { NOT_OURS = 0, A_FILE, A_FOLDER, MOST_FDS = 1 << 16, HIDDEN_FROM = 900, SMALLEST_SAYING = 2 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;
static int log_fd = -1;
static volatile int recording;
static pid_t owner;
static unsigned char kind_of[MOST_FDS];

static void give_up(const char *why) {
    dprintf(2, "power shim: %s (errno %d)\n", why, errno);
    abort();
}

/* Children of fork and vfork share our memory or a copy of it: what they do is not ours to record. */
static int is_recording(void) { return recording && syscall(SYS_getpid) == owner; }

static void note(int op, int fd, int flags, int64_t offset, const struct iovec *data, int parts, size_t length) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct record head = {op, (uint32_t)owner, fd, flags, offset, length, now.tv_sec * 1000000000LL + now.tv_nsec};
    if (parts > 62) give_up("too many parts in one write");
    struct iovec all[64] = {{&head, sizeof head}};
    size_t left = length;
    int used = 1;
    for (int i = 0; i < parts && left > 0; i++) {
        size_t part = data[i].iov_len < left ? data[i].iov_len : left;
        all[used].iov_base = data[i].iov_base;
        all[used++].iov_len = part;
        left -= part;
    }
    int saved = errno;
    if (left != 0 || syscall(SYS_writev, log_fd, all, used) != (long)(sizeof head + length)) give_up("cannot write its log");
    errno = saved;
}

static void note_text(int op, int fd, int flags, const char *first, const char *second) {
    struct iovec both[] = {{(void *)first, strlen(first) + 1}, {(void *)second, second ? strlen(second) : 0}};
    size_t length = second ? both[0].iov_len + both[1].iov_len : both[0].iov_len - 1;
    both[0].iov_len = second ? both[0].iov_len : length;
    note(op, fd, flags, 0, both, second ? 2 : 1, length);
}

/* The absolute path, not normalised; 0 where it cannot be told. */
static int whole_path(int at, const char *path, char out[PATH_MAX]) {
    char base[PATH_MAX];
    if (path[0] == '/') return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX;
    if (at == AT_FDCWD) {
        if (getcwd(base, sizeof base) == NULL) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t n = readlink(link, base, sizeof base - 1);
        if (n <= 0) return 0;
        base[n] = 0;
    }
    return snprintf(out, PATH_MAX, "%s/%s", base, path) < PATH_MAX;
}

static int is_inside(int at, const char *path, char out[PATH_MAX]) {
    int saved = errno;
    int inside = whole_path(at, path, out) && strncmp(out, folder, folder_length) == 0 &&
                 (out[folder_length] == '/' || out[folder_length] == 0);
    errno = saved;
    return inside;
}

static void forget(int fd) {
    if (fd >= 0 && fd < MOST_FDS && kind_of[fd] != NOT_OURS) {
        note(CLOSE, fd, 0, 0, NULL, 0, 0);
        kind_of[fd] = NOT_OURS;
    }
}

static int is_ours(int fd) { return fd >= 0 && fd < MOST_FDS && kind_of[fd] != NOT_OURS && is_recording(); }

/* Begins: from here on what happens in `where` (no symbolic links in it) goes to the log. */
int power_record(const char *where, const char *log) {
    int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return -1;
    log_fd = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, HIDDEN_FROM);
    syscall(SYS_close, fd);
    if (log_fd < 0) return -1;
    snprintf(folder, sizeof folder, "%s", where);
    folder_length = strlen(folder);
    owner = syscall(SYS_getpid);
    recording = 1;
    return 0;
}

/* ---- opening and closing ---- */

static int do_open(int at, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    if (!is_recording()) return syscall(SYS_openat, at, path, flags, mode);
    pthread_mutex_lock(&gate);
    int inside = is_inside(at, path, whole);
    struct stat found;
    int there = inside && stat(whole, &found) == 0;
    int fd = syscall(SYS_openat, at, path, flags, mode);
    if (fd >= 0) {
        if (fd >= MOST_FDS) give_up("too many open files");
        forget(fd); /* closed by something that we did not see */
        int saved = errno;
        if (inside && fstat(fd, &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) {
            int what = S_ISDIR(found.st_mode) ? FOLDER : 0;
            if (!there) what |= CREATED;
            if (there && (flags & O_TRUNC)) what |= EMPTIED;
            kind_of[fd] = S_ISDIR(found.st_mode) ? A_FOLDER : A_FILE;
            note_text(OPEN, fd, what, whole, NULL);
        }
        errno = saved;
    }
    pthread_mutex_unlock(&gate);
    return fd;
}

#define WITH_MODE(flags, mode)                                                                                        \
    mode_t mode = 0;                                                                                                  \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                            \
        va_list rest;                                                                                                 \
        va_start(rest, flags);                                                                                        \
        mode = va_arg(rest, mode_t);                                                                                  \
        va_end(rest);                                                                                                 \
    }

int open(const char *path, int flags, ...) { WITH_MODE(flags, mode) return do_open(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { WITH_MODE(flags, mode) return do_open(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { WITH_MODE(flags, mode) return do_open(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { WITH_MODE(flags, mode) return do_open(at, path, flags, mode); }
int __open_2(const char *path, int flags) { return do_open(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return do_open(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return do_open(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return do_open(at, path, flags, 0); }
int creat(const char *path, mode_t mode) { return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return do_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

int close(int fd) {
    if (!is_recording()) return syscall(SYS_close, fd);
    if (fd == log_fd) return 0;
    if (!is_ours(fd)) return syscall(SYS_close, fd);
    pthread_mutex_lock(&gate);
    forget(fd);
    int done = syscall(SYS_close, fd);
    pthread_mutex_unlock(&gate);
    return done;
}

static int as_dup(int from, int made) {
    if (made >= MOST_FDS) give_up("too many open files");
    if (made >= 0 && made != from) {
        forget(made);
        if (is_ours(from)) {
            note(DUP, made, from, 0, NULL, 0, 0);
            kind_of[made] = kind_of[from];
        }
    }
    return made;
}

static int do_dup3(int from, int to, int flags) {
    if (!is_recording()) return syscall(SYS_dup3, from, to, flags);
    pthread_mutex_lock(&gate);
    int made = as_dup(from, syscall(SYS_dup3, from, to, flags));
    pthread_mutex_unlock(&gate);
    return made;
}

int dup3(int from, int to, int flags) { return do_dup3(from, to, flags); }
int dup2(int from, int to) { return from == to ? (syscall(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to) : do_dup3(from, to, 0); }
int dup(int from) {
    if (!is_recording()) return syscall(SYS_dup, from);
    pthread_mutex_lock(&gate);
    int made = as_dup(from, syscall(SYS_dup, from));
    pthread_mutex_unlock(&gate);
    return made;
}

static int do_fcntl(int fd, int command, void *argument) {
    if (!is_recording() || (command != F_DUPFD && command != F_DUPFD_CLOEXEC)) return syscall(SYS_fcntl, fd, command, argument);
    pthread_mutex_lock(&gate);
    int made = as_dup(fd, syscall(SYS_fcntl, fd, command, argument));
    pthread_mutex_unlock(&gate);
    return made;
}

#define WITH_ARGUMENT(command)                                                                                        \
    va_list rest;                                                                                                     \
    va_start(rest, command);                                                                                          \
    void *argument = va_arg(rest, void *);                                                                            \
    va_end(rest);

int fcntl(int fd, int command, ...) { WITH_ARGUMENT(command) return do_fcntl(fd, command, argument); }
int fcntl64(int fd, int command, ...) { WITH_ARGUMENT(command) return do_fcntl(fd, command, argument); }

/* ---- sockets: what the outside may have heard ---- */

static int is_socket(int fd) {
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

/* ---- writing ---- */

static ssize_t do_writev(int fd, const struct iovec *parts, int count) {
    if (is_ours(fd)) {
        pthread_mutex_lock(&gate);
        ssize_t written = syscall(SYS_writev, fd, parts, count);
        if (written > 0) note(WRITE, fd, 0, syscall(SYS_lseek, fd, 0, SEEK_CUR) - written, parts, count, written);
        pthread_mutex_unlock(&gate);
        return written;
    }
    if (is_recording() && is_socket(fd)) {
        struct msghdr message = {.msg_iov = (struct iovec *)parts, .msg_iovlen = count};
        return say(fd, &message, 0);
    }
    return syscall(SYS_writev, fd, parts, count);
}

static ssize_t do_pwritev(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    if (!is_ours(fd)) return syscall(SYS_pwritev2, fd, parts, count, offset, 0L, flags);
    pthread_mutex_lock(&gate);
    ssize_t written = syscall(SYS_pwritev2, fd, parts, count, offset, 0L, flags);
    if (written > 0) note(WRITE, fd, 0, offset, parts, count, written);
    pthread_mutex_unlock(&gate);
    return written;
}

ssize_t write(int fd, const void *data, size_t length) {
    if (!is_recording()) return syscall(SYS_write, fd, data, length);
    struct iovec one = {(void *)data, length};
    return do_writev(fd, &one, 1);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { return do_writev(fd, parts, count); }
static ssize_t do_pwrite(int fd, const void *data, size_t length, off_t offset) {
    struct iovec one = {(void *)data, length};
    return do_pwritev(fd, &one, 1, offset, 0);
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return do_pwrite(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) { return do_pwrite(fd, data, length, offset); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return do_pwritev(fd, parts, count, at, 0); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return do_pwritev(fd, parts, count, at, 0); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    return at == -1 ? do_writev(fd, parts, count) : do_pwritev(fd, parts, count, at, flags);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
    return pwritev2(fd, parts, count, at, flags);
}

/* Copies inside the kernel are declined for our files: whoever asks falls back to writing. */
#define DECLINED(out, call)                                                                                           \
    if (is_ours(out)) {                                                                                               \
        errno = EINVAL;                                                                                               \
        return -1;                                                                                                    \
    }                                                                                                                 \
    return call;

ssize_t sendfile(int out, int in, off_t *at, size_t n) { DECLINED(out, syscall(SYS_sendfile, out, in, at, n)) }
ssize_t sendfile64(int out, int in, off64_t *at, size_t n) { DECLINED(out, syscall(SYS_sendfile, out, in, at, n)) }
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
    DECLINED(out, syscall(SYS_copy_file_range, in, from, out, to, n, flags))
}
ssize_t splice(int in, off64_t *from, int out, off64_t *to, size_t n, unsigned flags) {
    DECLINED(out, syscall(SYS_splice, in, from, out, to, n, flags))
}

/* ---- sizes ---- */

static int do_ftruncate(int fd, off_t length) {
    if (!is_ours(fd)) return syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_ftruncate, fd, length);
    if (done == 0) note(TRUNCATE, fd, 0, length, NULL, 0, 0);
    pthread_mutex_unlock(&gate);
    return done;
}

/* By way of a descriptor: one kind of record for both. */
static int do_truncate(const char *path, off_t length) {
    int fd = do_open(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0) return -1;
    int done = do_ftruncate(fd, length), saved = errno;
    close(fd);
    errno = saved;
    return done;
}

static int do_allocate(int fd, int mode, off_t offset, off_t length) {
    if (!is_ours(fd)) return syscall(SYS_fallocate, fd, mode, offset, length);
    if (mode != 0) {
        errno = EOPNOTSUPP;
        return -1;
    }
    pthread_mutex_lock(&gate);
    struct stat now;
    int done = syscall(SYS_fallocate, fd, mode, offset, length);
    if (done == 0 && fstat(fd, &now) == 0) note(TRUNCATE, fd, 0, now.st_size, NULL, 0, 0);
    pthread_mutex_unlock(&gate);
    return done;
}

int ftruncate(int fd, off_t length) { return do_ftruncate(fd, length); }
int ftruncate64(int fd, off64_t length) { return do_ftruncate(fd, length); }
int truncate(const char *path, off_t length) { return do_truncate(path, length); }
int truncate64(const char *path, off64_t length) { return do_truncate(path, length); }
int fallocate(int fd, int mode, off_t offset, off_t length) { return do_allocate(fd, mode, offset, length); }
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return do_allocate(fd, mode, offset, length); }
int posix_fallocate(int fd, off_t offset, off_t length) { return do_allocate(fd, 0, offset, length) ? errno : 0; }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return do_allocate(fd, 0, offset, length) ? errno : 0; }

/* ---- syncing ---- */

static int do_sync(int fd, long how) {
    if (!is_ours(fd)) return syscall(how, fd);
    pthread_mutex_lock(&gate);
    int done = syscall(how, fd);
    if (done == 0) note(SYNC, fd, 0, 0, NULL, 0, 0);
    pthread_mutex_unlock(&gate);
    return done;
}

int fsync(int fd) { return do_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return do_sync(fd, SYS_fdatasync); }

/* ---- names ---- */

static int do_rename(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    char here[PATH_MAX], there[PATH_MAX];
    if (!is_recording()) return syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    int from_inside = is_inside(from_at, from, here), to_inside = is_inside(to_at, to, there);
    if (!from_inside && !to_inside) return syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    if (!from_inside || !to_inside || (flags & RENAME_EXCHANGE)) give_up("a renaming that it cannot record");
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_renameat2, from_at, from, to_at, to, flags);
    if (done == 0) note_text(RENAME, -1, 0, here, there);
    pthread_mutex_unlock(&gate);
    return done;
}

static int do_unlink(int at, const char *path, int flags) {
    char whole[PATH_MAX];
    if (!is_recording() || !is_inside(at, path, whole)) return syscall(SYS_unlinkat, at, path, flags);
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_unlinkat, at, path, flags);
    if (done == 0) note_text(flags & AT_REMOVEDIR ? RMDIR : UNLINK, -1, 0, whole, NULL);
    pthread_mutex_unlock(&gate);
    return done;
}

static int do_mkdir(int at, const char *path, mode_t mode) {
    char whole[PATH_MAX];
    if (!is_recording() || !is_inside(at, path, whole)) return syscall(SYS_mkdirat, at, path, mode);
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_mkdirat, at, path, mode);
    if (done == 0) note_text(MKDIR, -1, 0, whole, NULL);
    pthread_mutex_unlock(&gate);
    return done;
}

static int do_link(int from_at, const char *from, int to_at, const char *to, int flags) {
    char here[PATH_MAX], there[PATH_MAX];
    if (!is_recording() || !is_inside(to_at, to, there)) return syscall(SYS_linkat, from_at, from, to_at, to, flags);
    if (!is_inside(from_at, from, here)) give_up("a link that it cannot record");
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_linkat, from_at, from, to_at, to, flags);
    if (done == 0) note_text(LINK, -1, 0, here, there);
    pthread_mutex_unlock(&gate);
    return done;
}

int rename(const char *from, const char *to) { return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) { return do_rename(from_at, from, to_at, to, 0); }
int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    return do_rename(from_at, from, to_at, to, flags);
}
int unlink(const char *path) { return do_unlink(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return do_unlink(at, path, flags); }
int rmdir(const char *path) { return do_unlink(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
    struct stat found;
    if (lstat(path, &found) != 0) return -1;
    return do_unlink(AT_FDCWD, path, S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}
int mkdir(const char *path, mode_t mode) { return do_mkdir(AT_FDCWD, path, mode); }
int mkdirat(int at, const char *path, mode_t mode) { return do_mkdir(at, path, mode); }
int link(const char *from, const char *to) { return do_link(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    return do_link(from_at, from, to_at, to, flags);
}

/* ---- maps: what is written through one has no record, so that there is one is told ---- */

static void *do_map(void *where, size_t length, int protection, int flags, int fd, off_t offset) {
    void *made = (void *)syscall(SYS_mmap, where, length, protection, flags, fd, offset);
    if (made != MAP_FAILED && (protection & PROT_WRITE) && (flags & MAP_SHARED) && is_ours(fd)) {
        pthread_mutex_lock(&gate);
        note(MAP, fd, 0, offset, NULL, 0, 0);
        pthread_mutex_unlock(&gate);
    }
    return made;
}

void *mmap(void *where, size_t length, int protection, int flags, int fd, off_t offset) {
    return do_map(where, length, protection, flags, fd, offset);
}
void *mmap64(void *where, size_t length, int protection, int flags, int fd, off64_t offset) {
    return do_map(where, length, protection, flags, fd, offset);
}
