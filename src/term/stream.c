#include "term/stream.h"

#include <unistd.h>

#include "py/call.h"
#include "py/exc.h"
#include "term/output.h"

static PyObject *plain_write;  // io.FileIO.write

/* Write bytes as io.FileIO does: how many of them and of those before, an int. */
static PyObject *
write_rest(PyObject *self, PyObject *data, Py_ssize_t before)
{
    AUTO_DECREF PyObject *written =
        PyObject_CallFunctionObjArgs(plain_write, self, data, NULL);
    if (before == 0 || written == NULL || !PyLong_Check(written))
        return TAKE(written);
    return PyLong_FromSsize_t(before + PyLong_AsSsize_t(written));
}

static PyObject *
raw_write(PyObject *self, PyObject *data)
{
    Py_buffer bytes;
    if (PyObject_GetBuffer(data, &bytes, PyBUF_SIMPLE) < 0)
        return NULL;
    Py_ssize_t taken = 0;
    Py_ssize_t length = bytes.len;
    Py_BEGIN_ALLOW_THREADS;
    if (length > 0)
        taken = (Py_ssize_t)output_take(bytes.buf, (size_t)length);
    Py_END_ALLOW_THREADS;
    AUTO_DECREF PyObject *rest =
        taken == 0 ? Py_NewRef(data)
                   : PyBytes_FromStringAndSize((char *)bytes.buf + taken, length - taken);
    PyBuffer_Release(&bytes);
    if (length == 0 || rest == NULL)
        return rest == NULL ? NULL : write_rest(self, rest, 0);
    if (taken == length)
        return PyLong_FromSsize_t(length);
    AUTO_DECREF PyObject *written = write_rest(self, rest, taken);
    output_written();
    return TAKE(written);
}

static PyMethodDef raw_methods[] = {
    { "write", raw_write, METH_O, "Writes to the terminal, above a prompt that is there." },
    { NULL },
};

static PyType_Slot raw_slots[] = { { Py_tp_methods, raw_methods }, { 0, NULL } };

static PyType_Spec raw_spec = { .name = "mainspring.TerminalIO",
                                .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                                .slots = raw_slots };

/* A raw file of ours on the descriptor, called as the one before it. */
static PyObject *
raw_new(PyObject *type, int fd, const char *name)
{
    AUTO_DECREF PyObject *args = Py_BuildValue("(is)", fd, "wb");
    AUTO_DECREF PyObject *options = Py_BuildValue("{sO}", "closefd", Py_False);
    AUTO_DECREF PyObject *raw =
        args == NULL || options == NULL ? NULL : PyObject_Call(type, args, options);
    AUTO_DECREF PyObject *text = raw == NULL ? NULL : PyUnicode_FromString(name);
    if (text == NULL || PyObject_SetAttrString(raw, "name", text) < 0)
        return NULL;
    return TAKE(raw);
}

/* A text file like `old` on top of `buffer`. */
static PyObject *
text_new(PyObject *old, PyObject *buffer)
{
    static const char *const copied[] = { "encoding", "errors", "line_buffering",
                                          "write_through" };
    AUTO_DECREF PyObject *type = call_import("_io", "TextIOWrapper");
    AUTO_DECREF PyObject *args = PyTuple_Pack(1, buffer);
    AUTO_DECREF PyObject *options = Py_BuildValue("{ss}", "newline", "\n");
    if (type == NULL || args == NULL || options == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        AUTO_DECREF PyObject *value = PyObject_GetAttrString(old, copied[i]);
        if (value == NULL || PyDict_SetItemString(options, copied[i], value) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *text = PyObject_Call(type, args, options);
    AUTO_DECREF PyObject *mode = text == NULL ? NULL : PyUnicode_FromString("w");
    if (mode == NULL || PyObject_SetAttrString(text, "mode", mode) < 0)
        return NULL;
    return TAKE(text);
}

/* Whether sys's file is the interpreter's own, on the terminal. */
static bool
is_own(PyObject *file, const char *name, int fd)
{
    AUTO_DECREF PyObject *type = call_import("_io", "TextIOWrapper");
    AUTO_DECREF PyObject *now =
        type == NULL || file == NULL ? NULL : PyObject_GetAttrString(file, "name");
    bool own = now != NULL && Py_IS_TYPE(file, (PyTypeObject *)type) && isatty(fd)
               && PyUnicode_Check(now) && PyUnicode_CompareWithASCIIString(now, name) == 0;
    PyErr_Clear();  // a file without a name is none of ours
    return own;
}

static int
replace_file(PyObject *type, const char *attribute, const char *original, int fd)
{
    char name[16];
    (void)snprintf(name, sizeof name, "<%s>", attribute);
    AUTO_DECREF PyObject *old = Py_XNewRef(PySys_GetObject(attribute));
    if (!is_own(old, name, fd))
        return 0;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(old, "flush", NULL);
    AUTO_DECREF PyObject *raw = none == NULL ? NULL : raw_new(type, fd, name);
    AUTO_DECREF PyObject *make = raw == NULL ? NULL : call_import("_io", "BufferedWriter");
    AUTO_DECREF PyObject *through =
        make == NULL ? NULL : PyObject_GetAttrString(old, "write_through");
    if (through == NULL)
        return -1;
    // PYTHONUNBUFFERED: nothing between
    AUTO_DECREF PyObject *buffer =
        through == Py_True ? Py_NewRef(raw) : PyObject_CallOneArg(make, raw);
    AUTO_DECREF PyObject *text = buffer == NULL ? NULL : text_new(old, buffer);
    if (text == NULL || PySys_SetObject(attribute, text) < 0)
        return -1;
    return PySys_SetObject(original, text);
}

int
stream_start(void)
{
    AUTO_DECREF PyObject *base = call_import("_io", "FileIO");
    AUTO_DECREF PyObject *type =
        base == NULL ? NULL : PyType_FromSpecWithBases(&raw_spec, base);
    plain_write = type == NULL ? NULL : PyObject_GetAttrString(base, "write");
    if (plain_write == NULL
        || replace_file(type, "stdout", "__stdout__", STDOUT_FILENO) < 0)
        return -1;
    return replace_file(type, "stderr", "__stderr__", STDERR_FILENO);
}
