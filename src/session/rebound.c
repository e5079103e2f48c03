#include "session/rebound.h"

#include "py/call.h"

/* Suspect what the target of a statement has; of `a, b = ...` each. */
static int
note_target(Session *s, PyObject *target)
{
    AUTO_DECREF PyObject *name = NULL;
    int found = call_attr_get(target, "id", &name);
    if (found == 1) {
        AUTO_DECREF PyObject *value = NULL;
        if (call_dict_get(s->namespace, name, &value) < 0)
            return -1;
        heap_collector_suspect(&s->ledger->collector, value);
        return 0;
    }
    AUTO_DECREF PyObject *parts = NULL;
    if (found == 0)
        found = call_attr_get(target, "elts", &parts);
    if (found < 0)
        return -1;
    for (Py_ssize_t i = 0; parts && PyList_Check(parts) && i < PyList_GET_SIZE(parts); i++)
        if (note_target(s, PyList_GET_ITEM(parts, i)) < 0)
            return -1;
    return 0;
}

int
session_rebound_note(Session *s, PyObject *statement)
{
    AUTO_DECREF PyObject *targets = NULL;
    AUTO_DECREF PyObject *target = NULL;
    if (call_attr_get(statement, "targets", &targets) < 0
        || call_attr_get(statement, "target", &target) < 0)
        return -1;
    if (targets == NULL || !PyList_Check(targets))
        return target == NULL ? 0 : note_target(s, target);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(targets); i++)
        if (note_target(s, PyList_GET_ITEM(targets, i)) < 0)
            return -1;
    return 0;
}
