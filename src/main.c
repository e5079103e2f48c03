/* main.c -- argv to one of the ways in; the only place that ends the process. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/options.h"
#include "plain/file.h"
#include "plain/loop.h"
#include "py/interp.h"

enum { STATUS_USAGE = 2 };

/* Whether CPython alone runs this from start to end; if not, a session does. */
static bool
runs_in_interpreter(const Options *options)
{
    if (options->inspect || options->action == OPTIONS_SHELL)
        return false;
    if (options->action == OPTIONS_FILE)
        return !options_target_ends_with(options, ".ipy")
               && !options_target_ends_with(options, ".ipynb");
    return true;
}

static int
run(const Options *options)
{
    PyStatus status = interp_start(options);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    return runs_in_interpreter(options) ? plain_file_main(options)
                                        : plain_loop_main(options);
}

/* The status of having written to stdout alone. */
static int
written(void)
{
    if (fflush(stdout) == 0)
        return EXIT_SUCCESS;
    perror("mainspring: stdout");
    return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
    Options options;
    OptionsError error;
    if (options_parse(argc, argv, isatty(STDIN_FILENO), &options, &error) < 0) {
        fprintf(stderr, "mainspring: %s (try mainspring --help)\n", error.reason);
        return STATUS_USAGE;
    }
    switch (options.action) {
    case OPTIONS_HELP:
        options_print_help(stdout);
        return written();
    case OPTIONS_VERSION:
        printf("mainspring %s (Python %s)\n", MAINSPRING_VERSION, PY_VERSION);
        return written();
    default:
        return run(&options);
    }
}
