/* The steps of a completion, and the parts that they are made of. */
#include "inspect/complete.h"

#include <string.h>

#include "inspect/modules.h"
#include "inspect/parameters.h"
#include "testing_python.h"

static PyObject *line;
static PyObject *known;

static PyObject *
magics(void *context, bool cell)
{
    return cell ? Py_BuildValue("[s]", "cellular") : Py_BuildValue("[ss]", "run", "xmode");
}

static PyObject *
usage(void *context, PyObject *name)
{
    return PyUnicode_CompareWithASCIIString(name, "run") == 0
               ? PyUnicode_FromString("[-ab] [--long] FILE [ARGUMENTS]")
               : PyUnicode_FromString("[Plain | Context]");
}

static int
start(void **state)
{
    if (testing_start(state) < 0)
        return -1;
    testing_spare_library();
    testing_spare("ast", "literal_eval");
    known = PyDict_New();
    testing_write("some_module.py",
                  "import os as o, sys.path\nfrom a import (b,\n c as d)\n"
                  "def f(): pass\nX = 1\nif X: y = 2\nasync def g(): pass\n");
    testing_execute("import os, sys, pkgutil, unicodedata, importlib.machinery\n"
                    "sys.path.insert(0, '')\n"
                    "class Own:\n"
                    "    value = 1\n"
                    "    def __dir__(self): return ['extra']\n"
                    "    def _ipython_key_completions_(self): return ['key', 'kez']\n"
                    "    def __call__(self, argument): pass\n"
                    "own = Own()\n"
                    "d = {'one': 1, 'two': 2, 3: 4, ('one', b'b', 5): 6}\n"
                    "def f(a, b=2, /, c='x', *args, d, e=own, **more): pass\n"
                    "import types\n"
                    "class Labels(list):\n"
                    "    def tolist(self): return self\n"
                    "class Frame:\n"
                    "    index, columns = Labels(['row']), Labels(['column'])\n"
                    "class _LocIndexer:\n"
                    "    obj = Frame()\n"
                    "loc = _LocIndexer()\n"
                    "sys.modules['pandas.core.indexing'] = types.ModuleType('indexing')\n"
                    "sys.modules['pandas.core.indexing']._LocIndexer = _LocIndexer\n");
    return known == NULL ? -1 : 0;
}

static int
stop(void **state)
{
    Py_CLEAR(known);
    Py_CLEAR(line);
    return testing_stop(state);
}

static InspectCompletion *
begin(Py_ssize_t cursor)
{
    const InspectScope scope = { .namespace = testing_namespace(),
                                 .modules = known,
                                 .automagic = true,
                                 .magics = magics,
                                 .usage = usage };
    return inspect_complete_new(&scope, line, cursor);
}

static int
complete(void)
{
    AUTO(inspect_complete_free) InspectCompletion *c = begin(PyUnicode_GET_LENGTH(line));
    int more = c == NULL ? -1 : 1;
    while (more == 1)
        more = inspect_complete_next(c, 1000);
    if (more < 0 || inspect_complete_found(c)->count == 0)
        return more;
    AUTO_DECREF PyObject *signature = inspect_complete_signature(c, 0);
    return signature == NULL ? -1 : 0;
}

static void
set_line(const char *text)
{
    Py_XSETREF(line, testing_text(text));
}

static void
first_of(const char *text, const char *expected)
{
    set_line(text);
    AUTO(inspect_complete_free) InspectCompletion *c = begin(PyUnicode_GET_LENGTH(line));
    assert_non_null(c);
    while (inspect_complete_next(c, 1000) == 1)
        continue;
    assert_null(PyErr_Occurred());
    const InspectCandidates *found = inspect_complete_found(c);
    assert_true(found->count > 0);
    assert_string_equal(PyUnicode_AsUTF8(found->items[0].text), expected);
}

