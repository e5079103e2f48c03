#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <readline/readline.h>

#include "base/editor.h"
#include "base/file.h"
#include "term/state.h"

/* Say one line above what is edited. */
static void
say(const char *what, const char *why)
{
    AUTO(buf_done) Buf line = { 0 };
    buf_add_text(&line, what);
    buf_add_text(&line, ": ");
    buf_add_text(&line, why);
    buf_add_text(&line, "; the cell is as it was\n");
    if (!line.failed)
        line_print_above(line.bytes, line.length);
}

/* Have the user's editor work on the file: whether it did. */
static bool
run_editor(const char *path)
{
    AUTO_FREE char *command = NULL;
    char why[64];
    if (editor_command(path, 0, &command) < 0)
        return false;
    line_suspend();
    int status = system(command);
    line_resume();
    if (status == 0)
        return true;
    if (status != -1 && WIFSIGNALED(status))
        (void)snprintf(why, sizeof why, "ended by signal %d", WTERMSIG(status));
    else
        (void)snprintf(why, sizeof why, "ended with status %d",
                       status == -1 ? -1 : WEXITSTATUS(status));
    say(editor_name(), why);
    return false;
}

/* Put the file's text in the place of the buffer's. */
static void
take_file(Line *l, const char *path)
{
    AUTO_FREE char *bytes = NULL;
    AUTO(buf_done) Buf text = { 0 };
    size_t length = 0;
    int r = file_read(path, &bytes, &length);
    if (r < 0) {
        say(path, strerror(-r));
        return;
    }
    edit_add_lines(&text, bytes, length);
    while (text.length > 0 && text.bytes[text.length - 1] == '\n')
        text.length--;
    buf_add_byte(&text, '\0', 1);
    if (!text.failed && strcmp(text.bytes, rl_line_buffer) != 0)
        edit_set_text(l, text.bytes, text.length - 1);
}

int
external_edit(int count, int key)
{
    Line *l = line_active();
    AUTO_FREE char *path = NULL;
    AUTO(buf_done) Buf text = { 0 };
    buf_add(&text, rl_line_buffer, edit_length());
    buf_add_text(&text, "\n");
    if (text.failed || !l->request->more)
        return edit_ding();
    int r = editor_file(text.bytes, text.length, &path);
    if (r < 0) {
        say("no file for the editor", strerror(-r));
        return 0;
    }
    if (run_editor(path))
        take_file(l, path);
    (void)unlink(path);
    return 0;
}
