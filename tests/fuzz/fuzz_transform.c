/* Transforming twice is transforming once; only what needs it is changed; lines keep their
 * numbers; the cells of a text tile it. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "input/cell.h"
#include "input/lex.h"
#include "input/line.h"
#include "input/transform.h"

static bool
is_magic(const char *name, size_t length, void *context)
{
    return length <= 3;
}

static bool
is_variable(const char *name, size_t length, void *context)
{
    return name[0] == 'v';
}

static size_t
count_lines(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t at = 0; at < length; count++)
        at = input_line_after(text, length, input_line_stop(text, length, at));
    return count;
}

static void
transform_is_idempotent(const char *text, size_t length, const InputNames *names)
{
    char *once = NULL, *twice = NULL;
    int r = input_transform(text, length, names, &once);
    HOLDS(r == 0 || (r == -EINVAL && memchr(text, '\0', length)));
    if (r < 0)
        return;
    HOLDS(input_transform(once, strlen(once), names, &twice) == 0);
    if (strcmp(once, twice) != 0)
        fprintf(stderr, "once:\n%s\ntwice:\n%s\n", once, twice);
    HOLDS(strcmp(once, twice) == 0);
    HOLDS(!input_transform_needed(once, strlen(once), names));
    bool same = strlen(once) == length && memcmp(once, text, length) == 0;
    HOLDS(input_transform_needed(text, length, names) || same);
    HOLDS(strstr(once, "run_cell_magic") || length == 0
          || !input_is_newline(text[length - 1])
          || count_lines(once, strlen(once)) == count_lines(text, length));
    free(once);
    free(twice);
}

static void
cells_advance(const char *text, size_t length)
{
    for (size_t at = 0, end; at < length; at = end) {
        end = input_cell_next(text, length, at);
        HOLDS(end > at && end <= length);
    }
    HOLDS(input_cell_next(text, length, length) == length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const InputNames names = { .is_magic = is_magic, .is_variable = is_variable };
    InputCellStatus status;
    char *text = malloc(size ? size : 1);
    HOLDS(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    transform_is_idempotent(text, size, NULL);
    transform_is_idempotent(text, size, &names);
    cells_advance(text, size);
    HOLDS(input_cell_status(text, size, &status) == 0);
    HOLDS(input_cell_indent(text, size) <= 8 * size + 4);
    free(text);
    return 0;
}
