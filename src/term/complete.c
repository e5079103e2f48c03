#include "term/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "py/exc.h"
#include "session/complete.h"

#define STEP 0.05   // seconds until the first of them are there
#define MOMENT 0.3  // ... and until no more are waited for

enum { SIGNATURES = 20 };  // shown for no more candidates than that

/* Code points before the byte `offset`, and the byte that so many end at. */
static Py_ssize_t
points_before(const char *text, size_t offset)
{
    Py_ssize_t points = 0;
    for (size_t i = 0; i < offset; i++)
        points += ((unsigned char)text[i] & 0xC0) != 0x80;
    return points;
}

static size_t
bytes_before(const char *text, size_t length, Py_ssize_t points)
{
    size_t i = 0;
    while (i < length && (points > 0 || ((unsigned char)text[i] & 0xC0) == 0x80))
        points -= ((unsigned char)text[i++] & 0xC0) != 0x80;
    return i;
}

/* Look as long as somebody who pressed Tab waits gladly. */
static int
look(InspectCompletion *c)
{
    double start = clock_monotonic();
    int more = 1;
    while (more == 1 && clock_monotonic() - start < MOMENT)
        more = inspect_complete_next(c, STEP);
    if (more < 0 && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)) {
        PyErr_Clear();  // what was found until then is shown
        more = 0;
    }
    return more < 0 ? -1 : 0;
}

/* The word for the menu: a function's parameters, or the kind. */
static char *
word_for(const InspectCompletion *c, size_t i, bool signatures)
{
    const InspectCandidate *candidate = &inspect_complete_found(c)->items[i];
    AUTO_DECREF PyObject *signature =
        signatures ? inspect_complete_signature(c, i) : Py_NewRef(Py_None);
    const char *text = signature != NULL && PyUnicode_Check(signature)
                           ? PyUnicode_AsUTF8(signature)
                           : inspect_candidates_kind_name(candidate->kind);
    PyErr_Clear();  // without a word, then
    return text == NULL ? NULL : strdup(text);
}

/* Add the candidates to the list, as far as they are texts. */
static int
take_over(const InspectCompletion *c, LineCandidates *list)
{
    const InspectCandidates *found = inspect_complete_found(c);
    if (found->count == 0)
        return 0;
    list->items = calloc(found->count, sizeof *list->items);
    if (list->items == NULL)
        return PyErr_NoMemory(), -1;
    for (size_t i = 0; i < found->count; i++) {
        const char *text = PyUnicode_AsUTF8(found->items[i].text);
        if (text == NULL) {
            PyErr_Clear();  // half a surrogate pair: nobody can type it
            continue;
        }
        LineCandidate *item = &list->items[list->count];
        item->text = strdup(text);
        if (item->text == NULL)
            return PyErr_NoMemory(), -1;
        item->kind = word_for(c, i, found->count <= SIGNATURES);
        list->count++;
    }
    return 0;
}

int
term_complete(Session *s, const char *text, size_t length, size_t cursor,
              LineCandidates *ret_candidates)
{
    AUTO_DECREF PyObject *line =
        PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "surrogateescape");
    AUTO(inspect_complete_free)
    InspectCompletion *c =
        line == NULL ? NULL : session_complete_start(s, line, points_before(text, cursor));
    if (c == NULL || look(c) < 0)
        return -1;
    Py_ssize_t start = 0;
    Py_ssize_t end = 0;
    inspect_complete_range(c, &start, &end);
    LineCandidates list = { .start = bytes_before(text, length, start) };
    int r = take_over(c, &list);
    if (r < 0)
        line_candidates_done(&list);
    else
        *ret_candidates = list;
    return r;
}
