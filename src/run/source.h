/* run/source.h -- the text of a script, compiled, as it ran.
 *
 * Runs of the same text share one RunSource: one code object, one entry in `linecache`.  While
 * it is the latest text of its path, its code says the path itself; once another text takes
 * over the path it is relabelled `path <run N>`, N being the first run of this text, so that
 * tracebacks and `inspect` go on to show what ran.
 *
 * World: Python, GIL held.  Tests: tests/c/test_run_source.c
 */
#pragma once

#include <stdbool.h>

#include "base/sha256.h"
#include "py/ref.h"

typedef struct RunSource {
    Py_ssize_t users;
    PyObject *path;      // str: absolute
    PyObject *bytes;     // bytes: the file's content
    PyObject *text;      // str: decoded by PEP 263; NULL for code without a text
    PyObject *code;      // the code object of the module
    PyObject *filename;  // str: what `code.co_filename` says, the path or `path <run N>`
    PyObject *reads;  // frozenset of str: the names read as globals; NULL until asked for
    bool labelled;
    char sha256[SHA256_HEX];  // of `bytes`; empty until asked for
} RunSource;

/* Read the file at `path`, a str that may lack its `.py`.
 *
 * Returns the content as bytes with the name as it is on disk in `ret_found`; or NULL with an
 * OSError set, of the type that fits, whose text is one line.
 */
CHECKED PyObject *run_source_read(PyObject *path, PyObject **ret_found);

/* Decode and compile `bytes`, the content of the file at the absolute `path`.
 *
 * Returns a source with one user, or NULL with an exception set: SyntaxError is Python's own,
 * ValueError stands for nesting that is too deep for it, the others are run_decode()'s.
 */
CHECKED RunSource *run_source_new(PyObject *path, PyObject *bytes);

/* Have a source of `code` that a loader made, whose text is the str `text`, or NULL where there is
 * none; `path` is the code's filename, and `bytes` that by which equal code is known.
 *
 * Returns a source with one user, or NULL with an exception set.
 */
CHECKED RunSource *run_source_of_code(PyObject *path, PyObject *bytes, PyObject *text,
                                      PyObject *code);

/* Make `linecache` show the text, if any, under the source's present filename. */
CHECKED int run_source_show(const RunSource *s);

/* Relabel the code as `path <run NUMBER>`; done once, later calls change nothing. */
CHECKED int run_source_label(RunSource *s, int number);

/* The names that the code reads as globals, anywhere in it: a frozenset, valid as long as `s`.
 *
 * Returns NULL with an exception set.
 */
BORROWED PyObject *run_source_reads(RunSource *s);

/* The SHA-256 of the file's content, as sha256sum prints it; valid as long as `s`.  Never fails. */
const char *run_source_sha256(RunSource *s);

RunSource *run_source_ref(RunSource *s);

/* Give up one use; the last one frees the source and its labelled entry in `linecache`.
 * Accepts NULL; keeps a pending exception.
 */
void run_source_unref(RunSource *s);
DEFINE_AUTO(RunSource *, run_source_unref)
