/* heap/chain.h -- why an object is alive, in words.
 *
 * A Chain is made of a path and holds none of its objects, only texts: it may be kept, shown
 * later and stay in `Out` without keeping anything alive.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c
 */
#pragma once

#include "heap/path.h"

typedef struct HeapChain {
    PyObject ob_base;
    PyObject *type_name;  // str: the type of the object that was asked about
    PyObject *where;      // str: what holds the first object
    PyObject
        *expression;  // str: how Python writes the whole way; empty where nothing holds it
    PyObject *hops;   // tuple of (text, type's name, note): one for each object named
} HeapChain;

/* Make the class of chains.  Returns NULL with an exception set. */
CHECKED PyObject *heap_chain_type_new(void);

/* Make the chain of a path that begins at one of the roots; `of` is the object that was asked
 * about.  Returns NULL with an exception set.
 */
CHECKED PyObject *heap_chain_new(PyObject *type, const HeapRoots *roots,
                                 const HeapPath *path, PyObject *of);
