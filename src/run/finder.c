#include "run/finder.h"

#include <stdbool.h>

#include "py/call.h"
#include "py/compat.h"
#include "py/exc.h"
#include "run/note.h"

typedef struct Finder {
    PyObject_HEAD PyObject *folders;  // list of str, each once, the latest script's last
    PyObject *notes;                  // dict of run/note.h
    PyObject *path_finder;            // the interpreter's own
} Finder;

/* Whether the file `file` lies in `folder`, at any depth. */
static int
lies_in(PyObject *file, PyObject *folder)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(folder);
    if (PyUnicode_GET_LENGTH(file) <= length || PyUnicode_READ_CHAR(file, length) != '/')
        return 0;
    return (int)PyUnicode_Tailmatch(file, folder, 0, length, -1);
}

/* The folder that the frame's file lies in: 1, 0 for none, or -1 with an exception set. */
static int
folder_of_frame(PyFrameObject *frame, PyObject *folders, PyObject **ret_folder)
{
    AUTO_DECREF PyObject *globals = PyFrame_GetGlobals(frame);
    AUTO_DECREF PyObject *name = PyUnicode_InternFromString("__file__");
    AUTO_DECREF PyObject *file = NULL;
    if (globals == NULL || name == NULL || call_dict_get(globals, name, &file) < 0)
        return -1;
    if (file == NULL || !PyUnicode_Check(file))
        return 0;
    for (Py_ssize_t i = PyList_GET_SIZE(folders); i-- > 0;) {
        BORROWED PyObject *folder = PyList_GET_ITEM(folders, i);
        int found = lies_in(file, folder);
        if (found == 1)
            *ret_folder = Py_NewRef(folder);
        if (found != 0)
            return found;
    }
    return 0;
}

/* The folder of the script that the nearest frame belongs to. */
static int
folder_of_importer(PyObject *folders, PyObject **ret_folder)
{
    AUTO_DECREF PyObject *frame = Py_XNewRef((PyObject *)PyEval_GetFrame());
    while (frame != NULL) {
        int found = folder_of_frame((PyFrameObject *)frame, folders, ret_folder);
        if (found != 0)
            return found;
        Py_XSETREF(frame, (PyObject *)PyFrame_GetBack((PyFrameObject *)frame));
    }
    return 0;
}

/* Whether the ordinary search starts with this folder anyway. */
static int
heads_sys_path(PyObject *folder)
{
    BORROWED PyObject *path = PySys_GetObject("path");
    if (path == NULL || !PyList_CheckExact(path) || PyList_GET_SIZE(path) == 0)
        return 0;
    AUTO_DECREF PyObject *head = Py_NewRef(PyList_GET_ITEM(path, 0));
    return PyUnicode_Check(head) ? PyObject_RichCompareBool(head, folder, Py_EQ) : 0;
}

/* Have the interpreter's path finder look for `name`. */
static PyObject *
search(const Finder *finder, PyObject *name, PyObject *path, PyObject *target)
{
    AUTO_DECREF PyObject *method = PyObject_GetAttrString(finder->path_finder, "find_spec");
    return method == NULL ? NULL
                          : PyObject_CallFunctionObjArgs(method, name, path, target, NULL);
}

/* Look in the folder of the script that imports the top-level module: its spec, or None. */
static PyObject *
find_sibling(const Finder *finder, PyObject *name, PyObject *target)
{
    AUTO_DECREF PyObject *folder = NULL;
    int found = PyList_GET_SIZE(finder->folders) > 0
                    ? folder_of_importer(finder->folders, &folder)
                    : 0;
    int ordinary = found == 1 ? heads_sys_path(folder) : found;
    if (found < 0 || ordinary < 0)
        return NULL;
    if (found == 0 || ordinary == 1)
        Py_RETURN_NONE;
    AUTO_DECREF PyObject *path = Py_BuildValue("[O]", folder);
    return path == NULL ? NULL : search(finder, name, path, target);
}

/* Whether the path finder would be asked next. */
static bool
precedes_path_finder(const Finder *finder)
{
    BORROWED PyObject *meta_path = PySys_GetObject("meta_path");
    if (meta_path == NULL || !PyList_CheckExact(meta_path))
        return false;
    for (Py_ssize_t i = 0; i + 1 < PyList_GET_SIZE(meta_path); i++)
        if (PyList_GET_ITEM(meta_path, i) == (PyObject *)finder)
            return PyList_GET_ITEM(meta_path, i + 1) == finder->path_finder;
    return false;
}

