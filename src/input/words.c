#include "input/words.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "input/lex.h"

/* The line, the word that is being read, and those that have been. */
typedef struct Splitter {
    const char *line;
    size_t length;
    size_t at;
    unsigned flags;
    const InputValues *values;  // or NULL
    InputExpansion expansion;
    InputWords words;
    Buf value;        // the word without its quotes
    Buf pattern;      // the same for glob(): what was quoted and is special has a backslash
    bool started;     // there is a word, if only an empty one
    bool magic;       // the pattern has a special character that was not quoted
    bool quoted;      // something in the word was quoted
    bool assignment;  // the word began with name=
    bool tilde;       // a tilde here stands for a home
    size_t *ret_error;
} Splitter;

static bool
is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Add to the pattern; as in bash, slashes behind a special character are one. */
static void
add_to_pattern(Splitter *s, char c)
{
    size_t length = s->pattern.length;
    if (c != '/' || !s->magic || length == 0 || s->pattern.bytes[length - 1] != '/')
        buf_add_byte(&s->pattern, c, 1);
}

/* Whether at `at` two lines are joined by a backslash. */
static bool
is_join(const Splitter *s, size_t at)
{
    return at + 1 < s->length && s->line[at] == '\\' && s->line[at + 1] == '\n';
}

static void
add_plain(Splitter *s, char c)
{
    buf_add_byte(&s->value, c, 1);
    add_to_pattern(s, c);
    s->magic = s->magic || c == '*' || c == '?' || c == '[';
    s->started = true;
}

static void
add_quoted(Splitter *s, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (IS_ONE_OF(bytes[i], "*?[]\\-!^"))
            buf_add_byte(&s->pattern, '\\', 1);
        add_to_pattern(s, bytes[i]);
    }
    buf_add(&s->value, bytes, length);
}

/* Add a word: `text` is taken, even on failure. */
static int
take_word(InputWords *words, STOLEN char *text)
{
    AUTO_FREE char *owned = text;
    size_t count = words->count;
    // With 0, 1, 3, 7 ... words there is no room for one more and the NULL: double it.
    if ((count & (count + 1)) == 0) {
        char **items = alloc_resize(words->items, (2 * count + 2) * sizeof *items);
        if (!items)
            return -ENOMEM;
        words->items = items;
    }
    words->items[words->count++] = TAKE(owned);
    words->items[words->count] = NULL;
    return 0;
}

static int
copy_word(InputWords *words, const char *text)
{
    AUTO(buf_done) Buf copy = { 0 };
    char *word;
    buf_add_text(&copy, text);
    int r = buf_take(&copy, &word);
    return r < 0 ? r : take_word(words, word);
}

/* Whether a part of the pattern other than `.` and `..` themselves has found one of these
 * two, which bash never does. */
static bool
finds_dots(const char *pattern, const char *path)
{
    while (*pattern && *path) {
        size_t wanted = strcspn(pattern, "/"), found = strcspn(path, "/");
        bool dots = found > 0 && found <= 2 && strncmp(path, "..", found) == 0;
        if (dots && (wanted != found || strncmp(pattern, path, found) != 0))
            return true;
        pattern += wanted + strspn(pattern + wanted, "/");
        path += found + strspn(path + found, "/");
    }
    return false;
}

static int
add_matches(Splitter *s, const char *pattern, const glob_t *found)
{
    int r = 0;
    for (size_t i = 0; i < found->gl_pathc && r == 0; i++) {
        if (!finds_dots(pattern, found->gl_pathv[i]))
            r = copy_word(&s->words, found->gl_pathv[i]);
    }
    return r;
}

/* Add the files that the pattern matches; adds none when there are none. */
static int
expand_pattern(Splitter *s)
{
    AUTO_FREE char *pattern = NULL;
    int r = buf_take(&s->pattern, &pattern);
    if (r < 0)
        return r;
    glob_t found = { 0 };
    int problem = glob(pattern, 0, NULL, &found);
    if (problem == 0)
        r = add_matches(s, pattern, &found);
    globfree(&found);
    return problem == GLOB_NOSPACE ? -ENOMEM : r;
}

static int
finish_word(Splitter *s)
{
    size_t count = s->words.count;
    int r = 0;
    if (s->started && s->magic && !(s->flags & INPUT_WORDS_NO_GLOB))
        r = expand_pattern(s);
    if (r == 0 && s->started && s->words.count == count) {
        char *word;
        r = buf_take(&s->value, &word);
        if (r == 0)
            r = take_word(&s->words, word);
    }
    buf_clear(&s->value);
    buf_clear(&s->pattern);
    s->started = s->magic = s->quoted = s->assignment = false;
    s->tilde = true;
    return r;
}

static int
read_single_quotes(Splitter *s)
{
    const char *start = s->line + s->at + 1;
    const char *close = memchr(start, '\'', s->length - s->at - 1);
    if (!close) {
        *s->ret_error = s->at;
        return -EINVAL;
    }
    add_quoted(s, start, (size_t)(close - start));
    s->at = (size_t)(close - s->line) + 1;
    s->started = s->quoted = true;
    return 0;
}

/* Read the `$`, `{` or `}` at hand, in double quotes or outside of quotes. */
static int
read_value(Splitter *s)
{
    AUTO(buf_done) Buf value = { 0 };
    int r = input_expand_at(&s->expansion, s->at, &value, &s->at);
    if (r < 0 || value.failed)
        return r < 0 ? r : -ENOMEM;
    add_quoted(s, value.bytes, value.length);
    s->started = s->started || value.length > 0;
    return 0;
}

static bool
is_reference(const Splitter *s, char c)
{
    return s->values && (c == '$' || c == '{' || c == '}');
}

