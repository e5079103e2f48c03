#include "plain/pipe.h"

#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "session/loop.h"

#define CAPSULE "mainspring.session"

/* Whoever has a buffer reads only when that is empty: then we wait, and have `readinto` called, the
 * function of the file's own. */
static PyObject *
wait_and_read(PyObject *parts, PyObject *buffer)
{
    Session *s = PyCapsule_GetPointer(PyTuple_GET_ITEM(parts, 0), CAPSULE);
    if (s == NULL)
        return NULL;
    int fd = STDIN_FILENO;
    int ready = 0;
    while (ready == 0 && !s->exiting)
        ready = session_loop_run(s, &fd, 1);
    if (ready < 0)
        return NULL;
    if (s->exiting)
        return PyLong_FromLong(0);
    return PyObject_CallOneArg(PyTuple_GET_ITEM(parts, 1), buffer);
}

static PyMethodDef wait_def = { "readinto", wait_and_read, METH_O,
                                "Wait for something to read, and read it." };

/* The file below the buffer of `in`; NULL where that is of another kind. */
static PyObject *
find_raw(PyObject *in)
{
    AUTO_DECREF PyObject *buffer = PyObject_GetAttrString(in, "buffer");
    AUTO_DECREF PyObject *raw =
        buffer == NULL ? NULL : PyObject_GetAttrString(buffer, "raw");
    exc_drop();  // somebody else's, which is read without us
    return TAKE(raw);
}

static PyObject *
wait_new(Session *s, PyObject *raw)
{
    AUTO_DECREF PyObject *capsule = PyCapsule_New(s, CAPSULE, NULL);
    AUTO_DECREF PyObject *own =
        capsule == NULL ? NULL : PyObject_GetAttrString(raw, "readinto");
    AUTO_DECREF PyObject *parts = own == NULL ? NULL : PyTuple_Pack(2, capsule, own);
    return parts == NULL ? NULL : PyCFunction_New(&wait_def, parts);
}

/* Read a line, with the file's `readinto` replaced meanwhile. */
static PyObject *
read_waiting(Session *s, PyObject *in, PyObject *raw)
{
    AUTO_DECREF PyObject *function = wait_new(s, raw);
    if (function == NULL || PyObject_SetAttrString(raw, "readinto", function) < 0)
        return NULL;
    AUTO_DECREF PyObject *line = PyObject_CallMethod(in, "readline", NULL);
    AUTO_EXC ExcHold hold = exc_hold();
    return PyObject_DelAttrString(raw, "readinto") < 0 ? NULL : TAKE(line);
}

PyObject *
plain_pipe_read_line(Session *s)
{
    AUTO_DECREF PyObject *in = Py_XNewRef(PySys_GetObject("__stdin__"));
    if (in == NULL || in == Py_None)
        return PyUnicode_FromString("");
    AUTO_DECREF PyObject *raw = session_loop_is_needed(s) ? find_raw(in) : NULL;
    return raw == NULL ? PyObject_CallMethod(in, "readline", NULL)
                       : read_waiting(s, in, raw);
}
