/* inspect/attribute.h -- attributes as they lie in dicts: no property, no `__getattr__`, no
 * descriptor of the user's is called to find one.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_attribute.c
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

/* Look the attribute up as inspect.getattr_static() does: in the object's own dict and its class's
 * bases, data descriptors of these first; of a class in its bases, then in its metaclass's.
 *
 * Returns 1 and what lies there (a property, say, not its value), 0 where there is none, or -1
 * with an exception set.
 */
CHECKED int inspect_attribute_find(PyObject *object, PyObject *name, PyObject **ret_raw);

/* The attribute's value, where it is one that is there already: methods are bound, slots read,
 * class and static methods taken out of their wrappers.
 *
 * Returns 1 and the value, 0 where there is none or only code could tell, or -1 with an exception
 * set.
 */
CHECKED int inspect_attribute_get(PyObject *object, PyObject *name, PyObject **ret_value);

/* Told of an attribute: 0 to go on, or -1 with an exception set. */
typedef int (*InspectAttributeVisit)(PyObject *name, PyObject *raw, void *context);

/* Visit the attributes that inspect_attribute_find() could find with a str for a name, a
 * metaclass's left out; a name may come more than once, the one that counts first.
 *
 * Returns 0, or -1 with an exception set.
 */
CHECKED int inspect_attribute_each(PyObject *object, InspectAttributeVisit visit,
                                   void *context);

/* Whether the object's class, or the module itself, has a `__dir__` of its own: 1, 0, or -1 with
 * an exception set.
 */
CHECKED int inspect_attribute_has_dir(PyObject *object);
