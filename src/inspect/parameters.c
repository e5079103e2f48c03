#include "inspect/parameters.h"

#include <stdbool.h>
#include <string.h>

#include "inspect/attribute.h"
#include "py/call.h"
#include "py/vars.h"

enum { WRAPPED_LIMIT = 20, DEFAULT_LENGTH = 30 };

/* What a callable comes down to: a Python function, or a signature that C code has as a text. */
typedef struct Signature {
    PyObject *function;  // or NULL
    PyObject *text;      // or NULL
    Py_ssize_t given;    // parameters that are given already: self, or a partial's
} Signature;

static void
signature_done(Signature *s)
{
    Py_CLEAR(s->function);
    Py_CLEAR(s->text);
}

static void
signature_done_slot(Signature *s)
{
    signature_done(s);
}

/* The C function's own words on its parameters: 1, or 0 where it has none. */
static int
ask_c(PyObject *callable, Signature *s)
{
    AUTO_DECREF PyObject *text = NULL;
    int found = call_attr_get(callable, "__text_signature__", &text);
    if (found != 1 || !PyUnicode_Check(text))
        return found < 0 ? -1 : 0;
    s->text = TAKE(text);
    return 1;
}

static bool
is_c_callable(PyObject *callable)
{
    PyTypeObject *type = Py_TYPE(callable);
    return PyCFunction_CheckExact(callable) || type == &PyMethodDescr_Type
           || type == &PyClassMethodDescr_Type || type == &PyWrapperDescr_Type;
}

static int
find_by_name(PyObject *object, const char *name, bool bound, PyObject **ret_value)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString(name);
    if (key == NULL)
        return -1;
    return bound ? inspect_attribute_get(object, key, ret_value)
                 : inspect_attribute_find(object, key, ret_value);
}

/* The function that makes an object of a class; `object`'s own are everybody's. */
static int
find_maker(PyObject *class, PyObject **ret_function)
{
    static const char *const names[] = { "__init__", "__new__" };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO_DECREF PyObject *raw = NULL;
        int found = find_by_name(class, names[i], false, &raw);
        if (found == 1 && Py_IS_TYPE(raw, &PyStaticMethod_Type))
            Py_SETREF(raw, PyObject_GetAttrString(raw, "__func__"));
        if (found < 0 || (found == 1 && raw == NULL))
            return -1;
        if (found == 1 && Py_IS_TYPE(raw, &PyFunction_Type)) {
            *ret_function = TAKE(raw);
            return 1;
        }
    }
    return 0;
}

/* The function that another one stands for: functools.wraps() says so in its dict. */
static int
unwrap(PyObject **function)
{
    AUTO_DECREF PyObject *key = PyUnicode_InternFromString("__wrapped__");
    if (key == NULL)
        return -1;
    for (int i = 0; i < WRAPPED_LIMIT; i++) {
        AUTO_DECREF PyObject *dict = vars_of(*function);
        AUTO_DECREF PyObject *inner = NULL;
        int found = dict == NULL ? 0 : call_dict_get(dict, key, &inner);
        if (found < 0)
            return -1;
        if (found == 0 || !Py_IS_TYPE(inner, &PyFunction_Type))
            return 0;
        Py_SETREF(*function, TAKE(inner));
    }
    return 0;
}

static int find_signature(PyObject *callable, int depth, Signature *s);

static int
take_function(STOLEN PyObject *function, Py_ssize_t given, Signature *s)
{
    AUTO_DECREF PyObject *inner = function;
    if (unwrap(&inner) < 0)
        return -1;
    s->function = TAKE(inner);
    s->given += given;
    return 1;
}

/* Whether it is an exact functools.partial, where anybody has imported that. */
static int
is_partial(PyObject *callable)
{
    if (strcmp(Py_TYPE(callable)->tp_name, "functools.partial") != 0)
        return 0;
    AUTO_DECREF PyObject *partial = call_import("functools", "partial");
    return partial == NULL ? -1 : (PyObject *)Py_TYPE(callable) == partial;
}

