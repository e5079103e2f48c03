/* tests/c/testing_session.h -- a session for tests of its parts: one for each program.
 *
 *     return cmocka_run_group_tests(tests, testing_session_start, testing_session_stop);
 *
 * The namespace of the tests has `p`, the prompt's dict, `ip`, the shell object, and `shown` and
 * `said`, which sys.stdout and sys.stderr are: both are empty at the beginning of each
 * SESSION_TEST, at whose end nothing is left of what registers itself with the session.
 */
#pragma once

#include "session/session.h"
#include "testing_python.h"

extern Session *session;

int testing_session_start(void **state);
int testing_session_stop(void **state);
int testing_session_begin(void **state);
int testing_session_end(void **state);

#define SESSION_TEST(test)                                                                 \
    cmocka_unit_test_setup_teardown(test, testing_session_begin, testing_session_end)

/* Execute a cell as if typed, without a number of its own.  Returns what session_cell_run()
 * does.
 */
int testing_cell(const char *text);

/* Call a magic: what it returns, or NULL with an exception set.  The texts are made before
 * allocations fail.
 */
PyObject *testing_magic(const char *name, const char *line);
