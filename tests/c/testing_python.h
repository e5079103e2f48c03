/* tests/c/testing_python.h -- the interpreter under a C test, and its torture.
 *
 * TORTURE(function) calls `function` with the n-th allocation failing, n = 0, 1, 2 ... until
 * none is hit, and demands -1 and an exception each time that it fails.
 * NO_REFLEAK(function) calls it with a warm-up and demands that the objects alive do not grow;
 * on a debug interpreter that the total reference count does not either.
 */
#pragma once

#include "py/ref.h"
#include "testing.h"

/* Group set-up and tear-down: an isolated interpreter without site. */
int testing_start(void **state);
int testing_stop(void **state);

typedef int (*TestingFunction)(void);

void testing_torture(const char *name, TestingFunction function);
void testing_no_refleak(const char *name, TestingFunction function);

#define TORTURE(function) testing_torture(#function, function)
#define NO_REFLEAK(function) testing_no_refleak(#function, function)
