/* hist/descriptors.h -- whether the descriptors of an open store are still its own.
 *
 * A script may close every descriptor it finds (daemons do), and the number may be another file's
 * a moment later: what SQLite would write then would go there.
 *
 * World: plain.  Tests: tests/c/test_hist_journal.c
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { HIST_DESCRIPTORS_MOST = 16 };

typedef struct HistDescriptor {
    int fd;
    dev_t device;
    ino_t inode;
} HistDescriptor;

typedef struct HistDescriptors {
    HistDescriptor items[HIST_DESCRIPTORS_MOST];
    size_t count;
    char wal[PATH_MAX];  // the name of the -wal that is among them, or ""
} HistDescriptors;

/* Note the descriptors that the process has open on the file at `path`, and on those whose names
 * begin so (its -wal and -shm), less those of files that were deleted.  Where the system doesn't tell
 * there are none.  Never fails. */
void hist_descriptors_find(HistDescriptors *d, const char *path);

/* Whether the file that is at `path` now is among them; true where none are known.  Never fails. */
bool hist_descriptors_have(const HistDescriptors *d, const char *path);

/* Whether the -wal that is there now is the one among them; true where none was.  Never fails. */
bool hist_descriptors_have_wal(const HistDescriptors *d);

/* Whether all of them are what they were.  Never fails. */
bool hist_descriptors_are_intact(const HistDescriptors *d);
