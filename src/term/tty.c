#include "term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/pipe.h"

enum { DEFAULT_INTERRUPT = 3, DEFAULT_STOP = 032, DEFAULT_END = 4 };

// /dev/tty is the first device of that number.
enum { OWN_WAY_MAJOR = 5 };

// How long an answer of the terminal is waited for: one far away, or on a busy machine, takes its
// time.
enum { ANSWER_MS = 1000 };

static const size_t block = 65536;
static const int signals[] = { SIGWINCH, SIGCONT };

static struct {
    struct termios modes;  // as they were
    struct termios own;
    bool taken;
    Pipe pipe;  // what wakes the editor
    int out;    // our own way to the terminal, or -1
    int watched;
    bool heeded;  // waiting ends with that
    bool seen;    // there was something to read from that
    struct sigaction before[COUNT_OF(signals)];
    volatile sig_atomic_t resized;
    volatile sig_atomic_t resumed;
    volatile sig_atomic_t passed;  // a signal went on to the interpreter
    char *bytes;
    size_t start, end, capacity;
    int ahead;  // how many bytes were typed before the modes were ours, and were not read yet
    int owed;       // answers that did not come in time
    unsigned kept;  // what happened, and is for the next tty_wait() to tell
} tty = { .pipe.ends = { -1, -1 }, .out = -1, .watched = -1 };

int
tty_open(void)
{
    return pipe_open(&tty.pipe);
}

void
tty_wake(void)
{
    int saved = errno;
    ssize_t n = pipe_has(&tty.pipe, 1) ? write(tty.pipe.ends[1], "", 1) : 0;
    (void)n;  // a full pipe wakes as well
    errno = saved;
}

int
tty_wake_fd(void)
{
    return tty.pipe.ends[0];
}

int
tty_waking_fd(void)
{
    return tty.pipe.ends[1];
}

static void
on_signal(int number)
{
    size_t which = number == SIGCONT;
    if (which)
        tty.resumed = 1;
    else
        tty.resized = 1;
    tty_wake();
    void (*before)(int) = tty.before[which].sa_handler;
    if (!(tty.before[which].sa_flags & SA_SIGINFO) && before != SIG_DFL
        && before != SIG_IGN) {
        tty.passed = 1;
        before(number);
    }
}

/* Ours is put before the one that is there, unless that is ours. */
static void
take_signals(void)
{
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct sigaction own = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
        struct sigaction now;
        (void)sigemptyset(&own.sa_mask);
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler != on_signal) {
            tty.before[i] = now;
            (void)sigaction(signals[i], &own, NULL);
        }
    }
}

static void
give_back_signals(void)
{
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct sigaction now;
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == on_signal)
            (void)sigaction(signals[i], &tty.before[i], NULL);
    }
}

/* Whether the descriptor is /dev/tty: a script may close all that it finds, and open others. */
static bool
is_own_way(int fd)
{
    struct stat file;
    return fd >= 0 && fstat(fd, &file) == 0 && S_ISCHR(file.st_mode)
           && file.st_rdev == makedev(OWN_WAY_MAJOR, 0);
}

