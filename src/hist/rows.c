#include "hist/rows.h"

#include <stdlib.h>

enum { ROOM_MIN = 16 };

static int
make_room(HistRows *rows)
{
    if (rows->count < rows->room)
        return 0;
    size_t room = rows->room ? rows->room * 2 : ROOM_MIN;
    HistRow *items = alloc_resize(rows->items, room * sizeof *items);
    if (!items)
        return -1;
    rows->items = items;
    rows->room = room;
    return 0;
}

void
hist_rows_add(HistRows *rows, HistRow row, const char *text, size_t length)
{
    row.text = rows->texts.length;
    row.length = length;
    row.has_output = false;
    buf_add(&rows->texts, text, length);
    if (rows->failed || rows->texts.failed || make_room(rows) < 0) {
        rows->failed = true;
        return;
    }
    rows->items[rows->count++] = row;
}

void
hist_rows_set_output(HistRows *rows, const char *text, size_t length)
{
    size_t start = rows->texts.length;
    buf_add(&rows->texts, text, length);
    if (rows->failed || rows->texts.failed) {
        rows->failed = true;
        return;
    }
    HistRow *last = &rows->items[rows->count - 1];
    last->output = start;
    last->output_length = length;
    last->has_output = true;
}

void
hist_rows_reverse(HistRows *rows)
{
    for (size_t i = 0; i < rows->count / 2; i++) {
        HistRow row = rows->items[i];
        rows->items[i] = rows->items[rows->count - 1 - i];
        rows->items[rows->count - 1 - i] = row;
    }
}

const char *
hist_rows_text(const HistRows *rows, size_t i)
{
    return rows->texts.bytes ? rows->texts.bytes + rows->items[i].text : "";
}

const char *
hist_rows_output(const HistRows *rows, size_t i)
{
    return rows->texts.bytes ? rows->texts.bytes + rows->items[i].output : "";
}

void
hist_rows_done(HistRows *rows)
{
    free(rows->items);
    buf_done(&rows->texts);
    *rows = (HistRows){ 0 };
}
