#include "term/loop.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "py/call.h"
#include "py/exc.h"
#include "session/cell.h"
#include "session/finish.h"
#include "session/gate.h"
#include "session/interrupt.h"
#include "session/loan.h"
#include "session/loop.h"
#include "session/report.h"
#include "term/complete.h"
#include "term/line.h"
#include "term/output.h"
#include "term/past.h"
#include "term/stream.h"
#include "term/tty.h"

/* The terminal's, of which there is one; PyOS_Readline's function has no argument of ours. */
static struct {
    Session *session;
    pthread_t editor;
    bool suggests;       // MAINSPRING_SUGGESTIONS is not `off`
    Past past;           // what was entered at the prompt
    RecallList answers;  // ... and for input()
    char *next;          // what the next cell begins with
    PyThreadState *state;
    pid_t reader;  // the process that reads
    int presses;   // of Ctrl-C, before the read that is under way
    bool left;     // a callback has the terminal: the prompt is off the screen
    int depth;     // ... what output_pause() said
    char *(*module)(FILE *, FILE *, const char *);  // of the module `readline`
} term;

/* A child that a callback has forked, or whatever else runs while the prompt waits, ends: it has no
 * prompt. */
static void
end_fork(void)
{
    Session *s = term.session;
    if (getpid() == term.reader)
        return;
    bool failed = PyErr_Occurred() != NULL;
    session_report(s, NULL);
    session_cell_leave_fork(s, failed);
    session_finish_child(s, s->exit_status);
}

/* The interpreter for a moment, in the middle of a read. */
static void
take_interpreter(void)
{
    PyEval_RestoreThread(term.state);
}

static void
give_interpreter(void)
{
    end_fork();
    term.state = PyEval_SaveThread();
}

enum { FOR_THE_EDITOR = TTY_INPUT | TTY_END | TTY_SIZE | TTY_RESUMED | TTY_WATCHED };

/* The prompt is back after a callback that used the terminal. */
static void
return_terminal(void)
{
    if (!term.left)
        return;
    term.left = false;
    line_resume();
    output_go_on(term.depth);
}

/* Ctrl-C is a key again: whether it was a signal until now, which then reaches nobody's code. */
static bool
end_signals(void)
{
    tty_allow_signals(false);
    bool pressed =
        PyErr_CheckSignals() < 0 && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    if (pressed)
        PyErr_Clear();  // it is a key
    return pressed;
}

/* Where a callback has the terminal, that ends first; its output may wait for the interpreter. */
static bool
end_signals_after_callback(void)
{
    give_interpreter();
    return_terminal();
    take_interpreter();
    return end_signals();
}

/* Have the terminal as the editor has it; what callbacks failed with stays pending, but for Ctrl-C:
 * whether that was pressed. */
static bool
end_callbacks(int r)
{
    end_fork();
    bool pressed = r < 0 && PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    if (pressed)
        PyErr_Clear();  // it is a key
    AUTO_DECREF PyObject *error = exc_take();
    pressed |= term.left ? end_signals_after_callback() : end_signals();
    if (error != NULL && !PyErr_Occurred())
        exc_raise_take(TAKE(error));
    return pressed;
}

/* Give the interpreter away after its code was executed.  Ctrl-C is a key, to the editor.  Returns 0,
 * or -1 with an exception set. */
static int
come_back(int r, unsigned *happened)
{
    bool pressed = end_callbacks(r);
    bool failed = PyErr_Occurred() != NULL;
    give_interpreter();
    output_hook(false);
    *happened |= tty_poll() | TTY_SIZE;  // what was asked has taken the prompt's place
    if (pressed) {
        tty_press_interrupt();
        *happened |= TTY_INPUT;
    }
    return failed ? -1 : 0;
}

/* Wait with the interpreter given away. */
static int
wait_alone(unsigned *ret_happened)
{
    *ret_happened = tty_wait(output_due());
    if (!(*ret_happened & TTY_SIGNAL))
        return 0;
    output_hook(true);
    tty_allow_signals(true);
    take_interpreter();
    session_loan_watch(term.session);
    return come_back(PyErr_CheckSignals(), ret_happened);
}

