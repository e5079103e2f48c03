#include "magic/run_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char known_letters[] = "DGNTbdeiklmnpqrst";
static const char profile_letters[] = "DTlqrs";

/* `text` may have a %c for the letter. */
static int
refuse(char *message, const char *text, char letter)
{
    (void)snprintf(message, RUN_OPTIONS_MESSAGE, text, letter);  // longer ones are cut
    return -EINVAL;
}

static int
add_value(RunOptionValues *values, const char *value, char letter, char *message)
{
    if (values->count == RUN_OPTIONS_MOST)
        return refuse(message, "too many -%c", letter);
    values->items[values->count++] = value;
    return 0;
}

/* A whole number from 1. */
static int
read_count(const char *text, char letter, long *ret_count, char *message)
{
    char *end = NULL;
    errno = 0;
    long count = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || count < 1)
        return refuse(message, "-%c needs a number from 1", letter);
    *ret_count = count;
    return 0;
}

/* `N` or `FILE:N`. */
static int
read_stop(const char *text, RunOptions *options, char *message)
{
    const char *colon = strrchr(text, ':');
    long line = 0;
    if (colon == text || read_count(colon ? colon + 1 : text, 'b', &line, message) < 0)
        return refuse(message, "-%c needs a line number or FILE:LINE", 'b');
    options->stop = text;
    return 0;
}

/* The option as a switch of its own, or NULL. */
static bool *
find_switch(RunOptions *options, char letter)
{
    switch (letter) {
    case 'G':
        return &options->no_glob;
    case 'd':
        return &options->debug;
    case 'e':
        return &options->ignore_exit;
    case 'i':
        return &options->in_prompt;
    case 'k':
        return &options->keep;
    case 'n':
        return &options->not_main;
    case 'p':
        return &options->profile;
    case 'q':
        return &options->output.quiet;
    case 'r':
        return &options->output.returned;
    case 't':
        return &options->timed;
    default:
        return NULL;
    }
}

static int
put_value(RunOptions *options, char letter, const char *value, char *message)
{
    switch (letter) {
    case 'm':
        options->module = true;
        options->target = value;
        return 0;
    case 'D':
        options->output.dump_file = value;
        return 0;
    case 'N':
        return read_count(value, 'N', &options->repetitions, message);
    case 'T':
        options->output.text_file = value;
        return 0;
    case 'b':
        return read_stop(value, options, message);
    case 'l':
        return add_value(&options->output.limits, value, letter, message);
    default:
        return add_value(&options->output.keys, value, letter, message);
    }
}

/* Read one word of letters, and the word after it where the last letter's value is there. */
static int
read_letters(const InputWords *words, RunOptions *options, const char *known, char *message)
{
    for (const char *c = words->items[options->used] + 1; *c != '\0'; c++) {
        if (strchr(known, *c) == NULL)
            return refuse(message, "unknown option -%c", *c);
        bool *is_on = find_switch(options, *c);
        if (is_on != NULL) {
            *is_on = true;
            continue;
        }
        const char *value = c[1] != '\0' ? c + 1 : words->items[++options->used];
        if (value == NULL && *c == 'm')
            return refuse(message, "which module?", *c);
        if (value == NULL || (*value == '\0' && *c != 'm'))
            return refuse(message, "-%c needs a value", *c);
        return put_value(options, *c, value, message);
    }
    return 0;
}

static int
read_words(const InputWords *words, RunOptions *options, char *message)
{
    for (; options->used < words->count && options->target == NULL; options->used++) {
        const char *word = words->items[options->used];
        if (word[0] != '-' || word[1] == '\0')
            return 0;
        if (strcmp(word, "--") == 0) {
            options->used++;
            return 0;
        }
        int r = 0;
        if (strcmp(word, "--keep") == 0)
            options->keep = true;
        else if (word[1] == '-') {
            (void)snprintf(message, RUN_OPTIONS_MESSAGE, "unknown option %s", word);
            return -EINVAL;
        } else
            r = read_letters(words, options, known_letters, message);
        if (r < 0)
            return r;
    }
    return 0;
}

/* An option that was given, or not. */
typedef struct Given {
    char letter;
    bool given;
} Given;

/* The first that was given, or NUL. */
static char
first_given(const Given *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (options[i].given)
            return options[i].letter;
    return '\0';
}

/* What goes with what. */
static int
check(const RunOptions *options, char *message)
{
    const ProfileOptions *p = &options->output;
    const Given of_profile[] = {
        { 'l', p->limits.count > 0 },  { 's', p->keys.count > 0 },    { 'r', p->returned },
        { 'T', p->text_file != NULL }, { 'D', p->dump_file != NULL }, { 'q', p->quiet }
    };
    const Given without_debug[] = { { 'p', options->profile },
                                    { 't', options->timed },
                                    { 'N', options->repetitions > 1 } };
    char letter = first_given(of_profile, COUNT_OF(of_profile));
    if (letter != '\0' && !options->profile)
        return refuse(message, "-%c goes with -p", letter);
    if (options->stop != NULL && !options->debug)
        return refuse(message, "-%c goes with -d", 'b');
    letter = first_given(without_debug, COUNT_OF(without_debug));
    if (letter != '\0' && options->debug)
        return refuse(message, "-d does not go with -%c", letter);
    return 0;
}

char
run_options_of_code(const RunOptions *options)
{
    const Given of_code[] = { { 'd', options->debug },
                              { 'p', options->profile },
                              { 't', options->timed },
                              { 'N', options->repetitions > 1 } };
    return first_given(of_code, COUNT_OF(of_code));
}

int
run_options_read(const InputWords *words, RunOptions *ret_options,
                 char ret_message[RUN_OPTIONS_MESSAGE])
{
    *ret_options = (RunOptions){ .repetitions = 1 };
    int r = read_words(words, ret_options, ret_message);
    if (r < 0)
        return r;
    if (ret_options->target == NULL && ret_options->used >= words->count)
        return refuse(ret_message, "which script?", '\0');
    if (ret_options->target == NULL)
        ret_options->target = words->items[ret_options->used++];
    if (!ret_options->module && strcmp(ret_options->target, "-") == 0)
        return refuse(ret_message, "standard input is the prompt's; name a file", '\0');
    return check(ret_options, ret_message);
}

int
run_options_read_profile(const InputWords *words, ProfileOptions *ret_options,
                         char ret_message[RUN_OPTIONS_MESSAGE])
{
    RunOptions options = { 0 };
    for (; options.used < words->count; options.used++) {
        const char *word = words->items[options.used];
        if (strcmp(word, "--") == 0)
            break;
        if (word[0] != '-' || word[1] == '\0')
            return refuse(ret_message, "an option is a letter behind -", '\0');
        int r = read_letters(words, &options, profile_letters, ret_message);
        if (r < 0)
            return r;
    }
    *ret_options = options.output;
    return 0;
}
