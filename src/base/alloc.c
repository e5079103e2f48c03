#include "base/alloc.h"

#include <string.h>

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

char *
alloc_text(const char *bytes, size_t length)
{
    char *copy = alloc_resize(NULL, length + 1);
    if (!copy)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

int
alloc_fail_at(long n)
{
    int failed = fault.failed;
    fault.failed = 0;
    fault.left = n + 1;
    return failed;
}
