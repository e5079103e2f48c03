/* inspect/guarded.h -- the value of an expression, where it can be had without running any code.
 *
 * Understood are names, attributes that inspect/attribute.h finds, subscripts of exact lists,
 * tuples, dicts and str by whole numbers and texts, and literals, of which only the type counts:
 * `"a b".up`.  Nothing is called, so there is no value of `f(x)`.  Of what libraries have, items of
 * numpy's arrays and of pandas' DataFrame and Series, and some attributes of these (`index`, `str`),
 * are asked for: quick, and nobody else's code.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_guarded.c
 */
#pragma once

#include "py/ref.h"

/* Evaluate the text, UTF-8, with the names of `namespace` (an exact dict) and the builtins.
 *
 * Returns 1 and the value, 0 where that is not known, or -1 with an exception set.
 */
CHECKED int inspect_guarded_evaluate(PyObject *namespace, const char *text, size_t length,
                                     PyObject **ret_value);
