#include "session/part.h"

#include "testing_session.h"

static PyObject *
answer(PyObject *self, PyObject *unused)
{
    return session_part_session(self) == NULL ? NULL : Py_NewRef(session_part_held(self));
}

static PyMethodDef methods[] = {
    { "answer", answer, METH_NOARGS, "What it holds." },
    { NULL, NULL, 0, NULL },
};

static const PartSpec spec = { .name = "test.Answer",
                               .doc = "A part.",
                               .methods = methods };

static PyObject *held;

static int
start(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    held = PyList_New(0);
    return held == NULL ? -1 : 0;
}

static int
stop(void **state)
{
    Py_CLEAR(held);
    return testing_session_stop(state);
}

static void
it_has_its_session_and_what_it_holds(void **state)
{
    AUTO_DECREF PyObject *part = session_part_new_single(&spec, session->shell, held);
    AUTO_DECREF PyObject *value = PyObject_CallMethod(part, "answer", NULL);
    assert_ptr_equal(value, held);
    assert_ptr_equal(session_part_session(part), session);
}

static void
nothing_to_hold_is_an_error_that_was_set_before(void **state)
{
    PyErr_SetNone(PyExc_KeyError);
    assert_null(session_part_new_single(&spec, session->shell, NULL));
    testing_raised(PyExc_KeyError);
}

static int
make(void)
{
    AUTO_DECREF PyObject *part = session_part_new_single(&spec, session->shell, held);
    AUTO_DECREF PyObject *value =
        part == NULL ? NULL : PyObject_CallMethod(part, "answer", NULL);
    return value == NULL ? -1 : 0;
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(make);
}

/* Both together would count classes that CPython 3.11 leaves behind where one fails to be made. */
static void
leaks_no_reference(void **state)
{
    NO_REFLEAK(make);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(it_has_its_session_and_what_it_holds),
        SESSION_TEST(nothing_to_hold_is_an_error_that_was_set_before),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
