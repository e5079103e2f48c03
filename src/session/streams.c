#include "session/streams.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/report.h"

typedef struct Stream {
    const char *name;   // in sys
    const char *spare;  // what the interpreter started with, in sys
    const char *title;  // what the file says its name is
    const char *mode;
} Stream;

static const Stream all[SESSION_STREAMS] = {
    { "stdin", "__stdin__", "<stdin>", "r" },
    { "stdout", "__stdout__", "<stdout>", "w" },
    { "stderr", "__stderr__", "<stderr>", "w" },
};

SessionStreams
session_streams_take(void)
{
    SessionStreams streams = { 0 };
    for (int i = 0; i < SESSION_STREAMS; i++)
        streams.files[i] = Py_XNewRef(PySys_GetObject(all[i].name));
    return streams;
}

/* Whether a file can be used no more: closed, or its buffer detached. */
static bool
is_closed(PyObject *file)
{
    AUTO_DECREF PyObject *closed = PyObject_GetAttrString(file, "closed");
    if (closed != NULL)
        return PyObject_IsTrue(closed) == 1;
    bool detached = PyErr_ExceptionMatches(PyExc_ValueError);
    PyErr_Clear();  // an object of the user's without that attribute is open
    return detached;
}

/* The options that a stream like `old`, a text file, is opened with. */
static PyObject *
options_like(PyObject *old)
{
    AUTO_DECREF PyObject *encoding = PyObject_GetAttrString(old, "encoding");
    AUTO_DECREF PyObject *errors =
        encoding == NULL ? NULL : PyObject_GetAttrString(old, "errors");
    if (errors == NULL)
        return NULL;
    return Py_BuildValue("{sOsOsssO}", "encoding", encoding, "errors", errors, "newline",
                         "\n", "closefd", Py_False);
}

/* Make the file look as the interpreter makes it at its start. */
static int
dress(PyObject *file, const Stream *stream, PyObject *old)
{
    AUTO_DECREF PyObject *buffer = PyObject_GetAttrString(file, "buffer");
    AUTO_DECREF PyObject *raw =
        buffer == NULL ? NULL : PyObject_GetAttrString(buffer, "raw");
    AUTO_DECREF PyObject *title = raw == NULL ? NULL : PyUnicode_FromString(stream->title);
    AUTO_DECREF PyObject *mode = title == NULL ? NULL : PyUnicode_FromString(stream->mode);
    if (mode == NULL || PyObject_SetAttrString(raw, "name", title) < 0
        || PyObject_SetAttrString(file, "mode", mode) < 0)
        return -1;
    AUTO_DECREF PyObject *by_line = PyObject_GetAttrString(old, "line_buffering");
    AUTO_DECREF PyObject *options =
        by_line == NULL ? NULL : Py_BuildValue("{sO}", "line_buffering", by_line);
    AUTO_DECREF PyObject *none = options == NULL ? NULL : PyTuple_New(0);
    AUTO_DECREF PyObject *reconfigure =
        none == NULL ? NULL : PyObject_GetAttrString(file, "reconfigure");
    AUTO_DECREF PyObject *done =
        reconfigure == NULL ? NULL : PyObject_Call(reconfigure, none, options);
    return done == NULL ? -1 : 0;
}

static PyObject *
open_again(int fd, PyObject *old)
{
    AUTO_DECREF PyObject *open = call_import("io", "open");
    AUTO_DECREF PyObject *options = open == NULL ? NULL : options_like(old);
    AUTO_DECREF PyObject *arguments =
        options == NULL ? NULL : Py_BuildValue("(is)", fd, all[fd].mode);
    AUTO_DECREF PyObject *file =
        arguments == NULL ? NULL : PyObject_Call(open, arguments, options);
    if (file == NULL || dress(file, &all[fd], old) < 0)
        return NULL;
    return TAKE(file);
}

/* What the interpreter started with where that is open, else a new file, which takes its place;
 * for `old`, which is closed. */
