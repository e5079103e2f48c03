#include "term/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "py/call.h"
#include "py/exc.h"
#include "term/line.h"
#include "term/tty.h"

enum {
    PORTION_MS = 25,
    LEAST = 1 << 12,
    FIRST = 1 << 14,
    MOST = 1 << 20,
    LONGEST_TAIL = 4096
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;  // the queue was written, or a direct write is over
    Buf queue;
    Buf taken;       // what was the queue, whose portions are written one after the other
    size_t written;  // of that
    size_t portion;  // about as many bytes as the terminal takes in PORTION_MS
    Buf tail;        // what was written since the last newline
    int depth;       // of prompts on the screen
    int direct;      // writes that go on beside the queue
    double due;      // when the next portion is
    pthread_t editor;
    bool hooked;   // the editor is in an input hook: a thread of ours writes the queue
    bool held;     // ... but for a pause
    bool writing;  // it does so now
    bool helped;   // that thread was started
    int nudge;     // wakes it
    int polled;    // what it waits for too
    pid_t pid;
    int relay[2];      // what children write
    volatile int *on;  // shared with children: a prompt is on the screen
    PyObject *write;   // io.FileIO.write
} output = { .lock = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER,
             .portion = FIRST };

/* How many bytes wait to be written; the lock is held. */
static size_t
pending(void)
{
    return output.queue.length + output.taken.length - output.written;
}

/* Wait for a change, a tenth of a second at most. */
static void
await_change(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_cond_timedwait(&output.changed, &output.lock, &until);
}

/* Keep what stands in the row of the cursor; the lock is held. */
static void
note_tail(const char *bytes, size_t length)
{
    const char *newline = memrchr(bytes, '\n', length);
    size_t start = newline ? (size_t)(newline - bytes) + 1 : 0;
    if (newline || output.tail.length > LONGEST_TAIL)
        buf_clear(&output.tail);
    buf_add(&output.tail, bytes + start, length - start);
}

/* Queue the bytes if a prompt is on the screen; else note that they are written at once. */
static bool
queue_bytes(const char *bytes, size_t length)
{
    (void)pthread_mutex_lock(&output.lock);
    bool queued = output.depth > 0;
    bool waits = queued && !pthread_equal(pthread_self(), output.editor);
    if (!queued) {
        output.direct++;
        note_tail(bytes, length);
    }
    while (waits && output.depth > 0 && pending() > output.portion)
        await_change();
    bool wakes = queued && pending() == 0;
    if (queued)
        buf_add(&output.queue, bytes, length);
    if (output.hooked)
        (void)eventfd_write(output.nudge, 1);
    (void)pthread_mutex_unlock(&output.lock);
    if (wakes)
        tty_wake();
    return queued;
}

static void
end_direct(void)
{
    (void)pthread_mutex_lock(&output.lock);
    output.direct--;
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
}

/* In a forked child: have the parent's prompt write it.  Returns whether it could be sent. */
static bool
send_to_parent(const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(output.relay[1], bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        length -= (size_t)n;
        tty_wake();
    }
    return true;
}

static bool
take_bytes(const char *bytes, size_t length)
{
    if (getpid() != output.pid)
        return *output.on && send_to_parent(bytes, length);
    return queue_bytes(bytes, length);
}

static PyObject *
raw_write(PyObject *self, PyObject *data)
{
    Py_buffer bytes;
    if (PyObject_GetBuffer(data, &bytes, PyBUF_SIMPLE) < 0)
        return NULL;
    bool taken;
    Py_ssize_t length = bytes.len;
    bool parent = getpid() == output.pid;
    Py_BEGIN_ALLOW_THREADS;
    taken = take_bytes(bytes.buf, (size_t)bytes.len);
    Py_END_ALLOW_THREADS;
    PyBuffer_Release(&bytes);
    if (taken)
        return PyLong_FromSsize_t(length);
    AUTO_DECREF PyObject *written =
        PyObject_CallFunctionObjArgs(output.write, self, data, NULL);
    if (parent)
        end_direct();
    return TAKE(written);
}

static PyMethodDef raw_methods[] = {
    { "write", raw_write, METH_O, "Writes to the terminal, above a prompt that is there." },
    { NULL },
};

static PyType_Slot raw_slots[] = { { Py_tp_methods, raw_methods }, { 0, NULL } };

