/* %run: scripts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/words.h"
#include "magic/magic_debug.h"
#include "magic/magic_profile.h"
#include "magic/run_options.h"
#include "magic/stopwatch.h"
#include "magic/table.h"
#include "magic/words.h"
#include "py/exc.h"
#include "run/exec.h"
#include "session/finish.h"
#include "session/guard.h"
#include "session/history.h"
#include "session/interrupt.h"
#include "session/output.h"
#include "session/policy.h"
#include "session/report.h"
#include "session/system.h"
#include "session/threads.h"
#include "session/typed.h"

/* What a run is executed under. */
typedef struct Means {
    const RunOptions *options;
    Debugger debugger;
    PyObject *profiler;
    Stopwatch sum;
    long times;  // how often it was executed
} Means;

static void
means_done(Means *m)
{
    magic_debug_done(&m->debugger);
    Py_CLEAR(m->profiler);
}

/* Stands for the value of any expression. */
static int
evaluate_nothing(const char *expression, size_t length, void *context, char **ret_text)
{
    *ret_text = strdup("x");
    return *ret_text == NULL ? -ENOMEM : 1;
}

/* Whether -G is among the options: to be known before the words are. */
static bool
wants_no_glob(const char *line, size_t length)
{
    AUTO(input_words_done) InputWords words = { 0 };
    size_t offset = 0;
    const InputValues values = { .evaluate = evaluate_nothing };
    if (input_words_split(line, length, INPUT_WORDS_NO_GLOB, &values, &words, &offset) < 0)
        return false;  // whatever is wrong is wrong again
    RunOptions options;
    char message[RUN_OPTIONS_MESSAGE];
    int r = run_options_read(&words, &options, message);
    return (r == 0 || r == -EINVAL) && options.no_glob;
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
    unsigned flags = wants_no_glob(line, (size_t)length)
                         ? INPUT_WORDS_NO_GLOB | INPUT_WORDS_NO_TILDE
                         : 0;
    int r = input_words_split(line, (size_t)length, flags, &values, ret_words, &offset);
    return r < 0 ? magic_words_fail(s, call, r, offset) : 0;
}

