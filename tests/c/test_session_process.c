#include "session/process.h"

#include "testing_session.h"

static int
start(void **state)
{
    if (testing_session_start(state) < 0)
        return -1;
    testing_execute("sys.path.insert(0, ''); import pickle, multiprocessing.reduction\n"
                    "from multiprocessing.reduction import ForkingPickler as Pickler\n"
                    "class Popen: method = 'spawn'\n"
                    "def pickle_for_worker(object):\n"
                    "    from multiprocessing import context\n"
                    "    context.set_spawning_popen(Popen())\n"
                    "    try: Pickler.dumps(object)\n"
                    "    except pickle.PicklingError as e: return str(e)\n"
                    "    finally: context.set_spawning_popen(None)\n");
    return session_process_watch(session);
}

static int
find_path(void)
{
    AUTO_DECREF PyObject *path = NULL;
    int found = session_process_path(session, &path);
    return found < 0 ? -1 : 0;
}

static void
without_a_run_there_is_no_path(void **state)
{
    PyObject *path = NULL;
    assert_int_equal(session_process_path(session, &path), 0);
    assert_null(path);
}

static void
what_was_typed_can_not_go_to_a_worker_and_what_is_imported_can(void **state)
{
    assert_int_equal(testing_cell("def typed(): pass"), 0);
    testing_check("'was typed at the prompt' in pickle_for_worker(p['typed'])");
    testing_check("pickle_for_worker(io.StringIO) is None");
}

static void
the_latest_script_is_what_a_worker_executes(void **state)
{
    testing_write("s.py", "def work(): pass\n");
    AUTO_DECREF PyObject *none = testing_magic("run", "s.py");
    assert_non_null(none);
    testing_check("sys.modules['__main__'].__file__.endswith('s.py')");
    testing_check("pickle_for_worker(p['work']) is None");
}

static int
watch(void)
{
    session->watches_pickler = false;
    return session_process_watch(session);
}

static void
survives_every_failed_allocation(void **state)
{
    TORTURE(find_path);
    TORTURE(watch);
    testing_execute("typed = types.FunctionType((lambda: 0).__code__, p, 'typed')\n"
                    "typed.__module__ = '__main__'; refuse = Pickler.reducer_override");
    TORTURE_TEXT("try: refuse(typed)\nexcept pickle.PicklingError: pass");
}

static void
leaks_no_reference_when_it_fails(void **state)
{
    NO_REFLEAK_TORTURED(find_path);
    NO_REFLEAK_TORTURED(watch);
    NO_REFLEAK_TORTURED_TEXT("try: refuse(typed)\nexcept pickle.PicklingError: pass");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        SESSION_TEST(without_a_run_there_is_no_path),
        SESSION_TEST(what_was_typed_can_not_go_to_a_worker_and_what_is_imported_can),
        SESSION_TEST(the_latest_script_is_what_a_worker_executes),
        SESSION_TEST(survives_every_failed_allocation),
        SESSION_TEST(leaks_no_reference_when_it_fails),
    };
    return cmocka_run_group_tests(tests, start, testing_session_stop);
}
