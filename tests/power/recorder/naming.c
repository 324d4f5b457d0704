/* Names: what is created by opening is in opening.c. */
#include "recorder.h"

#include <stdio.h>

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
    if (!is_recording() || !is_inside(to_at, to, there))
        return syscall(SYS_linkat, from_at, from, to_at, to, flags);
    if (!is_inside(from_at, from, here)) give_up("a link that it cannot record");
    pthread_mutex_lock(&gate);
    int done = syscall(SYS_linkat, from_at, from, to_at, to, flags);
    if (done == 0) note_text(LINK, -1, 0, here, there);
    pthread_mutex_unlock(&gate);
    return done;
}

int rename(const char *from, const char *to) { return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int from_at, const char *from, int to_at, const char *to) {
    return do_rename(from_at, from, to_at, to, 0);
}
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
