/* Replays the .case files of tests/cases.
 *
 * A case is an input and what must come of it, two blocks of lines with an empty line
 * between; the next case follows after another.  In a block a line with only `~` stands
 * for an empty line, and `\t` `\r` `\\` for what they are in C; a line that begins with
 * `#:` is a remark. Every line of an input ends with a newline; what comes of it is
 * compared without the newlines at its end.  The file's name says what is done with the
 * input.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "input/cell.h"
#include "input/expand.h"
#include "input/transform.h"
#include "input/want.h"
#include "input/words.h"
#include "testing_alloc.h"

typedef int (*Apply)(const char *text, Buf *out);

static bool
is_named(const char *name, size_t length, const char *const *names)
{
    for (; *names; names++) {
        if (strlen(*names) == length && memcmp(*names, name, length) == 0)
            return true;
    }
    return false;
}

static bool
is_magic(const char *name, size_t length, void *context)
{
    const char *const names[] = { "cd", "ls", "run", "who", "if", "x", NULL };
    return is_named(name, length, names);
}

static bool
is_variable(const char *name, size_t length, void *context)
{
    const char *const names[] = { "x", "y", NULL };
    return is_named(name, length, names);
}

static int
transform_with(const char *text, const InputNames *names, Buf *out)
{
    AUTO_FREE char *once = NULL, *twice = NULL;
    int r = input_transform(text, strlen(text), names, &once);
    if (r < 0)
        return r;
    r = input_transform(once, strlen(once), names, &twice);
    if (r < 0)
        return r;
    assert_string_equal(once, twice);
    assert_int_equal(input_transform_needed(text, strlen(text), names),
                     !!strcmp(once, text));
    buf_add_text(out, once);
    return 0;
}

static int
apply_transform(const char *text, Buf *out)
{
    return transform_with(text, NULL, out);
}

static int
apply_automagic(const char *text, Buf *out)
{
    const InputNames names = { .is_magic = is_magic, .is_variable = is_variable };
    return transform_with(text, &names, out);
}

static int
apply_status(const char *text, Buf *out)
{
    static const char *const words[] = { "complete", "incomplete", "invalid" };
    InputCellStatus status = INPUT_COMPLETE;
    int r = input_cell_status(text, strlen(text), &status);
    buf_add_text(out, words[status]);
    return r;
}

static int
apply_indent(const char *text, Buf *out)
{
    char number[32];
    snprintf(number, sizeof number, "%zu", input_cell_indent(text, strlen(text)));
    buf_add_text(out, number);
    return 0;
}

/* The cells, with a line of dashes behind each but the last. */
static int
apply_cells(const char *text, Buf *out)
{
    size_t length = strlen(text);
    for (size_t at = 0, end; at < length; at = end) {
        end = input_cell_next(text, length, at);
        buf_add(out, text + at, end - at);
        buf_add_text(out, end < length ? "----\n" : "");
    }
    return 0;
}

/* Knows `x`, `y`, `a.b` and `x + 1`. */
static int
evaluate(const char *expression, size_t length, void *context, char **ret_text)
{
    const char *const known[] = {
        "x", "y", "a.b", "x + 1", "d['}']", "x:.2f", "empty", NULL
    };
    const char *const values[] = { "X", "*", "AB", "2", "brace", "0.50", "" };
    for (size_t i = 0; known[i]; i++) {
        if (strlen(known[i]) == length && memcmp(known[i], expression, length) == 0) {
            AUTO(buf_done) Buf value = { 0 };
            buf_add_text(&value, values[i]);
            int r = buf_take(&value, ret_text);
            return r < 0 ? r : 1;
        }
    }
    return 0;
}

static int
apply_expand(const char *text, Buf *out)
{
    AUTO_FREE char *expanded = NULL;
    int r = input_expand(text, strlen(text), evaluate, NULL, &expanded);
    if (r == 0)
        buf_add_text(out, expanded);
    return r;
}

/* The words, a line each, between angle brackets. */
static int
split_with(const char *text, const InputValues *values, Buf *out)
{
    AUTO(input_words_done) InputWords words = { 0 };
    size_t error = 0;
    int r =
        input_words_split(text, strlen(text), INPUT_WORDS_NO_GLOB, values, &words, &error);
    if (r == -EINVAL) {
        char line[40];
        snprintf(line, sizeof line, "error at %zu", error);
        buf_add_text(out, line);
        return 0;
    }
    for (size_t i = 0; i < words.count; i++) {
        buf_add_byte(out, '<', 1);
        buf_add_text(out, words.items[i]);
        buf_add_text(out, ">\n");
    }
    return r;
}

static int
apply_words(const char *text, Buf *out)
{
    return split_with(text, NULL, out);
}

static int
apply_values(const char *text, Buf *out)
{
    const InputValues values = { .evaluate = evaluate };
    return split_with(text, &values, out);
}

