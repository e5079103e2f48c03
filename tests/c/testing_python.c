#include "testing_python.h"

#include <stdbool.h>
#include <stdio.h>

static PyMemAllocatorEx plain_mem;
static PyMemAllocatorEx plain_object;
static long countdown = -1;  // the allocation that fails; -1: none
static bool hit;

static bool
fails_now(void)
{
    if (countdown < 0)
        return false;
    if (countdown-- > 0)
        return false;
    hit = true;
    return true;
}

static void *
failing_malloc(void *ctx, size_t size)
{
    PyMemAllocatorEx *plain = ctx;
    return fails_now() ? NULL : plain->malloc(plain->ctx, size);
}

static void *
failing_calloc(void *ctx, size_t count, size_t size)
{
    PyMemAllocatorEx *plain = ctx;
    return fails_now() ? NULL : plain->calloc(plain->ctx, count, size);
}

static void *
failing_realloc(void *ctx, void *old, size_t size)
{
    PyMemAllocatorEx *plain = ctx;
    return fails_now() ? NULL : plain->realloc(plain->ctx, old, size);
}

static void
passing_free(void *ctx, void *block)
{
    PyMemAllocatorEx *plain = ctx;
    plain->free(plain->ctx, block);
}

static void
arm(PyMemAllocatorDomain domain, PyMemAllocatorEx *plain)
{
    PyMem_GetAllocator(domain, plain);
    PyMemAllocatorEx failing = { .ctx = plain,
                                 .malloc = failing_malloc,
                                 .calloc = failing_calloc,
                                 .realloc = failing_realloc,
                                 .free = passing_free };
    PyMem_SetAllocator(domain, &failing);
}

int
testing_start(void **state)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, TESTING_PYTHON);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return PyStatus_Exception(status) ? -1 : 0;
}

int
testing_stop(void **state)
{
    return Py_FinalizeEx();
}

void
testing_torture(const char *name, TestingFunction function)
{
    assert_int_equal(function(), 0);  // it works, and what it fills once is filled
    arm(PYMEM_DOMAIN_MEM, &plain_mem);
    arm(PYMEM_DOMAIN_OBJ, &plain_object);
    long n = 0;
    int silent = 0;
    do {
        hit = false;
        countdown = n++;
        int r = function();
        countdown = -1;
        if (r < 0 && !PyErr_Occurred())
            silent++;
        PyErr_Clear();
    } while (hit && n < 100000);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &plain_mem);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &plain_object);
    if (silent)
        fail_msg("%s failed %d times without an exception", name, silent);
    assert_int_equal(function(), 0);  // and it works again
}

static Py_ssize_t
objects_alive(void)
{
    PyGC_Collect();
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *objects = gc ? PyObject_CallMethod(gc, "get_objects", NULL) : NULL;
    Py_ssize_t count = objects ? PyList_GET_SIZE(objects) : -1;
    Py_XDECREF(objects);
    Py_XDECREF(gc);
    return count;
}

static Py_ssize_t
references_alive(void)
{
    PyObject *get = PySys_GetObject("gettotalrefcount");  // a debug interpreter alone has it
    PyObject *total = get ? PyObject_CallNoArgs(get) : NULL;
    Py_ssize_t count = total ? PyLong_AsSsize_t(total) : 0;
    Py_XDECREF(total);
    return count;
}

void
testing_no_refleak(const char *name, TestingFunction function)
{
    enum { WARM_UPS = 3, RUNS = 5 };
    int grown_objects = 0;
    int grown_references = 0;
    Py_ssize_t objects = 0;
    Py_ssize_t references = 0;
    for (int i = 0; i < WARM_UPS + RUNS; i++) {
        (void)function();  // a tortured function's failures are TORTURE's to judge
        PyErr_Clear();
        Py_ssize_t objects_now = objects_alive();
        Py_ssize_t references_now = references_alive();
        if (i >= WARM_UPS) {
            grown_objects += objects_now > objects;
            grown_references += references_now > references;
        }
        objects = objects_now;
        references = references_now;
    }
    if (grown_objects == RUNS || grown_references == RUNS)
        fail_msg("%s leaks: objects grew in %d of %d runs, references in %d", name,
                 grown_objects, RUNS, grown_references);
}
