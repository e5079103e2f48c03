#include "py/exc.h"

#include <stdbool.h>

#include <errno.h>

#include "py/compat.h"

ExcHold
exc_hold(void)
{
    return (ExcHold){ .value = exc_take() };
}

void
exc_restore_slot(ExcHold *hold)
{
    if (hold->value == NULL)
        return;
    PyErr_Clear();
    exc_raise_take(TAKE(hold->value));
}

PyObject *
exc_take(void)
{
    return compat_exception_take();
}

void
exc_drop(void)
{
    if (PyErr_Occurred() == NULL)
        return;
    bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    PyErr_Clear();
    if (interrupted)
        PyErr_SetInterrupt();
}

void
exc_raise_take(STOLEN PyObject *value)
{
    compat_exception_raise_take(value);
}

int
exc_from_errno(int r, PyObject *path)
{
    errno = -r;
    (void)PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);  // always NULL
    return -1;
}
