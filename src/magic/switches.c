#include "magic/switches.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

typedef struct Reader {
    Session *session;
    const MagicCall *call;
    const char *letters;
    MagicSwitches *switches;
    size_t at;  // the next word
    Buf list, rest;
} Reader;

/* The next word, or NULL at the end. */
static const char *
peek(const Reader *r)
{
    const InputWords *words = &r->switches->words;
    return r->at < words->count ? words->items[r->at] : NULL;
}

static bool
is_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !isdigit((unsigned char)word[1]);
}

static bool
is_number(const char *word)
{
    return word != NULL && *word != '\0' && word[strspn(word, "0123456789")] == '\0';
}

static void
add_word(Buf *text, const char *word)
{
    if (text->length > 0)
        buf_add_text(text, " ");
    buf_add_text(text, word);
}

/* Put the value of the letter whose kind is `kind`; `glued` is what is behind it in its word. */
static int
put_value(Reader *r, char letter, char kind, const char *glued)
{
    if (kind == '*') {
        if (*glued != '\0')
            add_word(&r->list, glued);
        for (; peek(r) != NULL && !is_option(peek(r)); r->at++)
            add_word(&r->list, peek(r));
        return 0;
    }
    const char *value = *glued != '\0' ? glued : peek(r);
    bool taken = value != NULL && (kind == ':' || is_number(value));
    if (taken && *glued == '\0')
        r->at++;
    if (!taken && (kind == ':' || *glued != '\0')) {
        magic_usage_error(r->session, r->call, "-%c needs a value", letter);
        return -1;
    }
    r->switches->values[(unsigned char)letter] = taken ? value : NULL;
    return 0;
}

static int
read_letters(Reader *r, const char *word)
{
    for (const char *c = word + 1; *c != '\0'; c++) {
        const char *known = isalpha((unsigned char)*c) ? strchr(r->letters, *c) : NULL;
        if (known == NULL) {
            magic_usage_error(r->session, r->call, "unknown option %s", word);
            return -1;
        }
        r->switches->on[(unsigned char)*c] = true;
        if (known[1] != '\0' && strchr(":#*", known[1]) != NULL)
            return put_value(r, *c, known[1], c + 1);
    }
    return 0;
}

static int
read_words(Reader *r)
{
    bool ended = false;
    for (const char *word; (word = peek(r)) != NULL;) {
        r->at++;
        if (!ended && strcmp(word, "--") == 0)
            ended = true;
        else if (ended || !is_option(word))
            add_word(&r->rest, word);
        else if (read_letters(r, word) < 0)
            return -1;
    }
    return 0;
}

static PyObject *
take_text(Buf *text)
{
    AUTO_FREE char *plain = NULL;
    if (buf_take(text, &plain) < 0)
        return PyErr_NoMemory();
    return PyUnicode_FromString(plain);
}

static int
split(Session *s, const MagicCall *call, InputWords *ret_words)
{
    Py_ssize_t length = 0;
    const char *line = PyUnicode_AsUTF8AndSize(call->line, &length);
    if (line == NULL)
        return -1;
    size_t wrong = 0;
    int r =
        input_words_split(line, (size_t)length, INPUT_WORDS_NO_GLOB | INPUT_WORDS_NO_TILDE,
                          NULL, ret_words, &wrong);
    if (r == -ENOMEM)
        PyErr_NoMemory();
    else if (r < 0)
        magic_usage_error(s, call, "a quote is not closed at column %zu", wrong + 1);
    return r < 0 ? -1 : 0;
}

int
magic_switches_read(Session *s, const MagicCall *call, const char *letters,
                    MagicSwitches *ret_switches)
{
    *ret_switches = (MagicSwitches){ 0 };
    Reader r = { .session = s, .call = call, .letters = letters, .switches = ret_switches };
    if (split(s, call, &ret_switches->words) < 0)
        return -1;
    int failed = read_words(&r);
    if (failed == 0) {
        ret_switches->list = take_text(&r.list);
        ret_switches->rest = take_text(&r.rest);
    }
    buf_done(&r.list);
    buf_done(&r.rest);
    return failed < 0 || ret_switches->list == NULL || ret_switches->rest == NULL ? -1 : 0;
}

int
magic_switches_number(Session *s, const MagicCall *call, const MagicSwitches *switches,
                      char letter, long *number)
{
    const char *value = switches->values[(unsigned char)letter];
    if (value == NULL)
        return 0;
    errno = 0;
    long found = is_number(value) ? strtol(value, NULL, 10) : -1;
    if (found < 0 || errno != 0) {
        magic_usage_error(s, call, "-%c needs a number", letter);
        return -1;
    }
    *number = found;
    return 0;
}

void
magic_switches_done(MagicSwitches *switches)
{
    input_words_done(&switches->words);
    Py_CLEAR(switches->list);
    Py_CLEAR(switches->rest);
}
