/* magic/run_options.h -- the options of %run and %prun, as words.
 *
 * Letters combine in one word (`-te`); the value of one that has a value is the rest of its word
 * or the next one.  Options end at the first other word, or behind `--`.
 *
 * World: Python by its folder, though nothing here needs it.  Tests: tests/py/test_run_options.py,
 * tests/c/test_magic_run_options.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "input/words.h"

enum { RUN_OPTIONS_MOST = 16, RUN_OPTIONS_MESSAGE = 160 };

/* Values in the order in which they were given. */
typedef struct RunOptionValues {
    const char *items[RUN_OPTIONS_MOST];
    size_t count;
} RunOptionValues;

/* How a profile is shown. */
typedef struct ProfileOptions {
    RunOptionValues limits;  // -l
    RunOptionValues keys;    // -s
    const char *text_file;   // -T, or NULL
    const char *dump_file;   // -D, or NULL
    bool returned;           // -r
    bool quiet;              // -q
} ProfileOptions;

/* Texts are those of the words that were read. */
typedef struct RunOptions {
    bool debug;
    bool ignore_exit;
    bool in_prompt;
    bool keep;
    bool no_glob;
    bool module;
    bool not_main;
    bool profile;
    bool timed;
    long repetitions;       // -N, 1 without
    const char *stop;       // -b: `N` or `FILE:N`, or NULL
    ProfileOptions output;  // of -p
    const char *target;     // the file, or the module
    size_t used;            // words up to the arguments
} RunOptions;

/* Read the options at the head of the words.
 *
 * Returns 0, or -EINVAL with what is wrong in `ret_message`; `ret_options->no_glob` is right up to
 * there.
 */
CHECKED int run_options_read(const InputWords *words, RunOptions *ret_options,
                             char ret_message[RUN_OPTIONS_MESSAGE]);

/* Read the options of a profile (-l -s -r -T -D -q), which are all the words.
 *
 * Returns 0, or -EINVAL with what is wrong in `ret_message`.
 */
CHECKED int run_options_read_profile(const InputWords *words, ProfileOptions *ret_options,
                                     char ret_message[RUN_OPTIONS_MESSAGE]);

/* The letter of an option that is about one code object (-d, -p, -t, -N), or NUL.  Never fails. */
char run_options_of_code(const RunOptions *options);
