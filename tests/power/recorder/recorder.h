/* Records what one process does to the files of one folder, and what it says on its sockets, in one order over all of
 * its threads. Preloaded into tests; it does nothing until `power_record` is called, and nothing in children.
 *
 * Every record is written to the log at once, under the lock under which the system call was made: its place in the log
 * is its place in time. Writes are recorded with their bytes as far as the kernel took them. What has no record here
 * (io_uring, shared writable maps but for SQLite's -shm, what libc does inside itself) is found by whoever compares the
 * replayed log with the files: tests/power/disk.py.
 */
#ifndef RECORDER_H
#define RECORDER_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* tests/power/records.py reads these. */
enum { OPEN = 1, CLOSE, DUP, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, LINK, MKDIR, RMDIR, MAP, SAID };
enum { CREATED = 1, EMPTIED = 2, FOLDER = 4 };

struct record {
    uint32_t op, pid;
    int32_t fd, flags;
    int64_t offset;
    uint64_t length;
};

/* What a descriptor of this process is open on. */
enum { NOT_OURS = 0, A_FILE, A_FOLDER, MOST_FDS = 1 << 16 };

#define INTERNAL __attribute__((visibility("hidden")))

extern INTERNAL pthread_mutex_t gate;
extern INTERNAL unsigned char kind_of[MOST_FDS];
extern INTERNAL int log_fd;

INTERNAL void give_up(const char *why);
INTERNAL int is_recording(void);
INTERNAL int is_ours(int fd);
/* The absolute path, not normalised, goes to `out`. */
INTERNAL int is_inside(int at, const char *path, char out[PATH_MAX]);

/* Under the gate. `length` bytes of `data`. */
INTERNAL void note(int op, int fd, int flags, int64_t offset, const struct iovec *data, int parts, size_t length);
/* Under the gate. One path, or two. */
INTERNAL void note_text(int op, int fd, int flags, const char *first, const char *second);
/* Under the gate. The descriptor is closed, or means something else now. */
INTERNAL void forget(int fd);

/* For calls that come by several names. */
INTERNAL int do_open(int at, const char *path, int flags, mode_t mode);
INTERNAL ssize_t say_parts(int fd, const struct iovec *parts, int count);
INTERNAL int is_socket(int fd);

#endif
