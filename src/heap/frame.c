#include "heap/frame.h"

#include <stdbool.h>

static bool
somebody_traces(void)
{
    PyInterpreterState *interpreter = PyInterpreterState_Get();
    for (PyThreadState *t = PyInterpreterState_ThreadHead(interpreter); t != NULL;
         t = PyThreadState_Next(t))
        if (t->c_tracefunc != NULL || t->c_profilefunc != NULL)
            return true;
    return false;
}

PyObject *
heap_frame_variables(PyFrameObject *frame)
{
    AUTO_DECREF PyObject *code = (PyObject *)PyFrame_GetCode(frame);
    AUTO_DECREF PyObject *locals = PyFrame_GetLocals(frame);
    AUTO_DECREF PyObject *items = locals == NULL ? NULL : PyMapping_Items(locals);
    if (items == NULL)
        return NULL;
    enum { OURS_AND_THE_FRAMES = 2 };
    bool copies = (((PyCodeObject *)code)->co_flags & CO_OPTIMIZED) != 0;
    if (copies && PyDict_CheckExact(locals) && Py_REFCNT(locals) == OURS_AND_THE_FRAMES
        && !somebody_traces())
        PyDict_Clear(locals);
    return TAKE(items);
}
