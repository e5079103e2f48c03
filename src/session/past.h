/* session/past.h -- inputs of this session and of earlier ones.
 *
 * Each function returns a list of (session, line, text), this session being 0 where it was asked
 * for by that; with HIST_OUTPUTS (session, line, (text, output)), the output being None where none
 * was stored.  Inputs that are not saved yet are there too.  A file that can't be read is an
 * OSError, whose text is one line.
 *
 * World: Python, GIL held.  Tests: tests/py/test_history.py
 */
#pragma once

#include "hist/query.h"
#include "hist/range.h"
#include "session/session.h"

/* The inputs of a range.  Where the session isn't there: an empty list. */
CHECKED PyObject *session_past_range(Session *s, const HistRange *range, unsigned flags);

/* The inputs of the words in `ranges`; of this whole session where there are none.  A word that is
 * no range is a ValueError.
 */
CHECKED PyObject *session_past_ranges(Session *s, const char *ranges, unsigned flags);

/* The latest inputs that match the pattern (NULL: all), the oldest of them first; `limit` < 0:
 * all. */
CHECKED PyObject *session_past_search(Session *s, const char *pattern, int64_t limit,
                                      unsigned flags);

/* The pattern that finds the words anywhere; `*` and `?` in them stand for others. */
CHECKED PyObject *session_past_pattern(PyObject *words);

/* The latest `count` inputs, less the cell that is being executed. */
CHECKED PyObject *session_past_tail(Session *s, int64_t count, unsigned flags);

/* Whether an entry of such a list is the cell that is being executed. */
bool session_past_is_present(const Session *s, PyObject *entry);

/* The texts of such a list, a newline between. */
CHECKED PyObject *session_past_join(PyObject *entries);
