#include "py/interp.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/venv.h"

enum { STATUS_UNWRITTEN = 120 };

typedef struct Python {
    char path[PATH_MAX];  // the python3 that we stand for
    bool is_foreign;  // the standard library that it uses is not the one we were built for
} Python;

static void
refuse_environment(const char *folder, const char *reason)
{
    fprintf(stderr, "mainspring: the environment %s is not used: %s\n", folder, reason);
}

static bool
version_fits(const char *folder, const Venv *venv)
{
    if (venv->major == PY_MAJOR_VERSION && venv->minor == PY_MINOR_VERSION)
        return true;
    char reason[64];
    snprintf(reason, sizeof reason, "it is for Python %d.%d, this is %d.%d", venv->major,
             venv->minor, PY_MAJOR_VERSION, PY_MINOR_VERSION);
    refuse_environment(folder, reason);
    return false;
}

/* Whether the Python in the folder `home` is not the one that we were built for. */
static bool
is_foreign(const char *home)
{
    struct stat theirs;
    struct stat ours;
    char path[] = MAINSPRING_PYTHON;
    return stat(home, &theirs) < 0 || stat(dirname(path), &ours) < 0
           || theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino;
}

/* The python3 of the environment at `folder`: 1, 0 where it is not for us and that was said,
 * or -ENOENT where there is no environment.
 */
static int
environment_python(const char *folder, Python *ret_python)
{
    Venv venv;
    int r = venv_read(folder, &venv);
    if (r == -ENOENT)
        return r;
    if (r < 0) {
        refuse_environment(folder, r == -ENODATA ? "its pyvenv.cfg names no version"
                                                 : strerror(-r));
        return 0;
    }
    if (!version_fits(folder, &venv))
        return 0;
    Python python = { .is_foreign = is_foreign(venv.home) };
    int length = snprintf(python.path, sizeof python.path, "%s/bin/python3", folder);
    if (length < 0 || (size_t)length >= sizeof python.path
        || access(python.path, X_OK) < 0) {
        refuse_environment(folder, "it has no bin/python3 that runs");
        return 0;
    }
    *ret_python = python;
    return 1;
}

/* The same for the environment that `program` is installed in. */
static int
own_python(const char *program, Python *ret_python)
{
    char folder[PATH_MAX];
    int r = venv_folder_of(program, folder, sizeof folder);
    return r < 0 ? r : environment_python(folder, ret_python);
}

static Python
find_python(const char *program)
{
    Python python = { .path = MAINSPRING_PYTHON };
    const char *active = getenv("VIRTUAL_ENV");
    if (active && *active) {
        int r = environment_python(active, &python);
        if (r == 1)
            return python;
        if (r < 0)
            refuse_environment(active, "it has no pyvenv.cfg");
    }
    char real[PATH_MAX] = "";
    if (own_python(program, &python) == -ENOENT
        && readlink("/proc/self/exe", real, sizeof real - 1) > 0)
        (void)!own_python(real, &python);  // what it finds is in `python`, else what was
    return python;
}

/* Have the paths computed for our own standard library, whatever the environment's base is.
 *
 * site then finds the environment by the name of its python3, as it always does.
 */
static PyStatus
set_own_library(PyConfig *config)
{
    PyStatus status = PyConfig_SetBytesString(config, &config->home, MAINSPRING_HOME);
    if (PyStatus_Exception(status))
        return status;
    return PyConfig_SetBytesString(config, &config->base_executable, MAINSPRING_PYTHON);
}

PyStatus
interp_start(const Options *options)
{
    Python python = find_python(options->argv[0]);

    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, options->argc, options->argv);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(&config, &config.argv.items[0], python.path);
    if (!PyStatus_Exception(status) && python.is_foreign)
        status = set_own_library(&config);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return status;
}

int
interp_stop(int status)
{
    return Py_FinalizeEx() < 0 ? STATUS_UNWRITTEN : status;
}