static int
find_of_partial(PyObject *callable, int depth, Signature *s)
{
    AUTO_DECREF PyObject *function = PyObject_GetAttrString(callable, "func");
    AUTO_DECREF PyObject *args =
        function == NULL ? NULL : PyObject_GetAttrString(callable, "args");
    if (args == NULL)
        return -1;
    s->given += PyTuple_Check(args) ? PyTuple_GET_SIZE(args) : 0;
    return find_signature(function, depth + 1, s);
}

static int
find_of_instance(PyObject *callable, int depth, Signature *s)
{
    AUTO_DECREF PyObject *method = NULL;
    int found = find_by_name((PyObject *)Py_TYPE(callable), "__call__", false, &method);
    if (found != 1 || !Py_IS_TYPE(method, &PyFunction_Type))
        return found < 0 ? -1 : 0;
    return take_function(TAKE(method), 1, s);
}

static int
find_of_class(PyObject *class, Signature *s)
{
    AUTO_DECREF PyObject *maker = NULL;
    int found = find_maker(class, &maker);
    if (found == 1)
        return take_function(TAKE(maker), 1, s);
    bool built_in = Py_IS_TYPE(class, &PyType_Type);  // no metaclass of the user's
    return found < 0 ? -1 : built_in ? ask_c(class, s) : 0;
}

/* Find out what `callable` comes down to: 1, 0 where that is not known, -1 with an exception set.
 */
static int
find_signature(PyObject *callable, int depth, Signature *s)
{
    if (depth > WRAPPED_LIMIT)
        return 0;
    if (Py_IS_TYPE(callable, &PyFunction_Type))
        return take_function(Py_NewRef(callable), 0, s);
    if (Py_IS_TYPE(callable, &PyMethod_Type)) {
        s->given++;
        return find_signature(PyMethod_GET_FUNCTION(callable), depth + 1, s);
    }
    if (PyType_Check(callable))
        return find_of_class(callable, s);
    if (is_c_callable(callable))
        return ask_c(callable, s);
    int partial = is_partial(callable);
    if (partial != 0)
        return partial < 0 ? -1 : find_of_partial(callable, depth, s);
    return find_of_instance(callable, depth, s);
}

/* A function's code, as numbers and names. */
typedef struct Code {
    PyObject *names;  // tuple: the parameters come first
    Py_ssize_t positional;
    Py_ssize_t unnamed;  // of those, the ones before the `/`
    Py_ssize_t keyword;
    int flags;
} Code;

static Py_ssize_t
number_of(PyObject *code, const char *name)
{
    AUTO_DECREF PyObject *value = PyObject_GetAttrString(code, name);
    return value == NULL ? -1 : PyLong_AsSsize_t(value);
}

static int
read_code(PyObject *function, Code *c)
{
    BORROWED PyObject *code = PyFunction_GET_CODE(function);
    c->positional = number_of(code, "co_argcount");
    c->unnamed = c->positional < 0 ? -1 : number_of(code, "co_posonlyargcount");
    c->keyword = c->unnamed < 0 ? -1 : number_of(code, "co_kwonlyargcount");
    c->flags = ((PyCodeObject *)code)->co_flags;
    c->names = c->keyword < 0 ? NULL : PyObject_GetAttrString(code, "co_varnames");
    return c->names == NULL ? -1 : 0;
}

static int
add_names(PyObject *function, Py_ssize_t given, PyObject *list)
{
    Code c = { 0 };
    if (read_code(function, &c) < 0)
        return -1;
    AUTO_DECREF PyObject *names = c.names;
    Py_ssize_t last = Py_MIN(c.positional + c.keyword, PyTuple_GET_SIZE(names));
    for (Py_ssize_t i = c.unnamed; i < last; i++) {
        bool taken = i < given && i < c.positional;
        if (!taken && PyList_Append(list, PyTuple_GET_ITEM(names, i)) < 0)
            return -1;
    }
    return 0;
}

