/* %run and %runs: scripts, and the list of their runs. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "input/words.h"
#include "magic/table.h"
#include "py/exc.h"
#include "run/exec.h"
#include "session/finish.h"
#include "session/guard.h"
#include "session/output.h"
#include "session/report.h"
#include "session/system.h"
#include "session/typed.h"

/* The options of %run, what it runs, and the words after that. */
typedef struct RunOptions {
    bool keep;
    bool in_prompt;
    bool not_main;
    bool ignore_exit;
    bool module;
    const char *target;
    size_t used;  // words up to the arguments
} RunOptions;

/* Read one word of single-letter options; the rest of it after `m` is the module. */
static int
read_letters(Session *s, const MagicCall *call, const char *letters, RunOptions *options)
{
    for (const char *c = letters; *c != '\0'; c++) {
        switch (*c) {
        case 'e':
            options->ignore_exit = true;
            break;
        case 'i':
            options->in_prompt = true;
            break;
        case 'k':
            options->keep = true;
            break;
        case 'm':
            options->module = true;
            options->target = c[1] == '\0' ? NULL : c + 1;
            return 0;
        case 'n':
            options->not_main = true;
            break;
        default:
            return magic_usage_error(s, call, "unknown option -%c", *c), -1;
        }
    }
    return 0;
}

static int
read_options(Session *s, const MagicCall *call, const InputWords *words, RunOptions *ret_options)
{
    RunOptions options = { 0 };
    for (; options.used < words->count && !options.module; options.used++) {
        const char *word = words->items[options.used];
        if (word[0] != '-' || word[1] == '\0')
            break;
        if (strcmp(word, "--") == 0) {
            options.used++;
            break;
        }
        if (strcmp(word, "--keep") == 0)
            options.keep = true;
        else if (word[1] == '-')
            return magic_usage_error(s, call, "unknown option %s", word), -1;
        else if (read_letters(s, call, word + 1, &options) < 0)
            return -1;
    }
    if (options.target == NULL && options.used == words->count)
        return magic_usage_error(s, call, options.module ? "which module?" : "which script?"),
               -1;
    if (options.target == NULL)
        options.target = words->items[options.used++];
    if (!options.module && strcmp(options.target, "-") == 0)
        return magic_usage_error(s, call, "standard input is the prompt's; name a file"), -1;
    *ret_options = options;
    return 0;
}

static int
split(Session *s, const MagicCall *call, InputWords *ret_words)
{
    Py_ssize_t length = 0;
    const char *line = PyUnicode_AsUTF8AndSize(call->line, &length);
    if (line == NULL)
        return -1;
    size_t offset = 0;
    const InputValues values = { .evaluate = session_system_evaluate, .context = s };
    int r = input_words_split(line, (size_t)length, 0, &values, ret_words, &offset);
    if (r == -ENOMEM)
        return PyErr_NoMemory(), -1;
    if (r == -EINVAL)
        return magic_usage_error(s, call, "a quote is not closed at column %zu", offset + 1),
               -1;
    return r;  // -EINTR: KeyboardInterrupt is set
}

static PyObject *
words_from(const InputWords *words, size_t first)
{
    AUTO_DECREF PyObject *list = PyList_New(0);
    for (size_t i = first; list != NULL && i < words->count; i++) {
        AUTO_DECREF PyObject *word = PyUnicode_DecodeFSDefault(words->items[i]);
        if (word == NULL || PyList_Append(list, word) < 0)
            return NULL;
    }
    return TAKE(list);
}

/* SystemExit ends the script alone: silent for 0, a line otherwise, nothing with -e. */
static int
report_exit(Session *s, const Run *r, PyObject *error, const RunOptions *options)
{
    AUTO_DECREF PyObject *code = PyLong_FromLong(r->exit_code);
    if (code == NULL || PyDict_SetItemString(s->namespace, "_exit_code", code) < 0)
        return -1;
    if (options->ignore_exit || r->exit_code == 0)
        return 0;
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(error, "code");
    if (value == NULL)
        return -1;
    if (!PyLong_Check(value))
        session_say("%S", value);
    else
        session_say("%U: exit status %d", r->path, r->exit_code);
    return 0;
}

