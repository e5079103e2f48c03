#include "hist/range.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef struct End {
    bool has_session, has_line;
    long session;
    int line;
} End;

/* A number of digits alone; false where there is none. */
static bool
read_number(const char **at, long *ret_number)
{
    if (!isdigit((unsigned char)**at))
        return false;
    char *end = NULL;
    errno = 0;
    long number = strtol(*at, &end, 10);
    if (errno != 0 || number >= INT_MAX)
        return false;
    *at = end;
    *ret_number = number;
    return true;
}

/* `[~]SESSION/[LINE]` or `[LINE]`. */
static int
read_end(const char **at, End *ret_end)
{
    End end = { 0 };
    const char *slash = *at + strcspn(*at, "/-:");
    if (*slash == '/') {
        bool before = **at == '~';
        *at += before;
        if (!read_number(at, &end.session) || *at != slash)
            return -EINVAL;
        end.session = before ? -end.session : end.session;
        end.has_session = true;
        *at = slash + 1;
    }
    long line = 0;
    end.has_line = read_number(at, &line);
    end.line = (int)line;
    *ret_end = end;
    return 0;
}

static int
add(HistRange *ranges, size_t *count, long session, int first, int last)
{
    if (*count == HIST_RANGES_MOST)
        return -E2BIG;
    ranges[(*count)++] = (HistRange){ session, first, last };
    return 0;
}

/* The lines from one session to a later one; a session numbered and one counted back can't be
 * compared here. */
static int
add_sessions(HistRange *ranges, size_t *count, const End *from, const End *to, int last)
{
    if ((from->session < 0) != (to->session <= 0) || from->session > to->session)
        return -EINVAL;
    int first = from->has_line ? from->line : 1;
    int r = 0;
    for (long s = from->session; r == 0 && s <= to->session; s++) {
        r = add(ranges, count, s, first, s == to->session ? last : 0);
        first = 1;
    }
    return r;
}

/* What is behind the first end: the last line in `ret_last`, 0 for the session's end.  1 where the
 * range is empty, as `1:1` is. */
static int
read_rest(const char *at, char separator, End *ret_to, int *ret_last)
{
    if (!strchr("-:", separator) || read_end(&at, ret_to) < 0 || *at != '\0')
        return -EINVAL;
    *ret_last = ret_to->line - (separator == ':');
    if (!ret_to->has_line)
        *ret_last = 0;
    else if (*ret_last <= 0)
        return *ret_last < 0 || ret_to->has_session ? -EINVAL : 1;
    return 0;
}

int
hist_range_read(const char *word, HistRange *ranges, size_t *count)
{
    End from;
    End to = { 0 };
    const char *at = word;
    if (read_end(&at, &from) < 0 || (!from.has_session && !from.has_line))
        return -EINVAL;
    if (*at == '\0' && from.has_line && from.line == 0)
        return 0;  // In[0], which is empty
    if (*at == '\0')
        return add(ranges, count, from.session, from.has_line ? from.line : 1,
                   from.has_line ? from.line : 0);
    int last = 0;
    int r = read_rest(at + 1, *at, &to, &last);
    if (r != 0)
        return r < 0 ? r : 0;
    if (!to.has_session || to.session == from.session)
        return add(ranges, count, from.session, from.has_line ? from.line : 1, last);
    return add_sessions(ranges, count, &from, &to, last);
}
