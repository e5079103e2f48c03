#include "input/role.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

/* Sorted: they are searched. */
static const char *const builtins[] = {
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "BaseException",
    "BaseExceptionGroup",
    "BlockingIOError",
    "BrokenPipeError",
    "BufferError",
    "BytesWarning",
    "ChildProcessError",
    "ConnectionAbortedError",
    "ConnectionError",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "DeprecationWarning",
    "EOFError",
    "Ellipsis",
    "EncodingWarning",
    "EnvironmentError",
    "Exception",
    "ExceptionGroup",
    "FileExistsError",
    "FileNotFoundError",
    "FloatingPointError",
    "FutureWarning",
    "GeneratorExit",
    "IOError",
    "ImportError",
    "ImportWarning",
    "IndentationError",
    "IndexError",
    "InterruptedError",
    "IsADirectoryError",
    "KeyError",
    "KeyboardInterrupt",
    "LookupError",
    "MemoryError",
    "ModuleNotFoundError",
    "NameError",
    "NotADirectoryError",
    "NotImplemented",
    "NotImplementedError",
    "OSError",
    "OverflowError",
    "PendingDeprecationWarning",
    "PermissionError",
    "ProcessLookupError",
    "RecursionError",
    "ReferenceError",
    "ResourceWarning",
    "RuntimeError",
    "RuntimeWarning",
    "StopAsyncIteration",
    "StopIteration",
    "SyntaxError",
    "SyntaxWarning",
    "SystemError",
    "SystemExit",
    "TabError",
    "TimeoutError",
    "TypeError",
    "UnboundLocalError",
    "UnicodeDecodeError",
    "UnicodeEncodeError",
    "UnicodeError",
    "UnicodeTranslateError",
    "UnicodeWarning",
    "UserWarning",
    "ValueError",
    "Warning",
    "ZeroDivisionError",
    "__import__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "get_ipython",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
};

typedef struct Word {
    const char *text;
    size_t length;
} Word;

static int
compare(const void *key, const void *item)
{
    const Word *word = key;
    const char *name = *(const char *const *)item;
    int r = strncmp(word->text, name, word->length);
    return r ? r : -(int)(unsigned char)name[word->length];
}

static bool
is_builtin(const char *text, size_t length)
{
    const Word word = { text, length };
    return bsearch(&word, builtins, COUNT_OF(builtins), sizeof builtins[0], compare);
}

void
input_roles_init(InputRoles *r, const char *text)
{
    *r = (InputRoles){ .text = text, .begins = true };
}

static InputRole
role_of_keyword(InputRoles *r, const InputToken *t)
{
    if (input_token_is(r->text, t, "def") || input_token_is(r->text, t, "class"))
        r->defines = true;
    bool constant = input_token_is(r->text, t, "None") || input_token_is(r->text, t, "True")
                    || input_token_is(r->text, t, "False");
    return constant ? ROLE_CONSTANT : ROLE_KEYWORD;
}

static InputRole
role_of_name(const InputRoles *r, const InputToken *t)
{
    if (r->defines)
        return ROLE_DEFINED;
    if (r->decorates)
        return ROLE_DECORATOR;
    return !r->attribute && is_builtin(r->text + t->start, t->end - t->start) ? ROLE_BUILTIN
                                                                              : ROLE_PLAIN;
}

static InputRole
role_of(InputRoles *r, const InputToken *t)
{
    switch (t->kind) {
    case LEX_COMMENT:
        return ROLE_COMMENT;
    case LEX_NAME:
        return role_of_name(r, t);
    case LEX_KEYWORD:
        return role_of_keyword(r, t);
    case LEX_NUMBER:
        return ROLE_NUMBER;
    case LEX_STRING:
        return t->flags & LEX_UNTERMINATED && !(t->flags & LEX_UNFINISHED)
                   ? ROLE_OPEN_STRING
                   : ROLE_STRING;
    case LEX_OPERATOR:
        return r->decorates ? ROLE_DECORATOR : ROLE_OPERATOR;
    case LEX_OPEN:
    case LEX_CLOSE:
        return ROLE_OPERATOR;
    case LEX_ERROR:
        return ROLE_ERROR;
    default:
        return ROLE_PLAIN;
    }
}

InputRole
input_roles_next(InputRoles *r, const InputToken *t)
{
    if (r->begins && input_token_is(r->text, t, "@"))
        r->decorates = true;
    InputRole role = role_of(r, t);
    if (t->kind == LEX_SPACE)
        return role;
    r->attribute = input_token_is(r->text, t, ".");
    r->defines &= t->kind == LEX_KEYWORD;
    r->decorates &= t->kind == LEX_NAME || t->kind == LEX_OPERATOR;
    r->begins = t->kind == LEX_NEWLINE;
    return role;
}
