/* input/want.h -- what the text before a cursor asks to be completed with.
 *
 * The text behind the cursor does not matter, but for a quote that closes the string that the
 * cursor is in.  A line of the shell's own (`%name`, `!cmd`, `?obj`) is told from Python as
 * input/line.h does.  Expressions are given as they stand in the text: names, attributes,
 * subscripts, calls and literals, whatever there is to the left without an operator; what they
 * mean is for others to find out.
 *
 * All offsets are in bytes.  Takes time linear in the text, and memory for its logical line.
 *
 * World: plain.  Tests: tests/c/test_input_cases.c, tests/cases/want.case,
 * tests/fuzz/fuzz_want.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

typedef enum InputWantKind {
    WANT_NOTHING,    // in a comment, a number, a name that is being defined
    WANT_NAME,       // also a parameter of `call`, a key of `subscript`
    WANT_ATTRIBUTE,  // of `object`
    WANT_MODULE,     // import a.b| , from a.b|
    WANT_IMPORT,     // from a |: the word `import`
    WANT_MEMBER,     // from `object` import x|
    WANT_KEY,        // in the string that subscripts `object`; the literal is replaced
    WANT_STRING,     // in any other string; a path perhaps
    WANT_SHELL,      // a word of a shell's line
    WANT_MAGIC,      // the name of a magic, whose signs stand before it
    WANT_ARGUMENT,   // a word of the line of the magic `object`
    WANT_SYMBOL,     // \name of a character; the backslash is replaced too
} InputWantKind;

typedef struct InputSpan {
    size_t start;
    size_t end;  // where there is nothing, that is `start`
} InputSpan;

typedef struct InputWant {
    InputWantKind kind;
    InputSpan replaced;   // what a candidate takes the place of
    InputSpan object;     // see the kinds; of WANT_MODULE the path before the last dot
    InputSpan call;       // what is called with the argument that begins here
    InputSpan subscript;  // what is subscripted with the expression that begins here
    InputSpan
        before;  // of a key: the items of the tuple before the wanted one, and their commas
    InputSpan rest;  // of WANT_ARGUMENT: the line from its first word on
    bool cell;       // of WANT_MAGIC and WANT_ARGUMENT: `%%`
    bool first;      // of WANT_NAME: the first word of its line
    char quote;      // of WANT_KEY and WANT_STRING: the one that the string began with
    bool raw;        // and whether its backslashes are only that
} InputWant;

/* Find out what is wanted at `cursor`, at most `length`.
 *
 * Returns 0, or -ENOMEM.
 */
CHECKED int input_want_read(const char *text, size_t length, size_t cursor,
                            InputWant *ret_want);

/* The same for a piece of Python that begins at `start`: what a magic is given, say. */
CHECKED int input_want_code(const char *text, size_t length, size_t start, size_t cursor,
                            InputWant *ret_want);
