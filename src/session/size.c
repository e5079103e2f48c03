#include "session/size.h"

#include <frameobject.h>

#include "heap/refs.h"

enum { CHAIN_MOST = 100 };

size_t
session_size_of(PyObject *value)
{
    if (PyObject_CheckBuffer(value)) {
        Py_buffer view;
        if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) == 0) {
            size_t length = (size_t)view.len;
            PyBuffer_Release(&view);
            return length;
        }
        PyErr_Clear();  // it has none to show: its type may know
    }
    AUTO(heap_sizes_done) HeapSizes sizes = { 0 };
    return heap_sizes_of(&sizes, value, 0);
}

/* Add a value that was not seen before. */
static int
add(PyObject *value, PyObject *seen, SessionHeld *held)
{
    AUTO_DECREF PyObject *key = PyLong_FromVoidPtr(value);
    int known = key == NULL ? -1 : PySet_Contains(seen, key);
    if (known != 0)
        return known < 0 ? -1 : 0;
    held->bytes += session_size_of(value);
    return PySet_Add(seen, key);
}

static int
add_frame(PyFrameObject *frame, PyObject *seen, SessionHeld *held)
{
    AUTO_DECREF PyObject *globals = PyFrame_GetGlobals(frame);
    AUTO_DECREF PyObject *locals = PyFrame_GetLocals(frame);
    if (locals == NULL || locals == globals)
        return locals == NULL ? -1 : 0;
    held->frames++;
    AUTO_DECREF PyObject *values = PyMapping_Values(locals);
    for (Py_ssize_t i = 0; values != NULL && i < PyList_GET_SIZE(values); i++)
        if (add(PyList_GET_ITEM(values, i), seen, held) < 0)
            return -1;
    return values == NULL ? -1 : 0;
}

static int
add_traceback(PyObject *error, PyObject *seen, SessionHeld *held)
{
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    while (traceback != NULL && traceback != Py_None) {
        AUTO_DECREF PyObject *frame = PyObject_GetAttrString(traceback, "tb_frame");
        if (frame == NULL || add_frame((PyFrameObject *)frame, seen, held) < 0)
            return -1;
        Py_SETREF(traceback, PyObject_GetAttrString(traceback, "tb_next"));
    }
    return traceback == NULL && PyErr_Occurred() ? -1 : 0;
}

int
session_size_of_frames(PyObject *error, SessionHeld *ret_held)
{
    SessionHeld held = { 0 };
    AUTO_DECREF PyObject *seen = PySet_New(NULL);
    AUTO_DECREF PyObject *now = seen == NULL ? NULL : Py_NewRef(error);
    for (int i = 0; now != NULL && i < CHAIN_MOST; i++) {
        if (add_traceback(now, seen, &held) < 0)
            return -1;
        Py_SETREF(now, PyException_GetContext(now));
    }
    if (seen == NULL)
        return -1;
    *ret_held = held;
    return 0;
}