static PyObject *
find_spec(PyObject *self, PyObject *args)
{
    const Finder *finder = (Finder *)self;
    PyObject *name = NULL;
    PyObject *path = Py_None;
    PyObject *target = Py_None;
    if (!PyArg_ParseTuple(args, "U|OO:find_spec", &name, &path, &target))
        return NULL;
    AUTO_DECREF PyObject *spec =
        path == Py_None ? find_sibling(finder, name, target) : Py_NewRef(Py_None);
    if (spec == Py_None && precedes_path_finder(finder))
        Py_SETREF(spec, search(finder, name, path, target));
    if (spec == NULL || (spec != Py_None && run_note_take(finder->notes, spec, target) < 0))
        return NULL;
    return TAKE(spec);
}

static void
finder_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((Finder *)self)->folders);
    Py_XDECREF(((Finder *)self)->notes);
    Py_XDECREF(((Finder *)self)->path_finder);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef finder_methods[] = {
    { "find_spec", find_spec, METH_VARARGS,
      "Find a top-level module beside its importer." },
    { NULL, NULL, 0, NULL },
};

static PyObject *
finder_new(PyObject *notes)
{
    PyType_Slot slots[] = {
        { Py_tp_doc, (void *)"Finds the siblings of scripts that were run." },
        { Py_tp_methods, finder_methods },
        { Py_tp_dealloc, finder_dealloc },
        { 0, NULL },
    };
    PyType_Spec spec = { .name = "mainspring.SiblingFinder",
                         .basicsize = sizeof(Finder),
                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                         .slots = slots };
    AUTO_DECREF PyObject *path_finder =
        call_import("_frozen_importlib_external", "PathFinder");
    AUTO_DECREF PyObject *type = path_finder == NULL ? NULL : compat_type_new(&spec, NULL);
    AUTO_DECREF PyObject *folders = type == NULL ? NULL : PyList_New(0);
    if (folders == NULL)
        return NULL;
    Finder *finder = PyObject_New(Finder, (PyTypeObject *)type);
    if (finder == NULL)
        return NULL;
    finder->folders = TAKE(folders);
    finder->notes = Py_NewRef(notes);
    finder->path_finder = TAKE(path_finder);
    return (PyObject *)finder;
}

/* Put the finder before the path finder, after the built-in and frozen ones. */
static int
put_on_meta_path(PyObject *finder)
{
    BORROWED PyObject *meta_path = PySys_GetObject("meta_path");
    if (meta_path == NULL || !PyList_CheckExact(meta_path))
        return 0;
    Py_ssize_t place = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(meta_path); i++) {
        if (PyList_GET_ITEM(meta_path, i) == finder)
            return 0;
        if (PyList_GET_ITEM(meta_path, i) == ((Finder *)finder)->path_finder)
            place = i;
    }
    return PyList_Insert(meta_path, place, finder);
}

PyObject *
run_finder_new(PyObject *notes)
{
    AUTO_DECREF PyObject *finder = finder_new(notes);
    return finder == NULL || put_on_meta_path(finder) < 0 ? NULL : TAKE(finder);
}

int
run_finder_offer(PyObject *finder, PyObject *folder)
{
    BORROWED PyObject *folders = ((Finder *)finder)->folders;
    Py_ssize_t last = PyList_GET_SIZE(folders) - 1;
    if (last >= 0 && PyUnicode_Compare(PyList_GET_ITEM(folders, last), folder) == 0)
        return put_on_meta_path(finder);
    Py_ssize_t known = PySequence_Index(folders, folder);
    if (known < 0 && !PyErr_ExceptionMatches(PyExc_ValueError))
        return -1;
    PyErr_Clear();
    if (PyList_Append(folders, folder) < 0
        || (known >= 0 && PyList_SetSlice(folders, known, known + 1, NULL) < 0))
        return -1;
    return put_on_meta_path(finder);
}

void
run_finder_withdraw(PyObject *finder)
{
    AUTO_EXC ExcHold hold = exc_hold();
    BORROWED PyObject *meta_path = finder == NULL ? NULL : PySys_GetObject("meta_path");
    if (meta_path == NULL || !PyList_CheckExact(meta_path))
        return;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(meta_path); i++)
        if (PyList_GET_ITEM(meta_path, i) == finder
            && PyList_SetSlice(meta_path, i, i + 1, NULL) < 0)
            PyErr_Clear();  // no memory for that: it finds nothing that is not there
}
