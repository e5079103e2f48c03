/* input/lex.h -- Python text as tokens.
 *
 * The tokens tile the text: each begins where the one before it ended, blanks and
 * newlines included, and none is empty.  Any bytes are accepted; what Python has no token
 * for comes out as LEX_ERROR, one character at a time, so that a caller who knows more
 * (`?`, `!`, `$`) can go on.  An f-string is one string token, whatever its braces hold.
 * Every byte above 127 counts as a letter.  A line ends with \n, \r\n or \r.
 *
 * Takes time linear in the text and no memory.
 *
 * World: plain.  Tests: tests/c/test_input_lex.c, tests/fuzz/fuzz_lex.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum LexKind {
    LEX_SPACE,    // blanks and form feeds
    LEX_JOIN,     // a backslash and the newline after it, or one that ends the text
    LEX_NEWLINE,  // inside of brackets too
    LEX_COMMENT,  // up to the newline
    LEX_NAME,     // soft keywords (match, case, type, _) included
    LEX_KEYWORD,
    LEX_NUMBER,
    LEX_STRING,    // with its prefix and its quotes
    LEX_OPEN,      // ( [ {
    LEX_CLOSE,     // ) ] }
    LEX_OPERATOR,  // and delimiters: . , : ; = -> := ...
    LEX_ERROR,
} LexKind;

enum {
    LEX_TRIPLE = 1 << 0,
    LEX_RAW = 1 << 1,
    LEX_BYTES = 1 << 2,
    LEX_FORMAT = 1 << 3,        // an f-string
    LEX_UNTERMINATED = 1 << 4,  // a string without its closing quote
    LEX_UNFINISHED = 1 << 5,    // the same, and more text could still close it
};

typedef struct InputToken {
    LexKind kind;
    unsigned flags;  // of a string
    size_t start;
    size_t end;
} InputToken;

typedef struct InputLex {
    const char *text;
    size_t length;
    size_t at;
} InputLex;

/* Begin at offset `start` of `text`, which is not inside of a token.  Never fails. */
void input_lex_init(InputLex *lex, const char *text, size_t length, size_t start);

/* Read the next token.  Returns false at the end of the text.  Never fails. */
bool input_lex_next(InputLex *lex, InputToken *ret_token);

/* Whether the token is exactly `word`.  Never fails. */
bool input_token_is(const char *text, const InputToken *token, const char *word);

/* Whether the name is one of Python's (hard) keywords.  Never fails. */
bool input_lex_is_keyword(const char *name, size_t length);

/* What a byte can be.  Never fail. */
static inline bool
input_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

static inline bool
input_is_newline(char c)
{
    return c == '\n' || c == '\r';
}

static inline bool
input_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A letter, `_`, or a byte of a character outside of ASCII. */
static inline bool
input_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
           || (unsigned char)c >= 0x80;
}

static inline bool
input_is_word(char c)
{
    return input_is_letter(c) || input_is_digit(c);
}
