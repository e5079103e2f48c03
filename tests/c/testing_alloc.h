/* tests/c/testing_alloc.h -- plain C under a failing allocator.
 *
 * TORTURE_PLAIN(function) calls `function` with the n-th allocation failing, n = 0, 1, 2 ...
 * until none is hit, and demands -ENOMEM each time that one was, and success in the end.  Run
 * under the sanitizers it also finds what an error path forgets to release.
 */
#pragma once

#include <errno.h>

#include "base/alloc.h"
#include "testing.h"

#define TORTURE_PLAIN(function)                                                            \
    do {                                                                                   \
        int result_ = -ENOMEM;                                                             \
        for (long n_ = 0, hit_ = 1; hit_; n_++) {                                          \
            (void)alloc_fail_at(n_);                                                       \
            result_ = function();                                                          \
            hit_ = alloc_fail_at(-1);                                                      \
            assert_int_equal(result_, hit_ ? -ENOMEM : 0);                                 \
        }                                                                                  \
    } while (0)
