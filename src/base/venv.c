#include "base/venv.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>

DEFINE_AUTO(FILE *, fclose)
DEFINE_AUTO(char *, free)

static const char *
skip_space(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

/* What `line` gives for `key`, or NULL where it is about something else. */
static const char *
value_of(const char *line, const char *key)
{
    line = skip_space(line);
    size_t length = strlen(key);
    if (strncasecmp(line, key, length) != 0)
        return NULL;
    line = skip_space(line + length);
    return *line == '=' ? skip_space(line + 1) : NULL;
}

/* `version` is venv's key, `version_info` virtualenv's and uv's. */
static void
read_line(const char *line, Venv *venv)
{
    const char *version = value_of(line, "version");
    if (!version)
        version = value_of(line, "version_info");
    int major = 0;
    int minor = 0;
    if (version && sscanf(version, "%d.%d", &major, &minor) == 2) {
        venv->major = major;
        venv->minor = minor;
    }
    const char *home = value_of(line, "home");
    if (home)
        snprintf(venv->home, sizeof venv->home, "%.*s", (int)strcspn(home, "\r\n"), home);
}

int
venv_read(const char *folder, Venv *ret_venv)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/pyvenv.cfg", folder);
    if (length < 0 || (size_t)length >= sizeof path)
        return -ENAMETOOLONG;

    AUTO(fclose) FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    Venv venv = { .major = 0 };
    AUTO(free) char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, file) >= 0)
        read_line(line, &venv);
    if (!feof(file))
        return -errno;
    if (venv.major == 0)
        return -ENODATA;
    *ret_venv = venv;
    return 0;
}

/* Cut the last component off `path`, which becomes "." where it was the only one. */
static void
cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        memcpy(path, ".", 2);
    else if (slash == path)
        slash[1] = '\0';
    else
        *slash = '\0';
}

int
venv_folder_of(const char *program, char *ret_folder, size_t size)
{
    if (!strchr(program, '/'))
        program = (const char *)getauxval(AT_EXECFN);
    if (!program)
        return -ENOENT;

    char folder[PATH_MAX];
    int length = snprintf(folder, sizeof folder, "%s", program);
    if (length < 0 || (size_t)length >= sizeof folder || sizeof folder > size)
        return -ENAMETOOLONG;
    cut_last(folder);
    if (folder[0] == '/')
        memcpy(ret_folder, folder, sizeof folder);
    else if (!realpath(folder, ret_folder))
        return -errno;
    cut_last(ret_folder);
    return 0;
}
