#include "inspect/object.h"

#include <string.h>

#include "inspect/attribute.h"
#include "inspect/definition.h"
#include "inspect/guarded.h"
#include "py/call.h"
#include "py/limit.h"
#include "show/brief.h"
#include "show/color.h"

static const double PATIENCE = 2.0;  // seconds, for each question

/* The text that grows, and how it is to look. */
typedef struct Page {
    PyObject *text;
    InspectDetail detail;
} Page;

static int
add(Page *page, STOLEN PyObject *more)
{
    AUTO_DECREF PyObject *part = more;
    if (part == NULL)
        return -1;
    Py_SETREF(page->text, PyUnicode_Concat(page->text, part));
    return page->text == NULL ? -1 : 0;
}

/* Add a field; more than one line begin below the label. */
static int
add_field(Page *page, const char *label, PyObject *text)
{
    static const char BLANKS[] = "           ";  // the labels' width
    if (text == NULL || !PyUnicode_Check(text))
        return text == NULL ? -1 : 0;
    Py_ssize_t newline = PyUnicode_FindChar(text, '\n', 0, PyUnicode_GET_LENGTH(text), 1);
    size_t used = Py_MIN(strlen(label), sizeof BLANKS - 2);
    AUTO_DECREF PyObject *plain = PyUnicode_FromString(label);
    AUTO_DECREF PyObject *heading =
        plain != NULL && page->detail.color ? color_heading(plain) : Py_XNewRef(plain);
    if (heading == NULL)
        return -1;
    return add(page, PyUnicode_FromFormat("%U%s%U\n", heading,
                                          newline >= 0 ? "\n" : BLANKS + used, text));
}

/* Where the question went wrong there is no answer; Ctrl-C and a lack of memory are no such thing. */
static PyObject *
answer_or_none(STOLEN PyObject *answer, bool late)
{
    if (answer != NULL)
        return answer;
    if (!late
        && (PyErr_ExceptionMatches(PyExc_KeyboardInterrupt)
            || PyErr_ExceptionMatches(PyExc_MemoryError)))
        return NULL;
    PyErr_Clear();  // inspect's way to say that there is none, or a hostile object's
    Py_RETURN_NONE;
}

/* What a function of the inspect module says of `object`, or None. */
static PyObject *
ask_inspect(const char *function, PyObject *object)
{
    AUTO_DECREF PyObject *ask = call_import("inspect", function);
    if (ask == NULL)
        return NULL;
    Limit limit = { 0 };
    limit_enter(&limit, PATIENCE);
    AUTO_DECREF PyObject *answer = PyObject_CallOneArg(ask, object);
    bool late = limit_leave(&limit);
    return answer_or_none(TAKE(answer), late);
}

static PyObject *
signature_of(PyObject *object)
{
    AUTO_DECREF PyObject *signature = ask_inspect("signature", object);
    if (signature == NULL || signature == Py_None)
        return TAKE(signature);
    Limit limit = { 0 };
    limit_enter(&limit, PATIENCE);
    AUTO_DECREF PyObject *text = PyObject_Str(signature);
    bool late = limit_leave(&limit);
    return answer_or_none(TAKE(text), late);
}

/* The name that the object has for itself, where that is a str. */
static PyObject *
name_of(PyObject *object)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__name__");
    AUTO_DECREF PyObject *name = NULL;
    if (key == NULL)
        return NULL;
    if (PyType_Check(object))
        name = PyType_GetName((PyTypeObject *)object);
    else if (PyFunction_Check(object) || PyCFunction_Check(object)
             || Py_IS_TYPE(object, &PyMethodDescr_Type))
        name = PyObject_GetAttr(object, key);
    else if (Py_IS_TYPE(object, &PyMethod_Type))
        name = PyObject_GetAttr(PyMethod_GET_FUNCTION(object), key);
    if (name == NULL)
        PyErr_Clear();  // it has none
    return name != NULL && PyUnicode_Check(name) ? TAKE(name) : PyUnicode_FromString("");
}

static int
add_signature(Page *page, PyObject *object)
{
    if (!PyCallable_Check(object))
        return 0;
    AUTO_DECREF PyObject *signature = signature_of(object);
    AUTO_DECREF PyObject *name = signature == NULL ? NULL : name_of(object);
    if (name == NULL || signature == Py_None)
        return name == NULL ? -1 : 0;
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat("%U%S", name, signature);
    AUTO_DECREF PyObject *shown =
        text != NULL && page->detail.color ? color_code(text) : Py_XNewRef(text);
    return add_field(page, "Signature:", shown);
}

static bool
is_code(PyObject *object)
{
    return PyType_Check(object) || PyModule_Check(object) || PyFunction_Check(object)
           || PyCFunction_Check(object) || Py_IS_TYPE(object, &PyMethod_Type)
           || Py_IS_TYPE(object, &PyProperty_Type);
}

static int
add_value(Page *page, PyObject *object)
{
    if (is_code(object))
        return 0;
    AUTO_DECREF PyObject *text = brief_text(object);
    return add_field(page, "Value:", text);
}

