#include "session/part.h"

#include "py/compat.h"
#include "session/host.h"

static int
part_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((Part *)self)->shell);
    Py_VISIT(((Part *)self)->held);
    return 0;
}

static int
part_clear(PyObject *self)
{
    Py_CLEAR(((Part *)self)->shell);
    Py_CLEAR(((Part *)self)->held);
    return 0;
}

static void
part_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    (void)part_clear(self);  // always 0
    type->tp_free(self);
    Py_DECREF(type);
}

PyObject *
session_part_type_new(const PartSpec *part)
{
    PyType_Slot slots[8] = {
        { Py_tp_doc, (void *)part->doc },
        { Py_tp_traverse, part_traverse },
        { Py_tp_clear, part_clear },
        { Py_tp_dealloc, part_dealloc },
    };
    size_t count = 4;
    if (part->methods != NULL)
        slots[count++] = (PyType_Slot){ Py_tp_methods, part->methods };
    if (part->members != NULL)
        slots[count++] = (PyType_Slot){ Py_tp_getset, part->members };
    if (part->call != NULL)
        slots[count++] = (PyType_Slot){ Py_tp_call, part->call };
    PyType_Spec spec = { .name = part->name,
                         .basicsize = sizeof(Part),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC
                                  | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    return compat_type_new(&spec, NULL);
}

PyObject *
session_part_new(PyObject *type, PyObject *shell, PyObject *held)
{
    AUTO_DECREF PyObject *part = PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (part == NULL)
        return NULL;
    ((Part *)part)->shell = Py_NewRef(shell);
    ((Part *)part)->held = Py_NewRef(held);
    return TAKE(part);
}

PyObject *
session_part_new_single(const PartSpec *spec, PyObject *shell, PyObject *held)
{
    AUTO_DECREF PyObject *type = held == NULL ? NULL : session_part_type_new(spec);
    return type == NULL ? NULL : session_part_new(type, shell, held);
}

Session *
session_part_session(PyObject *part)
{
    return session_host_session(((Part *)part)->shell);
}

BORROWED PyObject *
session_part_held(PyObject *part)
{
    return ((Part *)part)->held;
}