static int
report(Session *s, RunResult *result, const RunOptions *options)
{
    const Run *r = result->run;
    if (result->error == NULL)
        return 0;
    if (r->status == RUN_EXIT)
        return report_exit(s, r, result->error, options);
    if (r->status == RUN_INTERRUPTED) {
        exc_raise_take(TAKE(result->error));  // it ends the cell too, which reports it
        return -1;
    }
    exc_raise_take(TAKE(result->error));
    session_report(s, NULL);
    if (result->released > 0)
        session_say("What the previous run of %U left was released before this one; "
                    "%%run --keep keeps it until a run succeeds.",
                    r->path);
    return 0;
}

/* End a child that the script forked as `python3 script` ends it. */
static _Noreturn void
leave_child(Session *s, RunResult *result)
{
    int status = result->run->exit_code;
    PyObject *error = TAKE(result->error);
    if (error != NULL && result->run->status == RUN_EXIT) {
        status = session_exit_status(error);
        Py_DECREF(error);
    } else if (error != NULL) {
        exc_raise_take(error);
        session_report(s, NULL);
    }
    session_finish_child(s, status);
}

/* Execute a file as if it were typed, with its own sys.argv. */
static int
run_typed(Session *s, PyObject *path, PyObject *args)
{
    AUTO_DECREF PyObject *outer = Py_XNewRef(PySys_GetObject("argv"));
    AUTO_DECREF PyObject *argv = Py_BuildValue("[O]", path);
    if (argv == NULL || PyList_SetSlice(argv, 1, 1, args) < 0
        || PySys_SetObject("argv", argv) < 0)
        return -1;
    AUTO_DECREF PyObject *where = NULL;
    pid_t pid = getpid();
    int r = session_typed_execute(s, path, &where);
    if (getpid() != pid) {
        session_report(s, where);
        session_finish_child(s, s->exiting ? s->exit_status : r < 0);
    }
    AUTO_EXC ExcHold hold = exc_hold();
    if (PySys_SetObject("argv", outer) < 0)
        return -1;
    exc_restore_slot(&hold);
    if (where == NULL || PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return r;  // an interrupt ends the cell too, which reports it
    session_report(s, where);
    return 0;
}

/* One line names the helpers that the script is about to import afresh. */
static void
say_refreshed(PyObject *names)
{
    AUTO_DECREF PyObject *comma = PyUnicode_FromString(", ");
    AUTO_DECREF PyObject *list = comma == NULL ? NULL : PyUnicode_Join(comma, names);
    if (list != NULL)
        session_say("reloaded: %U", list);
    PyErr_Clear();  // no memory for the line: the modules are refreshed all the same
}

static int
run_script(Session *s, PyObject *path, PyObject *args, const RunOptions *options)
{
    RunRequest request = { .path = path,
                           .args = args,
                           .keep = options->keep,
                           .in_prompt = options->in_prompt,
                           .not_main = options->not_main,
                           .module = options->module,
                           .refreshed = say_refreshed };
    __attribute__((cleanup(run_result_done))) RunResult result = { 0 };
    session_keep_error(s, NULL);
    pid_t pid = getpid();
    SessionGuard guard;
    session_guard_enter(&guard);
    int r = run_exec(s->ledger, &request, &result);
    if (r == 0 && getpid() != pid)
        leave_child(s, &result);
    bool hooked = r == 0 && session_guard_is_hooked(&guard);
    if (hooked)
        r = report(s, &result, options);
    session_guard_leave(s, &guard, true);
    return r < 0 || hooked ? r : report(s, &result, options);
}

/* Code of the user's on the way to the script raised something: a package around the module. */
static int
report_early(Session *s)
{
    if (!PyErr_ExceptionMatches(PyExc_SystemExit)) {
        session_report(s, NULL);
        return 0;
    }
    AUTO_DECREF PyObject *error = exc_take();
    session_say("exit status %d before the module could be executed", session_exit_status(error));
    return 0;
}

/* Whether the pending exception comes out of Python code. */
static bool
has_traceback(void)
{
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *traceback = PyException_GetTraceback(error);
    exc_raise_take(TAKE(error));
    return traceback != NULL;
}

/* What kept the script from starting is one line, but for Python's own SyntaxError and for what
 * the user's code raised. */
static int
report_refusal(Session *s, const MagicCall *call)
{
    if (PyErr_ExceptionMatches(PyExc_SyntaxError)
        || (has_traceback() && !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)))
        return report_early(s);
    if (PyErr_ExceptionMatches(PyExc_OSError) || PyErr_ExceptionMatches(PyExc_LookupError)
        || PyErr_ExceptionMatches(PyExc_ValueError) || PyErr_ExceptionMatches(PyExc_ImportError))
        (void)magic_refuse(s, call);  // always NULL
    return -1;
}

