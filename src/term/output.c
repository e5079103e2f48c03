#include "term/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pipe.h"
#include "term/line.h"
#include "term/tty.h"

enum {
    PORTION_MS = 25,
    PATIENCE_MS = 100,
    CHILD_PATIENCE_MS = 20,
    LEAST = 1 << 9,
    FIRST = 1 << 14,
    MOST = 1 << 20,
    LONGEST_TAIL = 4096
};

/* What children do with their output: write it themselves, send it to the prompt, or wait until all
 * that was sent is written. */
typedef enum { CHILDREN_WRITE, CHILDREN_SEND, CHILDREN_WAIT } Children;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;  // the queue was written, or a direct write is over
    Buf queue;
    Buf taken;       // what was the queue, whose portions are written one after the other
    size_t written;  // of that
    size_t portion;  // about as many bytes as the terminal takes in half of PORTION_MS
    Buf tail;        // what was written since the last newline
    int depth;       // of prompts on the screen
    int direct;      // writes that go on beside the queue
    double due;      // when the next portion is
    pthread_t editor;
    bool hooked;   // the editor is in an input hook: a thread of ours writes the queue
    bool held;     // ... but for a pause
    bool writing;  // it does so now
    bool helped;   // that thread was started
    Pipe nudge;    // wakes it
    int polled;    // what it waits for too
    pid_t pid;
    Pipe relay;                   // what children write
    volatile Children *children;  // shared with them
} output = { .lock = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER,
             .portion = FIRST };

/* How many bytes wait to be written; the lock is held. */
static size_t
pending(void)
{
    return output.queue.length + output.taken.length - output.written;
}

