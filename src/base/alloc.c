#include "base/alloc.h"

// The one mutable global of plain C: a test's thread sets it, and nothing else does.
static _Thread_local struct {
    long left;  // allocations until one fails, plus one; 0: never
    int failed;
} fault;

void *
alloc_resize(void *old, size_t size)
{
    if (fault.left > 0 && --fault.left == 0) {
        fault.failed = 1;
        return NULL;
    }
    return realloc(old, size);
}

int
alloc_fail_at(long n)
{
    int failed = fault.failed;
    fault.failed = 0;
    fault.left = n + 1;
    return failed;
}
