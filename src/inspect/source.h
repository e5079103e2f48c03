/* inspect/source.h -- where candidates come from: the steps of a completion, for
 * inspect/complete.c.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c
 */
#pragma once

#include "input/want.h"
#include "inspect/complete.h"

/* One step: 1 where it has more to do, 0 when it is done, -1 with an exception set. */
typedef int (*InspectStep)(InspectCompletion *c);

enum { INSPECT_STEPS = 8 };

/* The order of what is offered. */
enum {
    RANK_FIRST,    // parameters, keys
    RANK_NAMES,    // attributes, the prompt's names
    RANK_SHARED,   // builtins and keywords
    RANK_SPECIAL,  // magics where a name would do
};

struct InspectCompletion {
    InspectScope scope;
    PyObject *text;    // str
    const char *utf8;  // its bytes
    size_t length;
    size_t cursor;  // in bytes
    InputWant want;
    InspectCandidates found;
    PyObject *owner;   // the object whose attributes or keys are wanted, or NULL
    PyObject *before;  // tuple: the items of a key before the wanted one, or NULL
    PyObject *callable;
    PyObject *path;    // str: the dotted path of the module that is looked into
    PyObject *places;  // list: where modules are looked for
    InspectStep steps[INSPECT_STEPS];
    bool asks[INSPECT_STEPS];  // the step asks the user's code
    size_t step_count;
    size_t step;  // the one that is next
    long at;      // how far it is
};

/* Plan a step.  Never fails. */
void inspect_source_plan(InspectCompletion *c, InspectStep step, bool asks);

/* The text of a span. */
CHECKED PyObject *inspect_source_text(const InspectCompletion *c, InputSpan span);

/* The value of the expression in a span: 1, 0 where it is not known, -1 with an exception set. */
CHECKED int inspect_source_value(const InspectCompletion *c, InputSpan span,
                                 PyObject **ret_value);

/* Add the str among the items of a list.  Returns 0, or -1 with an exception set. */
CHECKED int inspect_source_add_list(InspectCompletion *c, PyObject *list, InspectKind kind,
                                    int rank);

/* Steps that several sources have: the attributes of the owner, without its code (source_names.c);
 * what its class's own `__dir__` says. */
CHECKED int inspect_source_attributes_step(InspectCompletion *c);
CHECKED int inspect_source_dir_step(InspectCompletion *c);

// The sources; each plans the steps for what is wanted: 0, or -1 with an exception set.
CHECKED int inspect_source_names(InspectCompletion *c);    // source_names.c
CHECKED int inspect_source_keys(InspectCompletion *c);     // source_keys.c
CHECKED int inspect_source_modules(InspectCompletion *c);  // source_modules.c
CHECKED int inspect_source_lines(InspectCompletion *c);    // source_lines.c
CHECKED int inspect_source_symbols(InspectCompletion *c);  // source_symbols.c
