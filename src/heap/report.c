#include "heap/report.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

void
heap_report_bytes(size_t bytes, char *text)
{
    static const char *const units[] = { "KB", "MB", "GB", "TB" };
    if (bytes < 1000) {
        (void)snprintf(text, HEAP_REPORT_BYTES, "%zu bytes", bytes);
        return;
    }
    double size = (double)bytes / 1000;
    size_t unit = 0;
    while (size >= 999.95 && unit + 1 < COUNT_OF(units)) {
        size /= 1000;
        unit++;
    }
    (void)snprintf(text, HEAP_REPORT_BYTES, "%.1f %s", size, units[unit]);
}

static void
add_escaped(Buf *b, Py_UCS4 c)
{
    char escape[16];
    if (c == '"' || c == '\\')
        (void)snprintf(escape, sizeof escape, "\\%c", (char)c);
    else if (c == '\n')
        (void)snprintf(escape, sizeof escape, "\\n");
    else if (c >= ' ' && c < 0x7F)
        (void)snprintf(escape, sizeof escape, "%c", (char)c);
    else if (c <= 0xFFFF)
        (void)snprintf(escape, sizeof escape, "\\u%04x", c);
    else
        (void)snprintf(escape, sizeof escape, "\\u%04x\\u%04x",
                       0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
    buf_add_text(b, escape);
}

PyObject *
heap_report_quote(PyObject *text)
{
    AUTO(buf_done) Buf b = { 0 };
    buf_add_byte(&b, '"', 1);
    for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(text); i++)
        add_escaped(&b, PyUnicode_READ_CHAR(text, i));
    buf_add_byte(&b, '"', 1);
    return b.failed ? PyErr_NoMemory()
                    : PyUnicode_FromStringAndSize(b.bytes, (Py_ssize_t)b.length);
}

/* Append what PyUnicode_FromFormat() made, and let go of it. */
static int
append_take(PyObject *parts, STOLEN PyObject *text)
{
    AUTO_DECREF PyObject *owned = text;
    return owned == NULL ? -1 : PyList_Append(parts, owned);
}

static PyObject *
join(PyObject *parts)
{
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    return nothing == NULL ? NULL : PyUnicode_Join(nothing, parts);
}

/* The widths of the first two columns. */
static void
measure(PyObject *hops, Py_ssize_t widths[2])
{
    widths[0] = widths[1] = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(hops); i++)
        for (Py_ssize_t k = 0; k < 2; k++) {
            BORROWED PyObject *text = PyTuple_GET_ITEM(PyTuple_GET_ITEM(hops, i), k);
            widths[k] = Py_MAX(widths[k], PyUnicode_GET_LENGTH(text));
        }
}

static PyObject *
text_row(PyObject *hop, const Py_ssize_t widths[2])
{
    AUTO_DECREF PyObject *row = PyUnicode_FromString("    %-*s  %-*s  %s");
    AUTO_DECREF PyObject *cells =
        Py_BuildValue("(nOnOO)", widths[0], PyTuple_GET_ITEM(hop, 0), widths[1],
                      PyTuple_GET_ITEM(hop, 1), PyTuple_GET_ITEM(hop, 2));
    AUTO_DECREF PyObject *text =
        row == NULL || cells == NULL ? NULL : PyUnicode_Format(row, cells);
    return text == NULL ? NULL : PyObject_CallMethod(text, "rstrip", NULL);
}

PyObject *
heap_report_text(const HeapChain *c)
{
    Py_ssize_t count = PyTuple_GET_SIZE(c->hops);
    if (count == 0)
        return Py_NewRef(c->where);
    AUTO_DECREF PyObject *rows = PyList_New(0);
    AUTO_DECREF PyObject *newline = PyUnicode_FromString("\n");
    if (rows == NULL || newline == NULL
        || append_take(rows, PyUnicode_FromFormat("%U  (%U)", c->expression, c->where)) < 0)
        return NULL;
    Py_ssize_t widths[2];
    measure(c->hops, widths);
    for (Py_ssize_t i = 0; count > 1 && i < count; i++)
        if (append_take(rows, text_row(PyTuple_GET_ITEM(c->hops, i), widths)) < 0)
            return NULL;
    return PyUnicode_Join(newline, rows);
}

static PyObject *
json_hop(PyObject *hop)
{
    AUTO_DECREF PyObject *text = heap_report_quote(PyTuple_GET_ITEM(hop, 0));
    AUTO_DECREF PyObject *type = heap_report_quote(PyTuple_GET_ITEM(hop, 1));
    AUTO_DECREF PyObject *note = heap_report_quote(PyTuple_GET_ITEM(hop, 2));
    if (text == NULL || type == NULL || note == NULL)
        return NULL;
    return PyUnicode_FromFormat("{\"text\": %U, \"type\": %U, \"note\": %U}", text, type,
                                note);
}

PyObject *
heap_report_json(const HeapChain *c)
{
    AUTO_DECREF PyObject *type = heap_report_quote(c->type_name);
    AUTO_DECREF PyObject *where = heap_report_quote(c->where);
    AUTO_DECREF PyObject *expression = heap_report_quote(c->expression);
    AUTO_DECREF PyObject *hops = PyList_New(0);
    AUTO_DECREF PyObject *comma = PyUnicode_FromString(", ");
    if (type == NULL || where == NULL || expression == NULL || hops == NULL
        || comma == NULL)
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(c->hops); i++)
        if (append_take(hops, json_hop(PyTuple_GET_ITEM(c->hops, i))) < 0)
            return NULL;
    AUTO_DECREF PyObject *row = PyUnicode_Join(comma, hops);
    if (row == NULL)
        return NULL;
    return PyUnicode_FromFormat(
        "{\"type\": %U, \"where\": %U, \"expression\": %U, \"hops\": [%U]}", type, where,
        expression, row);
}

/* A box with two lines: the end of a line is written `\n` there. */
static PyObject *
dot_box(Py_ssize_t number, PyObject *upper, PyObject *lower)
{
    AUTO_DECREF PyObject *label = PyUnicode_FromFormat("%U\n%U", upper, lower);
    AUTO_DECREF PyObject *quoted = label == NULL ? NULL : heap_report_quote(label);
    return quoted == NULL ? NULL
                          : PyUnicode_FromFormat("    %zd [label=%U]\n", number, quoted);
}

static int
dot_hops(PyObject *parts, PyObject *hops)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(hops); i++) {
        BORROWED PyObject *hop = PyTuple_GET_ITEM(hops, i);
        if (append_take(parts,
                        dot_box(i + 1, PyTuple_GET_ITEM(hop, 0), PyTuple_GET_ITEM(hop, 1)))
                < 0
            || append_take(parts, PyUnicode_FromFormat("    %zd -> %zd\n", i, i + 1)) < 0)
            return -1;
    }
    return 0;
}

PyObject *
heap_report_dot(const HeapChain *c)
{
    AUTO_DECREF PyObject *parts = PyList_New(0);
    AUTO_DECREF PyObject *where = heap_report_quote(c->where);
    if (parts == NULL || where == NULL
        || append_take(parts, PyUnicode_FromString("digraph chain {\n"
                                                   "    node [shape=box]\n"))
               < 0
        || append_take(parts,
                       PyUnicode_FromFormat("    0 [label=%U, shape=plaintext]\n", where))
               < 0
        || dot_hops(parts, c->hops) < 0
        || append_take(parts, PyUnicode_FromString("}")) < 0)
        return NULL;
    return join(parts);
}