static PyType_Spec raw_spec = { .name = "mainspring.TerminalIO",
                                .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                                .slots = raw_slots };

/* A raw file of ours on the descriptor, called as the one before it. */
static PyObject *
raw_new(PyObject *type, int fd, const char *name)
{
    AUTO_DECREF PyObject *args = Py_BuildValue("(is)", fd, "wb");
    AUTO_DECREF PyObject *options = Py_BuildValue("{sO}", "closefd", Py_False);
    AUTO_DECREF PyObject *raw =
        args == NULL || options == NULL ? NULL : PyObject_Call(type, args, options);
    AUTO_DECREF PyObject *text = raw == NULL ? NULL : PyUnicode_FromString(name);
    if (text == NULL || PyObject_SetAttrString(raw, "name", text) < 0)
        return NULL;
    return TAKE(raw);
}

/* A text file like `old` on top of `buffer`. */
static PyObject *
text_new(PyObject *old, PyObject *buffer)
{
    static const char *const copied[] = { "encoding", "errors", "line_buffering",
                                          "write_through" };
    AUTO_DECREF PyObject *type = call_import("_io", "TextIOWrapper");
    AUTO_DECREF PyObject *args = PyTuple_Pack(1, buffer);
    AUTO_DECREF PyObject *options = Py_BuildValue("{ss}", "newline", "\n");
    if (type == NULL || args == NULL || options == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(copied); i++) {
        AUTO_DECREF PyObject *value = PyObject_GetAttrString(old, copied[i]);
        if (value == NULL || PyDict_SetItemString(options, copied[i], value) < 0)
            return NULL;
    }
    AUTO_DECREF PyObject *text = PyObject_Call(type, args, options);
    AUTO_DECREF PyObject *mode = text == NULL ? NULL : PyUnicode_FromString("w");
    if (mode == NULL || PyObject_SetAttrString(text, "mode", mode) < 0)
        return NULL;
    return TAKE(text);
}

/* Whether sys's file is the interpreter's own, on the terminal. */
static bool
is_own(PyObject *file, const char *name, int fd)
{
    AUTO_DECREF PyObject *type = call_import("_io", "TextIOWrapper");
    AUTO_DECREF PyObject *now =
        type == NULL || file == NULL ? NULL : PyObject_GetAttrString(file, "name");
    bool own = now != NULL && Py_IS_TYPE(file, (PyTypeObject *)type) && isatty(fd)
               && PyUnicode_Check(now) && PyUnicode_CompareWithASCIIString(now, name) == 0;
    PyErr_Clear();  // a file without a name is none of ours
    return own;
}

static int
replace_file(PyObject *type, const char *attribute, const char *original, int fd)
{
    char name[16];
    (void)snprintf(name, sizeof name, "<%s>", attribute);
    AUTO_DECREF PyObject *old = Py_XNewRef(PySys_GetObject(attribute));
    if (!is_own(old, name, fd))
        return 0;
    AUTO_DECREF PyObject *none = PyObject_CallMethod(old, "flush", NULL);
    AUTO_DECREF PyObject *raw = none == NULL ? NULL : raw_new(type, fd, name);
    AUTO_DECREF PyObject *make = raw == NULL ? NULL : call_import("_io", "BufferedWriter");
    AUTO_DECREF PyObject *through =
        make == NULL ? NULL : PyObject_GetAttrString(old, "write_through");
    if (through == NULL)
        return -1;
    // PYTHONUNBUFFERED: nothing between
    AUTO_DECREF PyObject *buffer =
        through == Py_True ? Py_NewRef(raw) : PyObject_CallOneArg(make, raw);
    AUTO_DECREF PyObject *text = buffer == NULL ? NULL : text_new(old, buffer);
    if (text == NULL || PySys_SetObject(attribute, text) < 0)
        return -1;
    return PySys_SetObject(original, text);
}

/* In a forked child nobody else has the lock, and no prompt is its own. */
static void
after_fork(void)
{
    output.lock = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    output.changed = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    output.depth = output.direct = 0;
    output.hooked = output.writing = output.helped = false;
    output.written = 0;
    buf_clear(&output.queue);
    buf_clear(&output.taken);
}

