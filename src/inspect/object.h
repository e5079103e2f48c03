/* inspect/object.h -- what an object is, as a text for people: `obj?` and `obj??`.
 *
 * Signature, type, value, length, file, docstring, and the source as it ran.  The user's code is asked
 * (`__len__`, `__repr__`, `__signature__`), each for a limited time; what goes wrong there leaves
 * its field out.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_object.c, tests/py/test_help.py
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

typedef struct InspectDetail {
    bool source;  // in the place of the docstring, where there is one
    bool color;
} InspectDetail;

/* Tell about an object.
 *
 * Returns a str, or NULL with an exception set.  Runs user code.
 */
CHECKED PyObject *inspect_object_text(PyObject *object, InspectDetail detail);

/* The value of an expression without running code; for the last attribute in it a property counts as
 * what it is.
 *
 * Returns 1 and the object, 0 where only code could tell, or -1 with an exception set.
 */
CHECKED int inspect_object_find(PyObject *namespace, PyObject *expression,
                                PyObject **ret_object);
