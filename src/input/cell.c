#include "input/cell.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "input/line.h"
#include "input/paste.h"

enum { LEVELS_MAX = 100, INDENT_STEP = 4 };  // CPython's MAXINDENT

/* The open blocks: the columns of each, the text's own first. */
typedef struct Levels {
    size_t columns[LEVELS_MAX];
    size_t count;
} Levels;

/* What the lines so far leave open. */
typedef struct Progress {
    Levels levels;
    unsigned flags;   // of the last line that is not blank
    bool compound;    // the last statement of the text is a compound one
    bool empty_line;  // the text ends with an empty line
    bool cell_magic;
} Progress;

/* Enter or leave the blocks that a line at `columns` does: false when Python would
 * object. */
static bool
follow_indent(Levels *l, size_t columns, bool body)
{
    if (l->count == 0 || body) {
        bool fits =
            l->count == 0 || (columns > l->columns[l->count - 1] && l->count < LEVELS_MAX);
        if (fits)
            l->columns[l->count++] = columns;
        return fits;
    }
    if (columns > l->columns[l->count - 1])
        return false;
    while (l->count > 1 && l->columns[l->count - 1] > columns)
        l->count--;
    return l->columns[l->count - 1] == columns;
}

/* Take in a line that is not blank: false when nothing can follow it. */
static bool
follow_line(Progress *p, const InputLine *line)
{
    bool first = p->levels.count == 0;
    if (!follow_indent(&p->levels, line->columns, p->flags & LINE_HEADER))
        return false;
    if (first && line->kind == LINE_CELL)
        p->cell_magic = true;
    if (line->flags & LINE_CLAUSE && p->levels.count == 1 && !p->compound)
        return false;
    if (p->levels.count == 1 && !(line->flags & LINE_CLAUSE))
        p->compound = line->flags & LINE_COMPOUND;
    p->flags = line->flags;
    return true;
}

static InputCellStatus
clean_status(const char *text, size_t length)
{
    Progress p = { 0 };
    InputLine line;
    for (size_t at = 0; input_line_read(text, length, at, &line); at = line.end) {
        bool blank = line.kind == LINE_BLANK;
        p.empty_line = blank && !(line.flags & LINE_COMMENT);
        if (blank || p.cell_magic)
            continue;
        if (line.flags & LINE_BROKEN || !follow_line(&p, &line))
            return INPUT_INVALID;
    }
    if (p.cell_magic)
        return p.empty_line ? INPUT_COMPLETE : INPUT_INCOMPLETE;
    if (p.flags & (LINE_OPEN | LINE_HEADER | LINE_DECORATOR))
        return INPUT_INCOMPLETE;
    return p.compound && !p.empty_line ? INPUT_INCOMPLETE : INPUT_COMPLETE;
}

int
input_cell_status(const char *text, size_t length, InputCellStatus *ret_status)
{
    if (!input_paste_needed(text, length)) {
        *ret_status = clean_status(text, length);
        return 0;
    }
    AUTO_FREE char *clean = NULL;
    size_t clean_length = 0;
    int r = input_paste_clean(text, length, &clean, &clean_length);
    if (r < 0)
        return r;
    *ret_status = clean_status(clean, clean_length);
    return 0;
}

/* The columns of the block around the one that a line at `columns` is in. */
static size_t
outer_columns(const Levels *l)
{
    return l->count > 1 ? l->columns[l->count - 2] : l->columns[0];
}

size_t
input_cell_indent(const char *text, size_t length)
{
    Progress p = { 0 };
    InputLine line, last = { 0 };
    for (size_t at = 0; input_line_read(text, length, at, &line); at = line.end) {
        if (line.kind == LINE_BLANK)
            continue;
        last = line;
        // What Python will object to still has an indentation: go on from there.
        if (!follow_line(&p, &line))
            p = (Progress){ .levels = { { line.columns }, 1 }, .flags = line.flags };
    }
    if (last.in_string)
        return 0;
    if (last.in_bracket)
        return last.inner_columns + INDENT_STEP;
    if (last.flags & (LINE_HEADER | LINE_OPEN))
        return last.columns + INDENT_STEP;
    return last.flags & LINE_LEAVES ? outer_columns(&p.levels) : last.columns;
}

/* Whether a line at the columns of the cell's first line still belongs to the cell. */
static bool
goes_on(const InputLine *line, unsigned previous, bool compound)
{
    return previous & LINE_DECORATOR || (compound && line->flags & LINE_CLAUSE);
}

size_t
input_cell_next(const char *text, size_t length, size_t start)
{
    InputLine first, line;
    size_t at = start;
    do {
        if (!input_line_read(text, length, at, &first))
            return length;
        at = first.end;
    } while (first.kind == LINE_BLANK);
    if (first.kind == LINE_CELL)
        return length;

    size_t end = at;
    unsigned previous = first.flags;  // of the last line at the first one's columns
    bool compound = previous & LINE_COMPOUND;
    for (; input_line_read(text, length, at, &line); at = line.end) {
        if (line.kind == LINE_BLANK)
            continue;
        if (line.columns <= first.columns) {
            if (line.columns < first.columns || !goes_on(&line, previous, compound))
                break;
            previous = line.flags;
            compound = compound || previous & LINE_COMPOUND;
        }
        end = line.end;
    }
    return end;
}
