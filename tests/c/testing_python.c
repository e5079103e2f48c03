#include "testing_python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ALLOCATIONS_MAX = 100000 };

static PyMemAllocatorEx plain_mem;
static PyMemAllocatorEx plain_object;
static long countdown = -1;  // the allocation that fails; -1: none
static bool hit;
static bool library_is_spared;  // testing_spare_library()
static PyObject *frozen;        // how the files of the import system begin
static char folder[] = "/tmp/mainspring-test-XXXXXX";
static PyObject *namespace;
static PyObject *tortured_code;
static PyObject
    *count_references;          // sys.gettotalrefcount; a debug interpreter alone has it
static PyObject *list_objects;  // gc.get_objects

/* The code that is being executed, or NULL; without a frame object where that can be had. */
static PyObject *
current_code(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    struct _PyInterpreterFrame *frame = PyThreadState_Get()->current_frame;
    return frame == NULL ? NULL : PyUnstable_InterpreterFrame_GetCode(frame);
#elif PY_VERSION_HEX >= 0x030C0000
    struct _PyInterpreterFrame *frame = PyThreadState_Get()->cframe->current_frame;
    return frame == NULL ? NULL : PyUnstable_InterpreterFrame_GetCode(frame);
#else
    bool collects = PyGC_Disable();
    BORROWED PyFrameObject *frame = PyEval_GetFrame();
    PyObject *code = frame == NULL ? NULL : (PyObject *)PyFrame_GetCode(frame);
    if (collects)
        PyGC_Enable();
    return code;
#endif
}

/* Whether Python code of the library's is being executed, the import system's included. */
static bool
is_in_library(void)
{
    AUTO_DECREF PyObject *code = current_code();
    if (code == NULL || !PyCode_Check(code))
        return false;
    BORROWED PyObject *file = ((PyCodeObject *)code)->co_filename;
    return PyUnicode_READ_CHAR(file, 0) == '/'
           || PyUnicode_Find(file, frozen, 0, PY_SSIZE_T_MAX, 1) == 0;
}

static bool
is_spared_now(void)
{
    static bool asking;  // that allocates too
    if (asking || !library_is_spared)
        return asking;
    asking = true;
    bool spared = is_in_library();
    asking = false;
    return spared;
}

static bool
fails_now(void)
{
    if (countdown < 0 || is_spared_now())
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

/* Once for the whole program: a test that fails in the middle leaves nothing to undo. */
static void
put_in_between(PyMemAllocatorDomain domain, PyMemAllocatorEx *plain)
{
    PyMem_GetAllocator(domain, plain);
    PyMemAllocatorEx failing = { .ctx = plain,
                                 .malloc = failing_malloc,
                                 .calloc = failing_calloc,
                                 .realloc = failing_realloc,
                                 .free = passing_free };
    PyMem_SetAllocator(domain, &failing);
}

/* An isolated interpreter reads no environment, but sanitizers need malloc() itself. */
static PyStatus
choose_allocator(void)
{
    PyPreConfig config;
    PyPreConfig_InitIsolatedConfig(&config);
    const char *wanted = getenv("PYTHONMALLOC");
    if (wanted && strcmp(wanted, "malloc") == 0)
        config.allocator = PYMEM_ALLOCATOR_MALLOC;
    return Py_PreInitialize(&config);
}

static PyStatus
start_interpreter(void)
{
    PyStatus chosen = choose_allocator();
    if (PyStatus_Exception(chosen))
        return chosen;
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    config.write_bytecode = 0;
    PyStatus status =
        PyConfig_SetBytesString(&config, &config.program_name, TESTING_PYTHON);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    return status;
}

int
testing_start(void **state)
{
    if (!mkdtemp(folder) || chdir(folder) < 0 || PyStatus_Exception(start_interpreter()))
        return -1;
    namespace = Py_BuildValue("{s:s}", "__name__", "test");
    count_references = Py_XNewRef(PySys_GetObject("gettotalrefcount"));
    AUTO_DECREF PyObject *gc = PyImport_ImportModule("gc");
    list_objects = gc == NULL ? NULL : PyObject_GetAttrString(gc, "get_objects");
    put_in_between(PYMEM_DOMAIN_MEM, &plain_mem);
    put_in_between(PYMEM_DOMAIN_OBJ, &plain_object);
    return namespace == NULL || list_objects == NULL ? -1 : 0;
}

static int
remove_folder(void)
{
    testing_execute("import os, shutil\nos.chdir('/')");
    AUTO_DECREF PyObject *path = testing_text(folder);
    AUTO_DECREF PyObject *remove = testing_evaluate("shutil.rmtree");
    AUTO_DECREF PyObject *none = PyObject_CallOneArg(remove, path);
    return none == NULL ? -1 : 0;
}

int
testing_stop(void **state)
{
    int removed = remove_folder();
    Py_CLEAR(tortured_code);
    Py_CLEAR(frozen);
    Py_CLEAR(namespace);
    Py_CLEAR(count_references);
    Py_CLEAR(list_objects);
    PyMem_SetAllocator(PYMEM_DOMAIN_MEM, &plain_mem);
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &plain_object);
    return Py_FinalizeEx() < 0 ? -1 : removed;
}

