/* heap/edge.h -- a reference from one object to the next, as Python would write it.
 *
 * Names are looked for where the language keeps them: `__dict__`, slots, the keys of a dict, the
 * index in a list, the variables of a frame, the members of built-in types.  No property, no
 * `__getattr__`, no `__repr__` of a user's is called.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c, tests/py/test_why.py
 */
#pragma once

#include "py/ref.h"

typedef struct HeapEdge {
    PyObject
        *text;  // str: `.formatter`, `['k']`, `[2]`, or `<inside map>` where it has no name
    PyObject *note;  // str: what is known beyond that, or NULL
    Py_ssize_t
        length;  // how many references it stands for: two, where a `__dict__` is between
} HeapEdge;

/* Name the reference from `path[at]` to `path[at + 1]` of a list of objects, each of which refers
 * to the next.  Returns 0, or -1 with an exception set.
 */
CHECKED int heap_edge_name(PyObject *path, Py_ssize_t at, HeapEdge *ret_edge);

/* The key of `dict`, a dict of variables, that has `value`, as a new str; NULL, without an
 * exception set, where there is none.
 */
PyObject *heap_edge_variable(PyObject *dict, PyObject *value);

/* What to call an object's type: `Handler`, `pkg.Handler` for other modules' than `builtins`. */
CHECKED PyObject *heap_edge_type(PyObject *object);

/* Let go of an edge's texts; all zeros may be released. */
void heap_edge_done(HeapEdge *e);

static inline void
heap_edge_done_slot(HeapEdge *e)
{
    heap_edge_done(e);
}
