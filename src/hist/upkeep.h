/* hist/upkeep.h -- what is done to a history on request: taking over another shell's, making it
 * shorter, emptying it.
 *
 * Each is one transaction.  They wait for locks as long as the store was opened to.
 *
 * World: plain.  Tests: tests/c/test_hist_upkeep.c
 */
#pragma once

#include "hist/store.h"

typedef struct HistImported {
    int64_t sessions;  // that had something new
    int64_t inputs;
    int64_t known;  // inputs that were taken over before
} HistImported;

/* Take over the inputs of the IPython history at `path`, and their outputs.  What was taken over
 * before is not taken again, even where it was trimmed meanwhile.  They count as older than all
 * that is here.
 *
 * Returns 0 or a negative errno, after which nothing was taken over.
 */
CHECKED int hist_upkeep_import(HistStore *s, const char *path, HistImported *ret_imported,
                               HistError *reterr_error);

/* Keep the latest `keep` inputs, with the runs and the texts of their sessions.  None at all is a new
 * beginning: what was taken over may be taken over again. */
CHECKED int hist_upkeep_trim(HistStore *s, int64_t keep, int64_t *ret_removed,
                             HistError *reterr_error);

/* How many inputs there are. */
CHECKED int hist_upkeep_count(HistStore *s, int64_t *ret_count, HistError *reterr_error);
