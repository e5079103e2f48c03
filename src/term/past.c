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
past_done(Past *p)
{
    hist_tail_free(p->tail);
    *p = (Past){ 0 };
}

/* What is looked for. */
typedef struct Wanted {
    HistTailMatch match;
    const char *text;
    size_t length;
    const char *other;  // ... and is not this; may be NULL
} Wanted;

/* The entry without the ends of lines behind it, for free(); NULL where memory ran out. */
static char *
copy_of(HistTailEntry entry)
{
    size_t length = entry.length;
    while (length > 0 && (entry.text[length - 1] == '\n' || entry.text[length - 1] == ' '))
        length--;
    char *copy = alloc_resize(NULL, length + 1);
    if (copy) {
        memcpy(copy, entry.text, length);
        copy[length] = '\0';
    }
    return copy;
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

/* The number of the next entry from `at` on that is wanted, or -1. */
static ptrdiff_t
next(Past *p, ptrdiff_t at, int direction, const Wanted *w)
{
    if (direction > 0)
        return at < 0 ? -1
                      : hist_tail_find_newer(p->tail, w->match, w->text, w->length, at);
    for (;;) {
        ptrdiff_t found = hist_tail_find(p->tail, w->match, w->text, w->length, at);
        if (found >= 0)
            return found;
        at = (ptrdiff_t)hist_tail_count(p->tail);
        if (!read_more(p))
            return -1;
    }
}

/* The editor's numbers: -1 is the newest entry, 0 the place behind it. */
static int
look(Past *p, long at, int direction, const Wanted *w, long *ret_at, char **ret_text)
{
    ptrdiff_t from = -at - 1;
    if (!p->tail)
        return 0;
    while ((from = next(p, from - direction, direction, w)) >= 0) {
        AUTO_FREE char *text = copy_of(hist_tail_entry(p->tail, (size_t)from));
        if (!text)
            return -ENOMEM;
        if (*text == '\0' || (w->other && strcmp(text, w->other) == 0))
            continue;
        *ret_at = -from - 1;
        *ret_text = TAKE(text);
        return 1;
    }
    return 0;
}

static int
step(void *context, long at, int direction, const char *prefix, size_t length,
     const char *other, long *ret_at, char **ret_text)
{
    HistTailMatch match = length > 0 ? HIST_TAIL_PREFIX : HIST_TAIL_ANY;
    const Wanted wanted = { match, prefix, length, other };
    return look(context, at, direction, &wanted, ret_at, ret_text);
}

static int
find(void *context, long at, int direction, const char *part, const char *other,
     long *ret_at, char **ret_text)
{
    const Wanted wanted = { HIST_TAIL_SUBSTRING, part, strlen(part), other };
    return look(context, at, direction, &wanted, ret_at, ret_text);
}

static int
add(void *context, const char *text, size_t length)
{
    return 0;
}

RecallSource
past_source(Past *p)
{
    return (RecallSource){ .context = p, .step = step, .find = find, .add = add };
}
