#include "session/holders.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "heap/module.h"

/* Where two lead to an object in as many steps, the first one is named. */
static int
add_roots(void *context, HeapRoots *roots)
{
    const Session *s = context;
    const struct {
        PyObject *object;
        const char *where;
        const char *name;
    } held[] = {
        { s->outputs, "an output that is kept", "Out" },
        { s->last_error, "the last error; %tb --free lets go of it", "sys.last_value" },
        { s->namespace, "a name at the prompt", NULL },
        { s->events, "a callback", "get_ipython().events" },
        { s->registered, "a registered magic", "get_ipython().magics_manager.magics" },
        { s->handler, "a handler of exceptions", "get_ipython().set_custom_exc" },
        { s->formatter, "how values are displayed", "get_ipython().display_formatter" },
        { s->transformers[TRANSFORM_CLEANUP], "an input transformer",
          "get_ipython().input_transformers_cleanup" },
        { s->transformers[TRANSFORM_POST], "an input transformer",
          "get_ipython().input_transformers_post" },
        { s->transformers[TRANSFORM_TREE], "an input transformer",
          "get_ipython().ast_transformers" },
        { s->shell, "the shell object", "get_ipython()" },
        { s->loop, "the session's event loop", "asyncio.get_event_loop()" },
    };
    for (size_t i = 0; i < COUNT_OF(held); i++)
        if (heap_roots_add(roots, held[i].object, held[i].where, held[i].name) < 0)
            return -1;
    return 0;
}

// Seconds until work over the heap is told about, and then from line to line.
#define PATIENCE 1.0
#define PACE 0.1

/* Nothing of Python may be called here: borrowed references are about. */
static void
tell(void *context, size_t objects)
{
    Session *s = context;
    double now = clock_monotonic();
    if (objects == HEAP_WATCH_OVER) {
        if (s->progress_shown)
            (void)dprintf(STDERR_FILENO, "\r\033[K");  // a line less to see, no more
        s->progress_shown = false;
        s->progress_next = 0;
        return;
    }
    if (s->progress_next == 0)
        s->progress_next = now + PATIENCE;
    if (now < s->progress_next || !isatty(STDERR_FILENO))
        return;
    s->progress_next = now + PACE;
    s->progress_shown = true;
    (void)dprintf(STDERR_FILENO, "\r\033[K%.1f million objects", (double)objects / 1e6);
}

HeapWatch
session_holders_watch(Session *s)
{
    return (HeapWatch){ .tell = tell, .context = s };
}

int
session_holders_install(Session *s)
{
    const HeapAsker asker = { .add_roots = add_roots,
                              .context = s,
                              .watch = session_holders_watch(s) };
    s->heap = heap_module_new(&asker);
    return s->heap == NULL
               ? -1
               : PyDict_SetItemString(PyImport_GetModuleDict(), "mainspring", s->heap);
}

void
session_holders_detach(Session *s)
{
    if (s->heap != NULL)
        heap_module_detach(s->heap);
    Py_CLEAR(s->heap);
}

PyObject *
session_holders_why(Session *s, PyObject *targets, uint32_t own)
{
    return heap_module_why(s->heap, targets, own);
}
