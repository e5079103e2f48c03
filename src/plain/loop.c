#include "plain/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/cell.h"
#include "magic/table.h"
#include "plain/pipe.h"
#include "plain/target.h"
#include "plain/terminal.h"
#include "py/call.h"
#include "py/exc.h"
#include "py/ref.h"
#include "session/cell.h"
#include "session/finish.h"
#include "session/history.h"
#include "session/output.h"
#include "session/report.h"

enum { STATUS_FAILED = 1, STATUS_INTERRUPTED = 130 };

/* Write the prompt at once, after whatever is still to be written. */
static int
write_prompt(const char *prompt)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString(prompt);
    if (text == NULL || session_output_write(text) < 0)
        return -1;
    AUTO_DECREF PyObject *out = Py_XNewRef(PySys_GetObject("stdout"));
    AUTO_DECREF PyObject *none =
        out == NULL ? NULL : PyObject_CallMethod(out, "flush", NULL);
    return none == NULL ? -1 : 0;
}

/* The same, but a standard output that is broken or closed is no reason not to read.  What a
 * signal's handler raises meanwhile is: that doesn't come again.  Returns 0 or -1. */
static int
show_prompt(const char *prompt)
{
    if (write_prompt(prompt) == 0)
        return 0;
    AUTO_DECREF PyObject *error = exc_take();
    if (write_prompt("") < 0)
        return exc_drop(), 0;
    exc_raise_take(TAKE(error));
    return -1;
}

/* Read a line with its newline; an empty text at the end of the input. */
static PyObject *
read_line(Session *s, const char *prompt)
{
    if (show_prompt(prompt) < 0)
        return NULL;
    return isatty(STDIN_FILENO) ? plain_terminal_read_line(s) : plain_pipe_read_line(s);
}

/* Whether the lines of `text` are to be executed now. */
static int
is_whole(PyObject *text)
{
    Py_ssize_t length = 0;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    if (utf8 == NULL) {
        PyErr_Clear();  // bytes that are no text: Python will say so
        return 1;
    }
    InputCellStatus status = INPUT_INCOMPLETE;
    if (input_cell_status(utf8, (size_t)length, &status) < 0)
        return PyErr_NoMemory(), -1;
    return status != INPUT_INCOMPLETE;
}

static bool
is_blank(PyObject *text)
{
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++)
        if (!Py_UNICODE_ISSPACE(PyUnicode_READ_CHAR(text, i)))
            return false;
    return true;
}

/* Read the lines of one cell: 1 with its text, 0 at the end of the input, -1 with an exception
 * set, KeyboardInterrupt among them. */
static int
read_cell(Session *s, PyObject **ret_text)
{
    char prompt[32];
    char more[32];
    int width = snprintf(prompt, sizeof prompt, "In [%d]: ", s->count);
    (void)snprintf(more, sizeof more, "%*s", width, "...: ");
    AUTO_DECREF PyObject *text = PyUnicode_FromString("");
    while (text != NULL) {
        bool first = is_blank(text);
        AUTO_DECREF PyObject *line = read_line(s, first ? prompt : more);
        if (line == NULL)
            return -1;
        bool ended = PyUnicode_GET_LENGTH(line) == 0;
        if (ended && first)
            return 0;
        Py_SETREF(text, first ? Py_NewRef(line) : PyUnicode_Concat(text, line));
        if (text == NULL)
            return -1;
        int whole = ended ? 1 : is_blank(text) ? 0 : is_whole(text);
        if (whole == 1)
            *ret_text = TAKE(text);
        if (whole != 0)
            return whole;
    }
    return -1;
}

/* Ctrl-C drops what was typed; anything else came from a signal handler or an input hook. */
static void
report_at_prompt(Session *s)
{
    if (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();
        session_say("\nKeyboardInterrupt");
        return;
    }
    session_say("");
    session_report(s, NULL);
}

/* Read and execute cells to the end of the input; a pipe that can't be read has none. */
static void
run_prompt(Session *s)
{
    while (!s->exiting) {
        AUTO_DECREF PyObject *text = NULL;
        int r = s->front->read_cell ? s->front->read_cell(s, &text) : read_cell(s, &text);
        if (r < 0) {
            bool lost =
                !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt) && !isatty(STDIN_FILENO);
            report_at_prompt(s);
            if (lost)
                return;
            continue;
        }
        if (r == 0) {
            if (!s->front->read_cell && !s->exiting)
                session_say("");
            return;
        }
        Cell cell = { .text = text, .line = 1, .store = true };
        (void)session_cell_run(s, &cell);  // it reports what fails
    }
}

/* A yes-or-no question at the prompt; the end of the input is a no. */
static int
confirm(Session *s, const char *question)
{
    AUTO_DECREF PyObject *answer = read_line(s, question);
    if (answer == NULL)
        return -1;
    if (PyUnicode_GET_LENGTH(answer) == 0)
        return 0;
    Py_UCS4 first = PyUnicode_READ_CHAR(answer, 0);
    return first == 'y' || first == 'Y';
}

static void
print_banner(const Options *options)
{
    if (options->no_banner)
        return;
    AUTO_DECREF PyObject *banner = PyUnicode_FromFormat(
        "mainspring %s (Python %s)\n"
        "%%run FILE runs a script, %%lsmagic lists more, Ctrl-D leaves.\n",
        MAINSPRING_VERSION, PY_VERSION);
    if (banner == NULL || session_output_write(banner) < 0)
        PyErr_Clear();  // a closed standard output: the banner is no loss
}

static bool
was_interrupted(const Session *s)
{
    return s->last_error != NULL
           && PyErr_GivenExceptionMatches(s->last_error, PyExc_KeyboardInterrupt);
}

int
plain_loop_main(const Options *options, const SessionFront *terminal)
{
    static const SessionFront asking = { .confirm = confirm };
    static const SessionFront silent = { 0 };
    bool prompts = options->inspect || options->action == OPTIONS_SHELL;
    const SessionFront *front = prompts ? terminal ? terminal : &asking : &silent;
    Session *s = session_new(front, magic_table);
    if (s == NULL || (prompts && session_history_keep(s) < 0)
        || (front->start && front->start(s) < 0)) {
        PyErr_Print();
        return STATUS_FAILED;
    }
    if (options->action == OPTIONS_SHELL)
        print_banner(options);
    bool failed = plain_target_run(s, options) < 0;
    bool goes_on = prompts && getpid() == s->pid;  // a forked child never sees the prompt
    if (!goes_on && failed && !s->exiting)
        s->exit_status = was_interrupted(s) ? STATUS_INTERRUPTED : STATUS_FAILED;
    if (goes_on) {
        s->exiting = false;
        run_prompt(s);
    }
    return session_finish(s);
}