/* The names in C code's `($self, a, /, b=1, *, c=(1, 2))`. */
static int
add_names_of_text(PyObject *text, PyObject *list)
{
    static const char BLANKS[] = " \n(),*/";
    const char *at = PyUnicode_AsUTF8(text);
    if (at == NULL)
        return -1;
    if (strstr(at, ", /") != NULL)
        at = strstr(at, ", /") + 3;
    int depth = 0;
    while (*at != '\0') {
        at += strspn(at, BLANKS);
        size_t length = strcspn(at, ",=()[]{}\n/ :");
        if (length > 0 && *at != '$') {  // which marks the object itself
            AUTO_DECREF PyObject *name =
                PyUnicode_FromStringAndSize(at, (Py_ssize_t)length);
            if (name == NULL
                || (PyUnicode_IsIdentifier(name) == 1 && PyList_Append(list, name) < 0))
                return -1;
        }
        for (at += length; *at != '\0' && (depth > 0 || *at != ','); at++) {
            depth += IS_ONE_OF(*at, "([{");
            depth -= IS_ONE_OF(*at, ")]}") && depth > 0;
        }
    }
    return 0;
}

PyObject *
inspect_parameters_names(PyObject *callable)
{
    AUTO(signature_done) Signature s = { 0 };
    AUTO_DECREF PyObject *list = PyList_New(0);
    int found = list == NULL ? -1 : find_signature(callable, 0, &s);
    if (found == 1 && s.function != NULL)
        found = add_names(s.function, s.given, list);
    else if (found == 1)
        found = add_names_of_text(s.text, list);
    return found < 0 ? NULL : TAKE(list);
}

/* A default as a text: that of a plain value, else three dots. */
static PyObject *
default_text(PyObject *value)
{
    bool plain = value == Py_None || PyBool_Check(value) || PyLong_CheckExact(value)
                 || PyFloat_CheckExact(value) || PyUnicode_CheckExact(value);
    if (plain
        && (!PyUnicode_Check(value) || PyUnicode_GET_LENGTH(value) <= DEFAULT_LENGTH)) {
        AUTO_DECREF PyObject *text = PyObject_Repr(value);
        if (text != NULL)
            return TAKE(text);
        if (!PyErr_ExceptionMatches(PyExc_ValueError))
            return NULL;
        PyErr_Clear();  // a number that is too long to be shown
    }
    return PyUnicode_FromString("\u2026");
}

/* The default of the parameter `i`: 1, 0 where it has none. */
static int
default_of(PyObject *function, const Code *c, Py_ssize_t i, PyObject **ret_value)
{
    if (i >= c->positional) {
        BORROWED PyObject *defaults = PyFunction_GetKwDefaults(function);
        BORROWED PyObject *name = PyTuple_GET_ITEM(c->names, i);
        return defaults == NULL || !PyDict_Check(defaults)
                   ? 0
                   : call_dict_get(defaults, name, ret_value);
    }
    BORROWED PyObject *defaults = PyFunction_GetDefaults(function);
    if (defaults == NULL || !PyTuple_Check(defaults))
        return 0;
    Py_ssize_t at = i - (c->positional - PyTuple_GET_SIZE(defaults));
    if (at < 0)
        return 0;
    *ret_value = Py_NewRef(PyTuple_GET_ITEM(defaults, at));
    return 1;
}

static int
add_part(PyObject *parts, const char *stars, PyObject *name)
{
    AUTO_DECREF PyObject *part = PyUnicode_FromFormat("%s%S", stars, name);
    return part == NULL ? -1 : PyList_Append(parts, part);
}

