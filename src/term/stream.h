/* term/stream.h -- sys.stdout and sys.stderr of a session with a prompt.
 *
 * They are given a raw file of ours at their bottom, an io.FileIO as before but for its write():
 * what is written goes to term/output where that takes it, else to the terminal at once.  All that
 * is above it (encoding, errors, buffer, fileno(), isatty()) is what it was.
 *
 * World: front, GIL held.  State is static: a raw file knows no session.
 * Tests: tests/py/test_term_output.py
 */
#pragma once

#include "base/attr.h"

/* Put our raw files below sys.stdout and sys.stderr, where these are the interpreter's own on the
 * terminal.  Returns 0, or -1 with an exception set. */
CHECKED int stream_start(void);