/* Wait while the session's event loop runs and windows live; what they print is written by a thread
 * of its own meanwhile.  Ctrl-C is a signal, for a callback that never ends. */
static int
wait_in_session(unsigned *ret_happened)
{
    const int watched[] = { TTY_KEYS, tty_wake_fd(), tty_watched_fd() };
    size_t count = COUNT_OF(watched) - (tty_watched_fd() < 0);
    *ret_happened = tty_poll();
    if (*ret_happened != 0 || output_due() >= 0)
        return 0;
    output_hook(true);
    tty_allow_signals(true);
    take_interpreter();
    return come_back(session_loop_run(term.session, watched, count), ret_happened);
}

/* What was typed ahead of a Ctrl-C goes with it, as the terminal itself has it. */
static void
drop_typed_ahead(void)
{
    int presses = session_interrupt_presses();
    size_t length = 0;
    (void)tty_bytes(&length);
    if (presses != term.presses)
        tty_use(length);
    term.presses = presses;
}

/* Ctrl-C that came before the keys were the editor's is the prompt's too, not the next cell's.
 * Returns 0, or -1 with an exception set: a signal handler's. */
static int
begin_read(void *context)
{
    drop_typed_ahead();
    take_interpreter();
    bool pressed = end_signals();
    bool failed = PyErr_Occurred() != NULL;
    give_interpreter();
    if (pressed)
        tty_press_interrupt();
    return failed ? -1 : 0;
}

/* Returns 0, or -1 with an exception set: a signal handler's, a task's. */
static int
wait_at_prompt(void *context, unsigned *ret_happened)
{
    *ret_happened = 0;
    while (!(*ret_happened & FOR_THE_EDITOR)) {
        bool alone = !session_loop_is_needed(term.session) || output_due() >= 0;
        int r = alone ? wait_alone(ret_happened) : wait_in_session(ret_happened);
        if (r < 0)
            return -1;
        output_flush();
    }
    return 0;
}

/* Ask for candidates, with the interpreter, and with Ctrl-C as a signal for whatever runs. */
static int
complete(void *context, const char *text, size_t length, size_t cursor,
         LineCandidates *ret_candidates)
{
    tty_allow_signals(true);
    take_interpreter();
    int r = term_complete(context, text, length, cursor, ret_candidates);
    end_fork();
    PyErr_Clear();        // nothing is offered
    (void)end_signals();  // it was about this
    PyErr_Clear();        // what a signal's handler fails with: likewise
    give_interpreter();
    return r < 0 ? -EINVAL : 0;
}

static int
fail_for_terminal(int r)
{
    PyErr_Format(PyExc_OSError, "the terminal can't be used: %s", strerror(-r));
    return -1;
}

/* Read with the interpreter given away: a LineStatus.  LINE_FAILED has an exception set. */
static LineStatus
read_line(const LineRequest *request, const LineClient *client, char **ret_text)
{
    int before = -1;
    bool looping = term.session->loop != NULL;  // ... which takes the signals itself
    int r = tty_open();
    if (r < 0)
        return fail_for_terminal(r), LINE_FAILED;
    if (!looping && session_gate_exchange_wakeup(tty_waking_fd(), &before) < 0)
        return LINE_FAILED;
    PyThreadState *outer = term.state;
    pid_t reader = term.reader;
    term.reader = getpid();
    SessionLoan *loan = session_loan_pause(term.session);
    give_interpreter();
    output_enter();
    LineStatus status = line_read(request, client, ret_text);
    output_leave();
    take_interpreter();
    session_loan_go_on(term.session, loan);
    term.state = outer;
    term.reader = reader;
    AUTO_EXC ExcHold hold = exc_hold();
    if (!looping && session_gate_exchange_wakeup(before, &before) < 0)
        PyErr_Clear();  // it was set from this very thread: it can be set back
    return status;
}

static PyObject *
text_of(const char *text)
{
    AUTO_DECREF PyObject *line =
        PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
    return line == NULL ? NULL : PyUnicode_FromFormat("%U\n", line);
}

