/* The whole editor on a pseudo-terminal of its own, under failed allocations; what it shows is
 * tested in tests/py. */
#include "term/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <readline/readline.h>

#include "base/alloc.h"
#include "term/tty.h"
#include "testing.h"

// What is written to where the tests report stays apart from the editor's terminal.
static struct {
    int master, slave;
    int input, output;  // as they were
    RecallList history;
    const char *keys;  // to be typed when the editor waits
} world;

static int
start(void **state)
{
    static const ScreenTheme theme = { .depth = DEPTH_256 };
    (void)setenv("INPUTRC", "/dev/null", 1);
    (void)setenv("TERM", "xterm-256color", 1);
    world.master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (world.master < 0 || grantpt(world.master) < 0 || unlockpt(world.master) < 0)
        return -1;
    world.slave = open(ptsname(world.master), O_RDWR | O_NOCTTY);
    if (world.slave < 0)
        return -1;
    const RecallSource source = recall_list_source(&world.history);
    return source.add(source.context, "alpha = [1,\n  2]", 16)
           | source.add(source.context, "beta = 2", 8) | line_open(&theme);
}

static int
stop(void **state)
{
    recall_list_done(&world.history);
    return close(world.slave) | close(world.master);
}

static void
take_terminal(void)
{
    (void)fflush(stdout);
    world.input = dup(STDIN_FILENO);
    world.output = dup(STDOUT_FILENO);
    (void)dup2(world.slave, STDIN_FILENO);
    (void)dup2(world.slave, STDOUT_FILENO);
}

static void
give_terminal_back(void)
{
    size_t length = 0;
    (void)tty_bytes(&length);
    tty_use(length);
    (void)tcflush(world.slave, TCIOFLUSH);
    (void)dup2(world.input, STDIN_FILENO);
    (void)dup2(world.output, STDOUT_FILENO);
    (void)close(world.input);
    (void)close(world.output);
}

/* Type when the terminal is the editor's, and read what it writes, so that it never waits. */
static int
wait_for_keys(void *context, unsigned *ret_happened)
{
    char shown[4096];
    while (read(world.master, shown, sizeof shown) > 0)
        continue;
    if (world.keys && write(world.master, world.keys, strlen(world.keys)) < 0)
        return -1;
    world.keys = NULL;
    *ret_happened = tty_wait(-1);
    return 0;
}

static int
complete(void *context, const char *text, size_t length, size_t cursor,
         LineCandidates *ret_candidates)
{
    static const char *const names[] = { "print", "property" };
    LineCandidates found = { .start = cursor >= 2 ? cursor - 2 : 0 };
    found.items = alloc_resize(NULL, COUNT_OF(names) * sizeof *found.items);
    if (!found.items)
        return -ENOMEM;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        found.items[i] = (LineCandidate){ .text = alloc_text(names[i], strlen(names[i])) };
        found.count += found.items[i].text != NULL;
        if (!found.items[i].text) {
            line_candidates_done(&found);
            return -ENOMEM;
        }
    }
    *ret_candidates = found;
    return 0;
}

/* Read a cell from the keys, which Ctrl-C ends in any case, while the n-th allocation fails, or none
 * (-1): whether it was reached. */
static int
type(const char *keys, long n, LineStatus *ret_status, char **ret_text)
{
    const LineRequest request = { .prompt = "> ", .more = ". ", .cell = true };
    const LineClient client = { .wait = wait_for_keys,
                                .complete = complete,
                                .history = recall_list_source(&world.history),
                                .suggests = true };
    char all[500];
    (void)snprintf(all, sizeof all, "%s\003", keys);
    world.keys = all;
    take_terminal();
    (void)alloc_fail_at(n);
    *ret_status = line_read(&request, &client, ret_text);
    int hit = alloc_fail_at(-1);
    give_terminal_back();
    return hit;
}

static void
assert_typed(const char *keys, const char *expected)
{
    char *text = NULL;
    LineStatus status;
    assert_int_equal(type(keys, -1, &status, &text), 0);
    assert_int_equal(status, LINE_ENTERED);
    assert_string_equal(text, expected);
    free(text);
}

/* Each allocation fails in turn: the read ends in one of the ways that there are, and the editor
 * goes on to work. */
static void
assert_survives(const char *keys, const char *expected)
{
    assert_typed(keys, expected);
    for (long n = 0, hit = 1; hit; n++) {
        char *text = NULL;
        LineStatus status;
        hit = type(keys, n, &status, &text);
        assert_true(status == LINE_ENTERED ? text != NULL : text == NULL);
        free(text);
    }
    assert_typed(keys, expected);
}

static void
typing_and_its_suggestion(void **state)
{
    assert_survives("be\033[F\r", "be");
    assert_survives("x = [\r1,\r2]\r", "x = [\n    1,\n    2]");
    assert_survives("\033[200~a\r\nb\033[201~\037c\r", "c");
}

static void
the_history(void **state)
{
    assert_survives("\033[A\033[A\r", "alpha = [1,\n  2]");
    assert_survives("x\033.\033.\r", "x2]");
}

static void
the_search(void **state)
{
    assert_survives("\022alp\022\022\007\022\022\r", "alpha = [1,\n  2]");
    assert_survives("\022alp\033[200~ha\033[201~\177x\177\r", "alpha = [1,\n  2]");
}

static void
the_menu(void **state)
{
    assert_survives("pr\t\t\t\033[Z\r\r", "print");
    assert_survives("pr\t\t\033[200~x\033[201~\r", "printx");
}

static void
words_and_lines(void **state)
{
    assert_survives("ab cd\027\031\033y\024\017e\001\033[Z\024\r\033\r", "ab dc\n\ne");
}

static void
commands_of_vi(void **state)
{
    (void)rl_variable_bind("editing-mode", "vi");
    assert_survives("abc def\033ddPcwx\033.0~U2ixy\033u.J\r", "xyxyabc def");
    assert_survives("a\017b\033ggyyjpkddu>>Rz\033.oq\033\r", "a\n    z\n    q\na");
    (void)rl_variable_bind("editing-mode", "emacs");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typing_and_its_suggestion),
        cmocka_unit_test(the_history),
        cmocka_unit_test(the_search),
        cmocka_unit_test(the_menu),
        cmocka_unit_test(words_and_lines),
        cmocka_unit_test(commands_of_vi),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
