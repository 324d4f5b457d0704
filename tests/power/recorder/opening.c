/* Opening, closing, doubling and mapping. */
#include "recorder.h"

#include <stdarg.h>
#include <sys/mman.h>

int do_open(int at, const char *path, int flags, mode_t mode) {
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
int dup2(int from, int to) {
    if (from == to) return syscall(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to;
    return do_dup3(from, to, 0);
}
int dup(int from) {
    if (!is_recording()) return syscall(SYS_dup, from);
    pthread_mutex_lock(&gate);
    int made = as_dup(from, syscall(SYS_dup, from));
    pthread_mutex_unlock(&gate);
    return made;
}

static int do_fcntl(int fd, int command, void *argument) {
    if (!is_recording() || (command != F_DUPFD && command != F_DUPFD_CLOEXEC))
        return syscall(SYS_fcntl, fd, command, argument);
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

/* What is written through a shared map has no record: that there is one is told. */
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