/* Wait for a change, less than a second at most. */
static void
await_change(int milliseconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += milliseconds * 1000000L;
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

static void
wake_helper(void)
{
    ssize_t n = pipe_has(&output.nudge, 1) ? write(output.nudge.ends[1], "", 1) : 0;
    (void)n;  // a full pipe wakes as well
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
    while (waits && output.depth > 0 && output.queue.length > output.portion)
        await_change(PATIENCE_MS);
    bool wakes = queued && pending() == 0;
    if (queued)
        buf_add(&output.queue, bytes, length);
    if (output.hooked)
        wake_helper();
    (void)pthread_mutex_unlock(&output.lock);
    if (wakes)
        tty_wake();
    return queued;
}

/* In a forked child: whether there is a prompt to send to. */
static bool
await_parent(void)
{
    while (*output.children == CHILDREN_WAIT && kill(output.pid, 0) == 0)
        (void)poll(NULL, 0, CHILD_PATIENCE_MS);
    return *output.children == CHILDREN_SEND
           && (kill(output.pid, 0) == 0 || errno != ESRCH);
}

/* In a forked child: have the parent's prompt write it.  How much could be sent: a parent that does
 * something else by now, and waits for this child maybe, does not read it. */
static size_t
send_to_parent(const char *bytes, size_t length)
{
    size_t sent = 0;
    struct pollfd room = { .fd = output.relay.ends[1], .events = POLLOUT };
    // A child that has closed all that it found may have a file of its own there.
    while (sent < length && pipe_has(&output.relay, 1) && await_parent()) {
        ssize_t n = write(room.fd, bytes + sent, length - sent);
        if (n < 0 && errno == EAGAIN)
            (void)poll(&room, 1, CHILD_PATIENCE_MS);
        else if (n < 0 && errno != EINTR)
            break;
        if (n <= 0)
            continue;
        sent += (size_t)n;
        tty_wake();
    }
    return sent;
}

size_t
output_take(const char *bytes, size_t length)
{
    if (getpid() != output.pid)
        return send_to_parent(bytes, length);
    return queue_bytes(bytes, length) ? length : 0;
}

void
output_written(void)
{
    if (getpid() != output.pid)
        return;  // a child
    (void)pthread_mutex_lock(&output.lock);
    output.direct--;
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
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

int
output_start(void)
{
    void *page = mmap(NULL, sizeof *output.children, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return -errno;
    int r = pipe_open(&output.relay);
    if (r == 0)
        r = -pthread_atfork(NULL, NULL, after_fork);
    if (r < 0)
        return r;
    output.children = page;
    output.pid = getpid();
    return 0;
}

static void
set_children(Children what)
{
    if (output.children)
        *output.children = what;
}

void
output_enter(void)
{
    output_hook(false);
    (void)pthread_mutex_lock(&output.lock);
    output.editor = pthread_self();
    output.depth++;
    // A script may have closed it; without it children write themselves.
    (void)!pipe_open(&output.relay);
    buf_clear(&output.tail);  // the prompt has a row of its own
    set_children(CHILDREN_SEND);
    while (output.direct > 0)
        await_change(PATIENCE_MS);
    (void)pthread_mutex_unlock(&output.lock);
}

/* Take what children sent into the queue; the lock is held. */
static void
read_relay(void)
{
    char part[4096];
    ssize_t n;
    if (!pipe_has(&output.relay, 0))
        return;  // a script has closed it
    while (pending() <= output.portion
           && (n = read(output.relay.ends[0], part, sizeof part)) > 0)
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

/* Let what is edited be seen as long as the portion took, and find how much the terminal takes
 * in half of the time.  The lock is held. */
static void
note_pace(size_t length, double start)
{
    const double cycle = PORTION_MS / 1e3;
    double now = clock_monotonic();
    double took = now - start;
    if (took > cycle / 2 && output.portion > LEAST)
        output.portion /= 2;
    else if (took < cycle / 2 && length > output.portion / 2 && output.portion < MOST)
        output.portion *= 2;
    output.due = took > cycle / 2 ? now + took : start + cycle;
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

/* What children sent until they were told to write themselves, or to wait, is still in the pipe. */
static bool
is_more_sent(void)
{
    int waiting = 0;
    return output.children && *output.children != CHILDREN_SEND
           && pipe_has(&output.relay, 0)
           && ioctl(output.relay.ends[0], FIONREAD, &waiting) == 0 && waiting > 0;
}

static void
write_all_queued(void)
{
    (void)pthread_mutex_lock(&output.lock);
    read_relay();
    size_t left = pending();
    (void)pthread_mutex_unlock(&output.lock);
    for (size_t written; left > 0 && (written = write_portion()) > 0;)
        left -= written < left ? written : left;
}

/* Write all that is queued by now; those who wait for room may go on meanwhile. */
static void
write_queue(void)
{
    do
        write_all_queued();
    while (is_more_sent());
}

void
output_leave(void)
{
    if (output.depth == 1)
        set_children(CHILDREN_WAIT);
    write_queue();
    (void)pthread_mutex_lock(&output.lock);
    if (--output.depth == 0)
        set_children(CHILDREN_WRITE);
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
    set_children(CHILDREN_WAIT);
    write_queue();
    (void)pthread_mutex_lock(&output.lock);
    int depth = output.depth;
    output.depth = 0;
    set_children(CHILDREN_WRITE);
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
    return depth;
}

void
output_go_on(int depth)
{
    (void)pthread_mutex_lock(&output.lock);
    output.depth = depth;
    set_children(depth > 0 ? CHILDREN_SEND : CHILDREN_WRITE);
    while (depth > 0 && output.direct > 0)
        await_change(PATIENCE_MS);
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

/* What output_due() says; the lock is held. */
static int
due_in(void)
{
    read_relay();
    if (pending() == 0)
        return -1;
    double left = output.due - clock_monotonic();
    return left > 0 ? (int)(left * 1e3) + 1 : 0;
}

int
output_due(void)
{
    (void)pthread_mutex_lock(&output.lock);
    int due = due_in();
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
    struct pollfd fds[] = { { .fd = output.nudge.ends[0], .events = POLLIN },
                            { .fd = tty_watched_fd(), .events = POLLIN },
                            { .fd = output.relay.ends[0], .events = POLLIN } };
    char drained[64];
    output.polled = fds[1].fd;
    (void)pthread_mutex_unlock(&output.lock);
    (void)poll(fds, COUNT_OF(fds), -1);
    (void)pthread_mutex_lock(&output.lock);
    // A script may have closed them.
    (void)!pipe_open(&output.nudge);
    (void)!pipe_open(&output.relay);
    while (pipe_has(&output.nudge, 0)
           && read(output.nudge.ends[0], drained, sizeof drained) > 0)
        continue;
}

/* The thread that writes while the editor's is in a hook. */
static void *
help(void *unused)
{
    (void)pthread_mutex_lock(&output.lock);
    for (;;) {
        await_work();
        for (int due; output.hooked && (due = due_in()) > 0;)
            await_change(due < PATIENCE_MS ? due : PATIENCE_MS);
        if (!output.hooked)
            continue;
        output.writing = true;
        (void)pthread_mutex_unlock(&output.lock);
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
    if (pipe_open(&output.nudge) < 0)
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
        wake_helper();
    while (!on && output.writing)
        (void)pthread_cond_wait(&output.changed, &output.lock);
    (void)pthread_cond_broadcast(&output.changed);
    (void)pthread_mutex_unlock(&output.lock);
}
