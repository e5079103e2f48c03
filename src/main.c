/* main.c -- argv to one of the ways in; the only place that ends the process. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/options.h"
#include "base/stdin.h"
#include "hist/command.h"
#include "input/transform.h"
#include "plain/file.h"
#include "plain/loop.h"
#include "py/interp.h"
#include "term/loop.h"

enum { STATUS_USAGE = 2 };

/* Whether the program on standard input is plain Python; what can't be read is left to CPython. */
static bool
is_python_on_stdin(void)
{
    AUTO_FREE char *text = NULL;
    size_t length = 0;
    return stdin_peek(&text, &length) < 0 || !input_transform_needed(text, length, NULL);
}

/* Whether CPython alone runs this from start to end; if not, a session does. */
static bool
runs_in_interpreter(const Options *options)
{
    if (options->inspect)
        return false;
    switch (options->action) {
    case OPTIONS_FILE:
        return !options_target_is_typed(options);
    case OPTIONS_COMMAND:
        return !input_transform_needed(options->target, strlen(options->target), NULL);
    case OPTIONS_STDIN:
        return is_python_on_stdin();
    default:
        return options->action != OPTIONS_SHELL;
    }
}

/* The front for the terminal that the shell is on; NULL where a simple prompt is wanted, or is all
 * that can be had. */
static const SessionFront *
terminal_front(const Options *options)
{
    const char *term = getenv("TERM");
    bool plain = options->simple_prompt || !term || !*term || strcmp(term, "dumb") == 0;
    if (plain || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return NULL;
    return term_loop_front();
}

static int
run(const Options *options)
{
    if (options->no_color && setenv("NO_COLOR", "1", 1) < 0)
        perror("mainspring: NO_COLOR");
    PyStatus status = interp_start(options);
    if (PyStatus_Exception(status))
        Py_ExitStatusException(status);
    return runs_in_interpreter(options) ? plain_file_main(options)
                                        : plain_loop_main(options, terminal_front(options));
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
    if (hist_command_is_meant(argc, argv))
        return hist_command_main(argv + 2);
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