/* Open /dev/tty, if that is the terminal which standard output is. */
static void
open_own_way(void)
{
    unsigned device = 0;
    struct stat terminal;
    if (is_own_way(tty.out))
        return;
    tty.out = open("/dev/tty", O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (tty.out >= 0 && fstat(STDOUT_FILENO, &terminal) == 0
        && ioctl(tty.out, TIOCGDEV, &device) == 0
        && terminal.st_rdev
               == makedev(device >> 8 & 0xFFF, (device & 0xFF) | (device >> 12 & 0xFFF00)))
        return;
    if (tty.out >= 0)
        (void)close(tty.out);
    tty.out = -1;
}

bool
tty_is_apart(void)
{
    return tty.out >= 0;
}

void
tty_watch(int fd)
{
    tty.watched = fd;
    tty.heeded = true;
}

void
tty_heed(bool heeded)
{
    tty.heeded = heeded;
}

int
tty_watched_fd(void)
{
    return tty.heeded ? tty.watched : -1;
}

static unsigned
read_watched(void)
{
    char thrown[1024];
    bool any = false;
    while (tty.watched >= 0 && read(tty.watched, thrown, sizeof thrown) > 0)
        any = true;
    tty.seen |= any;
    return any ? TTY_WATCHED : 0;
}

bool
tty_take_watched(void)
{
    (void)read_watched();
    bool seen = tty.seen;
    tty.seen = false;
    return seen;
}

static void
set_modes(const struct termios *modes)
{
    while (tcsetattr(TTY_KEYS, TCSADRAIN, modes) < 0 && errno == EINTR)
        continue;
}

void
tty_start(void)
{
    if (tty.taken)
        return;
    open_own_way();
    if (tcgetattr(TTY_KEYS, &tty.modes) < 0)
        return;
    take_signals();
    tty.own = tty.modes;
    tty.own.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
    tty.own.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    tty.own.c_oflag |= OPOST | ONLCR;
    tty.own.c_cc[VMIN] = 1;
    tty.own.c_cc[VTIME] = 0;
    set_modes(&tty.own);
    tty.taken = true;
    if (ioctl(TTY_KEYS, FIONREAD, &tty.ahead) < 0)
        tty.ahead = 0;
}

void
tty_stop(void)
{
    if (!tty.taken)
        return;
    tty.taken = false;
    set_modes(&tty.modes);
    give_back_signals();
}

void
tty_allow_signals(bool allowed)
{
    struct termios modes = tty.own;
    if (allowed) {  // ... and it alone; what was typed before it stays
        modes.c_lflag |= ISIG | NOFLSH;
        modes.c_cc[VQUIT] = modes.c_cc[VSUSP] = _POSIX_VDISABLE;
    }
    if (tty.taken)
        (void)tcsetattr(TTY_KEYS, TCSANOW, &modes);  // what is being written is as it was
}

void
tty_size(int *ret_columns, int *ret_rows)
{
    struct winsize size = { 0 };
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *ret_columns = size.ws_col > 0 ? size.ws_col : 80;
    *ret_rows = size.ws_row > 0 ? size.ws_row : 24;
}

static unsigned char
key_of(int index, unsigned char otherwise)
{
    return tty.taken ? tty.modes.c_cc[index] : otherwise;
}

unsigned char
tty_interrupt_key(void)
{
    return key_of(VINTR, DEFAULT_INTERRUPT);
}

unsigned char
tty_end_key(void)
{
    return key_of(VEOF, DEFAULT_END);
}

unsigned char
tty_stop_key(void)
{
    return key_of(VSUSP, DEFAULT_STOP);
}

void
tty_suspend(void)
{
    if (tty.taken)
        set_modes(&tty.modes);
    (void)kill(0, SIGTSTP);  // the whole job, as the terminal would
    if (tty.taken)
        set_modes(&tty.own);
    tty.resumed = 0;
}

/* Have room for another block behind what is there. */
static bool
make_room(void)
{
    if (tty.start > 0) {
        memmove(tty.bytes, tty.bytes + tty.start, tty.end - tty.start);
        tty.end -= tty.start;
        tty.start = 0;
    }
    if (tty.capacity - tty.end >= block)
        return true;
    char *bytes = alloc_resize(tty.bytes, tty.end + 2 * block);
    if (!bytes)
        return tty.capacity > tty.end;
    tty.bytes = bytes;
    tty.capacity = tty.end + 2 * block;
    return true;
}

/* The number at `*at`, which goes behind it; -1 where there is none. */
static int
read_number(const char **at, const char *end)
{
    int number = *at < end && **at >= '0' && **at <= '9' ? 0 : -1;
    while (*at < end && **at >= '0' && **at <= '9' && number < 10000)
        number = number * 10 + *(*at)++ - '0';
    return number;
}

/* Take `ESC [ row ; column R` out of what was read: whether it is there. */
static bool
take_answer(int *ret_row, int *ret_column)
{
    char *end = tty.bytes + tty.end;
    for (char *esc = tty.bytes + tty.start; end - esc > 2; esc++) {
        const char *at = esc + 2;
        if (esc[0] != '\033' || esc[1] != '[')
            continue;
        int row = read_number(&at, end);
        bool two = row > 0 && at < end && *at++ == ';';
        int column = two ? read_number(&at, end) : -1;
        if (column <= 0 || at >= end || *at++ != 'R')
            continue;
        memmove(esc, at, (size_t)(end - at));
        tty.end -= (size_t)(at - esc);
        *ret_row = row - 1;
        *ret_column = column - 1;
        return true;
    }
    return false;
}

/* Of what was typed while the terminal had its own modes, it gives the end of the input as NUL. */
static void
name_end_keys(char *bytes, size_t length)
{
    size_t ahead = (size_t)tty.ahead < length ? (size_t)tty.ahead : length;
    for (size_t i = 0; i < ahead; i++)
        if (bytes[i] == '\0')
            bytes[i] = (char)tty_end_key();
    tty.ahead -= (int)ahead;
}

static unsigned
read_keys(void)
{
    if (!make_room())
        return TTY_END;
    ssize_t n = read(TTY_KEYS, tty.bytes + tty.end, tty.capacity - tty.end);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0)
        return TTY_END;
    name_end_keys(tty.bytes + tty.end, (size_t)n);
    tty.end += (size_t)n;
    int row, column;
    while (tty.owed > 0 && take_answer(&row, &column))
        tty.owed--;
    return TTY_INPUT;
}

