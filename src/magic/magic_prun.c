/* %prun: a statement or a cell under the profiler. */
#include <errno.h>
#include <string.h>

#include "input/words.h"
#include "magic/magic_profile.h"
#include "magic/statement.h"
#include "magic/table.h"
#include "magic/words.h"
#include "py/exc.h"
#include "session/output.h"

/* Where the word at `start` ends: at a blank that no quote is around. */
static size_t
word_end(const char *line, size_t start)
{
    char quote = '\0';
    size_t i = start;
    for (; line[i] != '\0' && (quote != '\0' || !IS_ONE_OF(line[i], " \t")); i++) {
        if (quote == '\0' && IS_ONE_OF(line[i], "'\""))
            quote = line[i];
        else if (line[i] == quote)
            quote = '\0';
    }
    return i;
}

static size_t
skip_blanks(const char *line, size_t i)
{
    return i + strspn(line + i, " \t");
}

/* Where the statement begins, behind the options and the values that are words of their own. */
static size_t
options_end(const char *line)
{
    size_t i = skip_blanks(line, 0);
    while (line[i] == '-') {
        size_t end = word_end(line, i);
        bool last = end == i + 2 && line[i + 1] == '-';
        // A value is the rest of its word: only a last letter that needs one takes the next.
        size_t valued = i + strcspn(line + i, "lsTD ");
        i = skip_blanks(line, end);
        if (last)
            break;
        if (valued + 1 == end && line[i] != '\0')
            i = skip_blanks(line, word_end(line, i));
    }
    return i;
}

/* Read the options in the first `length` bytes of the line. */
static int
read_options(Session *s, const MagicCall *call, size_t length, InputWords *ret_words,
             ProfileOptions *ret_options)
{
    const char *line = PyUnicode_AsUTF8(call->line);
    size_t wrong = 0;
    char message[RUN_OPTIONS_MESSAGE];
    int r = input_words_split(line, length, INPUT_WORDS_NO_GLOB, NULL, ret_words, &wrong);
    if (r < 0)
        return magic_words_fail(s, call, r, wrong);
    if (run_options_read_profile(ret_words, ret_options, message) == 0)
        return 0;
    return magic_words_refuse(s, call, message);
}

/* What is behind the options, and the cell. */
static PyObject *
statement_of(Session *s, const MagicCall *call, const char *rest)
{
    if (call->cell != NULL)
        return PyUnicode_FromFormat("%s\n%U", rest, call->cell);
    if (*rest == '\0')
        return magic_usage_error(s, call, "which statement?");
    return PyUnicode_FromString(rest);
}

/* Execute, and show the profile, also before an error, which stays pending. */
static PyObject *
profile(Session *s, const MagicCall *call, PyObject *code, const ProfileOptions *options)
{
    AUTO_DECREF PyObject *profiler = magic_profile_start(s, call, options);
    if (profiler == NULL)
        return NULL;
    int r = magic_profile_evaluate_cell(s, profiler, code);
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *value = magic_profile_show(profiler, options);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_OSError))
        magic_refuse(s, call);
    if (value != NULL && session_output_flush() < 0)
        exc_drop();  // a standard output that is closed: the cell's end says so
    return r < 0 ? NULL : TAKE(value);
}

static PyObject *
prun_run(Session *s, const MagicCall *call)
{
    const char *line = PyUnicode_AsUTF8(call->line);
    if (line == NULL)
        return NULL;
    size_t length = options_end(line);
    AUTO(input_words_done) InputWords words = { 0 };
    ProfileOptions options;
    if (read_options(s, call, length, &words, &options) < 0)
        return NULL;
    AUTO_DECREF PyObject *text = statement_of(s, call, line + length);
    AUTO_DECREF PyObject *code =
        text == NULL ? NULL : magic_statement_compile(s, text, "<profiled>");
    return code == NULL ? NULL : profile(s, call, code, &options);
}

const Magic magic_prun = {
    .name = "prun",
    .usage = "[-qr] [-l LIMIT] [-s KEY] [-T FILE] [-D FILE] STATEMENT",
    .summary = "Execute a statement or a cell under the profiler and show the profile. "
               "-l limits the rows, -s sorts, -T and -D save it as text and for pstats, "
               "-r returns it, -q shows nothing.",
    .flags = MAGIC_LINE | MAGIC_CELL | MAGIC_RAW,
    .run = prun_run,
};
