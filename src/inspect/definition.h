/* inspect/definition.h -- where a class or a function was defined, when inspect does not know.
 *
 * The interpreter knows a class's module alone, and the prompt's module has no file: what is typed
 * there is found by the code of the functions in the class, whose text linecache has.  A function of
 * a module that is frozen into the interpreter (os, say) names no file, but its module does.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_object.c
 */
#pragma once

#include "py/ref.h"

/* Find the file and the source of a class that has a function of its own.
 *
 * Returns 1, 0 where that is not known, or -1 with an exception set.
 */
CHECKED int inspect_definition_find(PyObject *class, PyObject **ret_file,
                                    PyObject **ret_source);

/* Find the file and the source of a Python function, or method, of a frozen module.
 *
 * Returns as inspect_definition_find() does; 0 for every other object.
 */
CHECKED int inspect_definition_find_frozen(PyObject *function, PyObject **ret_file,
                                           PyObject **ret_source);
