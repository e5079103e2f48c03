#include "term/others.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"

DEFINE_AUTO(DIR *, closedir)

/* What /proc/PID/stat says. */
typedef struct Process {
    char state;
    int terminal;
    unsigned long long began;  // in ticks since the system was started
} Process;

/* Read a file of a process: its length, or -1. */
static ssize_t
read_of(const char *id, const char *name, char *text, size_t size)
{
    char path[300];
    (void)snprintf(path, sizeof path, "/proc/%s/%s", id, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, text, size);
    (void)close(fd);
    return length;
}

static bool
read_process(const char *id, Process *ret_process)
{
    char text[1024];
    Process p = { 0 };
    ssize_t length = read_of(id, "stat", text, sizeof text - 1);
    if (length <= 0)
        return false;
    text[length] = '\0';
    const char *rest = strrchr(text, ')');  // the name may be anything
    if (!rest
        || sscanf(rest + 1,
                  " %c %*d %*d %*d %d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d"
                  " %*d %llu",
                  &p.state, &p.terminal, &p.began)
               != 3)
        return false;
    *ret_process = p;
    return true;
}

/* Whether its standard output or errors go to the terminal; what may not be known does. */
static bool
writes_to(const char *id, dev_t terminal)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        char path[300];
        struct stat file;
        (void)snprintf(path, sizeof path, "/proc/%s/fd/%d", id, fd);
        if (stat(path, &file) == 0 ? file.st_rdev == terminal : errno == EACCES)
            return true;
    }
    return false;
}

/* Whether it was forked of this process, and is still the same program: what that prints comes to
 * our prompt by itself. */
static bool
is_fork(const char *id)
{
    char own[4096];
    char its[4096];
    ssize_t length = read_of("self", "cmdline", own, sizeof own);
    return length >= 0 && read_of(id, "cmdline", its, sizeof its) == length
           && memcmp(own, its, (size_t)length) == 0;
}

static double
age_of(const Process *p)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9
           - (double)p->began / (double)sysconf(_SC_CLK_TCK);
}

Others
others_look(void)
{
    Others others = { 0 };
    Process own;
    struct stat terminal;
    AUTO(closedir) DIR *all = opendir("/proc");
    if (!all || !read_process("self", &own) || fstat(STDOUT_FILENO, &terminal) < 0
        || own.terminal == 0)
        return others;
    for (const struct dirent *entry; (entry = readdir(all));) {
        Process p;
        const char *id = entry->d_name;
        if (!isdigit((unsigned char)id[0]) || !read_process(id, &p) || p.state == 'Z'
            || p.terminal != own.terminal || p.began < own.began
            || !writes_to(id, terminal.st_rdev) || is_fork(id))
            continue;
        double age = age_of(&p);
        if (others.count++ == 0 || age < others.youngest)
            others.youngest = age;
    }
    return others;
}

bool
others_may_have_come(void)
{
    static long faults;  // of children that have ended
    siginfo_t info;
    struct rusage ended;
    bool have = waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0;
    if (getrusage(RUSAGE_CHILDREN, &ended) < 0)
        return have;
    bool had = ended.ru_minflt != faults;
    faults = ended.ru_minflt;
    return have || had;
}
