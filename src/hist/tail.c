#include "hist/tail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "hist/query.h"

struct HistTail {
    HistJournal *journal;
    HistRows others;  // newest first
    HistRows newer;   // saved after these: oldest first
    int64_t ids[2];   // what is loaded has ids from the second to the first
    bool begun;
    bool whole;
};

HistTail *
hist_tail_new(HistJournal *journal)
{
    HistTail *t = alloc_resize(NULL, sizeof *t);
    if (t)
        *t = (HistTail){ .journal = journal, .ids = { 0, INT64_MAX }, .whole = !journal };
    return t;
}

void
hist_tail_free(HistTail *t)
{
    if (!t)
        return;
    hist_rows_done(&t->others);
    hist_rows_done(&t->newer);
    free(t);
}

/* Take the rows over, less those that repeat their neighbour; `*id` is that of the last one. */
static void
take_over(HistRows *to, const HistRows *rows, int64_t *id)
{
    for (size_t i = 0; i < rows->count && !to->failed; i++) {
        const char *text = hist_rows_text(rows, i);
        size_t length = rows->items[i].length;
        size_t last = to->count - 1;
        bool repeats = to->count && to->items[last].length == length
                       && memcmp(hist_rows_text(to, last), text, length) == 0;
        if (!repeats)
            hist_rows_add(to, rows->items[i], text, length);
        if (!to->failed)
            *id = rows->items[i].id;
    }
}

static int
fail_for_memory(HistError *error)
{
    (void)snprintf(error->reason, sizeof error->reason,
                   "the history needs more memory than there is");
    return -ENOMEM;
}

/* Read what other sessions have saved between two ids: 0 or a negative errno. */
static int
read_between(const HistTail *t, const int64_t ids[2], int64_t limit, HistRows *rows,
             HistError *reterr_error)
{
    int r = 0;
    HistStore *store = hist_journal_store(t->journal, &r, reterr_error);
    if (!store)
        return r == -ENOENT ? 0 : r;  // nobody has saved anything yet
    r = hist_query_between(store, ids, hist_journal_session(t->journal), limit, rows,
                           reterr_error);
    return r == -ENOMEM ? fail_for_memory(reterr_error) : r;
}

int
hist_tail_load(HistTail *t, size_t limit, HistError *reterr_error)
{
    if (t->whole)
        return 0;
    AUTO(hist_rows_done) HistRows rows = { 0 };
    const int64_t ids[] = { 0, t->ids[1] };
    int r = read_between(t, ids, (int64_t)limit, &rows, reterr_error);
    if (r < 0)
        return r;
    if (!t->begun && rows.count > 0)
        t->ids[0] = rows.items[0].id;
    t->begun = true;
    bool room = !t->others.failed;
    take_over(&t->others, &rows, &t->ids[1]);
    if (!room || t->others.failed) {
        t->whole = true;  // what is there will have to do
        return fail_for_memory(reterr_error);
    }
    t->whole = rows.count < limit;
    return !t->whole;
}

int
hist_tail_refresh(HistTail *t, HistError *reterr_error)
{
    if (!t->begun)
        return 0;
    AUTO(hist_rows_done) HistRows rows = { 0 };
    const int64_t ids[] = { t->ids[0], INT64_MAX };
    int r = read_between(t, ids, -1, &rows, reterr_error);
    if (r < 0)
        return r;
    hist_rows_reverse(&rows);
    take_over(&t->newer, &rows, &t->ids[0]);
    return t->newer.failed ? fail_for_memory(reterr_error) : 0;
}

bool
hist_tail_is_whole(const HistTail *t)
{
    return t->whole;
}

static size_t
own_count(const HistTail *t)
{
    return t->journal ? hist_journal_count(t->journal) : 0;
}

size_t
hist_tail_count(const HistTail *t)
{
    return own_count(t) + t->newer.count + t->others.count;
}

HistTailEntry
hist_tail_entry(const HistTail *t, size_t at)
{
    size_t own = own_count(t);
    if (at < own) {
        const HistInput *input = &hist_journal_inputs(t->journal)[own - 1 - at];
        return (HistTailEntry){ input->typed, input->typed_length };
    }
    at -= own;
    const HistRows *rows = at < t->newer.count ? &t->newer : &t->others;
    at = rows == &t->newer ? rows->count - 1 - at : at - t->newer.count;
    return (HistTailEntry){ hist_rows_text(rows, at), rows->items[at].length };
}

static bool
matches(HistTailEntry entry, HistTailMatch match, const char *text, size_t length)
{
    switch (match) {
    case HIST_TAIL_PREFIX:
        return entry.length > length && memcmp(entry.text, text, length) == 0;
    case HIST_TAIL_SUBSTRING:
        return memmem(entry.text, entry.length, text, length) != NULL;
    default:
        return true;
    }
}

static ptrdiff_t
find(const HistTail *t, HistTailMatch match, HistTailEntry wanted, ptrdiff_t at, int step)
{
    ptrdiff_t count = (ptrdiff_t)hist_tail_count(t);
    for (ptrdiff_t i = at; i >= 0 && i < count; i += step)
        if (matches(hist_tail_entry(t, (size_t)i), match, wanted.text, wanted.length))
            return i;
    return -1;
}

ptrdiff_t
hist_tail_find(const HistTail *t, HistTailMatch match, const char *text, size_t length,
               ptrdiff_t at)
{
    return find(t, match, (HistTailEntry){ text, length }, at, 1);
}

ptrdiff_t
hist_tail_find_newer(const HistTail *t, HistTailMatch match, const char *text,
                     size_t length, ptrdiff_t at)
{
    return find(t, match, (HistTailEntry){ text, length }, at, -1);
}
