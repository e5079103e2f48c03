/* inspect/folder.h -- the files that a path could go on with.
 *
 * World: Python, GIL held.  Tests: tests/c/test_inspect_complete.c
 */
#pragma once

#include <stdbool.h>

#include "py/ref.h"

typedef struct InspectFile {
    PyObject *text;  // str: the path so far, with this name for its last part
    bool folder;     // its text ends with a slash
} InspectFile;

/* Told of a file: 0 to go on, or -1 with an exception set. */
typedef int (*InspectFileVisit)(const InspectFile *file, void *context);

/* Visit the files that are where the path `typed` leads to, up to its last slash; those whose name
 * begins with a dot only where its last part does.  `~` and `~user` are looked through.  With
 * `shell` backslashes and quotes are read as a shell does, and what such a word can't have comes
 * with backslashes.
 *
 * Returns 0, also where there is no such folder, or -1 with an exception set.  Interruptible.
 */
CHECKED int inspect_folder_each(PyObject *typed, bool shell, InspectFileVisit visit,
                                void *context);
