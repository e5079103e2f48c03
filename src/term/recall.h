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

/* Which entry is wanted: the next from `at` on, older (-1) or newer (1). */
typedef struct RecallQuery {
    long at;
    int direction;
    const char *part;  // what it holds, `length` bytes
    size_t length;
    bool anywhere;      // in any place, and in all that is kept; else at its beginning
    const char *other;  // what it must not be, or NULL
} RecallQuery;

/* Who keeps them. */
typedef struct RecallSource {
    void *context;
    /* Find an entry: 1 with its number and its text, for free(), 0 when there is none, or a
     * negative errno.  NULL: there is no history. */
    int (*look)(void *context, const RecallQuery *query, long *ret_at, char **ret_text);
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
