#include "hist/sqlite.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char LIBRARY[] = "libsqlite3.so.0";

static int
fail(HistError *error)
{
    const char *reason = dlerror();
    (void)snprintf(error->reason, sizeof error->reason, "SQLite can't be loaded: %s",
                   reason ? reason : LIBRARY);
    return -ENOSYS;
}

/* POSIX's way from dlsym() to a pointer to a function. */
static int
find(void *library, const char *name, void *slot)
{
    void *found = dlsym(library, name);
    memcpy(slot, &found, sizeof found);
    return found ? 0 : -1;
}

int
hist_sqlite_load(HistSqlite *ret_sqlite, bool apart, HistError *reterr_error)
{
    // Never unloaded: connections of Python's own module may be there.
    void *library = apart ? dlmopen(LM_ID_NEWLM, LIBRARY, RTLD_NOW)
                          : dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library)
        return fail(reterr_error);
    HistSqlite sqlite = { .copy = apart ? library : NULL };
#define FIND(name)                                                                         \
    if (find(library, "sqlite3_" #name, &sqlite.name) < 0) {                               \
        int r = fail(reterr_error);                                                        \
        hist_sqlite_unload(&sqlite);                                                       \
        return r;                                                                          \
    }
    HIST_SQLITE_FUNCTIONS(FIND)
#undef FIND
    *ret_sqlite = sqlite;
    return 0;
}

void
hist_sqlite_unload(HistSqlite *sqlite)
{
    if (sqlite->copy)
        (void)dlclose(sqlite->copy);  // a process has room for a dozen
    *sqlite = (HistSqlite){ 0 };
}