static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

static int
keep(const RecallSource *history, const char *text)
{
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    if (text[0] == ' ' || length == 0)
        return 0;
    if (history->add(history->context, text, length) < 0)
        return PyErr_NoMemory(), -1;
    return 0;
}

static char *python_readline(FILE *in, FILE *out, const char *prompt);

/* Be asked by input() before the module `readline`, which put itself there when it was imported,
 * so that a read that is going on is put aside for it. */
static void
hook_readline(void)
{
    if (PyOS_ReadlineFunctionPointer == python_readline)
        return;
    term.module = PyOS_ReadlineFunctionPointer;
    PyOS_ReadlineFunctionPointer = python_readline;
}

/* The journal is for whoever has the interpreter. */
static int
look(void *context, const RecallQuery *query, long *ret_at, char **ret_text)
{
    const RecallSource past = past_source(context);
    take_interpreter();
    int r = past.look(past.context, query, ret_at, ret_text);
    give_interpreter();
    return r;
}

/* Read a cell that is not blank: 1, 0 at the end of the input, -1 with an exception set. */
static int
read_cell(Session *s, PyObject **ret_text)
{
    const LineClient client = { .context = s,
                                .begin = begin_read,
                                .wait = wait_at_prompt,
                                .complete = complete,
                                .suggests = term.suggests,
                                .history = { .context = &term.past, .look = look } };
    past_begin(&term.past);
    for (;;) {
        char prompt[32];
        char more[32];
        int width = snprintf(prompt, sizeof prompt, "In [%d]: ", s->count);
        (void)snprintf(more, sizeof more, "%*s", width, "...: ");
        AUTO_FREE char *initial = TAKE(term.next);
        const LineRequest request = {
            .prompt = prompt, .more = more, .cell = true, .initial = initial
        };
        AUTO_FREE char *text = NULL;
        hook_readline();
        LineStatus status = read_line(&request, &client, &text);
        if (status == LINE_END)
            return 0;
        if (status == LINE_FAILED && !PyErr_Occurred())
            PyErr_NoMemory();
        if (status == LINE_FAILED)
            return -1;
        if (status == LINE_INTERRUPTED)
            session_say("KeyboardInterrupt");
        if (status != LINE_ENTERED || is_blank(text))
            continue;
        *ret_text = text_of(text);
        return *ret_text == NULL ? -1 : 1;
    }
}

/* A line for input(), getpass's kin and pdb; without the interpreter, as PyOS_Readline calls it. */
static char *
own_readline(const char *prompt)
{
    const LineClient client = { .begin = begin_read,
                                .wait = wait_at_prompt,
                                .history = recall_list_source(&term.answers) };
    // What a script printed without a newline is a part of its prompt.
    AUTO_FREE char *tail = output_take_tail();
    AUTO_FREE char *joined = NULL;
    if (tail && asprintf(&joined, "%s%s", tail, prompt ? prompt : "") < 0)
        joined = NULL;
    if (joined)
        tty_write("\r", 1);
    const LineRequest request = { .prompt = joined ? joined : prompt ? prompt : "" };
    AUTO_FREE char *text = NULL;
    PyGILState_STATE state = PyGILState_Ensure();
    LineStatus status = read_line(&request, &client, &text);
    if (status == LINE_ENTERED && keep(&client.history, text) < 0)
        PyErr_Clear();  // it is not kept
    PyGILState_Release(state);
    if (status == LINE_INTERRUPTED || status == LINE_FAILED)
        return NULL;
    size_t length = status == LINE_ENTERED ? strlen(text) : 0;
    char *line = PyMem_RawCalloc(length + 2, 1);
    if (line != NULL && status == LINE_ENTERED) {
        (void)stpcpy(stpcpy(line, text), "\n");
    }
    return line;
}

