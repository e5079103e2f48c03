/* hist/rows.h -- inputs that were read from a history, as plain memory.
 *
 * Rows that are all zeros are none.  As with a Buf, adding never reports a failure: rows that ran
 * out of memory stay as they are, and `failed` says so.
 *
 * World: plain.  Tests: tests/c/test_hist_store.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef struct HistRow {
    int64_t id;       // grows with time; 0: not saved yet
    int64_t session;  // 0: not saved yet
    int line;
    size_t text;  // offset in `texts`
    size_t length;
    size_t output;  // the same for the output, if it was stored
    size_t output_length;
    bool has_output;
} HistRow;

typedef struct HistRows {
    HistRow *items;
    size_t count;
    size_t room;
    Buf texts;
    bool failed;
} HistRows;

/* Append a row with its text; it has no output yet.  Never fails. */
void hist_rows_add(HistRows *rows, HistRow row, const char *text, size_t length);

/* Give the last row an output.  Never fails. */
void hist_rows_set_output(HistRows *rows, const char *text, size_t length);

/* Turn the order round.  Never fails. */
void hist_rows_reverse(HistRows *rows);

/* The text of a row, not NUL-terminated, valid until one is added.  Never fails. */
const char *hist_rows_text(const HistRows *rows, size_t i);
const char *hist_rows_output(const HistRows *rows, size_t i);

/* Release the memory; there are no rows afterwards.  Never fails. */
void hist_rows_done(HistRows *rows);

static inline void
hist_rows_done_slot(HistRows *rows)
{
    hist_rows_done(rows);
}
