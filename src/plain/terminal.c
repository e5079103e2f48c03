#include "plain/terminal.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "session/loop.h"

enum { READ_SIZE = 4096 };

/* Read what there is, at most a line: its length, 0 at the end, or a negative errno. */
static ssize_t
read_some(char *bytes, size_t size)
{
    ssize_t n;
    Py_BEGIN_ALLOW_THREADS;
    n = read(STDIN_FILENO, bytes, size);
    n = n < 0 ? -errno : n;
    Py_END_ALLOW_THREADS;
    return n;
}

/* Append what comes next to `line`: 1 when that ends it, 0 when not, -1 with an exception. */
static int
read_part(Session *s, Buf *line)
{
    int fd = STDIN_FILENO;
    int ready = session_loop_run(s, &fd, 1);
    if (ready <= 0)
        return ready < 0 ? -1 : s->exiting;
    char bytes[READ_SIZE];
    ssize_t n = read_some(bytes, sizeof bytes);
    if (n == -EINTR || n == -EAGAIN)
        return 0;
    if (n <= 0)
        return 1;  // the end, or a terminal that is gone, which is an end as well
    buf_add(line, bytes, (size_t)n);
    return bytes[n - 1] == '\n';
}

PyObject *
plain_terminal_read_line(Session *s)
{
    AUTO(buf_done) Buf line = { 0 };
    int ended = 0;
    while (ended == 0)
        ended = read_part(s, &line);
    if (ended < 0)
        return NULL;
    return PyUnicode_DecodeFSDefaultAndSize(line.bytes ? line.bytes : "",
                                            (Py_ssize_t)line.length);
}
