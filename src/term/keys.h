/* term/keys.h -- what a terminal sends as keys, for what reads them before readline does: the
 * menu, the search, a paste.
 *
 * World: plain.  Tests: tests/c/test_term_keys.c, tests/fuzz/fuzz_keys.c
 */
#pragma once

#include <stddef.h>

typedef enum KeyKind {
    KEY_TEXT,     // one character of UTF-8 (or a byte that is none)
    KEY_CONTROL,  // Ctrl with a letter; `code` is the byte
    KEY_META,     // Alt with a key: ESC before it
    KEY_ESCAPE,   // ESC alone
    KEY_ENTER,
    KEY_TAB,
    KEY_BACK_TAB,
    KEY_BACKSPACE,
    KEY_UP,
    KEY_DOWN,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_PASTE,  // what follows is pasted, up to KEY_PASTE_END
    KEY_PASTE_END,
    KEY_OTHER,  // a sequence that means nothing here
} KeyKind;

typedef struct Key {
    KeyKind kind;
    unsigned char code;  // the byte of a text's first, a control's, or the one after ESC
    size_t length;       // in bytes
} Key;

/* The bytes that begin and end a paste. */
#define KEYS_PASTE "\033[200~"
#define KEYS_PASTE_END "\033[201~"

/* Read the key at the beginning of `bytes`, of which there is at least one.
 *
 * `more` says that further bytes may follow at once: then a sequence that is not whole is none.
 * Returns the length of the key, or 0 where more bytes are needed.  Never fails.
 */
size_t keys_read(const char *bytes, size_t length, int more, Key *ret_key);
