#include "testing_session.h"

#include "magic/table.h"
#include "session/cell.h"
#include "session/magic.h"

Session *session;

static const SessionFront nobody = { 0 };

static int
bind(const char *name, PyObject *value)
{
    return PyDict_SetItemString(testing_namespace(), name, value);
}

int
testing_session_start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_execute("import gc, io, linecache, os, sys, types\n"
                    "shown, said = io.StringIO(), io.StringIO()\n"
                    "streams = sys.stdout, sys.stderr\n");
    testing_spare_library();
    testing_spare("builtins", "compile");  // of 3.11: it reads what it has freed
    session = session_new(&nobody, magic_table);
    if (session == NULL) {
        PyErr_Print();
        return -1;
    }
    return bind("p", session->namespace) < 0 ? -1 : bind("ip", session->shell);
}

/* `__main__` refers to the session as long as there is an interpreter. */
int
testing_session_stop(void **state)
{
    Session *s = TAKE(session);
    session_done(s);
    int r = testing_stop(state);
    PyMem_RawFree(s);
    return r;
}

int
testing_session_begin(void **state)
{
    testing_execute("for each in shown, said:\n"
                    "    each.seek(0); each.truncate()\n"
                    "sys.stdout, sys.stderr = shown, said\n");
    return 0;
}

int
testing_session_end(void **state)
{
    testing_execute("sys.stdout, sys.stderr = streams\n");
    PyObject **const parts[] = { &session->registered, &session->formatter,
                                 &session->events,     &session->extensions,
                                 &session->manager,    &session->handler };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        Py_CLEAR(*parts[i]);
    session->exiting = false;
    session_keep_error(session, NULL);
    AUTO_DECREF PyObject *none = testing_magic("reset", "-f");
    assert_non_null(none);
    return 0;
}

int
testing_cell(const char *text)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *cell_text = testing_text(text);
    testing_resume(paused);
    Cell cell = { .text = cell_text, .line = 1 };
    return session_cell_run(session, &cell);
}

PyObject *
testing_magic(const char *name, const char *line)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *magic_name = testing_text(name);
    AUTO_DECREF PyObject *magic_line = testing_text(line);
    testing_resume(paused);
    return magic_call(session, magic_name, magic_line, NULL);
}
