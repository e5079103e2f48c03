#include "magic/input_code.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "input/words.h"
#include "py/call.h"
#include "py/exc.h"
#include "session/macro.h"
#include "session/past.h"

/* Whether every word could be a range, whatever it is about. */
static bool
looks_like_ranges(const char *text)
{
    HistRange ranges[HIST_RANGES_MOST];
    char word[64];
    bool any = false;
    while (*(text += strspn(text, " \t")) != '\0') {
        size_t count = 0;
        size_t length = strcspn(text, " \t");
        if (length >= sizeof word)
            return false;
        memcpy(word, text, length);
        word[length] = '\0';
        if (hist_range_read(word, ranges, &count) < 0)
            return false;
        text += length;
        any = true;
    }
    return any;
}

/* The texts of ranges with newlines between, ended by one.  NULL with UsageError set where there are
 * none. */
static PyObject *
text_of_ranges(Session *s, const MagicCall *call, PyObject *ranges, unsigned flags)
{
    const char *text = PyUnicode_AsUTF8(ranges);
    AUTO_DECREF PyObject *entries =
        text == NULL ? NULL : session_past_ranges(s, text, flags);
    if (entries == NULL)
        return magic_refuse_input(s, call);
    if (PyList_GET_SIZE(entries) == 0)
        return magic_usage_error(s, call, "there are no inputs %U", ranges);
    AUTO_DECREF PyObject *code = session_past_join(entries);
    return code == NULL ? NULL : PyUnicode_FromFormat("%U\n", code);
}

PyObject *
magic_input_code_path(PyObject *path)
{
    AUTO_DECREF PyObject *expand = call_import("posixpath", "expanduser");
    return expand == NULL ? NULL : PyObject_CallOneArg(expand, path);
}

/* The words without their quotes, a blank between; as they are where a quote is not closed. */
static PyObject *
unquote(PyObject *target)
{
    Py_ssize_t length = 0;
    const char *text = PyUnicode_AsUTF8AndSize(target, &length);
    if (text == NULL)
        return NULL;
    AUTO(input_words_done) InputWords words = { 0 };
    size_t wrong = 0;
    int r =
        input_words_split(text, (size_t)length, INPUT_WORDS_NO_GLOB | INPUT_WORDS_NO_TILDE,
                          NULL, &words, &wrong);
    if (r < 0)
        return r == -ENOMEM ? PyErr_NoMemory() : Py_NewRef(target);
    AUTO(buf_done) Buf plain = { 0 };
    for (size_t i = 0; i < words.count; i++) {
        buf_add_text(&plain, i > 0 ? " " : "");
        buf_add_text(&plain, words.items[i]);
    }
    return plain.failed
               ? PyErr_NoMemory()
               : PyUnicode_FromStringAndSize(plain.bytes, (Py_ssize_t)plain.length);
}

PyObject *
magic_input_code_file(PyObject *target)
{
    AUTO_DECREF PyObject *plain = unquote(target);
    return plain == NULL ? NULL : magic_input_code_path(plain);
}

/* Make what went wrong with a file UsageError. */
static void
refuse_file(Session *s, const MagicCall *call, PyObject *path)
{
    if (!PyErr_ExceptionMatches(PyExc_OSError) && !PyErr_ExceptionMatches(PyExc_ValueError)
        && !PyErr_ExceptionMatches(PyExc_SyntaxError))
        return;
    AUTO_DECREF PyObject *error = exc_take();
    AUTO_DECREF PyObject *reason = NULL;
    if (call_attr_get(error, "strerror", &reason) < 0)
        return;
    bool told = reason != NULL && PyUnicode_Check(reason);
    PyErr_Format(s->usage_error, "%%%s: %U: %S", call->magic->name, path,
                 told ? reason : error);
}

PyObject *
magic_input_code_read(Session *s, const MagicCall *call, PyObject *path)
{
    AUTO_DECREF PyObject *open = call_import("tokenize", "open");
    AUTO_DECREF PyObject *file = open == NULL ? NULL : PyObject_CallOneArg(open, path);
    AUTO_DECREF PyObject *text =
        file == NULL ? NULL : PyObject_CallMethod(file, "read", NULL);
    if (text == NULL)
        refuse_file(s, call, path);
    AUTO_EXC ExcHold hold = exc_hold();
    AUTO_DECREF PyObject *none =
        file == NULL ? NULL : PyObject_CallMethod(file, "close", NULL);
    if (none == NULL)
        PyErr_Clear();  // nothing was written
    return TAKE(text);
}

int
magic_input_code_write(Session *s, const MagicCall *call, PyObject *path, const char *mode,
                       PyObject *text)
{
    AUTO_DECREF PyObject *open = call_import("io", "open");
    AUTO_DECREF PyObject *args = Py_BuildValue("(Os)", path, mode);
    AUTO_DECREF PyObject *options =
        Py_BuildValue("{s:s,s:s}", "encoding", "utf-8", "errors", "surrogateescape");
    AUTO_DECREF PyObject *file = open == NULL || args == NULL || options == NULL
                                     ? NULL
                                     : PyObject_Call(open, args, options);
    AUTO_DECREF PyObject *count =
        file == NULL ? NULL : PyObject_CallMethod(file, "write", "O", text);
    AUTO_DECREF PyObject *none =
        count == NULL ? NULL : PyObject_CallMethod(file, "close", NULL);
    if (none != NULL)
        return 0;
    refuse_file(s, call, path);
    return -1;
}

