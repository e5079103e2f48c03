/* base/editor.h -- the user's own editor, and a file for it to work on.
 *
 * World: plain.  Tests: tests/c/test_base_editor.c
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

/* What $VISUAL says, or $EDITOR, or vi.  Valid as long as the environment.  Never fails. */
const char *editor_name(void);

/* Make a file for the text, in $TMPDIR or /tmp, that its user alone can read: its path, malloc'ed.
 * Returns 0; or a negative errno, with no file left.
 */
CHECKED int editor_file(const char *text, size_t length, char **ret_path);

/* The shell's command to edit the file at `path`, from a line on (0: anywhere), malloc'ed.
 * Returns 0 or -ENOMEM.
 */
CHECKED int editor_command(const char *path, long line, char **ret_command);
