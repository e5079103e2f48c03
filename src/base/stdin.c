#include "base/stdin.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

static int
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    return 0;
}

/* Have `bytes` stand at descriptor 0, to be read from the start. */
static int
replace(const char *bytes, size_t length)
{
    int fd = memfd_create("stdin", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = write_all(fd, bytes, length);
    if (r == 0 && (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0))
        r = -errno;
    (void)close(fd);  // it lives on as descriptor 0, or what was written is not needed
    return r;
}

int
stdin_peek(char **ret_text, size_t *ret_length)
{
    off_t start = lseek(STDIN_FILENO, 0, SEEK_CUR);
    AUTO_FREE char *text = NULL;
    size_t length = 0;
    int r = file_read_open(STDIN_FILENO, &text, &length);
    if (r == 0 && start >= 0)
        r = lseek(STDIN_FILENO, start, SEEK_SET) < 0 ? -errno : 0;
    else if (r == 0)
        r = replace(text, length);
    if (r < 0)
        return r;
    *ret_length = length;
    *ret_text = TAKE(text);
    return 0;
}