/* The file, if there is one: 1, 0, or -1 with an exception set. */
static int
find_file(Session *s, const MagicCall *call, PyObject *target, InputCode *code)
{
    AUTO_DECREF PyObject *path = magic_input_code_file(target);
    AUTO_DECREF PyObject *exists = path == NULL ? NULL : call_import("posixpath", "isfile");
    AUTO_DECREF PyObject *there = exists == NULL ? NULL : PyObject_CallOneArg(exists, path);
    AUTO_DECREF PyObject *longer =
        there == Py_False ? PyUnicode_FromFormat("%U.py", path) : NULL;
    if (longer != NULL)
        Py_SETREF(there, PyObject_CallOneArg(exists, longer));
    if (there == NULL || there == Py_False)
        return PyErr_Occurred() ? -1 : 0;
    code->path = Py_NewRef(longer != NULL ? longer : path);
    code->line = 1;
    code->text = magic_input_code_read(s, call, code->path);
    return code->text == NULL ? -1 : 1;
}

static bool
is_url(const char *text)
{
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static int
find_url(Session *s, const MagicCall *call, PyObject *target, InputCode *code)
{
    AUTO_DECREF PyObject *open = call_import("urllib.request", "urlopen");
    AUTO_DECREF PyObject *answer = open == NULL ? NULL : PyObject_CallOneArg(open, target);
    AUTO_DECREF PyObject *bytes =
        answer == NULL ? NULL : PyObject_CallMethod(answer, "read", NULL);
    AUTO_DECREF PyObject *decode =
        bytes == NULL ? NULL : call_import("importlib.util", "decode_source");
    code->text = decode == NULL ? NULL : PyObject_CallOneArg(decode, bytes);
    if (code->text != NULL)
        return 1;
    refuse_file(s, call, target);
    return -1;
}

/* What inspect says of an object's source; NULL, maybe with an exception set. */
static PyObject *
ask_source(const char *function, PyObject *object)
{
    AUTO_DECREF PyObject *ask = call_import("inspect", function);
    AUTO_DECREF PyObject *answer = ask == NULL ? NULL : PyObject_CallOneArg(ask, object);
    if (answer == NULL
        && (PyErr_ExceptionMatches(PyExc_TypeError)
            || PyErr_ExceptionMatches(PyExc_OSError)))
        PyErr_Clear();  // inspect's way to say that there is none
    return answer == Py_None ? NULL : TAKE(answer);
}

static int
find_source(Session *s, const MagicCall *call, PyObject *target, PyObject *object,
            InputCode *code)
{
    AUTO_DECREF PyObject *lines = ask_source("getsourcelines", object);
    if (lines == NULL) {
        if (!PyErr_Occurred())
            magic_usage_error(s, call, "%U has no source", target);
        return -1;
    }
    AUTO_DECREF PyObject *empty = PyUnicode_FromString("");
    code->text = empty == NULL ? NULL : PyUnicode_Join(empty, PyTuple_GET_ITEM(lines, 0));
    code->line = PyLong_AsLong(PyTuple_GET_ITEM(lines, 1));
    code->path = code->text == NULL ? NULL : ask_source("getsourcefile", object);
    if (PyErr_Occurred())
        return -1;
    code->line = code->line < 1 ? 1 : code->line;
    return 1;
}

/* What an expression at the prompt stands for. */
static int
find_object(Session *s, const MagicCall *call, PyObject *target, InputCode *code)
{
    AUTO_DECREF PyObject *object = PyObject_CallMethod(s->shell, "ev", "O", target);
    if (object == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_Exception))
            return -1;
        PyErr_Clear();  // no expression, or no such name
        return 0;
    }
    BORROWED PyObject *macro = session_macro_text(s, object);
    if (macro != NULL)
        code->macro = Py_NewRef(target);
    if (macro == NULL && !PyUnicode_Check(object))
        return find_source(s, call, target, object, code);
    code->text = Py_NewRef(macro != NULL ? macro : object);
    return 1;
}

int
magic_input_code_find(Session *s, const MagicCall *call, PyObject *target, unsigned flags,
                      InputCode *ret_code)
{
    *ret_code = (InputCode){ 0 };
    const char *text = PyUnicode_AsUTF8(target);
    if (text == NULL)
        return -1;
    if (looks_like_ranges(text)) {
        ret_code->text = text_of_ranges(s, call, target, flags);
        return ret_code->text == NULL ? -1 : 1;
    }
    if (is_url(text))
        return find_url(s, call, target, ret_code);
    int found = find_file(s, call, target, ret_code);
    return found != 0 ? found : find_object(s, call, target, ret_code);
}

void
magic_input_code_done(InputCode *code)
{
    Py_CLEAR(code->text);
    Py_CLEAR(code->path);
    Py_CLEAR(code->macro);
}
