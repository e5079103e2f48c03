#include "input/expand.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "input/lex.h"

static char
peek(const InputExpansion *e, size_t at)
{
    if (at < e->length)
        return e->line[at];
    return '\0';
}

/* The end of the `name.attr.attr` at `at`, or `at` when there is none. */
static size_t
skip_dotted_name(const InputExpansion *e, size_t at)
{
    if (!input_is_letter(peek(e, at)))
        return at;
    for (;;) {
        while (at < e->length && input_is_word(e->line[at]))
            at++;
        if (peek(e, at) != '.' || !input_is_letter(peek(e, at + 1)))
            return at;
        at++;
    }
}

/* The offset of the brace that closes the one at `open`: the line's length if there is
 * none. */
static size_t
find_closing_brace(const InputExpansion *e, size_t open)
{
    InputLex lex;
    InputToken token;
    size_t depth = 0;
    input_lex_init(&lex, e->line, e->length, open);
    while (input_lex_next(&lex, &token)) {
        char c = e->line[token.start];
        if (token.kind == LEX_OPEN && c == '{')
            depth++;
        else if (token.kind == LEX_CLOSE && c == '}' && --depth == 0)
            return token.start;
    }
    return e->length;
}

/* Append the value of [start, end): 1, 0 when it has none, or -errno. */
static int
append_value(InputExpansion *e, size_t start, size_t end, Buf *out)
{
    AUTO_FREE char *value = NULL;
    int r = e->evaluate(e->line + start, end - start, e->context, &value);
    if (r == 1)
        buf_add_text(out, value);
    return r;
}

static int
expand_dollar(InputExpansion *e, size_t at, Buf *out, size_t *ret_end)
{
    bool doubled = peek(e, at + 1) == '$';
    if (doubled && input_is_word(peek(e, at + 2))) {
        size_t end = at + 2;
        while (end < e->length && input_is_word(e->line[end]))
            end++;
        buf_add(out, e->line + at + 1, end - at - 1);
        *ret_end = end;
        return 0;
    }
    size_t end = skip_dotted_name(e, at + 1);
    int r = end > at + 1 ? append_value(e, at + 1, end, out) : 0;
    if (r < 0)
        return r;
    if (r == 0) {
        // A second dollar begins no name, and the brace after a dollar is the shell's.
        end = at + 1 + (doubled || peek(e, at + 1) == '{');
        buf_add(out, e->line + at, end - at);
    }
    *ret_end = end;
    return 0;
}

static int
expand_brace(InputExpansion *e, size_t at, Buf *out, size_t *ret_end)
{
    char c = e->line[at];
    *ret_end = at + 1;
    if (at >= e->braces_from && peek(e, at + 1) == c) {
        *ret_end = at + 2;
    } else if (at >= e->braces_from && c == '{') {
        size_t close = find_closing_brace(e, at);
        int r =
            close < e->length && close > at + 1 ? append_value(e, at + 1, close, out) : 0;
        if (r < 0)
            return r;
        e->braces_from = close < e->length ? close + 1 : e->length;
        if (r == 1) {
            *ret_end = close + 1;
            return 0;
        }
    }
    buf_add_byte(out, c, 1);
    return 0;
}

int
input_expand_at(InputExpansion *e, size_t at, Buf *out, size_t *ret_end)
{
    return e->line[at] == '$' ? expand_dollar(e, at, out, ret_end)
                              : expand_brace(e, at, out, ret_end);
}

/* The offset behind the single quotes that open at `at`, or behind a lone apostrophe. */
static size_t
skip_single_quotes(const InputExpansion *e, size_t at)
{
    const char *close = memchr(e->line + at + 1, '\'', e->length - at - 1);
    return close ? (size_t)(close - e->line) + 1 : at + 1;
}

int
input_expand(const char *line, size_t length, InputEvaluate evaluate, void *context,
             char **ret_text)
{
    InputExpansion e = {
        .line = line, .length = length, .evaluate = evaluate, .context = context
    };
    AUTO(buf_done) Buf out = { 0 };
    bool double_quotes = false;
    for (size_t at = 0, end; at < length; at = end) {
        char c = line[at];
        end = at + 1;
        if (c == '$' || c == '{' || c == '}') {
            int r = input_expand_at(&e, at, &out, &end);
            if (r < 0)
                return r;
            continue;
        }
        if (c == '\\' && end < length)
            end++;
        else if (c == '\'' && !double_quotes)
            end = skip_single_quotes(&e, at);
        else if (c == '"')
            double_quotes = !double_quotes;
        buf_add(&out, line + at, end - at);
    }
    return buf_take(&out, ret_text);
}
