#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HIDDEN_FROM = 900, MOST_PARTS = 64 };

INTERNAL pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_length;
INTERNAL int log_fd = -1;
static volatile int recording;
static pid_t owner;
INTERNAL unsigned char kind_of[MOST_FDS];

void give_up(const char *why) {
    dprintf(2, "power shim: %s (errno %d)\n", why, errno);
    abort();
}

/* Children of fork and vfork share our memory or a copy of it: what they do is not ours to record. */
int is_recording(void) { return recording && syscall(SYS_getpid) == owner; }

void note(int op, int fd, int flags, int64_t offset, const struct iovec *data, int parts, size_t length) {
    struct record head = {op, (uint32_t)owner, fd, flags, offset, length};
    if (parts >= MOST_PARTS) give_up("too many parts in one write");
    struct iovec all[MOST_PARTS + 1] = {{&head, sizeof head}};
    size_t left = length;
    int used = 1;
    for (int i = 0; i < parts && left > 0; i++) {
        size_t part = data[i].iov_len < left ? data[i].iov_len : left;
        all[used].iov_base = data[i].iov_base;
        all[used++].iov_len = part;
        left -= part;
    }
    int saved = errno;
    if (left != 0 || syscall(SYS_writev, log_fd, all, used) != (long)(sizeof head + length))
        give_up("cannot write its log");
    errno = saved;
}

void note_text(int op, int fd, int flags, const char *first, const char *second) {
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

int is_inside(int at, const char *path, char out[PATH_MAX]) {
    int saved = errno;
    int inside = whole_path(at, path, out) && strncmp(out, folder, folder_length) == 0 &&
                 (out[folder_length] == '/' || out[folder_length] == 0);
    errno = saved;
    return inside;
}

void forget(int fd) {
    if (fd >= 0 && fd < MOST_FDS && kind_of[fd] != NOT_OURS) {
        note(CLOSE, fd, 0, 0, NULL, 0, 0);
        kind_of[fd] = NOT_OURS;
    }
}

int is_ours(int fd) { return fd >= 0 && fd < MOST_FDS && kind_of[fd] != NOT_OURS && is_recording(); }

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
