/* tests/c/testing_run.h -- a prompt and its ledger for tests of runs.
 *
 * The namespace of the tests has `p`, the prompt's dict, and `main`, its module, which is
 * sys.modules['__main__'].  Both are new for each test, as the ledger is:
 *     cmocka_unit_test_setup_teardown(test, testing_run_begin, testing_run_end)
 */
#pragma once

#include "run/exec.h"
#include "testing_python.h"

extern RunLedger *ledger;

int testing_run_start(void **state);
int testing_run_begin(void **state);
int testing_run_end(void **state);

#define RUN_TEST(test)                                                                     \
    cmocka_unit_test_setup_teardown(test, testing_run_begin, testing_run_end)

/* Make the script `name` with this text and run it.  What it raised is `error` in the tests'
 * namespace, or None.  Returns the run's number.
 */
int testing_run(const char *name, const char *text);

/* The same with options; `text` may be NULL: as it is.  -1 with an exception where run_exec()
 * fails.
 */
int testing_run_with(const char *name, const char *text, RunRequest options);

/* A statement of the prompt, and what run_link_sync() returns after it. */
int testing_prompt(const char *statement);

/* The module of the run, bound to `name` in the tests' namespace; or None. */
void testing_bind_module(const char *name, int number);
