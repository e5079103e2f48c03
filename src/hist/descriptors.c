#include "hist/descriptors.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"

DEFINE_AUTO(DIR *, closedir)

static bool
is_of(DIR *folder, const char *link, const char *real, size_t length)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(dirfd(folder), link, target, sizeof target);
    return n >= (ssize_t)length && strncmp(target, real, length) == 0;
}

static void
note(HistDescriptors *d, int fd)
{
    struct stat status;
    if (d->count == HIST_DESCRIPTORS_MOST || fstat(fd, &status) < 0)
        return;
    d->items[d->count++] =
        (HistDescriptor){ .fd = fd, .device = status.st_dev, .inode = status.st_ino };
}

void
hist_descriptors_find(HistDescriptors *d, const char *path)
{
    d->count = 0;
    char real[PATH_MAX];
    AUTO(closedir) DIR *folder = opendir("/proc/self/fd");
    if (!folder || !realpath(path, real))
        return;
    size_t length = strlen(real);
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (is_of(folder, entry->d_name, real, length))  // . and .. are no links
            note(d, atoi(entry->d_name));
}

bool
hist_descriptors_have(const HistDescriptors *d, const char *path)
{
    struct stat status;
    if (d->count == 0)
        return true;
    if (stat(path, &status) < 0)
        return false;
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].device == status.st_dev && d->items[i].inode == status.st_ino)
            return true;
    return false;
}

bool
hist_descriptors_are_intact(const HistDescriptors *d)
{
    for (size_t i = 0; i < d->count; i++) {
        struct stat status;
        const HistDescriptor *one = &d->items[i];
        if (fstat(one->fd, &status) < 0 || status.st_dev != one->device
            || status.st_ino != one->inode)
            return false;
    }
    return true;
}
