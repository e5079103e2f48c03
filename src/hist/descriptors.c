#include "hist/descriptors.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"

DEFINE_AUTO(DIR *, closedir)

/* The name of the file behind the link; false where it does not begin with `real`. */
static bool
read_name(DIR *folder, const char *link, const char *real, char target[PATH_MAX])
{
    ssize_t n = readlinkat(dirfd(folder), link, target, PATH_MAX - 1);
    if (n < 0)
        return false;
    target[n] = '\0';
    return strncmp(target, real, strlen(real)) == 0;
}

static void
note(HistDescriptors *d, int fd, const char *name)
{
    struct stat status;
    if (d->count == HIST_DESCRIPTORS_MOST || fstat(fd, &status) < 0 || status.st_nlink == 0)
        return;
    d->items[d->count++] =
        (HistDescriptor){ .fd = fd, .device = status.st_dev, .inode = status.st_ino };
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, "-wal") == 0)
        memcpy(d->wal, name, length + 1);
}

void
hist_descriptors_find(HistDescriptors *d, const char *path)
{
    d->count = 0;
    d->wal[0] = '\0';
    char real[PATH_MAX];
    char name[PATH_MAX];
    AUTO(closedir) DIR *folder = opendir("/proc/self/fd");
    if (!folder || !realpath(path, real))
        return;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL)
        if (read_name(folder, entry->d_name, real, name))  // . and .. are no links
            note(d, atoi(entry->d_name), name);
}

static bool
has_file(const HistDescriptors *d, const char *path)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return false;
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].device == status.st_dev && d->items[i].inode == status.st_ino)
            return true;
    return false;
}

bool
hist_descriptors_have(const HistDescriptors *d, const char *path)
{
    if (d->count == 0)
        return true;
    return has_file(d, path);
}

bool
hist_descriptors_have_wal(const HistDescriptors *d)
{
    return !d->wal[0] || has_file(d, d->wal);
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
