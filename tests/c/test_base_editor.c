#include "base/editor.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "testing.h"
#include "testing_alloc.h"

static char folder[] = "/tmp/mainspring-test-XXXXXX";

static int
start(void **state)
{
    return mkdtemp(folder) && setenv("TMPDIR", folder, 1) == 0 ? 0 : -1;
}

static int
stop(void **state)
{
    return rmdir(folder);  // nothing was left
}

static void
the_editor_is_what_the_environment_says(void **state)
{
    (void)unsetenv("VISUAL");
    (void)unsetenv("EDITOR");
    assert_string_equal(editor_name(), "vi");
    (void)setenv("EDITOR", "ed", 1);
    assert_string_equal(editor_name(), "ed");
    (void)setenv("VISUAL", "", 1);
    assert_string_equal(editor_name(), "ed");
    (void)setenv("VISUAL", "emacs -nw", 1);
    assert_string_equal(editor_name(), "emacs -nw");
}

static void
a_file_is_its_users_and_has_the_text(void **state)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *bytes = NULL;
    size_t length = 0;
    struct stat status;
    mode_t before = umask(0);
    assert_int_equal(editor_file("x = 1\n", 6, &path), 0);
    (void)umask(before);
    assert_memory_equal(path, folder, strlen(folder));
    assert_string_equal(path + strlen(path) - 3, ".py");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(file_read(path, &bytes, &length), 0);
    assert_string_equal(bytes, "x = 1\n");
    assert_int_equal(unlink(path), 0);
}

static void
a_folder_that_is_missing_is_an_error(void **state)
{
    char *path = NULL;
    (void)setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(editor_file("x", 1, &path), -ENOENT);
    assert_null(path);
    (void)setenv("TMPDIR", folder, 1);
}

/* stop() finds the folder empty. */
static void
a_file_that_can_not_be_written_is_removed(void **state)
{
    static const char text[100] = "";
    struct rlimit before;
    char *path = NULL;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = { 10, before.rlim_max };
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int r = editor_file(text, sizeof text, &path);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    assert_int_equal(r, -EFBIG);
    assert_null(path);
}

static void
a_command_is_quoted_for_the_shell(void **state)
{
    AUTO_FREE char *command = NULL;
    AUTO_FREE char *at_line = NULL;
    (void)setenv("VISUAL", "ed -s", 1);
    assert_int_equal(editor_command("/tmp/it's $HOME/a b.py", 0, &command), 0);
    assert_string_equal(command, "ed -s '/tmp/it'\\''s $HOME/a b.py'");
    assert_int_equal(editor_command("x.py", 12, &at_line), 0);
    assert_string_equal(at_line, "ed -s +12 'x.py'");
}

static int
make_file(void)
{
    AUTO_FREE char *path = NULL;
    int r = editor_file("x", 1, &path);
    if (path)
        (void)unlink(path);
    return r;
}

static int
make_command(void)
{
    AUTO_FREE char *command = NULL;
    return editor_command("it's", 3, &command);
}

static void
memory_may_run_out(void **state)
{
    TORTURE_PLAIN(make_file);
    TORTURE_PLAIN(make_command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_editor_is_what_the_environment_says),
        cmocka_unit_test(a_file_is_its_users_and_has_the_text),
        cmocka_unit_test(a_folder_that_is_missing_is_an_error),
        cmocka_unit_test(a_file_that_can_not_be_written_is_removed),
        cmocka_unit_test(a_command_is_quoted_for_the_shell),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
