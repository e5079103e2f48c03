#include "py/interp.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/venv.h"

enum { STATUS_UNWRITTEN = 120 };

static void
refuse_environment(const char *folder, const char *reason)
{
    fprintf(stderr, "mainspring: the environment %s is not used: %s\n", folder, reason);
}

/* Whether the environment at `folder` and its `python` are for us; if not, it was said why. */
static bool
environment_fits(const char *folder, const char *python, int major, int minor)
{
    if (major != PY_MAJOR_VERSION || minor != PY_MINOR_VERSION) {
        char reason[64];
        snprintf(reason, sizeof reason, "it is for Python %d.%d, this is %d.%d", major,
                 minor, PY_MAJOR_VERSION, PY_MINOR_VERSION);
        refuse_environment(folder, reason);
        return false;
    }
    if (access(python, X_OK) < 0) {
        refuse_environment(folder, "it has no bin/python3 that runs");
        return false;
    }
    return true;
}

/* The python3 of the environment at `folder`: 1, 0 where it is not for us and that was said,
 * or -ENOENT where there is no environment.
 */
static int
environment_python(const char *folder, char *ret_python, size_t size)
{
    int major = 0;
    int minor = 0;
    int r = venv_read_version(folder, &major, &minor);
    if (r == -ENOENT)
        return r;
    if (r < 0) {
        refuse_environment(folder, r == -ENODATA ? "its pyvenv.cfg names no version"
                                                 : strerror(-r));
        return 0;
    }
    char python[PATH_MAX];
    int length = snprintf(python, sizeof python, "%s/bin/python3", folder);
    if (length < 0 || (size_t)length >= size
        || !environment_fits(folder, python, major, minor))
        return 0;
    memcpy(ret_python, python, (size_t)length + 1);
    return 1;
}

/* The same for the environment that `program` is installed in. */
static int
own_python(const char *program, char *ret_python, size_t size)
{
    char folder[PATH_MAX];
    int r = venv_folder_of(program, folder, sizeof folder);
    return r < 0 ? r : environment_python(folder, ret_python, size);
}

static void
find_python(const char *program, char *ret_python, size_t size)
{
    const char *active = getenv("VIRTUAL_ENV");
    if (active && *active) {
        int r = environment_python(active, ret_python, size);
        if (r == 1)
            return;
        if (r < 0)
            refuse_environment(active, "it has no pyvenv.cfg");
    }
    int r = own_python(program, ret_python, size);
    char real[PATH_MAX] = "";
    if (r == -ENOENT && readlink("/proc/self/exe", real, sizeof real - 1) > 0)
        r = own_python(real, ret_python, size);
    if (r != 1)
        snprintf(ret_python, size, "%s", MAINSPRING_PYTHON);
}

PyStatus
interp_start(const Options *options)
{
    char python[PATH_MAX];
    find_python(options->argv[0], python, sizeof python);

    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, options->argc, options->argv);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(&config, &config.argv.items[0], python);
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
