/* heap/frame.h -- the variables of a frame, looked at without a trace.
 *
 * A function's variables are in its frame, not in a dict.  Up to 3.12, CPython answers with a
 * dict of copies that stays in the frame and holds what it shows for as long as the function
 * runs; so it is emptied afterwards.  Not where somebody else has that dict too (a debugger),
 * and not while any thread is traced or profiled: after each event CPython puts what the dict
 * has back into the frame.
 *
 * World: Python, GIL held.  Tests: tests/c/test_heap_module.c
 */
#pragma once

#include "py/ref.h"

/* The variables of a function's frame: a list of pairs of a name and a value.
 *
 * Returns NULL with an exception set.
 */
CHECKED PyObject *heap_frame_variables(PyFrameObject *frame);