bool
tty_ask_cursor(const char *question, int *ret_row, int *ret_column)
{
    double until = clock_monotonic() + ANSWER_MS / 1e3;
    tty_write(question, strlen(question));
    for (;;) {
        struct pollfd fd = { .fd = TTY_KEYS, .events = POLLIN };
        double left = until - clock_monotonic();
        int n = left <= 0 ? 0 : poll(&fd, 1, (int)(left * 1e3) + 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (left <= 0 || n < 0 || fd.revents & ~POLLIN) {
            tty.owed++;
            return false;
        }
        if (!fd.revents || read_keys() != TTY_INPUT)
            continue;
        bool answered = take_answer(ret_row, ret_column);
        if (!answered || tty.end > tty.start)
            tty.kept |= TTY_INPUT;
        if (answered)
            return true;
    }
}

void
tty_press_interrupt(void)
{
    if (make_room())
        tty.bytes[tty.end++] = (char)tty_interrupt_key();
}

static unsigned
take_flags(void)
{
    char drained[256];
    unsigned happened = TTY_WOKEN;
    for (ssize_t n; (n = read(tty.pipe.ends[0], drained, sizeof drained)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            happened |= drained[i] ? TTY_SIGNAL : 0;
    if (tty.passed)
        happened |= TTY_SIGNAL;
    if (tty.resized)
        happened |= TTY_SIZE;
    if (tty.resumed) {
        happened |= TTY_RESUMED;
        // Whoever stopped us, or saw it, has set modes of its own.
        if (tty.taken)
            set_modes(&tty.own);
    }
    tty.passed = tty.resized = tty.resumed = 0;
    return happened;
}

/* What a signal that ended the wait was: one of ours, or else the interpreter's. */
static unsigned
take_signal(void)
{
    bool ours = tty.resized || tty.resumed;
    return take_flags() | (ours ? 0 : TTY_SIGNAL);
}

unsigned
tty_wait(int timeout)
{
    struct pollfd fds[] = { { .fd = TTY_KEYS, .events = POLLIN },
                            { .fd = tty.pipe.ends[0], .events = POLLIN },
                            { .fd = tty_watched_fd(), .events = POLLIN } };
    int n = poll(fds, COUNT_OF(fds), tty.kept ? 0 : timeout);
    if (n < 0)
        return errno == EINTR ? take_signal() : TTY_END;
    bool woken = fds[1].revents;
    if (fds[1].revents & POLLNVAL)  // somebody has closed it
        woken = tty_open() == 0;
    unsigned happened = woken ? take_flags() : 0;
    if (fds[2].revents)
        happened |= read_watched();
    if (fds[2].revents & ~POLLIN)
        tty.watched = -1;  // somebody has closed it
    if (fds[0].revents & POLLIN)
        happened |= read_keys();
    else if (fds[0].revents)
        happened |= TTY_END;
    happened |= tty.kept;
    tty.kept = 0;
    return happened;
}

bool
tty_wait_keys(int timeout)
{
    double until = clock_monotonic() + timeout / 1e3;
    unsigned kept = tty.kept;
    unsigned happened = 0;
    for (double left = 0; !(happened & (TTY_INPUT | TTY_END)) && left >= 0;
         left = timeout < 0 ? 0 : until - clock_monotonic()) {
        tty.kept = 0;
        happened |= tty_wait(timeout < 0 ? -1 : (int)(left * 1e3) + 1);
    }
    tty.kept = kept | happened;
    return happened & TTY_INPUT;
}

unsigned
tty_poll(void)
{
    return tty_wait(0);
}

const char *
tty_bytes(size_t *ret_length)
{
    *ret_length = tty.end - tty.start;
    return tty.bytes ? tty.bytes + tty.start : "";
}

void
tty_use(size_t count)
{
    tty.start += count;
}

void
tty_write(const char *bytes, size_t length)
{
    int out = tty.taken && is_own_way(tty.out) ? tty.out : STDOUT_FILENO;
    while (length > 0) {
        ssize_t n = write(out, bytes, length);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd fd = { .fd = out, .events = POLLOUT };
            (void)poll(&fd, 1, -1);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        bytes += n;
        length -= (size_t)n;
    }
}
