/* The tokens tile the text, and so do the logical lines; neither is ever empty. */
#include "fuzz.h"

#include "input/lex.h"
#include "input/line.h"

static void
tokens_tile(const char *text, size_t length)
{
    InputLex lex;
    InputToken token;
    size_t at = 0;
    input_lex_init(&lex, text, length, 0);
    while (input_lex_next(&lex, &token)) {
        HOLDS(token.start == at && token.end > at && token.end <= length);
        at = token.end;
    }
    HOLDS(at == length);
}

static void
lines_tile(const char *text, size_t length)
{
    InputLine line;
    size_t at = 0;
    for (; input_line_read(text, length, at, &line); at = line.end) {
        HOLDS(line.start == at && line.end > at && line.end <= length);
        HOLDS(line.start <= line.first && line.first <= line.stop && line.stop <= line.end);
        HOLDS(line.kind <= LINE_PYTHON
              || (line.first <= line.shell && line.shell < line.stop));
        HOLDS(!(line.flags & LINE_OPEN) || line.end == length);
    }
    HOLDS(at == length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    // In memory of its own size, so that a read past the end is seen.
    char *text = malloc(size ? size : 1);
    HOLDS(text);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)data[i];
    tokens_tile(text, size);
    lines_tile(text, size);
    free(text);
    return 0;
}