static void
add_span(Buf *out, const char *name, const char *text, InputSpan span)
{
    if (span.end == span.start)
        return;
    buf_add_text(out, name);
    buf_add(out, text + span.start, span.end - span.start);
    buf_add_byte(out, '>', 1);
}

/* The cursor is where the first `|` is, which is no part of the text. */
static int
apply_want(const char *marked, Buf *out)
{
    static const char *const kinds[] = {
        [WANT_NOTHING] = "nothing",
        [WANT_NAME] = "name",
        [WANT_ATTRIBUTE] = "attribute",
        [WANT_MODULE] = "module",
        [WANT_IMPORT] = "import",
        [WANT_MEMBER] = "member",
        [WANT_KEY] = "key",
        [WANT_STRING] = "string",
        [WANT_SHELL] = "shell",
        [WANT_MAGIC] = "magic",
        [WANT_SYMBOL] = "symbol",
        [WANT_ARGUMENT] = "argument",
    };
    size_t cursor = strcspn(marked, "|");
    AUTO(buf_done) Buf whole = { 0 };
    buf_add(&whole, marked, cursor);
    buf_add_text(&whole, marked + cursor + 1);
    AUTO_FREE char *text = NULL;
    InputWant w;
    int r = buf_take(&whole, &text);
    if (r == 0)
        r = input_want_read(text, strlen(text), cursor, &w);
    if (r < 0)
        return r;
    buf_add_text(out, kinds[w.kind]);
    add_span(out, " <", text, w.replaced);
    add_span(out, " of <", text, w.object);
    add_span(out, " call <", text, w.call);
    add_span(out, " subscript <", text, w.subscript);
    add_span(out, " behind <", text, w.before);
    add_span(out, " rest <", text, w.rest);
    buf_add_text(out, w.cell ? " cell" : "");
    buf_add_text(out, w.first ? " first" : "");
    return 0;
}

/* Add a line of a block as it is meant. */
static void
add_meant(Buf *out, const char *line)
{
    if (strcmp(line, "~") == 0)
        line = "";
    for (; *line; line++) {
        const char *escape = *line == '\\' && line[1] ? strchr("tr\\", line[1]) : NULL;
        if (escape) {
            buf_add_byte(out, *escape == 't' ? '\t' : *escape == 'r' ? '\r' : '\\', 1);
            line++;
        } else {
            buf_add(out, line, 1);
        }
    }
    buf_add_byte(out, '\n', 1);
}

/* Read the next block, NULL at the end of the file. */
static char *
read_block(FILE *file)
{
    char line[1024];
    AUTO(buf_done) Buf block = { 0 };
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "#:", 2) == 0)
            continue;
        if (*line)
            add_meant(&block, line);
        else if (block.length > 0)
            break;
    }
    char *text = NULL;
    if (block.length > 0)
        assert_int_equal(buf_take(&block, &text), 0);
    return text;
}

static void
strip_newlines(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
}

/* Apply with every allocation failing once, then with none: each time the result is
 * right, or there was no memory for it. */
static void
run_case(const char *name, Apply apply, const char *input, char *expected)
{
    for (long n = 0, hit = 1; hit; n++) {
        AUTO(buf_done) Buf out = { 0 };
        AUTO_FREE char *result = NULL;
        (void)alloc_fail_at(n);
        int r = apply(input, &out);
        int taken = r == 0 ? buf_take(&out, &result) : r;
        hit = alloc_fail_at(-1);
        if (hit && taken == -ENOMEM)
            continue;
        assert_int_equal(taken, 0);
        strip_newlines(expected);
        strip_newlines(result);
        if (strcmp(result, expected) != 0)
            print_error("%s: input\n%s", name, input);
        assert_string_equal(result, expected);
    }
}

static void
replay(const char *name, Apply apply)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.case", TESTING_CASES, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t count = 0;
    for (;;) {
        AUTO_FREE char *input = read_block(file);
        AUTO_FREE char *expected = input ? read_block(file) : NULL;
        if (!input)
            break;
        assert_non_null(expected);
        run_case(name, apply, input, expected);
        count++;
    }
    fclose(file);
    assert_true(count > 0);
}

#define CASES(name)                                                                        \
    static void cases_of_##name(void **state)                                              \
    {                                                                                      \
        replay(#name, apply_##name);                                                       \
    }

CASES(transform)
CASES(automagic)
CASES(status)
CASES(indent)
CASES(cells)
CASES(expand)
CASES(words)
CASES(values)
CASES(want)

int
main(void)
{
    assert_int_equal(setenv("HOME", "/home/me", 1), 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_of_transform), cmocka_unit_test(cases_of_automagic),
        cmocka_unit_test(cases_of_status),    cmocka_unit_test(cases_of_indent),
        cmocka_unit_test(cases_of_cells),     cmocka_unit_test(cases_of_expand),
        cmocka_unit_test(cases_of_words),     cmocka_unit_test(cases_of_values),
        cmocka_unit_test(cases_of_want),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