/* Call with the n-th allocation failing.  Returns whether it was reached. */
static bool
fail_once(const char *name, TestingFunction function, long n)
{
    hit = false;
    countdown = n;
    int r = function();
    countdown = -1;
    bool raised = PyErr_Occurred() != NULL;
    PyErr_Clear();
    if (r < 0 && !raised)
        fail_msg("%s fails without an exception when allocation %ld fails", name, n);
    if (r >= 0 && raised)
        fail_msg("%s leaves an exception behind when allocation %ld fails", name, n);
    if (r < 0 && !hit)
        fail_msg("%s fails though no allocation has (%ld)", name, n);
    return hit;
}

static void
torture(const char *name, TestingFunction function)
{
    long n = 0;
    while (n < ALLOCATIONS_MAX && fail_once(name, function, n))
        n++;
}

/* It works, what it fills once is filled, and its result is 0. */
static void
call_plainly(const char *name, TestingFunction function)
{
    if (function() == 0 && !PyErr_Occurred())
        return;
    PyErr_Print();
    fail_msg("%s fails with all the memory that there is", name);
}

void
testing_torture(const char *name, TestingFunction function)
{
    call_plainly(name, function);
    torture(name, function);
    call_plainly(name, function);
}

long
testing_pause(void)
{
    long paused = countdown;
    countdown = -1;
    return paused;
}

void
testing_resume(long paused)
{
    countdown = paused;
}

static PyObject *
call_spared(PyObject *callable, PyObject *args, PyObject *options)
{
    long paused = testing_pause();
    AUTO_DECREF PyObject *value = PyObject_Call(callable, args, options);
    testing_resume(paused);
    return TAKE(value);
}

void
testing_spare_library(void)
{
    library_is_spared = true;
    frozen = testing_text("<frozen");
}

void
testing_spare(const char *module, const char *name)
{
    static PyMethodDef definition = { "spared", (PyCFunction)(void (*)(void))call_spared,
                                      METH_VARARGS | METH_KEYWORDS, NULL };
    AUTO_DECREF PyObject *owner = PyImport_ImportModule(module);
    assert_non_null(owner);
    AUTO_DECREF PyObject *callable = PyObject_GetAttrString(owner, name);
    assert_non_null(callable);
    AUTO_DECREF PyObject *spared = PyCFunction_New(&definition, callable);
    assert_int_equal(PyObject_SetAttrString(owner, name, spared), 0);
}

static Py_ssize_t
objects_alive(void)
{
    PyGC_Collect();
    AUTO_DECREF PyObject *objects = PyObject_CallNoArgs(list_objects);
    return objects == NULL ? -1 : PyList_GET_SIZE(objects);
}

