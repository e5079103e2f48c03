#include "testing_hist.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
char testing_hist_path[128];

int
testing_hist_begin(void **state)
{
    // In memory where that can be had: each transaction waits for the disk elsewhere.
    (void)strcpy(folder, "/dev/shm/mainspring-hist-XXXXXX");
    if (!mkdtemp(folder)) {
        (void)strcpy(folder, "/tmp/mainspring-hist-XXXXXX");
        if (!mkdtemp(folder))
            return -1;
    }
    (void)snprintf(testing_hist_path, sizeof testing_hist_path, "%s/history.sqlite",
                   folder);
    return 0;
}

int
testing_hist_end(void **state)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL)
        (void)unlink(testing_hist_file(entry->d_name));  // `.` and `..` stay
    if (entries)
        closedir(entries);
    return rmdir(folder);
}

const char *
testing_hist_file(const char *name)
{
    static char path[sizeof folder + 300];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

HistStore *
testing_hist_open(void)
{
    HistError error = { "" };
    int r = 0;
    HistStore *s = hist_store_open(testing_hist_path, HIST_STORE_MAKE, 0, &r, &error);
    if (!s)
        fail_msg("%d: %s", r, error.reason);
    return s;
}

void
testing_hist_write(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(testing_hist_file(name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
open_other(const char *name, HistConnection *c)
{
    HistError error;
    FILE *file = fopen(testing_hist_file(name), "a");
    assert_non_null(file);
    (void)fclose(file);
    assert_int_equal(
        hist_connection_open(c, testing_hist_file(name), HIST_WRITE, 0, &error), 0);
}

void
testing_hist_execute(const char *name, const char *sql)
{
    HistError error;
    AUTO(hist_connection_close) HistConnection c;
    open_other(name, &c);
    if (hist_connection_execute(&c, sql, &error) < 0)
        fail_msg("%s: %s", sql, error.reason);
}

long
testing_hist_number(const char *name, const char *sql)
{
    HistError error;
    AUTO(hist_connection_close) HistConnection c;
    open_other(name, &c);
    int64_t number = -1;
    assert_int_equal(hist_connection_number(&c, sql, &number, &error), 0);
    return (long)number;
}
