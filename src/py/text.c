#include "py/text.h"

#include <string.h>

bool
text_ends_with(PyObject *text, const char *suffix)
{
    Py_ssize_t count = (Py_ssize_t)strlen(suffix);
    Py_ssize_t start = PyUnicode_GET_LENGTH(text) - count;
    for (Py_ssize_t i = 0; i < count; i++)
        if (start < 0 || PyUnicode_READ_CHAR(text, start + i) != (Py_UCS4)suffix[i])
            return false;
    return true;
}
