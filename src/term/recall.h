/* term/recall.h -- what was typed before, as the editor asks for it; and the least that can
 * answer: the cells of this session.
 *
 * Entries are numbered as their keeper likes; 0 is the place behind the newest.
 *
 * World: plain.  Tests: tests/c/test_term_recall.c
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

/* Who keeps them.  Texts are handed out for free(). */
typedef struct RecallSource {
    void *context;
    /* Find the next entry from `at` on, older (-1) or newer (1), that begins with the prefix and
     * is not `other` (which may be NULL): 1, 0 when there is none, or a negative errno. */
    int (*step)(void *context, long at, int direction, const char *prefix, size_t length,
                const char *other, long *ret_at, char **ret_text);
    /* The same for one that holds `part`, in all that is kept. */
    int (*find)(void *context, long at, int direction, const char *part, const char *other,
                long *ret_at, char **ret_text);
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