static int
open_relay(void)
{
    void *page = mmap(NULL, sizeof *output.on, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED || pipe2(output.relay, O_CLOEXEC) < 0
        || fcntl(output.relay[0], F_SETFL, O_NONBLOCK) < 0
        || pthread_atfork(NULL, NULL, after_fork) != 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    output.on = page;
    output.pid = getpid();
    return 0;
}

int
output_start(void)
{
    AUTO_DECREF PyObject *base = call_import("_io", "FileIO");
    AUTO_DECREF PyObject *type =
        base == NULL ? NULL : PyType_FromSpecWithBases(&raw_spec, base);
    if (type == NULL || open_relay() < 0)
        return -1;
    output.write = PyObject_GetAttrString(base, "write");
    if (output.write == NULL
        || replace_file(type, "stdout", "__stdout__", STDOUT_FILENO) < 0)
        return -1;
    return replace_file(type, "stderr", "__stderr__", STDERR_FILENO);
}

void
output_enter(void)
{
    output_hook(false);
    (void)pthread_mutex_lock(&output.lock);
    output.editor = pthread_self();
    output.depth++;
    buf_clear(&output.tail);  // the prompt has a row of its own
    *output.on = 1;
    while (output.direct > 0)
        await_change();
    (void)pthread_mutex_unlock(&output.lock);
}

/* Take what children sent into the queue; the lock is held. */
static void
read_relay(void)
{
    char part[4096];
    ssize_t n;
    while (pending() <= output.portion
           && (n = read(output.relay[0], part, sizeof part)) > 0)
        buf_add(&output.queue, part, (size_t)n);
}

/* Begin to write what is queued, when all before it was written: how much is left of that.  The
 * lock is held. */
static size_t
take_queue(void)
{
    read_relay();
    if (output.written == output.taken.length) {
        buf_done(&output.taken);
        output.taken = output.queue;
        output.queue = (Buf){ 0 };
        output.written = 0;
    }
    return output.taken.length - output.written;
}

/* Where a portion ends: a line is not cut, it may have sequences for the terminal. */
static size_t
portion_of(const char *text, size_t length)
{
    if (length <= output.portion)
        return length;
    const char *newline = memrchr(text, '\n', output.portion);
    if (!newline)
        newline = memchr(text, '\n', length);
    return newline ? (size_t)(newline - text) + 1 : length;
}

/* The terminal took so many seconds for a portion.  As long stays what is edited on the screen
 * before the next one.  The lock is held. */
static void
note_pace(size_t length, double start)
{
    const double enough = PORTION_MS / 1e3;
    double now = clock_monotonic();
    double took = now - start;
    if (took > enough && output.portion > LEAST)
        output.portion /= 2;
    else if (took < enough / 2 && length > output.portion / 2 && output.portion < MOST)
        output.portion *= 2;
    output.due = now + (took > enough ? took : enough);
}

/* Write a portion of what is queued, above what is edited where that is: how many bytes. */
static size_t
write_portion(void)
{
    (void)pthread_mutex_lock(&output.lock);
    size_t length = take_queue();
    const char *text = output.taken.bytes + output.written;
    if (length > 0)
        length = portion_of(text, length);
    (void)pthread_mutex_unlock(&output.lock);
    if (length == 0)
        return 0;
    double start = clock_monotonic();
    line_print_above(text, length);
    (void)pthread_mutex_lock(&output.lock);
    output.written += length;
    note_pace(length, start);
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
    return length;
}

/* Write all that is queued by now; those who wait for room may go on meanwhile. */
static void
write_queue(void)
{
    (void)pthread_mutex_lock(&output.lock);
    read_relay();
    size_t left = pending();
    (void)pthread_mutex_unlock(&output.lock);
    while (left > 0) {
        size_t written = write_portion();
        left -= written < left ? written : left;
    }
}

void
output_leave(void)
{
    write_queue();
    (void)pthread_mutex_lock(&output.lock);
    *output.on = --output.depth > 0;
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
    if (output.depth == 0)
        write_queue();
}

int
output_pause(void)
{
    // Our thread is not to paint what the editor's is about to take away.
    (void)pthread_mutex_lock(&output.lock);
    output.held = output.hooked;
    output.hooked = false;
    while (output.writing)
        (void)pthread_cond_wait(&output.changed, &output.lock);
    (void)pthread_mutex_unlock(&output.lock);
    write_queue();
    (void)pthread_mutex_lock(&output.lock);
    int depth = output.depth;
    output.depth = 0;
    if (output.on)
        *output.on = 0;
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
    return depth;
}

void
output_go_on(int depth)
{
    (void)pthread_mutex_lock(&output.lock);
    output.depth = depth;
    if (output.on)
        *output.on = depth > 0;
    while (depth > 0 && output.direct > 0)
        await_change();
    bool held = output.held;
    output.held = false;
    (void)pthread_mutex_unlock(&output.lock);
    if (held)
        output_hook(true);
}

char *
output_take_tail(void)
{
    char *text = NULL;
    (void)pthread_mutex_lock(&output.lock);
    if (output.tail.length > 0 && buf_take(&output.tail, &text) < 0)
        text = NULL;
    (void)pthread_mutex_unlock(&output.lock);
    return text;
}

/* Behind a sequence that begins with ESC at `at`. */
static size_t
skip_escape(const Buf *text, size_t at)
{
    if (++at < text->length && text->bytes[at] == '[')
        while (++at < text->length && text->bytes[at] < '@')
            continue;
    return at + 1;
}

bool
output_take_begun(void)
{
    (void)pthread_mutex_lock(&output.lock);
    bool begun = false;
    for (size_t at = 0; output.depth == 0 && at < output.tail.length && !begun;) {
        const char byte = output.tail.bytes[at];
        begun = (unsigned char)byte > ' ' && byte != '\x7F';
        at = byte == '\033' ? skip_escape(&output.tail, at) : at + 1;
    }
    if (output.depth == 0)
        buf_clear(&output.tail);
    (void)pthread_mutex_unlock(&output.lock);
    return begun;
}

int
output_due(void)
{
    (void)pthread_mutex_lock(&output.lock);
    read_relay();
    int due = -1;
    if (pending() > 0) {
        double left = output.due - clock_monotonic();
        due = left > 0 ? (int)(left * 1e3) + 1 : 0;
    }
    (void)pthread_mutex_unlock(&output.lock);
    return due;
}

void
output_flush(void)
{
    if (output_due() == 0)
        (void)write_portion();
}

/* Wait until there is something to write, or others have written; the lock is held, but for
 * the wait. */
static void
await_work(void)
{
    while (!output.hooked)
        (void)pthread_cond_wait(&output.changed, &output.lock);
    if (pending() > 0)
        return;
    struct pollfd fds[] = { { .fd = output.nudge, .events = POLLIN },
                            { .fd = tty_watched_fd(), .events = POLLIN } };
    eventfd_t count;
    output.polled = fds[1].fd;
    (void)pthread_mutex_unlock(&output.lock);
    (void)poll(fds, COUNT_OF(fds), -1);
    (void)eventfd_read(fds[0].fd, &count);  // 0 is as good
    (void)pthread_mutex_lock(&output.lock);
    if (fds[0].revents & POLLNVAL)  // a script has closed it
        output.nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

/* The thread that writes while the editor's is in a hook. */
static void *
help(void *unused)
{
    (void)pthread_mutex_lock(&output.lock);
    for (;;) {
        await_work();
        if (!output.hooked)
            continue;
        output.writing = true;
        (void)pthread_mutex_unlock(&output.lock);
        int due = output_due();
        if (due >= 0)
            (void)poll(NULL, 0, due);
        (void)write_portion();
        line_settle();
        (void)pthread_mutex_lock(&output.lock);
        output.writing = false;
        (void)pthread_cond_broadcast(&output.changed);
    }
    return NULL;
}

/* Signals are for the other threads. */
static bool
start_helper(void)
{
    pthread_t thread;
    sigset_t all, before;
    output.nudge = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (output.nudge < 0)
        return false;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&thread, NULL, help, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r == 0)
        (void)pthread_detach(thread);
    return r == 0;
}

void
output_hook(bool on)
{
    (void)pthread_mutex_lock(&output.lock);
    if (on && !output.helped)
        output.helped = start_helper();
    output.hooked = on;
    if (on && output.helped && (pending() > 0 || output.polled != tty_watched_fd()))
        (void)eventfd_write(output.nudge, 1);
    while (!on && output.writing)
        (void)pthread_cond_wait(&output.changed, &output.lock);
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
}
