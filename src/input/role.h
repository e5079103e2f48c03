/* input/role.h -- what each token of Python text is to a reader: what colours are about.
 *
 * World: plain.  Tests: tests/c/test_input_role.c
 */
#pragma once

#include "input/lex.h"

typedef enum InputRole {
    ROLE_PLAIN,
    ROLE_KEYWORD,
    ROLE_CONSTANT,  // True, False, None
    ROLE_BUILTIN,
    ROLE_DEFINED,    // the name behind def or class
    ROLE_DECORATOR,  // with its @ and its dots
    ROLE_STRING,
    ROLE_OPEN_STRING,  // one that no further text could close
    ROLE_NUMBER,
    ROLE_COMMENT,
    ROLE_OPERATOR,  // brackets too
    ROLE_ERROR,
    ROLE_COUNT,
} InputRole;

/* What is known while the tokens go by. */
typedef struct InputRoles {
    const char *text;
    bool defines;    // the next name is one that def or class binds
    bool attribute;  // the next name follows a dot
    bool decorates;
    bool begins;  // nothing but blanks before, in this line
} InputRoles;

/* Begin with the tokens of `text`, at the beginning of a line.  Never fails. */
void input_roles_init(InputRoles *r, const char *text);

/* The role of the next token; each has to be asked for, in order.  Never fails. */
InputRole input_roles_next(InputRoles *r, const InputToken *token);