static void
each_source_finds_what_is_typed(void **state)
{
    first_of("os.getcwdb", "getcwdb");
    first_of("own.ext", "extra");
    first_of("d['tw", "'two'");
    first_of("own['ke", "'key'");
    first_of("f(1, c", "c=");
    first_of("own(ar", "argument=");
    first_of("import some_m", "some_module");
    first_of("from some_module import g", "g");
    first_of("%ru", "run");
    first_of("%%ce", "cellular");
    first_of("loc['", "'row'");
    first_of("loc[:, '", "'column'");
    first_of("%run --", "--long");
    first_of("xmode Con", "Context");
    first_of("%run some_", "some_module.py");
    first_of("open('some_", "some_module.py");
    first_of("\\alpha", "α");
    first_of("\\GREEK SMALL LETTER ALPHA", "α");
    first_of("whil", "while");
}

static void
offsets_are_code_points(void **state)
{
    set_line("'日本'; d['tw']");
    AUTO(inspect_complete_free) InspectCompletion *c = begin(11);
    assert_non_null(c);
    Py_ssize_t first = 0;
    Py_ssize_t last = 0;
    inspect_complete_range(c, &first, &last);
    assert_int_equal(first, 8);
    assert_int_equal(last, 12);
}

static void
what_asks_the_users_code_comes_in_a_call_of_its_own(void **state)
{
    set_line("own.");
    AUTO(inspect_complete_free) InspectCompletion *c = begin(4);
    assert_int_equal(inspect_complete_next(c, 1000), 1);
    assert_int_equal(inspect_complete_found(c)->count, 1);
    assert_int_equal(inspect_complete_next(c, 1000), 0);
    assert_int_equal(inspect_complete_found(c)->count, 2);
    assert_int_equal(inspect_complete_next(c, 1000), 0);
}

static void
signature_is(const char *object, const char *expected)
{
    AUTO_DECREF PyObject *callable = testing_evaluate(object);
    AUTO_DECREF PyObject *text = inspect_parameters_text(callable);
    assert_non_null(text);
    if (expected == NULL)
        assert_ptr_equal(text, Py_None);
    else
        assert_string_equal(PyUnicode_AsUTF8(text), expected);
}

static void
signatures_show_plain_defaults_alone(void **state)
{
    signature_is("f", "(a, b=2, /, c='x', *args, d, e=…, **more)");
    signature_is("lambda: 0", "()");
    signature_is("lambda *, k=1: 0", "(*, k=1)");
    signature_is("own", "(argument)");
    signature_is("Own", NULL);
    signature_is("len", "(obj, /)");
    signature_is("[].append", "(object, /)");
    signature_is("list.append", "(self, object, /)");
    signature_is("3", NULL);
}

static void
a_module_that_is_not_imported_is_read(void **state)
{
    AUTO_DECREF PyObject *name = testing_text("some_module");
    AUTO_DECREF PyObject *names = inspect_modules_bound(name);
    assert_non_null(names);
    PyDict_SetItemString(testing_namespace(), "names", names);
    testing_check("names == ['o', 'sys', 'b', 'd', 'f', 'X', 'g']");
    testing_check("'some_module' not in sys.modules");
}

static const char *const TORTURED[] = {
    "os.getcwdb",    "own.ext",    "d['tw",        "own['ke",        "f(1, c",
    "own(ar",        "%ru",        "%run --x",     "xmode Co",       "%xmode d",
    "open('some_",   "%run some_", "d['one', b'b", "d['one', f(), ", "\\alpha",
    "loc['ro",       "loc[1, 'co", "d[",           "whil",           "!cat s",
    "from os impor", "import os.",
};

static void
survives_every_failed_allocation(void **state)
{
    for (size_t i = 0; i < COUNT_OF(TORTURED); i++) {
        set_line(TORTURED[i]);
        TORTURE(complete);
    }
}

static void
leaks_no_reference(void **state)
{
    for (size_t i = 0; i < COUNT_OF(TORTURED); i++) {
        set_line(TORTURED[i]);
        NO_REFLEAK(complete);
        // CPython's own list(), of what the user's code returns, leaks that.
        if (strncmp(TORTURED[i], "own", 3) != 0)
            NO_REFLEAK_TORTURED(complete);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_finds_what_is_typed),
        cmocka_unit_test(offsets_are_code_points),
        cmocka_unit_test(what_asks_the_users_code_comes_in_a_call_of_its_own),
        cmocka_unit_test(signatures_show_plain_defaults_alone),
        cmocka_unit_test(a_module_that_is_not_imported_is_read),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