static PyObject *
run_run(Session *s, const MagicCall *call)
{
    AUTO(input_words_done) InputWords words = { 0 };
    RunOptions options;
    if (split(s, call, &words) < 0 || read_options(s, call, &words, &options) < 0)
        return NULL;
    AUTO_DECREF PyObject *path = PyUnicode_DecodeFSDefault(options.target);
    AUTO_DECREF PyObject *args = words_from(&words, options.used);
    if (path == NULL || args == NULL)
        return NULL;
    bool typed = !options.module && session_typed_is(path);
    int r = typed ? run_typed(s, path, args) : run_script(s, path, args, &options);
    if (r < 0 && report_refusal(s, call) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_run = {
    .name = "run",
    .usage = "[-i] [-n] [-e] [-k] [-m] FILE [ARGUMENTS]",
    .summary = "Run a script, folder, zip file or (-m) module in a fresh __main__; its names "
               "appear at the prompt. -i in the prompt's own names, -n not as __main__, -e silent about exit, "
               "-k keeps the previous run until this one succeeds.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = run_run,
};

static const char *
status_text(const Run *r)
{
    static const char *const texts[] = { [RUN_RUNNING] = "running",
                                         [RUN_OK] = "ok",
                                         [RUN_ERROR] = "error",
                                         [RUN_EXIT] = "exit",
                                         [RUN_INTERRUPTED] = "interrupted" };
    return texts[r->status];
}

static const char *
life_text(const Run *r, int alive)
{
    if (r->in_prompt)
        return "prompt";
    if (!alive)
        return "freed";
    return r->superseded ? "held" : "alive";
}

/* One row of the list. */
static PyObject *
describe(const Run *r)
{
    AUTO_DECREF PyObject *module = NULL;
    int alive = run_ledger_module(r, &module);
    AUTO_DECREF PyObject *blank = PyUnicode_FromString(" ");
    AUTO_DECREF PyObject *argv = blank == NULL ? NULL : PyUnicode_Join(blank, r->argv);
    if (alive < 0 || argv == NULL)
        return NULL;
    char started[16];
    char elapsed[24];
    time_t seconds = (time_t)r->started;
    struct tm local;
    (void)localtime_r(&seconds, &local);  // a time of today
    (void)strftime(started, sizeof started, "%H:%M:%S", &local);
    (void)snprintf(elapsed, sizeof elapsed, "%10.3f", r->elapsed);
    char row[80];
    (void)snprintf(row, sizeof row, "%4d  %-8s %s s  %-11s  %-6s", r->number, started, elapsed,
                   status_text(r), life_text(r, alive));
    return PyUnicode_FromFormat("%s  %U\n", row, argv);
}

static PyObject *
runs_run(Session *s, const MagicCall *call)
{
    if (s->ledger->count == 0) {
        session_say("no runs yet: %%run FILE makes one");
        Py_RETURN_NONE;
    }
    AUTO_DECREF PyObject *text =
        PyUnicode_FromString(" run  started     elapsed    status       state   script\n");
    for (size_t i = 0; text != NULL && i < s->ledger->count; i++) {
        AUTO_DECREF PyObject *row = describe(s->ledger->runs[i]);
        if (row == NULL)
            return NULL;
        Py_SETREF(text, PyUnicode_Concat(text, row));
    }
    if (text == NULL || session_output_write(text) < 0)
        return NULL;
    Py_RETURN_NONE;
}

const Magic magic_runs = {
    .name = "runs",
    .usage = "",
    .summary = "List the runs: when, how long, how they ended, and whether they are alive.",
    .flags = MAGIC_LINE,
    .run = runs_run,
};
