#include "run/imports.h"

#include <stdbool.h>

#include "py/compat.h"

/* Add `module`.`name`, or the one of them that is there. */
static int
add_member(PyObject *imports, PyObject *module, PyObject *name)
{
    if (PyUnicode_GET_LENGTH(module) == 0)
        return PySet_Add(imports, name);
    AUTO_DECREF PyObject *whole = PyUnicode_FromFormat("%U.%U", module, name);
    return whole == NULL ? -1 : PySet_Add(imports, whole);
}

/* Add what the instructions of one code object import. */
static int
add_instructions(PyObject *code, PyObject *imports)
{
    AUTO_DECREF PyObject *instructions = PyCode_GetCode((PyCodeObject *)code);
    AUTO_DECREF PyObject *names =
        instructions == NULL ? NULL : PyObject_GetAttrString(code, "co_names");
    if (names == NULL)
        return -1;
    const unsigned char *ops = (const unsigned char *)PyBytes_AS_STRING(instructions);
    BORROWED PyObject *module = NULL;  // that the next IMPORT_FROM takes from
    int argument = 0;
    for (Py_ssize_t i = 0; i + 1 < PyBytes_GET_SIZE(instructions); i += 2) {
        argument = argument << 8 | ops[i + 1];
        if (compat_extends_argument(ops[i]))
            continue;
        bool imports_module = ops[i] == IMPORT_NAME;
        if (imports_module || (ops[i] == IMPORT_FROM && module != NULL)) {
            BORROWED PyObject *name = PyTuple_GET_ITEM(names, argument);
            int r = imports_module ? PySet_Add(imports, name)
                                   : add_member(imports, module, name);
            if (r < 0)
                return -1;
            module = imports_module ? name : module;
        }
        argument = 0;
    }
    return 0;
}

/* The same for a code object and the classes in it; functions import when they are called. */
static int
add_code(PyObject *code, PyObject *imports)
{
    if (Py_EnterRecursiveCall(" while reading a module's imports"))
        return -1;
    AUTO_DECREF PyObject *constants = PyObject_GetAttrString(code, "co_consts");
    int r = constants == NULL ? -1 : add_instructions(code, imports);
    for (Py_ssize_t i = 0; r == 0 && i < PyTuple_GET_SIZE(constants); i++) {
        BORROWED PyObject *constant = PyTuple_GET_ITEM(constants, i);
        if (PyCode_Check(constant)
            && !(((PyCodeObject *)constant)->co_flags & CO_OPTIMIZED))
            r = add_code(constant, imports);
    }
    Py_LeaveRecursiveCall();
    return r;
}

PyObject *
run_imports_of_code(PyObject *code)
{
    AUTO_DECREF PyObject *imports = PySet_New(NULL);
    return imports == NULL || add_code(code, imports) < 0 ? NULL : TAKE(imports);
}

/* Whether `package`.`name`, or `package` alone for no name, is one of `modules`. */
static int
is_in_package(PyObject *name, PyObject *package, PyObject *modules)
{
    if (PyUnicode_GET_LENGTH(name) == 0)
        return PySet_Contains(modules, package);
    AUTO_DECREF PyObject *whole = PyUnicode_FromFormat("%U.%U", package, name);
    return whole == NULL ? -1 : PySet_Contains(modules, whole);
}

/* Whether the name is one of `modules` in the package, or in one that the package is in: the
 * import may have been relative to any of them. */
static int
is_in_packages(PyObject *name, PyObject *package, PyObject *modules)
{
    AUTO_DECREF PyObject *outer = Py_NewRef(package);
    while (PyUnicode_GET_LENGTH(outer) > 0) {
        int found = is_in_package(name, outer, modules);
        if (found != 0)
            return found;
        Py_ssize_t dot = PyUnicode_FindChar(outer, '.', 0, PyUnicode_GET_LENGTH(outer), -1);
        Py_SETREF(outer, PyUnicode_Substring(outer, 0, dot < 0 ? 0 : dot));
        if (outer == NULL)
            return -1;
    }
    return 0;
}

int
run_imports_any(PyObject *imports, PyObject *package, PyObject *modules)
{
    AUTO_DECREF PyObject *names = PySequence_List(imports);
    if (names == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        BORROWED PyObject *name = PyList_GET_ITEM(names, i);
        int found = PySet_Contains(modules, name);
        if (found == 0)
            found = is_in_packages(name, package, modules);
        if (found != 0)
            return found;
    }
    return 0;
}