static int
read_options(Session *s, const MagicCall *call, const InputWords *words,
             RunOptions *ret_options)
{
    char message[RUN_OPTIONS_MESSAGE];
    if (run_options_read(words, ret_options, message) == 0)
        return 0;
    return magic_words_refuse(s, call, message);
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
evaluate_under(Means *m, PyObject *code, PyObject *namespace)
{
    if (m->options->debug)
        return magic_debug_evaluate(&m->debugger, code, namespace);
    if (m->profiler != NULL)
        return magic_profile_evaluate(m->profiler, code, namespace);
    AUTO_DECREF PyObject *none = PyEval_EvalCode(code, namespace, namespace);
    return none == NULL ? -1 : 0;
}

/* Execute the script's code, and take the time. */
static int
evaluate(void *context, PyObject *code, PyObject *namespace)
{
    Means *m = context;
    m->times++;
    Stopwatch start = stopwatch_read();
    int r = evaluate_under(m, code, namespace);
    session_interrupt_stop();
    stopwatch_add(&m->sum, start, stopwatch_read());
    return r;
}

static int
write_time(const char *name, double total, long times)
{
    char text[STOPWATCH_TEXT];
    char each[STOPWATCH_TEXT];
    char row[3 * STOPWATCH_TEXT];
    stopwatch_format(total, text);
    stopwatch_format(total / (double)times, each);
    (void)snprintf(row, sizeof row, times > 1 ? "  %-8s%12s%12s\n" : "  %-8s%12s\n", name,
                   text, each);
    AUTO_DECREF PyObject *line = PyUnicode_FromString(row);
    return line == NULL ? -1 : session_output_write(line);
}

static int
write_times(const Means *m)
{
    char head[3 * STOPWATCH_TEXT];
    (void)snprintf(head, sizeof head, "%-10ld%12s%12s\n", m->times, "total", "per run");
    if (m->times > 1) {
        AUTO_DECREF PyObject *line = PyUnicode_FromFormat("runs %s", head);
        if (line == NULL || session_output_write(line) < 0)
            return -1;
    }
    return write_time("user", m->sum.user, m->times) < 0
                   || write_time("system", m->sum.system, m->times) < 0
                   || write_time("wall", m->sum.wall, m->times) < 0
               ? -1
               : 0;
}

/* After the script: its profile, whose Stats may be the magic's value, and its times. */
static int
show_means(Session *s, const MagicCall *call, const Means *m, PyObject **ret_value)
{
    bool any = m->profiler != NULL || m->options->timed;
    if (!any || m->times == 0 || getpid() != s->pid)
        return 0;
    if (session_output_flush() < 0)
        return -1;
    if (m->profiler != NULL) {
        AUTO_DECREF PyObject *value = magic_profile_show(m->profiler, &m->options->output);
        if (value == NULL && PyErr_ExceptionMatches(PyExc_OSError))
            magic_refuse(s, call);
        if (value == NULL)
            return -1;
        Py_XSETREF(*ret_value, TAKE(value));
    }
    if (m->options->timed && write_times(m) < 0)
        return -1;
    return session_output_flush();  // an error is told of elsewhere
}

/* Execute once; the value goes to `ret_value`. */
static int
run_under(Session *s, const MagicCall *call, const RunRequest *request, Means *m,
          PyObject **ret_value)
{
    __attribute__((cleanup(run_result_done))) RunResult result = { 0 };
    session_keep_error(s, NULL);
    pid_t pid = getpid();
    SessionGuard guard;
    session_guard_enter(&guard);
    SessionPolicy policy;
    session_policy_enter(&policy);
    int r = run_exec(s->ledger, request, &result);
    session_policy_leave(&policy);
    if (r == 0 && getpid() != pid)
        leave_child(s, &result);
    if (r == 0 && result.error != NULL
        && PyErr_GivenExceptionMatches(result.error, s->interrupted))
        result.run->status = RUN_INTERRUPTED;
    bool left = m->debugger.quit || m->debugger.restart != NULL;
    if (r == 0 && left)
        Py_CLEAR(result.error);
    bool hooked = r == 0 && !left && session_guard_is_hooked(&guard);
    if (hooked)
        r = report(s, &result, m->options);
    session_guard_leave(s, &guard, true);
    if (r == 0) {
        session_threads_tell(s, result.run);
        session_history_add_run(s, result.run);
    }
    if (r < 0 || show_means(s, call, m, ret_value) < 0)
        return -1;
    return hooked || left ? 0 : report(s, &result, m->options);
}

static int
means_start(Session *s, const MagicCall *call, Means *m, PyObject *path)
{
    if (m->options->debug)
        return magic_debug_start(s, call, path, m->options->stop, &m->debugger);
    if (m->options->profile)
        m->profiler = magic_profile_start(s, call, &m->options->output);
    return m->options->profile && m->profiler == NULL ? -1 : 0;
}

/* The debugger's `restart` is another run, of what the file says now. */
static int
say_restart(PyObject *path, PyObject *args)
{
    AUTO_DECREF PyObject *blank = PyUnicode_FromString(" ");
    AUTO_DECREF PyObject *list = blank == NULL ? NULL : PyUnicode_Join(blank, args);
    if (list == NULL || session_output_flush() < 0)
        return -1;
    session_say("restarting %U%s%U", path, PyList_GET_SIZE(args) > 0 ? " " : "", list);
    return 0;
}

static int
run_script(Session *s, const MagicCall *call, PyObject *path, PyObject *args,
           const RunOptions *options, PyObject **ret_value)
{
    __attribute__((cleanup(means_done))) Means m = { .options = options };
    if (means_start(s, call, &m, path) < 0)
        return -1;
    AUTO_DECREF PyObject *now = Py_NewRef(args);
    RunRequest request = { .path = path,
                           .args = now,
                           .keep = options->keep,
                           .in_prompt = options->in_prompt,
                           .not_main = options->not_main,
                           .module = options->module,
                           .refreshed = say_refreshed,
                           .evaluate = evaluate,
                           .context = &m,
                           .repetitions = options->repetitions };
    int r = run_under(s, call, &request, &m, ret_value);
    while (r == 0 && m.debugger.restart != NULL) {
        AUTO_DECREF PyObject *wanted = TAKE(m.debugger.restart);
        if (!m.debugger.same_arguments)
            Py_SETREF(now, Py_NewRef(wanted));
        request.args = now;
        if (say_restart(path, now) < 0)
            return -1;
        r = run_under(s, call, &request, &m, ret_value);
    }
    return r;
}

/* An `.ipy` file or notebook is executed as if typed, and has none of what is about one code
 * object. */
static int
check_typed(Session *s, const MagicCall *call, const RunOptions *options)
{
    const char letter = run_options_of_code(options);
    if (letter != '\0')
        magic_usage_error(s, call, "-%c is not for files that are executed as if typed",
                          letter);
    return letter != '\0' ? -1 : 0;
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
    session_say("exit status %d before the module could be executed",
                session_exit_status(error));
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
    if (PyErr_ExceptionMatches(s->usage_error))
        return -1;
    if (PyErr_ExceptionMatches(PyExc_SyntaxError)
        || (has_traceback() && !PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)))
        return report_early(s);
    if (PyErr_ExceptionMatches(PyExc_OSError) || PyErr_ExceptionMatches(PyExc_LookupError)
        || PyErr_ExceptionMatches(PyExc_ValueError)
        || PyErr_ExceptionMatches(PyExc_ImportError))
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
    AUTO_DECREF PyObject *value = Py_NewRef(Py_None);
    bool typed = !options.module && session_typed_is(path);
    if (typed && check_typed(s, call, &options) < 0)
        return NULL;
    int r = typed ? run_typed(s, path, args)
                  : run_script(s, call, path, args, &options, &value);
    if (r < 0 && report_refusal(s, call) < 0)
        return NULL;
    return TAKE(value);
}

const Magic magic_run = {
    .name = "run",
    .usage =
        "[-Gdeiknpqrt] [-b [FILE:]LINE] [-N TIMES] [-l LIMIT] [-s KEY] [-T FILE] [-D FILE] "
        "[-m] FILE [ARGUMENTS]",
    .summary =
        "Run a script, folder, zip file or (-m) module in a fresh __main__; its names "
        "appear at the prompt. "
        "-i in the prompt's own names, -n not as __main__, -e silent about exit, "
        "-k keeps the previous run until this one succeeds, -d under pdb, -b stops "
        "there first, -p under the profiler, -t says how long it took, -N repeats it, "
        "-G leaves * ? [] and ~ in the arguments alone.",
    .flags = MAGIC_LINE | MAGIC_RAW,
    .run = run_run,
};