static int
read_double_quotes(Splitter *s)
{
    size_t open = s->at++;
    s->started = s->quoted = true;
    while (s->at < s->length && s->line[s->at] != '"') {
        const char *c = s->line + s->at;
        bool escape = *c == '\\' && s->at + 1 < s->length && IS_ONE_OF(c[1], "$`\"\\\n");
        if (escape) {
            add_quoted(s, c + 1, c[1] != '\n');
            s->at += 2;
        } else if (is_reference(s, *c)) {
            int r = read_value(s);
            if (r < 0)
                return r;
        } else {
            // A backslash that escapes nothing stays, and so does what is behind it.
            size_t count = *c == '\\' && s->at + 1 < s->length ? 2 : 1;
            add_quoted(s, c, count);
            s->at += count;
        }
    }
    if (s->at == s->length) {
        *s->ret_error = open;
        return -EINVAL;
    }
    s->at++;
    return 0;
}

static void
read_backslash(Splitter *s)
{
    const char *c = s->line + s->at;
    bool last = s->at + 1 == s->length;
    s->at += last ? 1 : 2;
    add_quoted(s, last ? c : c + 1, 1);
    s->started = s->quoted = true;
}

/* Append the home of the user, or one's own for an empty name; whether there is one. */
static bool
append_home(Buf *out, const char *user)
{
    const char *home = *user ? NULL : getenv("HOME");
    char room[4096];
    struct passwd entry, *found = NULL;
    if (!home) {
        if (*user)
            (void)getpwnam_r(user, &entry, room, sizeof room, &found);  // `found` tells
        else
            (void)getpwuid_r(getuid(), &entry, room, sizeof room, &found);
        home = found ? found->pw_dir : NULL;
    }
    if (home)
        buf_add_text(out, home);
    return home != NULL;
}

/* Read the tilde at hand with the user's name behind it, or as a character like others. */
static int
read_tilde(Splitter *s)
{
    size_t start = s->at + 1, end = start;
    AUTO(buf_done) Buf name = { 0 }, home = { 0 };
    AUTO_FREE char *user = NULL;
    while (end < s->length && !is_separator(s->line[end]) && s->line[end] != ':') {
        bool join = is_join(s, end);
        if (!join && strchr("/'\"\\", s->line[end]))
            break;
        buf_add(&name, s->line + end, !join);
        end += join ? 2 : 1;
    }
    bool quoted = end < s->length && strchr("'\"\\", s->line[end]);
    int r = buf_take(&name, &user);
    if (r < 0)
        return r;
    bool known = !quoted && append_home(&home, user);
    if (home.failed)
        return -ENOMEM;
    if (known) {
        add_quoted(s, home.bytes, home.length);
        s->at = end;
        s->started = true;
    } else {
        add_plain(s, '~');
        s->at = start;
    }
    return 0;
}

/* Whether the word so far is a name, or a name and a plus: an `=` now makes an
 * assignment. */
static bool
is_assignable(const Splitter *s)
{
    size_t length = s->value.length;
    if (length > 0 && s->value.bytes[length - 1] == '+')
        length--;
    if (s->quoted || length == 0 || !input_is_letter(s->value.bytes[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!input_is_word(s->value.bytes[i]) || (unsigned char)s->value.bytes[i] >= 0x80)
            return false;
    }
    return true;
}

/* Read what is at hand outside of quotes and is no separator. */
static int
read_unquoted(Splitter *s)
{
    char c = s->line[s->at];
    bool tilde = s->tilde;
    s->tilde = false;
    if (c == '\'')
        return read_single_quotes(s);
    if (c == '"')
        return read_double_quotes(s);
    if (c == '~' && tilde && !(s->flags & INPUT_WORDS_NO_TILDE))
        return read_tilde(s);
    if (is_reference(s, c)) {
        s->quoted = true;
        return read_value(s);
    }
    if (c == '\\') {
        read_backslash(s);
        return 0;
    }
    if (c == '=' && !s->assignment)
        s->tilde = s->assignment = is_assignable(s);
    else if (c == ':')
        s->tilde = s->assignment;
    add_plain(s, c);
    s->at++;
    return 0;
}

static int
read_words(Splitter *s)
{
    while (s->at < s->length) {
        char c = s->line[s->at];
        int r = 0;
        if (c == '#' && !s->started) {
            while (s->at < s->length && s->line[s->at] != '\n')
                s->at++;
        } else if (is_join(s, s->at)) {
            s->at += 2;
        } else if (is_separator(c)) {
            r = finish_word(s);
            s->at++;
        } else {
            r = read_unquoted(s);
        }
        if (r < 0)
            return r;
    }
    return finish_word(s);
}

int
input_words_split(const char *line, size_t length, unsigned flags,
                  const InputValues *values, InputWords *ret_words, size_t *ret_error)
{
    const char *nul = length > 0 ? memchr(line, '\0', length) : NULL;
    if (nul) {
        *ret_error = (size_t)(nul - line);
        return -EINVAL;
    }
    Splitter s = { .line = line,
                   .length = length,
                   .flags = flags,
                   .values = values,
                   .tilde = true,
                   .ret_error = ret_error };
    if (values)
        s.expansion = (InputExpansion){ .line = line,
                                        .length = length,
                                        .evaluate = values->evaluate,
                                        .context = values->context };
    int r = read_words(&s);
    buf_done(&s.value);
    buf_done(&s.pattern);
    if (r < 0) {
        input_words_done(&s.words);
        return r;
    }
    *ret_words = s.words;
    return 0;
}

void
input_words_done(InputWords *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (InputWords){ 0 };
}
