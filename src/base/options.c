#include "base/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: mainspring [OPTION]... [FILE | -c CODE | -m MODULE | -] [ARGUMENT]...\n"
    "       mainspring history import | trim | clear | path\n"
    "\n"
    "What to run; with none of these, the interactive shell:\n"
    "  FILE             a .py, .ipy or .ipynb file; a folder or zip with __main__.py\n"
    "  -c CODE          the program given as CODE\n"
    "  -m MODULE        a module or package, as a script\n"
    "  -                the program on standard input\n"
    "\n"
    "The shell:\n"
    "  -i               run what is given, then stay at the prompt\n"
    "  -q, --no-banner  start without a banner\n"
    "  --simple-prompt  read plain lines: no keys, no menus\n"
    "  --no-color       write without colours, as with NO_COLOR=1\n"
    "  --no-config      ignore the configuration file\n"
    "  -h, -?, --help   show this help\n"
    "  -V, --version    show the version\n"
    "\n"
    "The interpreter, as python3 has it:\n"
    "  -b               warn where bytes are taken for str or int (-bb: an error)\n"
    "  -B               write no .pyc files\n"
    "  -d               debug the parser (debug builds only)\n"
    "  -E               ignore the PYTHON* environment variables\n"
    "  -I               isolate from environment and user: -E, -P and -s\n"
    "  -O               drop assertions and __debug__ code (-OO: docstrings too)\n"
    "  -P               put no unsafe path in front of sys.path\n"
    "  -R               hash with a random seed, whatever PYTHONHASHSEED says\n"
    "  -s               leave the user's site-packages out of sys.path\n"
    "  -S               do not import site\n"
    "  -t               nothing; taken for the sake of old scripts\n"
    "  -u               leave stdout and stderr unbuffered\n"
    "  -v               trace imports (-vv: every file tried)\n"
    "  -W ARG           control warnings: action:message:category:module:lineno\n"
    "  -x               skip the first line of FILE\n"
    "  -X OPT           set an implementation option\n"
    "  --check-hash-based-pycs always|default|never\n"
    "                   when a hash-based .pyc is checked against its source\n"
    "  --help-env, --help-xoptions, --help-all\n"
    "                   the interpreter's own help on its variables and options\n";

#define PYTHON_FLAGS "bBdEhiIOPqRsStuvVx?"
#define PYTHON_OPTIONS_WITH_VALUE "cmWX"

typedef struct Parser {
    char **argv;
    int next;  // the argument to read
    int kept;  // those before it that stay in argv
    bool help;
    bool version;
    bool ignores_environment;
    Options options;
    OptionsError *error;
} Parser;

static void
keep(Parser *p)
{
    p->argv[p->kept++] = p->argv[p->next++];
}

static int
fail_unknown(Parser *p, const char *option, int length)
{
    snprintf(p->error->reason, sizeof p->error->reason, "unknown option %.*s", length,
             option);
    return -EINVAL;
}

static int
fail_valueless(Parser *p, const char *option)
{
    snprintf(p->error->reason, sizeof p->error->reason, "option %s needs a value", option);
    return -EINVAL;
}

static int
fail_unknown_letter(Parser *p, const char *letter)
{
    int length = 1;
    while ((letter[length] & 0xC0) == 0x80)  // the rest of one UTF-8 character
        length++;
    char option[8];
    snprintf(option, sizeof option, "-%.*s", length, letter);
    return fail_unknown(p, option, (int)strlen(option));
}

static void
set_flag(Parser *p, char letter)
{
    switch (letter) {
    case 'E':
    case 'I':
        p->ignores_environment = true;
        break;
    case 'h':
    case '?':
        p->help = true;
        break;
    case 'i':
        p->options.inspect = true;
        break;
    case 'q':
        p->options.no_banner = true;
        break;
    case 'V':
        p->version = true;
        break;
    case 'x':
        p->options.skip_first_line = true;
        break;
    default:
        break;  // the interpreter's alone
    }
}

/* The value follows its letter or is the next argument. */
static int
read_value(Parser *p, const char *letter)
{
    const char *value = letter[1] ? letter + 1 : p->argv[p->next];
    if (!value)
        return fail_valueless(p, (char[]){ '-', *letter, '\0' });
    if (!letter[1])
        keep(p);
    if (*letter == 'c' || *letter == 'm') {
        p->options.action = *letter == 'c' ? OPTIONS_COMMAND : OPTIONS_MODULE;
        p->options.target = value;
    }
    return 0;
}

