/* base/venv.h -- virtual environments, as PEP 405 lays them out.
 *
 * An environment is a folder with a pyvenv.cfg in it and its programs in bin/.
 *
 * World: plain.  Tests: tests/c/test_base_venv.c
 */
#pragma once

#include <limits.h>
#include <stddef.h>

#include "base/attr.h"

typedef struct Venv {
    int major;  // the version of the Python that it was made with
    int minor;
    char
        home[PATH_MAX];  // the folder of that Python's executable; "" where it does not say
} Venv;

/* Read `folder`/pyvenv.cfg.
 *
 * Returns 0, -ENODATA where the file names no version, or the negative errno of reading it:
 * -ENOENT where there is no such file.
 */
CHECKED int venv_read(const char *folder, Venv *ret_venv);

/* Find the folder of which `program` would be a program, were that folder an environment:
 * the one above the folder it lies in, symbolic links to the program itself not followed.
 *
 * `program` is argv[0]: a path, or a bare name that was looked up on PATH by whoever started
 * this process.  Returns 0, -ENAMETOOLONG, or the negative errno of resolving it.
 */
CHECKED int venv_folder_of(const char *program, char *ret_folder, size_t size);
