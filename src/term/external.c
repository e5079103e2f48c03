#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <readline/readline.h>

#include "term/state.h"

/* The editor. */

static int
write_file(int fd)
{
    size_t done = 0;
    while (done < edit_length()) {
        ssize_t n = write(fd, rl_line_buffer + done, edit_length() - done);
        if (n < 0)
            return -errno;
        done += (size_t)n;
    }
    return write(fd, "\n", 1) < 0 ? -errno : 0;
}

static char *
read_file(const char *path)
{
    AUTO(buf_done) Buf text = { 0 };
    char part[4096];
    char *result = NULL;
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_add(&text, part, n);
    (void)fclose(file);
    while (text.length > 0 && text.bytes[text.length - 1] == '\n')
        text.length--;
    return buf_take(&text, &result) == 0 ? result : NULL;
}

/* Have the user's editor work on the file: whether it did. */
static bool
run_editor(const char *path)
{
    char command[4096];
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    int n = snprintf(command, sizeof command, "%s '%s'", editor, path);
    return n > 0 && n < (int)sizeof command && system(command) == 0;
}

int
external_edit(int count, int key)
{
    Line *l = line_active();
    char path[] = "/tmp/mainspring-XXXXXX.py";
    int fd = mkostemps(path, 3, O_CLOEXEC);
    if (fd < 0)
        return 0;
    bool written = write_file(fd) == 0;
    (void)close(fd);
    line_suspend();
    bool edited = written && run_editor(path);
    line_resume();
    char *text = edited ? read_file(path) : NULL;
    (void)unlink(path);
    if (text)
        edit_set_text(l, text, strlen(text));
    free(text);
    return 0;
}
