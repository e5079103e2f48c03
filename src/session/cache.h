/* session/cache.h -- the outputs that are kept: Out, _N, and _, __, ___.
 *
 * Out is their one owner: what leaves it, by `del Out[3]` or because there are too many or too
 * large ones, leaves `_3` and `_` as well, at the end of that cell.  The oldest go first and the
 * last one stays.  A value's size is what its own type says of it, where that type is built in,
 * and the length of its buffer; what it refers to does not count.
 *
 * World: Python, GIL held.  Tests: tests/py/test_output_cache.py,
 * tests/c/test_session_cache.c
 */
#pragma once

#include "session/session.h"

enum { SESSION_CACHE_COUNT = 1000 };
#define SESSION_CACHE_BYTES ((size_t)256 << 20)

/* Keep `value` as the output of the present cell.  Returns 0, or -1 with an exception set. */
CHECKED int session_cache_keep(Session *s, PyObject *value);

/* After a cell: forget what was deleted from Out, and give up `_` if the user bound it himself.
 *
 * Returns 0, or -1 with an exception set.  Runs user code (values may go).
 */
CHECKED int session_cache_settle(Session *s);

/* Forget each output that is this very object, in `_` and its kin as well.
 *
 * Returns 0, or -1 with an exception set.  Runs user code.
 */
CHECKED int session_cache_forget(Session *s, PyObject *value);

/* Forget all outputs.  Returns 0, or -1 with an exception set.  Runs user code. */
CHECKED int session_cache_clear(Session *s);

/* Forget the oldest outputs beyond the limits `s->cache_count` and `s->cache_bytes`. */
CHECKED int session_cache_trim(Session *s);
