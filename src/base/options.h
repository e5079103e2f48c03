/* base/options.h -- the command line: what to run, how, and what of it is the interpreter's.
 *
 * The interpreter's own options are recognised here, so that a mistake is one line and the
 * target is found where python3 finds it, but CPython alone gives them their meaning: what
 * is left in `argv` is a command line for python3, without the options that are only ours.
 *
 * World: plain.  Tests: tests/c/test_base_options.c
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"

typedef enum OptionsAction {
    OPTIONS_SHELL,        // no target: the prompt
    OPTIONS_FILE,         // a script, a directory or a zip file
    OPTIONS_COMMAND,      // -c CODE
    OPTIONS_MODULE,       // -m MODULE
    OPTIONS_STDIN,        // a program on standard input
    OPTIONS_VERSION,      // say which version this is
    OPTIONS_HELP,         // say what the options are
    OPTIONS_PYTHON_HELP,  // have the interpreter say what its options are
} OptionsAction;

typedef struct Options {
    OptionsAction action;
    const char *target;    // the path, code or module of FILE, COMMAND, MODULE; else NULL
    bool inspect;          // -i, or PYTHONINSPECT where python3 would heed it
    bool skip_first_line;  // -x
    bool no_banner;        // --no-banner or -q
    bool simple_prompt;    // --simple-prompt
    bool no_color;         // --no-color: as NO_COLOR=1
    bool no_config;        // --no-config
    int argc;              // the interpreter's command line, ended by a NULL; its strings
    char **argv;           // are main's
} Options;

typedef struct OptionsError {
    char reason[160];
} OptionsError;

/* Read the command line `argv`, which ends with a NULL, and take our own options out of it.
 *
 * `terminal` says whether standard input is one: a program is read from it only where it is
 * not, or where `-i` does not ask for the prompt.
 * Returns 0, or -EINVAL and the reason, one line without its end, for the user.
 */
CHECKED int options_parse(int argc, char **argv, bool terminal, Options *ret_options,
                          OptionsError *reterr_error);

/* Whether `options` have a target and its name ends with `end`. */
bool options_target_ends_with(const Options *options, const char *end);

/* Whether the target is a file that is executed as if typed: an `.ipy` file or a notebook. */
bool options_target_is_typed(const Options *options);

/* Write what the options are to `out`; whether it could is for `fflush(out)` to say. */
void options_print_help(FILE *out);
