#include "hist/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "hist/upkeep.h"

enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    WAIT = 5000,  // somebody asked for it, and looks on
    KEEP = 1000,
};

static const char USAGE[] =
    "usage: mainspring history import [FILE] | trim [--keep=N] | clear [--yes] | path\n"
    "\n"
    "  import  take over what IPython remembers, from FILE or from its default profile;\n"
    "          nothing is taken over twice\n"
    "  trim    keep the latest N inputs (1000) and what belongs to them\n"
    "  clear   remove everything; asks first\n"
    "  path    say where the history is\n";

static int
fail(const HistError *error)
{
    (void)fflush(stdout);
    fprintf(stderr, "mainspring: history: %s\n", error->reason);
    return STATUS_FAILED;
}

static int
fail_usage(const char *what, const char *word)
{
    fprintf(stderr, "mainspring: history: %s %s (try mainspring history --help)\n", what,
            word);
    return STATUS_USAGE;
}

/* The status of having written to stdout. */
static int
written(void)
{
    if (fflush(stdout) == 0)
        return EXIT_SUCCESS;
    perror("mainspring: stdout");
    return STATUS_FAILED;
}

/* Open the history; `made` where there is none. */
static HistStore *
open_store(const char *path, bool made, int *ret_status)
{
    HistError error;
    int r = 0;
    HistStore *s = hist_store_open(path, made ? HIST_STORE_MAKE : 0, WAIT, &r, &error);
    if (s)
        return s;
    *ret_status = EXIT_SUCCESS;
    if (r == -ENOENT)
        printf("there is no history yet: %s\n", path);
    else
        *ret_status = fail(&error);
    return NULL;
}

/* Where IPython's is, by IPYTHONDIR or HOME. */
static int
find_other(char **ret_path)
{
    const char *folder = getenv("IPYTHONDIR");
    const char *home = getenv("HOME");
    AUTO(buf_done) Buf path = { 0 };
    buf_add_text(&path, folder && *folder ? folder : home ? home : "");
    buf_add_text(&path, folder && *folder ? "" : "/.ipython");
    buf_add_text(&path, "/profile_default/history.sqlite");
    return buf_take(&path, ret_path);
}

static int
import(const char *path, char **words)
{
    HistError error = { "not enough memory" };
    AUTO_FREE char *other = NULL;
    if (words[0] && words[1])
        return fail_usage("unexpected", words[1]);
    if (words[0] && words[0][0] == '-')
        return fail_usage("unknown option", words[0]);
    if (!words[0] && find_other(&other) < 0)
        return fail(&error);
    const char *from = words[0] ? words[0] : other;
    if (access(from, R_OK) < 0) {
        fprintf(stderr, "mainspring: history: %s: %s\n", from, strerror(errno));
        return STATUS_FAILED;
    }
    int status = 0;
    AUTO(hist_store_close) HistStore *s = open_store(path, true, &status);
    HistImported done;
    if (!s)
        return status;
    if (hist_upkeep_import(s, from, &done, &error) < 0)
        return fail(&error);
    printf("%lld input%s of %lld session%s taken over from %s", (long long)done.inputs,
           done.inputs == 1 ? "" : "s", (long long)done.sessions,
           done.inputs == 1     ? " was"
           : done.sessions == 1 ? " were"
                                : "s were",
           from);
    if (done.known)
        printf(", %lld %s here already", (long long)done.known,
               done.known == 1 ? "was" : "were");
    printf("\n");
    return written();
}

/* The number in `--keep=N` or `--keep N`; -1 where there is none. */
static long
read_keep(char **words)
{
    if (!words[0])
        return KEEP;
    bool glued = strncmp(words[0], "--keep=", 7) == 0;
    const char *number = glued ? words[0] + 7 : words[1];
    bool ended = !(glued ? words[1] : number ? words[2] : NULL);
    if ((!glued && strcmp(words[0], "--keep") != 0) || !number || !*number || !ended)
        return -1;
    errno = 0;
    char *end = NULL;
    long keep = strtol(number, &end, 10);
    return errno || *end ? -1 : keep;
}

static int
remove_beyond(const char *path, long keep)
{
    int status = 0;
    HistError error;
    int64_t removed = 0;
    AUTO(hist_store_close) HistStore *s = open_store(path, false, &status);
    if (!s)
        return status;
    if (hist_upkeep_trim(s, keep, &removed, &error) < 0)
        return fail(&error);
    printf("%lld input%s removed from %s\n", (long long)removed,
           removed == 1 ? " was" : "s were", path);
    return written();
}

static int
trim(const char *path, char **words)
{
    long keep = read_keep(words);
    return keep < 0 ? fail_usage("trim takes --keep=N, not", words[0])
                    : remove_beyond(path, keep);
}

/* Whether the user wants it. */
static bool
confirm(const char *path)
{
    char answer[16] = "";
    printf("Remove everything from %s (y/[N])? ", path);
    if (fflush(stdout) != 0 || !fgets(answer, sizeof answer, stdin))
        return false;
    return IS_ONE_OF(answer[0], "yY");
}

static int
clear(const char *path, char **words)
{
    bool sure = words[0] && (strcmp(words[0], "--yes") == 0 || strcmp(words[0], "-y") == 0);
    if (words[0] && (!sure || words[1]))
        return fail_usage("clear takes --yes, not", sure ? words[1] : words[0]);
    if (!sure && !isatty(STDIN_FILENO)) {
        fprintf(stderr, "mainspring: history: clear without a terminal needs --yes\n");
        return STATUS_USAGE;
    }
    if (!sure && !confirm(path)) {
        printf("nothing was removed\n");
        return written();
    }
    return remove_beyond(path, 0);
}

static int
say_path(const char *path, char **words)
{
    if (words[0])
        return fail_usage("unexpected", words[0]);
    printf("%s\n", path);
    return written();
}

int
hist_command_is_meant(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "history") == 0;
}

int
hist_command_main(char **words)
{
    static const struct {
        const char *name;
        int (*run)(const char *path, char **words);
    } commands[] = {
        { "import", import }, { "trim", trim }, { "clear", clear }, { "path", say_path }
    };
    if (!words[0] || strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        (void)fputs(USAGE, words[0] ? stdout : stderr);
        return words[0] ? written() : STATUS_USAGE;
    }
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (strcmp(words[0], commands[i].name) != 0)
            continue;
        AUTO_FREE char *path = NULL;
        HistError error = { "no history is kept: MAINSPRING_HISTORY is empty" };
        int r = hist_store_path(&path);
        if (r < 0)
            (void)snprintf(error.reason, sizeof error.reason, "no place for it: %s",
                           r == -ENOENT ? "HOME is not set" : strerror(-r));
        return r == 0 ? commands[i].run(path, words + 1) : fail(&error);
    }
    return fail_usage("unknown command", words[0]);
}
