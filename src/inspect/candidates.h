/* inspect/candidates.h -- what a completion has found so far, each text once and in order.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "py/ref.h"

typedef enum InspectKind {
    INSPECT_NAME,  // a value of no special kind
    INSPECT_FUNCTION,
    INSPECT_CLASS,
    INSPECT_MODULE,
    INSPECT_PROPERTY,  // what only code could tell
    INSPECT_PARAMETER,
    INSPECT_KEYWORD,
    INSPECT_KEY,
    INSPECT_FILE,
    INSPECT_FOLDER,
    INSPECT_MAGIC,
    INSPECT_OPTION,
    INSPECT_SYMBOL,
} InspectKind;

typedef struct InspectCandidate {
    PyObject *text;  // an exact str: what takes the place of the text before the cursor
    InspectKind kind;
    int rank;       // the lowest first
    size_t spread;  // how far apart the letters are that match
} InspectCandidate;

typedef struct InspectCandidates {
    InspectCandidate *items;
    size_t count;
    size_t capacity;
    PyObject *typed;  // str: what they begin with, or what they have the letters of
    PyObject *seen;   // set of their texts
    bool fuzzy;
    bool hides;  // names that begin with `_` wait until that is typed
} InspectCandidates;

/* Begin with none.  All zeros is a state that _done() accepts.  Returns 0, or -1 with an exception
 * set. */
CHECKED int inspect_candidates_init(InspectCandidates *c, PyObject *typed, bool fuzzy);

/* Add a text, a str, where it matches and is new.  Returns 0, or -1 with an exception set. */
CHECKED int inspect_candidates_add(InspectCandidates *c, PyObject *text, InspectKind kind,
                                   int rank);

/* The same for a text that need not match. */
CHECKED int inspect_candidates_put(InspectCandidates *c, PyObject *text, InspectKind kind,
                                   int rank);

/* Put them in order: by rank, how well they match, and name.  Never fails. */
void inspect_candidates_sort(InspectCandidates *c);

/* Forget all.  Never fails. */
void inspect_candidates_done(InspectCandidates *c);

/* What is a value's kind, as it lies in a dict.  Never fails. */
InspectKind inspect_candidates_kind(PyObject *raw);

/* The kind's name, for people and machines.  Never fails. */
const char *inspect_candidates_kind_name(InspectKind kind);