/* Letters behind one dash, such as `-Bu` or `-Wignore`. */
static int
read_cluster(Parser *p)
{
    const char *letter = p->argv[p->next] + 1;
    keep(p);
    for (; *letter; letter++) {
        if (strchr(PYTHON_OPTIONS_WITH_VALUE, *letter))
            return read_value(p, letter);
        if (!strchr(PYTHON_FLAGS, *letter))
            return fail_unknown_letter(p, letter);
        set_flag(p, *letter);
    }
    return 0;
}

/* The switch that an option of ours turns on, or NULL where it is not ours. */
static bool *
own_switch(Options *options, const char *option)
{
    const struct {
        const char *name;
        bool *value;
    } switches[] = {
        { "--no-banner", &options->no_banner },
        { "--simple-prompt", &options->simple_prompt },
        { "--no-color", &options->no_color },
        { "--no-config", &options->no_config },
    };
    for (size_t i = 0; i < COUNT_OF(switches); i++)
        if (strcmp(option, switches[i].name) == 0)
            return switches[i].value;
    return NULL;
}

static bool
is_python_help(const char *option)
{
    return strcmp(option, "--help-env") == 0 || strcmp(option, "--help-xoptions") == 0
           || strcmp(option, "--help-all") == 0;
}

static int
read_long(Parser *p)
{
    const char *option = p->argv[p->next];
    bool *own = own_switch(&p->options, option);
    if (own) {
        *own = true;
        p->next++;
        return 0;
    }
    keep(p);
    if (strcmp(option, "--help") == 0) {
        p->help = true;
    } else if (strcmp(option, "--version") == 0) {
        p->version = true;
    } else if (is_python_help(option)) {
        p->options.action = OPTIONS_PYTHON_HELP;
    } else if (strcmp(option, "--check-hash-based-pycs") == 0) {
        if (!p->argv[p->next])
            return fail_valueless(p, option);
        keep(p);
    } else {
        return fail_unknown(p, option, (int)strlen(option));
    }
    return 0;
}

/* The options up to the target, or up to the one that ends them. */
static int
read_options(Parser *p)
{
    int r = 0;
    while (r == 0 && p->options.action == OPTIONS_SHELL) {
        const char *argument = p->argv[p->next];
        if (!argument || argument[0] != '-' || strcmp(argument, "-") == 0)
            break;
        if (strcmp(argument, "--") == 0) {
            keep(p);
            break;
        }
        r = argument[1] == '-' ? read_long(p) : read_cluster(p);
    }
    return r;
}

/* No option said what to run: the next argument does, or standard input. */
static void
choose_target(Parser *p, bool terminal)
{
    const char *argument = p->argv[p->next];
    if (argument && strcmp(argument, "-") != 0) {
        p->options.action = OPTIONS_FILE;
        p->options.target = argument;
    } else if (!terminal && (argument || !p->options.inspect)) {
        p->options.action = OPTIONS_STDIN;
    }
}

static bool
environment_inspects(void)
{
    const char *value = getenv("PYTHONINSPECT");
    return value && *value;
}

int
options_parse(int argc, char **argv, bool terminal, Options *ret_options,
              OptionsError *reterr_error)
{
    Parser p = { .argv = argv, .next = 1, .kept = 1, .error = reterr_error };
    int r = read_options(&p);
    if (r < 0)
        return r;

    if (p.options.action == OPTIONS_SHELL)
        choose_target(&p, terminal);
    if (p.help && p.options.action != OPTIONS_PYTHON_HELP)
        p.options.action = OPTIONS_HELP;
    else if (p.version && p.options.action != OPTIONS_PYTHON_HELP)
        p.options.action = OPTIONS_VERSION;
    if (terminal && !p.ignores_environment && environment_inspects())
        p.options.inspect = true;

    while (p.next < argc)
        keep(&p);
    argv[p.kept] = NULL;
    p.options.argc = p.kept;
    p.options.argv = argv;
    *ret_options = p.options;
    return 0;
}

bool
options_target_ends_with(const Options *options, const char *end)
{
    const char *target = options->target ? options->target : "";
    size_t length = strlen(target);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(target + length - end_length, end) == 0;
}

bool
options_target_is_typed(const Options *options)
{
    return options_target_ends_with(options, ".ipy")
           || options_target_ends_with(options, ".ipynb");
}

void
options_print_help(FILE *out)
{
    fputs(help, out);
}
