#include "magic/switches.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/words.h"
#include "magic/words.h"

typedef struct Reader {
    Session *session;
    const MagicCall *call;
    const char *line;
    size_t length;
    size_t at;  // behind the last word that was read
    const char *letters;
    MagicSwitches *switches;
    Buf rest;       // the words that are neither options nor their values
    size_t behind;  // where the second of them begins there; 0 before there is one
} Reader;

/* A word as it stands in the line. */
typedef struct Word {
    const char *text;
    size_t length;
} Word;

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Behind the quoted part at `at`: the line's end where nothing closes it. */
static size_t
skip_quoted(const Reader *r, size_t at)
{
    char quote = r->line[at++];
    while (at < r->length && r->line[at] != quote)
        at += quote == '"' && r->line[at] == '\\' ? 2 : 1;
    return at < r->length ? at + 1 : r->length;
}

/* The next word, of length 0 at the end; a quote is a character like others where `plain`. */
static Word
peek(const Reader *r, bool plain)
{
    size_t start = r->at;
    while (start < r->length && is_blank(r->line[start]))
        start++;
    size_t at = start;
    while (at < r->length && !is_blank(r->line[at])) {
        if (!plain && (r->line[at] == '\'' || r->line[at] == '"'))
            at = skip_quoted(r, at);
        else
            at += !plain && r->line[at] == '\\' ? 2 : 1;
    }
    at = at < r->length ? at : r->length;
    return (Word){ r->line + start, at - start };
}

static Word
next(Reader *r)
{
    Word word = peek(r, false);
    r->at = (size_t)(word.text - r->line) + word.length;
    return word;
}

static bool
is_option(Word word)
{
    return word.length > 1 && word.text[0] == '-' && !isdigit((unsigned char)word.text[1]);
}

static bool
is_number(Word word)
{
    for (size_t i = 0; i < word.length; i++)
        if (!isdigit((unsigned char)word.text[i]))
            return false;
    return word.length > 0;
}

/* The word without its quotes, for free(): 0, or -1 with an exception set. */
static int
unquote(const Reader *r, Word word, char **ret_text)
{
    AUTO(input_words_done) InputWords words = { 0 };
    size_t wrong = 0;
    int failed =
        input_words_split(word.text, word.length,
                          INPUT_WORDS_NO_GLOB | INPUT_WORDS_NO_TILDE, NULL, &words, &wrong);
    if (failed < 0)
        return magic_words_fail(r->session, r->call, failed,
                                (size_t)(word.text - r->line) + wrong);
    Buf none = { 0 };
    if (words.count == 0 && buf_take(&none, ret_text) < 0)
        return PyErr_NoMemory(), -1;
    if (words.count > 0)
        *ret_text = TAKE(words.items[0]);
    return 0;
}

/* All that is up to the next option, as it was typed. */
static int
put_list(Reader *r, Word glued)
{
    const char *start = glued.length > 0 ? glued.text : peek(r, true).text;
    const char *end = glued.text + glued.length;
    for (Word word; (word = peek(r, true)).length > 0 && !is_option(word);) {
        end = word.text + word.length;
        r->at = (size_t)(end - r->line);
    }
    AUTO_DECREF PyObject *list =
        PyUnicode_FromStringAndSize(start, end > start ? end - start : 0);
    if (list == NULL)
        return -1;
    Py_XSETREF(r->switches->list, TAKE(list));
    return 0;
}

/* Put the value of the letter whose kind is `kind`; `glued` is what is behind it in its word. */
static int
put_value(Reader *r, char letter, char kind, Word glued)
{
    Word value = glued.length > 0 ? glued : peek(r, false);
    bool taken = value.length > 0 && (kind == ':' || is_number(value));
    if (!taken && (kind == ':' || glued.length > 0)) {
        magic_usage_error(r->session, r->call, "-%c needs a value", letter);
        return -1;
    }
    if (!taken)
        return 0;
    if (glued.length == 0)
        (void)next(r);  // that is the value
    char **slot = &r->switches->values[(unsigned char)letter];
    free(TAKE(*slot));
    return unquote(r, value, slot);
}

