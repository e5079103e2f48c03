/* plain/file.h -- a program that runs and ends: FILE, -c, -m, standard input.
 *
 * The interpreter itself runs it, so that output, argv, exit status, sys.path, `__spec__`,
 * directories, zip files and signals are python3's by construction.  Ours is only to say in
 * one line why a file can be no source at all, before anything runs.
 *
 * World: front.  Tests: tests/py/test_command_line.py
 */
#pragma once

#include "base/options.h"

/* Run the program that `options` name, in the started interpreter, and end it.
 *
 * Returns the exit status: the program's, or 2 where the file cannot be read or is no Python
 * source.  Dies of SIGINT where the program died of KeyboardInterrupt, as python3 does.
 * Runs user code.
 */
int plain_file_main(const Options *options);
