#include "session/pager.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "session/output.h"
#include "show/color.h"

/* Whether sys.stdout is a terminal, which standard input and output are too. */
static bool
is_on_terminal(void)
{
    AUTO_DECREF PyObject *out = Py_XNewRef(PySys_GetObject("stdout"));
    if (out == NULL || out == Py_None || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return false;
    AUTO_DECREF PyObject *answer = PyObject_CallMethod(out, "isatty", NULL);
    if (answer == NULL)
        PyErr_Clear();  // a stream of somebody's own
    return answer == Py_True;
}

/* Whether the text needs more rows than the terminal has, less one for the prompt. */
static bool
is_longer_than_screen(const char *text)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
        return false;
    size_t rows = 0;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        rows += 1 + (length > 0 ? (length - 1) / size.ws_col : 0);
        text += length;
        text += *text == '\n';
    }
    return rows + 1 > size.ws_row;
}

/* The command, or NULL where there is none. */
static const char *
pager(void)
{
    const char *own = getenv("PAGER");
    if (own != NULL)
        return *own == '\0' ? NULL : own;
    return access("/usr/bin/less", X_OK) == 0 || access("/bin/less", X_OK) == 0 ? "less -R"
                                                                                : NULL;
}

/* Have the command read the text.  Ctrl-C is the pager's meanwhile.  One that ends early has shown
 * enough. */
static void
run_pager(const char *command, const char *text)
{
    struct sigaction before;
    const struct sigaction ignored = { .sa_handler = SIG_IGN };
    (void)sigaction(SIGINT, &ignored, &before);  // the signal exists
    FILE *pipe = popen(command, "we");
    if (pipe != NULL) {
        (void)fputs(text, pipe);  // what it does not read was not wanted
        (void)pclose(pipe);       // nor does its status matter
    }
    (void)sigaction(SIGINT, &before, NULL);
}

int
session_pager_show(PyObject *text)
{
    const char *command = pager();
    if (command == NULL || !is_on_terminal())
        return session_output_write(text);
    AUTO_DECREF PyObject *bytes =
        PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (bytes == NULL)
        return -1;
    const char *utf8 = PyBytes_AS_STRING(bytes);
    if (!is_longer_than_screen(utf8))
        return session_output_write(text);
    if (session_output_flush() < 0)
        return -1;
    Py_BEGIN_ALLOW_THREADS;
    run_pager(command, utf8);
    Py_END_ALLOW_THREADS;
    return 0;
}
