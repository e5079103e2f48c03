#include "session/threads.h"

#include "base/clock.h"
#include "py/exc.h"
#include "run/threads.h"
#include "session/report.h"

// Seconds, for all threads of a run together.
#define PATIENCE 0.05

/* `'name'`, or `'name' (daemon)`; None for a daemon where `blocking` leaves it out. */
static PyObject *
describe(PyObject *thread, bool blocking)
{
    AUTO_DECREF PyObject *daemon = PyObject_GetAttrString(thread, "daemon");
    AUTO_DECREF PyObject *name =
        daemon == NULL ? NULL : PyObject_GetAttrString(thread, "name");
    int ends = name == NULL ? -1 : PyObject_IsTrue(daemon);
    if (ends < 0)
        return NULL;
    if (ends && blocking)
        Py_RETURN_NONE;
    return PyUnicode_FromFormat(ends ? "'%S' (daemon)" : "'%S'", name);
}

PyObject *
session_threads_text(Session *s, const Run *r, bool blocking)
{
    AUTO_DECREF PyObject *threads = run_threads_list(s->ledger, r);
    AUTO_DECREF PyObject *words = threads == NULL ? NULL : PyList_New(0);
    for (Py_ssize_t i = 0; words != NULL && i < PyList_GET_SIZE(threads); i++) {
        AUTO_DECREF PyObject *word = describe(PyList_GET_ITEM(threads, i), blocking);
        if (word == NULL || (word != Py_None && PyList_Append(words, word) < 0))
            return NULL;
    }
    AUTO_DECREF PyObject *comma = words == NULL ? NULL : PyUnicode_FromString(", ");
    return comma == NULL ? NULL : PyUnicode_Join(comma, words);
}

/* Give threads that are about to end, a pool's that was just freed, the time to. */
static int
let_end(Session *s, const Run *r)
{
    AUTO_DECREF PyObject *threads = run_threads_list(s->ledger, r);
    double end = clock_monotonic() + PATIENCE;
    for (Py_ssize_t i = 0; threads != NULL && i < PyList_GET_SIZE(threads); i++) {
        BORROWED PyObject *thread = PyList_GET_ITEM(threads, i);
        double left = end - clock_monotonic();
        AUTO_DECREF PyObject *daemon = PyObject_GetAttrString(thread, "daemon");
        int ends = daemon == NULL ? -1 : PyObject_IsTrue(daemon);
        if (ends == 1)
            continue;
        AUTO_DECREF PyObject *none =
            ends < 0 ? NULL
                     : PyObject_CallMethod(thread, "join", "d", left > 0 ? left : 0.0);
        if (none == NULL)
            return -1;
    }
    return threads == NULL ? -1 : 0;
}

/* Tell of one run's. */
static void
tell(Session *s, Run *r)
{
    r->users++;
    AUTO_DECREF PyObject *text =
        let_end(s, r) < 0 ? NULL : session_threads_text(s, r, true);
    if (text == NULL)
        exc_drop();  // threads that don't say their names
    else if (PyUnicode_GET_LENGTH(text) > 0)
        session_say("run %d (%U) left threads that go on: %U", r->number, r->path, text);
    r->threads_told = true;
    run_ledger_release(r);
}

void
session_threads_tell(Session *s, const Run *now)
{
    AUTO_EXC ExcHold hold = exc_hold();
    int current = now->number;
    BORROWED Run *r;
    for (int n = 0; (r = run_ledger_after(s->ledger, n)) != NULL;) {
        n = r->number;
        if (n != current && r->threads != NULL && !r->threads_told && r->sequence != 0)
            tell(s, r);
    }
}
