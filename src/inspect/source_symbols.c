/* Characters by their names: LaTeX's, and Unicode's own. */
#include <string.h>

#include "input/symbol.h"
#include "inspect/source.h"
#include "py/call.h"

enum {
    CODES = 0x30000,  // no character beyond has a name that somebody would type
    CODES_AT_ONCE = 4096,
    NAMES_LIMIT = 500,
};

static int
put_character(InspectCompletion *c, const char *text)
{
    AUTO_DECREF PyObject *character = PyUnicode_FromString(text);
    return character == NULL
               ? -1
               : inspect_candidates_put(&c->found, character, INSPECT_SYMBOL, RANK_FIRST);
}

/* The names that go on from the one typed, and the character of one that is whole. */
static int
latex_step(InspectCompletion *c)
{
    const char *typed = c->utf8 + c->want.replaced.start + 1;
    size_t length = c->cursor - c->want.replaced.start - 1;
    for (size_t i = 0; i < input_symbol_count; i++) {
        const InputSymbol *symbol = &input_symbols[i];
        bool whole =
            strlen(symbol->name) == length && memcmp(symbol->name, typed, length) == 0;
        if (whole && put_character(c, symbol->text) < 0)
            return -1;
        AUTO_DECREF PyObject *name = PyUnicode_FromFormat("\\%s", symbol->name);
        if (name == NULL
            || (!whole
                && inspect_candidates_add(&c->found, name, INSPECT_SYMBOL, RANK_NAMES) < 0))
            return -1;
    }
    return 0;
}

/* Add the character's name; where that is what was typed, the character. */
static int
add_code(InspectCompletion *c, PyObject *name_of, PyObject *nothing, long code)
{
    AUTO_DECREF PyObject *character = PyUnicode_FromOrdinal((int)code);
    AUTO_DECREF PyObject *name =
        character == NULL ? NULL
                          : PyObject_CallFunctionObjArgs(name_of, character, nothing, NULL);
    if (name == NULL || PyUnicode_GET_LENGTH(name) == 0)
        return name == NULL ? -1 : 0;
    AUTO_DECREF PyObject *text = PyUnicode_FromFormat("\\%U", name);
    if (text == NULL)
        return -1;
    if (PyUnicode_Compare(text, c->found.typed) == 0)
        return inspect_candidates_put(&c->found, character, INSPECT_SYMBOL, RANK_FIRST);
    return inspect_candidates_add(&c->found, text, INSPECT_SYMBOL, RANK_SHARED);
}

static int
unicode_step(InspectCompletion *c)
{
    AUTO_DECREF PyObject *name_of = call_import("unicodedata", "name");
    AUTO_DECREF PyObject *nothing = PyUnicode_FromString("");
    if (name_of == NULL || nothing == NULL)
        return -1;
    long end = Py_MIN(c->at + CODES_AT_ONCE, CODES);
    for (; c->at < end; c->at++)
        if (add_code(c, name_of, nothing, c->at) < 0)
            return -1;
    return c->at < CODES && c->found.count < NAMES_LIMIT;
}

int
inspect_source_symbols(InspectCompletion *c)
{
    size_t length = c->cursor - c->want.replaced.start - 1;
    char first = (char)(length > 0 ? c->utf8[c->want.replaced.start + 1] : '\0');
    inspect_source_plan(c, latex_step, false);
    if (length > 2 && first >= 'A' && first <= 'Z')
        inspect_source_plan(c, unicode_step, false);
    return 0;
}