static int
add_parameter(PyObject *parts, PyObject *function, const Code *c, Py_ssize_t i)
{
    BORROWED PyObject *name = PyTuple_GET_ITEM(c->names, i);
    AUTO_DECREF PyObject *value = NULL;
    int found = default_of(function, c, i, &value);
    if (found <= 0)
        return found < 0 ? -1 : add_part(parts, "", name);
    AUTO_DECREF PyObject *text = default_text(value);
    AUTO_DECREF PyObject *part =
        text == NULL ? NULL : PyUnicode_FromFormat("%U=%U", name, text);
    return part == NULL ? -1 : PyList_Append(parts, part);
}

static int
add_sign(PyObject *parts, const char *sign)
{
    AUTO_DECREF PyObject *text = PyUnicode_FromString(sign);
    return text == NULL ? -1 : PyList_Append(parts, text);
}

static int
add_parameters(PyObject *parts, PyObject *function, const Code *c, Py_ssize_t given)
{
    Py_ssize_t rest = c->positional + c->keyword;
    if (rest + 2 > PyTuple_GET_SIZE(c->names) + 2)
        return 0;
    for (Py_ssize_t i = Py_MIN(given, c->positional); i < c->positional; i++)
        if (add_parameter(parts, function, c, i) < 0
            || (i + 1 == c->unnamed && add_sign(parts, "/") < 0))
            return -1;
    bool many = c->flags & CO_VARARGS && rest < PyTuple_GET_SIZE(c->names);
    if (many && add_part(parts, "*", PyTuple_GET_ITEM(c->names, rest)) < 0)
        return -1;
    if (!many && c->keyword > 0 && add_sign(parts, "*") < 0)
        return -1;
    for (Py_ssize_t i = c->positional; i < rest; i++)
        if (add_parameter(parts, function, c, i) < 0)
            return -1;
    rest += many;
    return c->flags & CO_VARKEYWORDS && rest < PyTuple_GET_SIZE(c->names)
               ? add_part(parts, "**", PyTuple_GET_ITEM(c->names, rest))
               : 0;
}

static PyObject *
function_text(PyObject *function, Py_ssize_t given)
{
    Code c = { 0 };
    if (read_code(function, &c) < 0)
        return NULL;
    AUTO_DECREF PyObject *names = c.names;
    AUTO_DECREF PyObject *parts = PyList_New(0);
    AUTO_DECREF PyObject *comma = PyUnicode_FromString(", ");
    if (parts == NULL || comma == NULL || add_parameters(parts, function, &c, given) < 0)
        return NULL;
    AUTO_DECREF PyObject *joined = PyUnicode_Join(comma, parts);
    return joined == NULL ? NULL : PyUnicode_FromFormat("(%U)", joined);
}

/* C code's text: `$` marks the parameter that is given already where the callable is bound. */
static PyObject *
c_text(PyObject *signature, bool bound)
{
    const char *text = PyUnicode_AsUTF8(signature);
    if (text == NULL)
        return NULL;
    const char *mark = strchr(text, '$');
    if (mark == NULL)
        return Py_NewRef(signature);
    const char *rest = mark + 1;
    if (bound) {
        rest = mark + strcspn(mark, ",)");
        rest += strncmp(rest, ", /", 3) == 0 ? 3 : 0;
        rest += strncmp(rest, ", ", 2) == 0 ? 2 : 0;
    }
    AUTO_DECREF PyObject *head = PyUnicode_FromStringAndSize(text, mark - text);
    return head == NULL ? NULL : PyUnicode_FromFormat("%U%s", head, rest);
}

PyObject *
inspect_parameters_text(PyObject *callable)
{
    AUTO(signature_done) Signature s = { 0 };
    int found = find_signature(callable, 0, &s);
    if (found < 0)
        return NULL;
    if (found == 0)
        Py_RETURN_NONE;
    if (s.function != NULL)
        return function_text(s.function, s.given);
    bool bound = PyCFunction_Check(callable) || PyType_Check(callable);
    return c_text(s.text, bound);
}
