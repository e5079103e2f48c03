/* tests/fuzz/fuzz.h -- what every fuzz target is: a property that holds for any bytes.
 *
 * Under -Dfuzz=true (clang) libFuzzer calls the target; elsewhere tests/fuzz/replay.c
 * does, with the files of tests/corpus.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0; aborts when the property does not hold. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As assert(), in every build. */
#define HOLDS(condition)                                                                   \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)
