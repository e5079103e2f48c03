/* tests/c/testing_hist.h -- a folder of its own for each test of a history.
 *
 * testing_hist_path is the history's file there; it isn't made yet.
 */
#pragma once

#include "hist/store.h"
#include "testing.h"

extern char testing_hist_path[];

int testing_hist_begin(void **state);
int testing_hist_end(void **state);

#define HIST_TEST(test)                                                                    \
    cmocka_unit_test_setup_teardown(test, testing_hist_begin, testing_hist_end)

/* The history, opened; the test fails where it can't be. */
HistStore *testing_hist_open(void);

/* Write a text to the file `name` in the folder. */
void testing_hist_write(const char *name, const char *bytes, size_t length);

/* Execute SQL in the file `name` of the folder, as another program would. */
void testing_hist_execute(const char *name, const char *sql);

/* The one number that a query answers with there. */
long testing_hist_number(const char *name, const char *sql);

/* The path of the file `name` in the folder; valid until the next call. */
const char *testing_hist_file(const char *name);