static int
read_letters(Reader *r, Word word)
{
    for (size_t i = 1; i < word.length; i++) {
        char letter = word.text[i];
        const char *known =
            isalpha((unsigned char)letter) ? strchr(r->letters, letter) : NULL;
        if (known == NULL) {
            AUTO_DECREF PyObject *shown =
                PyUnicode_DecodeUTF8(word.text, (Py_ssize_t)word.length, "replace");
            if (shown != NULL)
                magic_usage_error(r->session, r->call, "unknown option %U", shown);
            return -1;
        }
        r->switches->on[(unsigned char)letter] = true;
        const Word glued = { word.text + i + 1, word.length - i - 1 };
        if (known[1] == '*') {
            r->at = (size_t)(word.text - r->line) + word.length;
            return put_list(r, glued);
        }
        if (known[1] != '\0' && strchr(":#", known[1]) != NULL)
            return put_value(r, letter, known[1], glued);
    }
    return 0;
}

/* A word that is no option and no option's value. */
static int
put_rest(Reader *r, Word word)
{
    MagicSwitches *w = r->switches;
    AUTO_FREE char *plain = NULL;
    if (unquote(r, word, &plain) < 0)
        return -1;
    if (w->first == NULL)
        w->first = PyUnicode_FromString(plain);
    else if (r->behind == 0)
        r->behind = r->rest.length + 1;
    if (r->rest.length > 0)
        buf_add_text(&r->rest, " ");
    buf_add(&r->rest, word.text, word.length);
    return w->first == NULL ? -1 : 0;
}

static int
read_words(Reader *r)
{
    bool ended = false;
    for (Word word; (word = next(r)).length > 0 && word.text[0] != '#';) {
        bool option = !ended && is_option(word);
        int failed = 0;
        if (option && word.length == 2 && word.text[1] == '-')
            ended = true;
        else
            failed = option ? read_letters(r, word) : put_rest(r, word);
        if (failed < 0)
            return -1;
    }
    return 0;
}

/* Fill what no word has filled. */
static int
complete(Reader *r)
{
    MagicSwitches *w = r->switches;
    AUTO_FREE char *rest = NULL;
    if (buf_take(&r->rest, &rest) < 0)
        return PyErr_NoMemory(), -1;
    w->rest = PyUnicode_FromString(rest);
    w->behind = PyUnicode_FromString(r->behind > 0 ? rest + r->behind : "");
    if (w->first == NULL)
        w->first = PyUnicode_FromString("");
    if (w->list == NULL)
        w->list = PyUnicode_FromString("");
    return w->rest == NULL || w->behind == NULL || w->first == NULL || w->list == NULL ? -1
                                                                                       : 0;
}

int
magic_switches_read(Session *s, const MagicCall *call, const char *letters,
                    MagicSwitches *ret_switches)
{
    *ret_switches = (MagicSwitches){ 0 };
    Py_ssize_t length = 0;
    const char *line = PyUnicode_AsUTF8AndSize(call->line, &length);
    if (line == NULL) {
        if (PyErr_ExceptionMatches(PyExc_UnicodeError))
            magic_usage_error(s, call, "that is no text");
        return -1;
    }
    Reader r = { .session = s,
                 .call = call,
                 .line = line,
                 .length = (size_t)length,
                 .letters = letters,
                 .switches = ret_switches };
    int failed = read_words(&r) < 0 || complete(&r) < 0 ? -1 : 0;
    buf_done(&r.rest);
    return failed;
}

int
magic_switches_number(Session *s, const MagicCall *call, const MagicSwitches *switches,
                      char letter, long *number)
{
    const char *value = switches->values[(unsigned char)letter];
    if (value == NULL)
        return 0;
    errno = 0;
    long found = is_number((Word){ value, strlen(value) }) ? strtol(value, NULL, 10) : -1;
    if (found < 0 || errno != 0) {
        magic_usage_error(s, call, "-%c needs a number", letter);
        return -1;
    }
    *number = found > INT_MAX ? INT_MAX : found;
    return 0;
}

void
magic_switches_done(MagicSwitches *switches)
{
    for (size_t i = 0; i < SWITCHES; i++)
        free(TAKE(switches->values[i]));
    Py_CLEAR(switches->list);
    Py_CLEAR(switches->rest);
    Py_CLEAR(switches->first);
    Py_CLEAR(switches->behind);
}
