/* tests/c/testing_python.h -- the interpreter under a C test, and its torture.
 *
 * TORTURE(function) calls `function` with the n-th allocation failing, n = 0, 1, 2 ... until
 * none is hit, and demands -1 and an exception each time that it fails, and no exception when
 * it does not.  What must be as it was after a failure is `function`'s own to assert: only one
 * allocation fails, those after it are served.
 *
 * NO_REFLEAK(function) calls it eight times, collecting in between, and fails when the objects
 * alive grew in each of the last five; on a debug interpreter the total reference count too.
 * NO_REFLEAK_TORTURED(function) does that with all of TORTURE as the call, and then names the
 * allocation whose failure leaks.
 *
 * A Python text is executed by testing_execute(), and read by testing_check(), which demands
 * that an expression is true.  TORTURE_TEXT(statements) and its kin do the same with a text,
 * which is compiled before: CPython's parser may fail without an exception.
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"
#include "testing.h"

/* Group set-up and tear-down: an isolated interpreter without site, and a folder of its own
 * that is the current one.
 */
int testing_start(void **state);
int testing_stop(void **state);

typedef int (*TestingFunction)(void);

void testing_torture(const char *name, TestingFunction function);
void testing_no_refleak(const char *name, TestingFunction function);
void testing_no_refleak_tortured(const char *name, TestingFunction function);

#define TORTURE(function) testing_torture(#function, function)
#define NO_REFLEAK(function) testing_no_refleak(#function, function)
#define NO_REFLEAK_TORTURED(function) testing_no_refleak_tortured(#function, function)

void testing_torture_text(const char *statements);
void testing_no_refleak_tortured_text(const char *statements);

#define TORTURE_TEXT(statements) testing_torture_text(statements)
#define NO_REFLEAK_TORTURED_TEXT(statements) testing_no_refleak_tortured_text(statements)

/* The same with each text of an array. */
#define TORTURE_TEXTS(texts) TESTING_EACH(testing_torture_text, texts)
#define NO_REFLEAK_TORTURED_TEXTS(texts)                                                   \
    TESTING_EACH(testing_no_refleak_tortured_text, texts)
/* Define the two tests of a file that do nothing else. */
#define TORTURED_TEXTS_TESTS(texts)                                                        \
    static void survives_every_failed_allocation(void **state)                             \
    {                                                                                      \
        TORTURE_TEXTS(texts);                                                              \
    }                                                                                      \
    static void leaks_no_reference_when_it_fails(void **state)                             \
    {                                                                                      \
        NO_REFLEAK_TORTURED_TEXTS(texts);                                                  \
    }
#define TESTING_EACH(test, texts)                                                          \
    do {                                                                                   \
        for (size_t i_ = 0; i_ < COUNT_OF(texts); i_++)                                    \
            test((texts)[i_]);                                                             \
    } while (0)

/* Allocations fail no more until the next one is asked to; for a part of a tortured function
 * that is not under test.  Returns what testing_resume() takes.
 */
long testing_pause(void);
void testing_resume(long paused);

/* From here on no allocation fails within `module`.`name`, a callable of CPython's that does not
 * survive that.
 */
void testing_spare(const char *module, const char *name);

/* From here on no allocation fails within Python code of the library's: what becomes of that is
 * CPython's to test, whose parts leak there, and worse from 3.12 on.
 */
void testing_spare_library(void);

/* The namespace of all test code: a dict, valid until the interpreter ends. */
BORROWED PyObject *testing_namespace(void);

/* Execute statements there; what they raise fails the test. */
void testing_execute(const char *statements);

/* The value of an expression there; NULL, with the exception, where it raises. */
PyObject *testing_evaluate(const char *expression);

/* Fail the test unless the expression is true there. */
void testing_check_at(const char *expression, const char *file, int line);
#define testing_check(expression) testing_check_at(expression, __FILE__, __LINE__)

/* A new str. */
PyObject *testing_text(const char *text);

/* The pending exception is of `type`; it is cleared. */
void testing_raised(PyObject *type);

/* Write a file into the folder of the tests. */
void testing_write(const char *name, const char *content);

/* The absolute path of `name` there: a new str. */
PyObject *testing_path(const char *name);
