#include "magic/table.h"

#include <stdbool.h>
#include <stdlib.h>

#include "py/exc.h"
#include "session/cell.h"
#include "testing_session.h"

/* A call that is made again and again, with one more allocation failing each time. */
typedef struct Call {
    const char *name;
    const char *line;
    bool keeps;  // a file of its own until the session's end
} Call;

static const Call calls[] = {
    { "history", "-n -o 1-2" },
    { "history", "-g x" },
    { "history", "-t -p -u -l 2" },
    { "history", "-f history.txt 1-2" },
    { "recall", "1-2" },
    { "recall", "x =" },
    { "rerun", "1" },
    { "rerun", "-g x =" },
    { "rerun", "-l 1" },
    { "load", "text.py" },
    { "load", "-r 1,3- 'text.py'" },
    { "load", "1-2" },
    { "load", "text" },
    { "save", "-f saved 1-2" },
    { "save", "-a -r 'saved too' text" },
    { "macro", "-q mac 1-2" },
    { "who", "int str" },
    { "whos", "" },
    { "xdel", "gone" },
    { "pwd", "" },
    { "cd", "-q ." },
    { "env", "HOME" },
    { "lsmagic", "" },
    { "xmode", "Plain" },
    { "time", "x = 1" },
    { "why", "kept" },
    { "why", "--json kept" },
    { "retained", "kept" },
    { "leaks", "" },
    { "runs", "" },
    { "pinfo", "kept" },
    { "pinfo2", "text" },
    { "psearch", "kep*" },
    { "pinfo", "%run" },
    { "run", "text.py a 'b c'" },
    { "run", "-i text.py" },
    { "run", "-n -t text.py" },
    { "run", "-d text.py" },
    { "run", "-d -b 4 text.py" },
    { "leaks", "--mark" },
    { "tb", "" },
    { "tb", "--free" },
    { "edit", "-x text.py" },
    { "edit", "-x -r 1-2", .keeps = true },
    { "reset", "-f out" },
// Later ones keep a profiler half enabled where memory runs out.
#if PY_VERSION_HEX < 0x030C0000
    { "prun", "-q x = 1" },
    { "run", "-p -q text.py" },
#endif
};

static const Call *call;

static int
make_call(void)
{
    long paused = testing_pause();
    testing_execute("p['gone'] = [1]; p['kept'] = [2]; p['text'] = 'x = 1'\n"
                    "sys.stdin = io.StringIO('c\\nq\\n')\n");
    testing_resume(paused);
    AUTO_DECREF PyObject *value = testing_magic(call->name, call->line);
    return PyErr_Occurred() ? -1 : 0;
}

static int
start(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    if (setenv("VISUAL", "true", 1) < 0)
        return -1;
    testing_execute("import io, sys\n");
    testing_write("text.py", "def f():\n    return 1\n\nx = 2\n");
    for (int i = 0; i < 2; i++) {
        AUTO_DECREF PyObject *text = testing_text("x = 1");
        Cell cell = { .text = text, .line = 1, .store = true };
        if (session_cell_run(session, &cell) < 0)
            return -1;
    }
    return 0;
}

static void
survives_every_failed_allocation(void **state)
{
    testing_spare_library();
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        call = &calls[i];
        int r = make_call();
        AUTO_DECREF PyObject *error = exc_take();
        AUTO_DECREF PyObject *shown = error == NULL ? NULL : PyObject_Repr(error);
        if (r < 0)
            fail_msg("%%%s %s: %s", call->name, call->line, PyUnicode_AsUTF8(shown));
        TORTURE(make_call);
        assert_non_null(PySys_GetObject("excepthook"));
    }
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        call = &calls[i];
        if (!call->keeps)
            NO_REFLEAK_TORTURED(make_call);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_session_stop);
}
