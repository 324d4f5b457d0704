/* Bytes, sizes and syncs. */
#include "recorder.h"

static ssize_t do_writev(int fd, const struct iovec *parts, int count) {
    if (is_ours(fd)) {
        pthread_mutex_lock(&gate);
        ssize_t written = syscall(SYS_writev, fd, parts, count);
        if (written > 0) note(WRITE, fd, 0, syscall(SYS_lseek, fd, 0, SEEK_CUR) - written, parts, count, written);
        pthread_mutex_unlock(&gate);
        return written;
    }
    if (is_recording() && is_socket(fd)) return say_parts(fd, parts, count);
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
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    return do_pwrite(fd, data, length, offset);
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return do_pwritev(fd, parts, count, at, 0); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
    return do_pwritev(fd, parts, count, at, 0);
}
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
