#include "base/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

const char *
editor_name(void)
{
    static const char *const names[] = { "VISUAL", "EDITOR" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "vi";
}

static int
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        length -= (size_t)n;
    }
    return 0;
}

int
editor_file(const char *text, size_t length, char **ret_path)
{
    static const char suffix[] = ".py";
    const char *folder = getenv("TMPDIR");
    AUTO(buf_done) Buf name = { 0 };
    char *path = NULL;
    buf_add_text(&name, folder && *folder ? folder : "/tmp");
    buf_add_text(&name, "/mainspring-edit-XXXXXX");
    buf_add_text(&name, suffix);
    int r = buf_take(&name, &path);
    if (r < 0)
        return r;
    int fd = mkostemps(path, (int)strlen(suffix), O_CLOEXEC);  // with 0600
    r = fd < 0 ? -errno : write_all(fd, text, length);
    if (fd >= 0 && close(fd) < 0 && r == 0)
        r = -errno;
    if (fd >= 0 && r < 0)
        (void)unlink(path);
    if (r < 0)
        free(path);
    else
        *ret_path = path;
    return r;
}

int
editor_command(const char *path, long line, char **ret_command)
{
    AUTO(buf_done) Buf command = { 0 };
    char number[32];
    buf_add_text(&command, editor_name());
    (void)snprintf(number, sizeof number, " +%ld", line);
    buf_add_text(&command, line > 1 ? number : "");
    buf_add_text(&command, " '");
    for (; *path; path++)
        if (*path == '\'')
            buf_add_text(&command, "'\\''");
        else
            buf_add(&command, path, 1);
    buf_add_text(&command, "'");
    return buf_take(&command, ret_command);
}
