/* term/recall.h -- what was typed before, as the editor asks for it; and the least that can
 * answer: the cells of this session.
 *
 * Entries are numbered as their keeper likes; 0 is the place behind the newest.
 *
 * World: plain.  Tests: tests/c/test_term_recall.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/* Which one is looked for. */
typedef struct RecallQuery {
    long at;        // from this entry on ...
    int direction;  // ... to older ones (-1) or newer ones (1)
    const char *text;
    size_t length;
    bool anywhere;      // it has the text somewhere; else it begins with it
    const char *other;  // ... and is not this, which may be NULL
} RecallQuery;

/* Who keeps them.  Texts are handed out for free(). */
typedef struct RecallSource {
    void *context;
    /* Find the next entry that is asked for: 1, 0 when there is none, or a negative errno. */
    int (*find)(void *context, const RecallQuery *query, long *ret_at, char **ret_text);
    /* Keep a text: 0, or a negative errno. */
    int (*add)(void *context, const char *text, size_t length);
} RecallSource;

/* The cells of this session.  All zeros: none. */
typedef struct RecallList {
    char **texts;
    size_t count;
    size_t capacity;
} RecallList;

/* The source that the list is, valid as long as the list.  Never fails. */
RecallSource recall_list_source(RecallList *list);

/* Release the texts.  Never fails. */
void recall_list_done(RecallList *list);