static PyObject *
replacement(int fd, PyObject *old)
{
    AUTO_DECREF PyObject *spare = Py_XNewRef(PySys_GetObject(all[fd].spare));
    if (spare != NULL && spare != Py_None && !is_closed(spare))
        return TAKE(spare);
    AUTO_DECREF PyObject *file = open_again(fd, old);
    if (file == NULL || PySys_SetObject(all[fd].spare, file) < 0)
        return NULL;
    return TAKE(file);
}

/* Whether `other` wraps the buffer of `file`, and will close it when it goes. */
static bool
shares_buffer(PyObject *other, PyObject *file)
{
    AUTO_DECREF PyObject *buffer = PyObject_GetAttrString(file, "buffer");
    AUTO_DECREF PyObject *others =
        buffer == NULL ? NULL : PyObject_GetAttrString(other, "buffer");
    PyErr_Clear();  // one of them has none
    return others != NULL && others == buffer;
}

/* Write what a file still has, as the end of a process does. */
static void
flush(PyObject *file)
{
    if (file == NULL || file == Py_None || is_closed(file))
        return;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(file, "flush", NULL);
    if (none == NULL)
        PyErr_Clear();  // a file that can't be written to: nobody is told at an end either
}

/* Put back `file` where there is another now, or a new one of its kind. */
static int
displace(int fd, PyObject *file)
{
    AUTO_DECREF PyObject *other = Py_XNewRef(PySys_GetObject(all[fd].name));
    flush(file);
    flush(other);
    bool shared = other != NULL && shares_buffer(other, file);
    AUTO_DECREF PyObject *good = shared ? open_again(fd, file) : Py_NewRef(file);
    return good == NULL ? -1 : PySys_SetObject(all[fd].name, good);
}

/* Open what is closed.  Returns 1 if it was. */
static int
open_closed(int fd)
{
    AUTO_DECREF PyObject *file = Py_XNewRef(PySys_GetObject(all[fd].name));
    if (file == NULL || file == Py_None || !is_closed(file))
        return 0;
    AUTO_DECREF PyObject *good = replacement(fd, file);
    return good == NULL || PySys_SetObject(all[fd].name, good) < 0 ? -1 : 1;
}

/* Have the interpreter's own one open as well; what wrapped its buffer may have closed it. */
static int
open_spare(int fd)
{
    AUTO_DECREF PyObject *file = Py_XNewRef(PySys_GetObject(all[fd].name));
    AUTO_DECREF PyObject *spare = Py_XNewRef(PySys_GetObject(all[fd].spare));
    if (file == NULL || spare == NULL || spare == Py_None || !is_closed(spare))
        return 0;
    return PySys_SetObject(all[fd].spare, file);
}

/* Put `file` back at `fd`.  Returns whether another one was there or it was closed. */
static bool
restore(int fd, PyObject *file)
{
    bool wrong = PySys_GetObject(all[fd].name) != file && displace(fd, file) == 0;
    PyErr_Clear();  // no memory, or no descriptor for it: what is there may do
    int opened = open_closed(fd);
    PyErr_Clear();  // its descriptor is closed too: there is nothing to open it on
    if (open_spare(fd) < 0)
        opened = 0;
    PyErr_Clear();  // no memory for a name of sys
    return wrong || opened == 1;
}

void
session_streams_restore(SessionStreams *streams, PyObject **said)
{
    AUTO_EXC ExcHold hold = exc_hold();
    static const char *const names[] = { "sys.stdin", "sys.stdout", "sys.stderr" };
    for (int i = 0; i < SESSION_STREAMS; i++) {
        AUTO_DECREF PyObject *file = TAKE(streams->files[i]);
        if (file != NULL && restore(i, file))
            session_report_note(said, names[i]);
    }
}

void
session_streams_done(SessionStreams *streams)
{
    for (int i = 0; i < SESSION_STREAMS; i++)
        Py_CLEAR(streams->files[i]);
}
