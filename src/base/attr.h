/* base/attr.h -- what a declaration says about ownership and failure.
 *
 * Unmarked: arguments are borrowed, results and `ret_` parameters are new, struct fields own.
 * Only departures are written, with the markers below; STYLE.md has the rules.
 *
 * World: plain.
 */
// clang-format off
#pragma once

#define CHECKED __attribute__((warn_unused_result))

/* AUTO(thing_free): release the variable at the end of its scope.  DEFINE_AUTO makes the slot
 * function that it needs; the release function accepts any state that a half-done owner has. */
#define AUTO(release) __attribute__((cleanup(release##_slot)))
#define DEFINE_AUTO(Type, release)                                                       \
    static inline void release##_slot(Type *slot) { if (*slot) release(*slot); }

/* Move the value out of an owning variable, which becomes NULL. */
#define TAKE(var) __extension__({ __typeof__(var) *p_ = &(var);                          \
                                  __typeof__(var) v_ = *p_; *p_ = NULL; v_; })

/* Read by the reference lint (clang); nothing to the compiler. */
#if defined(__clang__)
#define BORROWED __attribute__((annotate("borrowed")))
#define STOLEN __attribute__((annotate("stolen")))
#else
#define BORROWED
#define STOLEN
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

/* Whether the byte is one of a literal's, the final NUL not counted.  Wants <string.h>. */
#define IS_ONE_OF(byte, literal) (memchr("" literal, (byte), sizeof literal - 1) != NULL)
