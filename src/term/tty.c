#include "term/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"

enum { DEFAULT_INTERRUPT = 3, DEFAULT_STOP = 032, DEFAULT_END = 4 };

static const size_t block = 65536;
static const int signals[] = { SIGWINCH, SIGCONT };

static struct {
    struct termios modes;  // as they were
    struct termios own;
    bool taken;
    int pipe[2];
    struct sigaction before[COUNT_OF(signals)];
    volatile sig_atomic_t resized;
    volatile sig_atomic_t resumed;
    char *bytes;
    size_t start, end, capacity;
} tty = { .pipe = { -1, -1 } };

int
tty_open(void)
{
    if (tty.pipe[0] >= 0)
        return 0;
    return pipe2(tty.pipe, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

void
tty_wake(void)
{
    int saved = errno;
    ssize_t n = write(tty.pipe[1], "", 1);  // a full pipe wakes as well
    (void)n;
    errno = saved;
}

int
tty_wake_fd(void)
{
    return tty.pipe[0];
}

int
tty_waking_fd(void)
{
    return tty.pipe[1];
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
        && before != SIG_IGN)
        before(number);
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
    take_signals();
    if (tcgetattr(TTY_KEYS, &tty.modes) < 0)
        return;
    tty.own = tty.modes;
    tty.own.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
    tty.own.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    tty.own.c_oflag |= OPOST | ONLCR;
    tty.own.c_cc[VMIN] = 1;
    tty.own.c_cc[VTIME] = 0;
    set_modes(&tty.own);
    tty.taken = true;
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
    tty.end += (size_t)n;
    return TTY_INPUT;
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
    for (ssize_t n; (n = read(tty.pipe[0], drained, sizeof drained)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            happened |= drained[i] ? TTY_SIGNAL : 0;
    if (tty.resized)
        happened |= TTY_SIZE;
    if (tty.resumed) {
        happened |= TTY_RESUMED;
        // Whoever stopped us, or saw it, has set modes of its own.
        if (tty.taken)
            set_modes(&tty.own);
    }
    tty.resized = tty.resumed = 0;
    return happened;
}

unsigned
tty_wait(int timeout)
{
    struct pollfd fds[] = { { .fd = TTY_KEYS, .events = POLLIN },
                            { .fd = tty.pipe[0], .events = POLLIN } };
    int n = poll(fds, COUNT_OF(fds), timeout);
    if (n < 0)
        return errno == EINTR ? TTY_WOKEN | TTY_SIGNAL : TTY_END;
    unsigned happened = fds[1].revents ? take_flags() : 0;
    if (fds[0].revents & POLLIN)
        happened |= read_keys();
    else if (fds[0].revents)
        happened |= TTY_END;
    return happened;
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
    while (length > 0) {
        ssize_t n = write(STDOUT_FILENO, bytes, length);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
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