static int
add_length(Page *page, PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    bool sized = (type->tp_as_sequence != NULL && type->tp_as_sequence->sq_length != NULL)
                 || (type->tp_as_mapping != NULL && type->tp_as_mapping->mp_length != NULL);
    if (!sized || PyType_Check(object))
        return 0;
    Limit limit = { 0 };
    limit_enter(&limit, PATIENCE);
    Py_ssize_t length = PyObject_Size(object);
    AUTO_DECREF PyObject *text =
        PyErr_Occurred() ? NULL : PyUnicode_FromFormat("%zd", length);
    bool late = limit_leave(&limit);
    AUTO_DECREF PyObject *answer = answer_or_none(TAKE(text), late);
    return add_field(page, "Length:", answer);
}

/* Ask about the object, and about its class where it is an instance and there is no answer. */
static PyObject *
ask_of_class_too(const char *function, PyObject *object)
{
    AUTO_DECREF PyObject *answer = ask_inspect(function, object);
    if (answer != Py_None || is_code(object))
        return TAKE(answer);
    return ask_inspect(function, (PyObject *)Py_TYPE(object));
}

/* Where the code is that an object was made by. */
typedef struct Origin {
    PyObject *file;  // str, or None
    PyObject *source;
} Origin;

static void
origin_done_slot(Origin *o)
{
    Py_CLEAR(o->file);
    Py_CLEAR(o->source);
}

/* The origin where inspect would not know it: 1, 0 where we do not either. */
static int
find_ourselves(PyObject *object, Origin *ret_origin)
{
    BORROWED PyObject *class = PyType_Check(object) ? object : (PyObject *)Py_TYPE(object);
    bool code = is_code(object) && class != object;
    int found =
        code
            ? inspect_definition_find_frozen(object, &ret_origin->file, &ret_origin->source)
            : inspect_definition_find(class, &ret_origin->file, &ret_origin->source);
    if (found < 0 && PyErr_ExceptionMatches(PyExc_Exception)
        && !PyErr_ExceptionMatches(PyExc_MemoryError)) {
        PyErr_Clear();  // a text that is no Python any more
        return 0;
    }
    return found;
}

static int
find_origin(PyObject *object, Origin *ret_origin)
{
    int found = find_ourselves(object, ret_origin);
    if (found != 0)
        return found < 0 ? -1 : 0;
    ret_origin->source = ask_of_class_too("getsource", object);
    if (ret_origin->source == NULL)
        return -1;
    // inspect takes the module's file for a class that it does not find there.
    bool lost = PyType_Check(object) && ret_origin->source == Py_None;
    ret_origin->file = lost ? Py_NewRef(Py_None) : ask_of_class_too("getfile", object);
    return ret_origin->file == NULL ? -1 : 0;
}

/* The docstring; of an instance only one of its own counts, not the class's again. */
static int
add_docs(Page *page, PyObject *object)
{
    AUTO_DECREF PyObject *doc = ask_inspect("getdoc", object);
    if (doc == NULL || add_field(page, "Docstring:", doc) < 0)
        return -1;
    if (!PyType_Check(object))
        return 0;
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__init__");
    AUTO_DECREF PyObject *made = NULL;
    int found = key == NULL ? -1 : inspect_attribute_find(object, key, &made);
    if (found != 1 || !Py_IS_TYPE(made, &PyFunction_Type))
        return found < 0 ? -1 : 0;
    AUTO_DECREF PyObject *its = ask_inspect("getdoc", made);
    return add_field(page, "Init docstring:", its);
}

static int
add_fields(Page *page, PyObject *object)
{
    AUTO_DECREF PyObject *type = PyType_GetName(Py_TYPE(object));
    if (type == NULL || add_signature(page, object) < 0
        || add_field(page, "Type:", type) < 0 || add_value(page, object) < 0
        || add_length(page, object) < 0)
        return -1;
    // The source of a property is that of what it calls.
    AUTO_DECREF PyObject *getter = NULL;
    if (Py_IS_TYPE(object, &PyProperty_Type)
        && (getter = PyObject_GetAttrString(object, "fget")) == NULL)
        return -1;
    BORROWED PyObject *code = getter == NULL || getter == Py_None ? object : getter;
    __attribute__((cleanup(origin_done_slot))) Origin origin = { 0 };
    if (find_origin(code, &origin) < 0 || add_field(page, "File:", origin.file) < 0)
        return -1;
    if (!page->detail.source || !PyUnicode_Check(origin.source))
        return add_docs(page, object);
    AUTO_DECREF PyObject *source =
        page->detail.color ? color_code(origin.source) : Py_NewRef(origin.source);
    return add_field(page, "Source:", source);
}

PyObject *
inspect_object_text(PyObject *object, InspectDetail detail)
{
    Page page = { .text = PyUnicode_FromString(""), .detail = detail };
    if (page.text != NULL && add_fields(&page, object) < 0)
        Py_CLEAR(page.text);
    return TAKE(page.text);
}

int
inspect_object_find(PyObject *namespace, PyObject *expression, PyObject **ret_object)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(expression, &length);
    if (text == NULL)
        return -1;
    int found = inspect_guarded_evaluate(namespace, text, (size_t)length, ret_object);
    const char *dot = found == 0 ? memrchr(text, '.', (size_t)length) : NULL;
    if (dot == NULL)
        return found;
    AUTO_DECREF PyObject *owner = NULL;
    AUTO_DECREF PyObject *name = PyUnicode_FromString(dot + 1);
    if (name == NULL || PyUnicode_IsIdentifier(name) != 1)
        return name == NULL ? -1 : 0;
    found = inspect_guarded_evaluate(namespace, text, (size_t)(dot - text), &owner);
    if (found == 1)
        found = inspect_attribute_find(owner, name, ret_object);
    return found;
}
