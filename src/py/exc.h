/* py/exc.h -- pending exceptions: held during cleanup, made from errno.
 *
 * World: Python, GIL held.  Tests: tests/c/test_py_exc.c
 */
#pragma once

#include "py/ref.h"

typedef struct ExcHold {
    PyObject *value;
} ExcHold;

/* Take the pending exception, if any, out of the way of code that must run without one. */
ExcHold exc_hold(void);

/* Put a held exception back; one raised meanwhile becomes its context or is dropped for it. */
void exc_restore_slot(ExcHold *hold);
#define AUTO_EXC __attribute__((cleanup(exc_restore_slot), unused))

/* Take the pending exception as one normalised object with its traceback, and clear it.
 *
 * Returns NULL when none is pending.
 */
PyObject *exc_take(void);

/* Clear the pending exception, which nobody wants to know; a KeyboardInterrupt is a Ctrl-C that
 * came at this moment, and is raised again where signals are looked at next.  Never fails.
 */
void exc_drop(void);

/* Raise `value`, an exception object.  Consumes `value`. */
void exc_raise_take(STOLEN PyObject *value);

/* Raise the OSError that belongs to the negative errno `r`, for the file `path`.
 *
 * Returns -1, always.
 */
int exc_from_errno(int r, PyObject *path);
