#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

enum { FILE_ROOM_MIN = 4096 };

static void
file_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);  // read only: nothing can be lost
}

/* Room for the whole file at once where its size is known. */
static size_t
expected_room(int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0 || status.st_size < FILE_ROOM_MIN)
        return FILE_ROOM_MIN;
    return (size_t)status.st_size + 1;
}

static int
grow(char **bytes, size_t *room)
{
    char *larger = alloc_resize(*bytes, *room * 2);
    if (larger == NULL)
        return -ENOMEM;
    *bytes = larger;
    *room *= 2;
    return 0;
}

int
file_read_open(int fd, char **ret_bytes, size_t *ret_length)
{
    size_t room = expected_room(fd) + 1;
    AUTO_FREE char *bytes = alloc_resize(NULL, room);
    if (bytes == NULL)
        return -ENOMEM;

    size_t length = 0;
    for (;;) {
        if (length + 1 == room && grow(&bytes, &room) < 0)
            return -ENOMEM;
        ssize_t n = read(fd, bytes + length, room - length - 1);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            break;
        if (n > 0)
            length += (size_t)n;
    }
    bytes[length] = '\0';
    *ret_length = length;
    *ret_bytes = TAKE(bytes);
    return 0;
}

int
file_read(const char *path, char **ret_bytes, size_t *ret_length)
{
    __attribute__((cleanup(file_close))) int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : file_read_open(fd, ret_bytes, ret_length);
}

bool
file_lies_in(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 0 && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}