static Py_ssize_t
references_alive(void)
{
    AUTO_DECREF PyObject *total =
        count_references == NULL ? NULL : PyObject_CallNoArgs(count_references);
    return total == NULL ? 0 : PyLong_AsSsize_t(total);
}

typedef struct Call {
    const char *name;
    TestingFunction function;
    long n;  // the allocation that fails, where `call` asks for one
    void (*call)(const struct Call *c);
} Call;

static void
call_as_is(const Call *c)
{
    (void)c->function();  // what it fails with is for other tests to judge
}

static void
call_tortured(const Call *c)
{
    torture(c->name, c->function);
}

static void
call_failing_once(const Call *c)
{
    (void)fail_once(c->name, c->function, c->n);  // it was judged before
}

/* regrtest's rule: of eight calls the first three do not count; each of the others grows. */
static bool
leaks(const Call *c)
{
    enum { WARM_UPS = 3, CALLS = 5 };
    int grown_objects = 0;
    int grown_references = 0;
    Py_ssize_t objects = 0;
    Py_ssize_t references = 0;
    for (int i = 0; i < WARM_UPS + CALLS; i++) {
        c->call(c);
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
    return grown_objects == CALLS || grown_references == CALLS;
}

void
testing_no_refleak(const char *name, TestingFunction function)
{
    const Call call = { .name = name, .function = function, .call = call_as_is };
    if (leaks(&call))
        fail_msg("%s leaks", name);
}

void
testing_no_refleak_tortured(const char *name, TestingFunction function)
{
    Call call = { .name = name, .function = function, .call = call_tortured };
    call_plainly(name, function);
    if (!leaks(&call))
        return;
    call.call = call_failing_once;
    while (call.n < ALLOCATIONS_MAX && fail_once(name, function, call.n)) {
        if (leaks(&call))
            fail_msg("%s leaks when allocation %ld fails", name, call.n);
        call.n++;
    }
    fail_msg("%s leaks when allocations fail one after another", name);
}

static int
execute_code(void)
{
    AUTO_DECREF PyObject *none = PyEval_EvalCode(tortured_code, namespace, namespace);
    return none == NULL ? -1 : 0;
}

static void
compile_tortured(const char *statements)
{
    Py_XSETREF(tortured_code, Py_CompileString(statements, "<tortured>", Py_file_input));
    if (tortured_code == NULL)
        PyErr_Print();
    assert_non_null(tortured_code);
}

void
testing_torture_text(const char *statements)
{
    compile_tortured(statements);
    testing_torture(statements, execute_code);
}

void
testing_no_refleak_tortured_text(const char *statements)
{
    compile_tortured(statements);
    testing_no_refleak_tortured(statements, execute_code);
}

BORROWED PyObject *
testing_namespace(void)
{
    return namespace;
}

void
testing_execute(const char *statements)
{
    AUTO_DECREF PyObject *none =
        PyRun_String(statements, Py_file_input, namespace, namespace);
    if (none != NULL)
        return;
    PyErr_Print();
    fail_msg("%s", statements);
}

PyObject *
testing_evaluate(const char *expression)
{
    return PyRun_String(expression, Py_eval_input, namespace, namespace);
}

void
testing_check_at(const char *expression, const char *file, int line)
{
    AUTO_DECREF PyObject *value = testing_evaluate(expression);
    if (value != NULL && PyObject_IsTrue(value) == 1)
        return;
    if (PyErr_Occurred())
        PyErr_Print();
    print_error("%s\n", expression);
    _fail(file, line);
}

PyObject *
testing_text(const char *text)
{
    PyObject *result = PyUnicode_FromString(text);
    assert_non_null(result);
    return result;
}

void
testing_raised(PyObject *type)
{
    assert_non_null(PyErr_Occurred());
    if (!PyErr_ExceptionMatches(type)) {
        PyErr_Print();
        fail();
    }
    PyErr_Clear();
}

void
testing_write(const char *name, const char *content)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

PyObject *
testing_path(const char *name)
{
    PyObject *path = PyUnicode_FromFormat("%s/%s", folder, name);
    assert_non_null(path);
    return path;
}