/* Add a line as the terminal itself edits it; nothing once a prompt has the keys. */
static void
read_plain_line(int fd, Buf *line)
{
    enum { LOOK_MS = 50 };
    char part[512];
    while (!line_is_reading()) {
        struct pollfd keys = { .fd = fd, .events = POLLIN };
        if (poll(&keys, 1, LOOK_MS) <= 0 || line_is_reading())
            continue;
        ssize_t n = read(fd, part, sizeof part);
        if (n > 0)
            buf_add(line, part, (size_t)n);
        if (n > 0 ? part[n - 1] == '\n' : n == 0 || errno != EINTR)
            return;
    }
    buf_clear(line);
}

/* A line for another thread than the editor's; the end of the input where the prompt has the keys. */
static char *
read_for_thread(FILE *in, FILE *out, const char *prompt)
{
    AUTO(buf_done) Buf text = { 0 };
    if (!line_is_reading()) {
        (void)fputs(prompt ? prompt : "", out);
        (void)fflush(out);
        read_plain_line(fileno(in), &text);
    }
    char *line = text.failed ? NULL : PyMem_RawCalloc(text.length + 1, 1);
    if (line != NULL && text.length > 0)
        memcpy(line, text.bytes, text.length);
    return line;
}

static char *
python_readline(FILE *in, FILE *out, const char *prompt)
{
    if (!pthread_equal(pthread_self(), term.editor))
        return read_for_thread(in, out, prompt);
    if (term.module == NULL)
        return own_readline(prompt);
    int depth = output_pause();
    line_suspend();
    int (*hook)(void) = PyOS_InputHook;
    if (!session_loop_has_hook(term.session))
        PyOS_InputHook = NULL;  // it would be called within itself
    char *line = term.module(in, out, prompt);
    if (PyOS_InputHook == NULL)
        PyOS_InputHook = hook;
    line_resume();
    output_go_on(depth);
    return line;
}

static void
prepare_asking(Session *s)
{
    hook_readline();  // a debugger imports `readline` just before
    return_terminal();
}

static bool
leave_terminal(Session *s)
{
    if (line_is_reading() && !term.left) {
        term.depth = output_pause();
        line_suspend();
        term.left = true;
    }
    return term.left;
}

static void
begin_row(void)
{
    if (output_take_begun())
        tty_write("\n", 1);
}

static int
confirm(Session *s, const char *question)
{
    const LineClient client = { .context = s, .wait = wait_at_prompt };
    const LineRequest request = { .prompt = question };
    AUTO_FREE char *text = NULL;
    LineStatus status = read_line(&request, &client, &text);
    if (status == LINE_INTERRUPTED)
        return PyErr_SetNone(PyExc_KeyboardInterrupt), -1;
    if (status == LINE_FAILED)
        return -1;
    return status == LINE_ENTERED && (text[0] == 'y' || text[0] == 'Y');
}

static int
set_next_input(Session *s, PyObject *text)
{
    const char *utf8 = PyUnicode_AsUTF8(text);
    char *copy = utf8 == NULL ? NULL : strdup(utf8);
    if (copy == NULL)
        return utf8 == NULL ? -1 : (PyErr_NoMemory(), -1);
    free(term.next);
    term.next = copy;
    return 0;
}

static int
start(Session *s)
{
    const ScreenTheme theme = screen_theme_from_environment();
    term.session = s;
    term.editor = pthread_self();
    int r = line_open(&theme);
    if (r < 0)
        return fail_for_terminal(r);
    hook_readline();
    term.module = NULL;
    if (past_init(&term.past, s->history) < 0)
        return PyErr_NoMemory(), -1;
    r = output_start();
    if (r < 0)
        return errno = -r, PyErr_SetFromErrno(PyExc_OSError), -1;
    return stream_start();
}

const SessionFront *
term_loop_front(void)
{
    static const SessionFront front = { .confirm = confirm,
                                        .set_next_input = set_next_input,
                                        .start = start,
                                        .read_cell = read_cell,
                                        .prepare_asking = prepare_asking,
                                        .leave_terminal = leave_terminal,
                                        .begin_row = begin_row };
    const char *suggestions = getenv("MAINSPRING_SUGGESTIONS");
    term.suggests = suggestions == NULL || strcmp(suggestions, "off") != 0;
    return &front;
}
