/* tests/c/testing.h -- what every C test needs; cmocka's headers in the order that it wants.
 *
 * A test of Python code starts the interpreter in its group set-up:
 *     return cmocka_run_group_tests(tests, testing_start, testing_stop);
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
