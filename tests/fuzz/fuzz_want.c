/* What is wanted lies within the text, before the cursor but for one quote. */
#include "fuzz.h"

#include "input/want.h"

static void
holds_span(InputSpan span, size_t cursor)
{
    HOLDS(span.start <= span.end && span.end <= cursor);
}

static void
wants_within(const char *text, size_t length, size_t cursor)
{
    InputWant w;
    HOLDS(input_want_read(text, length, cursor, &w) == 0);
    HOLDS(w.replaced.start <= cursor && cursor <= w.replaced.end);
    HOLDS(w.replaced.end <= length && w.replaced.end <= cursor + 1);
    holds_span(w.object, cursor);
    holds_span(w.call, cursor);
    holds_span(w.subscript, cursor);
    holds_span(w.before, cursor);
    holds_span(w.rest, cursor);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // In memory of its own size, so that a read past the end is seen.
    char *text = malloc(size ? size : 1);
    HOLDS(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    size_t step = size > 200 ? size / 200 : 1;
    for (size_t cursor = 0; cursor <= size; cursor += step)
        wants_within(text, size, cursor);
    free(text);
    return 0;
}
