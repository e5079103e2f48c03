#include "term/recall.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool
is_wanted(const char *text, const RecallQuery *query)
{
    if (query->other && strcmp(text, query->other) == 0)
        return false;
    return query->anywhere ? memmem(text, strlen(text), query->part, query->length) != NULL
                           : strncmp(text, query->part, query->length) == 0;
}

/* Entries are numbered from the newest, -1, to the oldest. */
static int
look(void *context, const RecallQuery *query, long *ret_at, char **ret_text)
{
    const RecallList *list = context;
    long at = query->at + query->direction;
    for (; at < 0 && -at <= (long)list->count; at += query->direction) {
        const char *text = list->texts[list->count - (size_t)-at];
        if (!is_wanted(text, query))
            continue;
        *ret_text = alloc_text(text, strlen(text));
        *ret_at = at;
        return *ret_text ? 1 : -ENOMEM;
    }
    return 0;
}

static int
add(void *context, const char *text, size_t length)
{
    RecallList *list = context;
    if (list->count > 0 && strlen(list->texts[list->count - 1]) == length
        && memcmp(list->texts[list->count - 1], text, length) == 0)
        return 0;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 64;
        char **texts = alloc_resize(list->texts, capacity * sizeof *texts);
        if (!texts)
            return -ENOMEM;
        list->texts = texts;
        list->capacity = capacity;
    }
    char *copy = alloc_text(text, length);
    if (!copy)
        return -ENOMEM;
    list->texts[list->count++] = copy;
    return 0;
}

RecallSource
recall_list_source(RecallList *list)
{
    return (RecallSource){ .context = list, .look = look, .add = add };
}

void
recall_list_done(RecallList *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->texts[i]);
    free(list->texts);
    *list = (RecallList){ 0 };
}
