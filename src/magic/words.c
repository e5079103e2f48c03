#include "magic/words.h"

#include <errno.h>

int
magic_words_fail(Session *s, const MagicCall *call, int r, size_t offset)
{
    if (r == -ENOMEM)
        PyErr_NoMemory();
    else if (r == -EINVAL)
        magic_usage_error(s, call, "a quote is not closed at column %zu", offset + 1);
    return -1;
}

int
magic_words_refuse(Session *s, const MagicCall *call, const char *message)
{
    AUTO_DECREF PyObject *text = PyUnicode_DecodeFSDefault(message);
    if (text != NULL)
        magic_usage_error(s, call, "%U", text);
    return -1;
}
