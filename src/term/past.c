#include "term/past.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

enum { SLICE = 2000 };  // entries that are read at once: a millisecond or two

int
past_init(Past *p, HistJournal *journal)
{
    *p = (Past){ .tail = hist_tail_new(journal) };
    return p->tail ? 0 : -ENOMEM;
}

void
past_begin(Past *p)
{
    p->fresh = false;
}

void
past_done(Past *p)
{
    hist_tail_free(p->tail);
    *p = (Past){ 0 };
}

/* The entry without the ends of lines behind it, for free(); NULL where memory ran out. */
static char *
copy_of(HistTailEntry entry)
{
    size_t length = entry.length;
    while (length > 0 && (entry.text[length - 1] == '\n' || entry.text[length - 1] == ' '))
        length--;
    return alloc_text(entry.text, length);
}

/* Read what others have entered meanwhile, once for each prompt. */
static void
refresh(Past *p)
{
    HistError error;
    if (!p->fresh && !p->broken)
        p->broken = hist_tail_refresh(p->tail, &error) < 0;
    p->fresh = true;
}

/* Read older entries: whether there are any more to look at. */
static bool
read_more(Past *p)
{
    if (p->broken || hist_tail_is_whole(p->tail))
        return false;
    size_t before = hist_tail_count(p->tail);
    HistError error;
    p->broken = hist_tail_load(p->tail, SLICE, &error) < 0;  // the session says why, once
    return hist_tail_count(p->tail) > before || !(p->broken || hist_tail_is_whole(p->tail));
}

static HistTailMatch
match_of(const RecallQuery *q)
{
    if (q->length == 0)
        return HIST_TAIL_ANY;
    return q->anywhere ? HIST_TAIL_SUBSTRING : HIST_TAIL_PREFIX;
}

/* The number of the next entry from `at` on that matches, or -1. */
static ptrdiff_t
next(Past *p, ptrdiff_t at, const RecallQuery *q)
{
    HistTailMatch match = match_of(q);
    if (q->direction > 0)
        return at < 0 ? -1 : hist_tail_find_newer(p->tail, match, q->part, q->length, at);
    for (;;) {
        ptrdiff_t found = hist_tail_find(p->tail, match, q->part, q->length, at);
        if (found >= 0)
            return found;
        at = (ptrdiff_t)hist_tail_count(p->tail);
        if (!read_more(p))
            return -1;
    }
}

/* The editor's numbers: -1 is the newest entry, 0 the place behind it. */
static int
look(void *context, const RecallQuery *q, long *ret_at, char **ret_text)
{
    Past *p = context;
    ptrdiff_t from = -q->at - 1;
    if (!p->tail)
        return 0;
    refresh(p);
    while ((from = next(p, from - q->direction, q)) >= 0) {
        AUTO_FREE char *text = copy_of(hist_tail_entry(p->tail, (size_t)from));
        if (!text)
            return -ENOMEM;
        if (*text == '\0' || (q->other && strcmp(text, q->other) == 0))
            continue;
        *ret_at = -from - 1;
        *ret_text = TAKE(text);
        return 1;
    }
    return 0;
}

RecallSource
past_source(Past *p)
{
    return (RecallSource){ .context = p, .look = look };
}
