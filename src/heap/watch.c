#include "heap/watch.h"

bool
heap_watch_interrupted(const HeapWatch *watch, size_t objects)
{
    if (watch != NULL && watch->tell != NULL)
        watch->tell(watch->context, objects);
    return PyOS_InterruptOccurred() != 0;
}

int
heap_watch_raise(void)
{
    PyErr_SetInterrupt();
    if (PyErr_CheckSignals() == 0)
        PyErr_SetNone(
            PyExc_KeyboardInterrupt);  // the handler let it pass, the work is undone
    return -1;
}

void
heap_watch_over(const HeapWatch *watch)
{
    if (watch != NULL && watch->tell != NULL)
        watch->tell(watch->context, HEAP_WATCH_OVER);
}
