/* heap/report.h -- chains and sizes as text, for people, for machines, for pictures.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c, tests/py/test_why.py
 */
#pragma once

#include "heap/chain.h"

enum { HEAP_REPORT_BYTES = 24 };

/* `123 bytes`, `4.5 KB`, `67.8 MB`: at most HEAP_REPORT_BYTES with its NUL.  Never fails. */
void heap_report_bytes(size_t bytes, char *text);

/* Each of these: a new str, without a newline at its end, or NULL with an exception set. */
CHECKED PyObject *heap_report_text(const HeapChain *c);
CHECKED PyObject *heap_report_json(const HeapChain *c);
CHECKED PyObject *heap_report_dot(const HeapChain *c);

/* A str as JSON writes it, which dot reads as well. */
CHECKED PyObject *heap_report_quote(PyObject *text);
