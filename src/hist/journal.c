#include "hist/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "hist/descriptors.h"

typedef struct Output {
    int line;
    char *text;
} Output;

struct HistJournal {
    pid_t pid;
    char *path;
    double start;
    int64_t session;
    HistStore *store;
    HistDescriptors descriptors;  // the store's
    bool apart;                   // they, or the files beside the store, were taken away
    HistInput *inputs;
    size_t count, room, saved;
    Output *outputs;  // not saved yet
    size_t output_count, output_room;
    HistRun *runs;  // not saved yet; their texts are ours
    size_t run_count, run_room;
};

/* The array `items` with room for one more of `size` bytes, or NULL with the array as it was. */
static void *
with_room(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    size_t wanted = *room ? *room * 2 : 16;
    void *larger = alloc_resize(items, wanted * size);
    if (larger)
        *room = wanted;
    return larger;
}

HistJournal *
hist_journal_new(const char *path)
{
    AUTO(hist_journal_free) HistJournal *j = alloc_resize(NULL, sizeof *j);
    if (!j)
        return NULL;
    *j = (HistJournal){ .pid = getpid(), .start = clock_epoch() };
    j->path = path ? alloc_text(path, strlen(path)) : NULL;
    return j->path || !path ? TAKE(j) : NULL;
}

static void
input_done(HistInput *input)
{
    free(input->typed);
    free(input->source);
}

static void
run_done(HistRun *run)
{
    free((char *)run->status);
    free((char *)run->path);
    free((char *)run->arguments);
    free((char *)run->sha256);
    free((char *)run->text);
}

static void
clear_outputs(HistJournal *j)
{
    for (size_t i = 0; i < j->output_count; i++)
        free(j->outputs[i].text);
    j->output_count = 0;
}

static void
clear_runs(HistJournal *j)
{
    for (size_t i = 0; i < j->run_count; i++)
        run_done(&j->runs[i]);
    j->run_count = 0;
}

void
hist_journal_free(HistJournal *j)
{
    if (!j)
        return;
    if (hist_journal_is_ours(j))
        hist_store_close(TAKE(j->store));
    hist_store_abandon(TAKE(j->store));  // a child leaves its parent's alone
    for (size_t i = 0; i < j->count; i++)
        input_done(&j->inputs[i]);
    clear_outputs(j);
    clear_runs(j);
    free(j->inputs);
    free(j->outputs);
    free(j->runs);
    free(j->path);
    free(j);
}

bool
hist_journal_is_ours(const HistJournal *j)
{
    return getpid() == j->pid;
}

/* Whether this process has a file to write to. */
static bool
writes(const HistJournal *j)
{
    return j->path && hist_journal_is_ours(j);
}

static bool
is_kept(const HistCell *cell)
{
    return cell->typed_length && !IS_ONE_OF(cell->typed[0], " \t\n\r\f");
}

int
hist_journal_add_input(HistJournal *j, const HistCell *cell)
{
    bool within = j->count && j->inputs[j->count - 1].line >= cell->line;
    if (!hist_journal_is_ours(j) || within || !is_kept(cell))
        return 0;
    HistInput *inputs = with_room(j->inputs, j->count, &j->room, sizeof *inputs);
    if (!inputs)
        return -ENOMEM;
    j->inputs = inputs;
    HistInput input = { .line = cell->line,
                        .time = cell->time,
                        .typed = alloc_text(cell->typed, cell->typed_length),
                        .typed_length = cell->typed_length,
                        .source_length = cell->source_length };
    if (cell->source)
        input.source = alloc_text(cell->source, cell->source_length);
    if (!input.typed || (cell->source && !input.source)) {
        input_done(&input);
        return -ENOMEM;
    }
    j->inputs[j->count++] = input;
    return 0;
}

int
hist_journal_add_output(HistJournal *j, int line, const char *text)
{
    if (!writes(j) || !hist_journal_find(j, line))
        return 0;
    Output *outputs =
        with_room(j->outputs, j->output_count, &j->output_room, sizeof *outputs);
    if (!outputs)
        return -ENOMEM;
    j->outputs = outputs;
    char *copy = alloc_text(text, strlen(text));
    if (!copy)
        return -ENOMEM;
    j->outputs[j->output_count++] = (Output){ .line = line, .text = copy };
    return 0;
}

int
hist_journal_add_run(HistJournal *j, const HistRun *run)
{
    if (!writes(j))
        return 0;
    HistRun *runs = with_room(j->runs, j->run_count, &j->run_room, sizeof *runs);
    if (!runs)
        return -ENOMEM;
    j->runs = runs;
    HistRun copy = *run;
    copy.status = alloc_text(run->status, strlen(run->status));
    copy.path = alloc_text(run->path, strlen(run->path));
    copy.arguments = alloc_text(run->arguments, strlen(run->arguments));
    copy.sha256 = alloc_text(run->sha256, strlen(run->sha256));
    const HistRun *last = j->run_count ? &j->runs[j->run_count - 1] : NULL;
    bool same =
        last && strcmp(last->sha256, run->sha256) == 0;  // its text is there already
    copy.text_length = same ? 0 : run->text_length;
    copy.text = alloc_text(run->text, copy.text_length);
    if (!copy.status || !copy.path || !copy.arguments || !copy.sha256 || !copy.text) {
        run_done(&copy);
        return -ENOMEM;
    }
    j->runs[j->run_count++] = copy;
    return 0;
}

/* The descriptors of the store may be closed by now, or be another file's; or the file itself may be
 * gone. */
static void
drop_lost_store(HistJournal *j)
{
    if (!j->store)
        return;
    bool gone = !hist_descriptors_have(&j->descriptors, j->path);
    bool bared = !gone && !hist_descriptors_have_wal(&j->descriptors);
    bool moved = gone || bared;
    if (moved) {  // deleted or replaced: what is there now gets the whole session
        j->session = 0;
        j->saved = 0;
    }
    // Not closed: SQLite would delete files beside it by their names, which may be another's now.
    bool stolen = !hist_descriptors_are_intact(&j->descriptors);
    if (moved || stolen)
        hist_store_abandon(TAKE(j->store));
    j->apart |= stolen || bared;  // SQLite knows the file, and would take the -wal it has
}

static HistStore *
open_store(HistJournal *j, bool make, int wait, int *ret_r, HistError *error)
{
    drop_lost_store(j);
    if (j->store && j->store->read_only && make)
        hist_store_close(TAKE(j->store));  // it may be writable by now
    if (j->store) {
        hist_store_set_wait(j->store, wait);
        return j->store;
    }
    unsigned flags = (make ? HIST_STORE_MAKE : 0) | (j->apart ? HIST_STORE_APART : 0);
    j->store = hist_store_open(j->path, flags, wait, ret_r, error);
    if (j->store)
        hist_descriptors_find(&j->descriptors, j->path);
    return j->store;
}

HistStore *
hist_journal_store(HistJournal *j, int *ret_r, HistError *reterr_error)
{
    if (!j->path) {
        (void)snprintf(reterr_error->reason, sizeof reterr_error->reason,
                       "no history is kept");
        *ret_r = -ENOENT;
        return NULL;
    }
    if (!hist_journal_is_ours(j)) {
        (void)snprintf(reterr_error->reason, sizeof reterr_error->reason,
                       "the history is another process's");
        *ret_r = -EPERM;
        return NULL;
    }
    return open_store(j, false, HIST_WAIT, ret_r, reterr_error);
}

static int
write_all(HistJournal *j, int64_t session, HistError *error)
{
    int r = 0;
    for (size_t i = j->saved; r == 0 && i < j->count; i++) {
        const HistInput *input = &j->inputs[i];
        const HistCell cell = { .line = input->line,
                                .time = input->time,
                                .typed = input->typed,
                                .typed_length = input->typed_length,
                                .source = input->source,
                                .source_length = input->source_length };
        r = hist_store_add_input(j->store, session, &cell, error);
    }
    for (size_t i = 0; r == 0 && i < j->output_count; i++)
        r = hist_store_add_output(j->store, session, j->outputs[i].line, j->outputs[i].text,
                                  error);
    for (size_t i = 0; r == 0 && i < j->run_count; i++)
        r = hist_store_add_run(j->store, session, &j->runs[i], error);
    return r;
}

/* Write in one transaction; nothing counts as saved before that is committed. */
static int
save(HistJournal *j, bool ends, HistError *error)
{
    int r = hist_store_begin(j->store, error);
    if (r < 0)
        return r;
    int64_t session = j->session;
    r = hist_store_add_session(j->store, j->start, &session, error);
    if (r == 0)
        r = write_all(j, session, error);
    if (r == 0 && ends)
        r = hist_store_end_session(j->store, session, clock_epoch(), error);
    if (r < 0) {
        hist_store_roll_back(j->store);
        return r;
    }
    r = hist_store_commit(j->store, error);
    if (r < 0)
        return r;
    j->session = session;
    j->saved = j->count;
    clear_outputs(j);
    clear_runs(j);
    return 0;
}

static int
open_and_save_once(HistJournal *j, bool ends, int wait, HistError *error)
{
    int r = 0;
    return open_store(j, true, wait, &r, error) ? save(j, ends, error) : r;
}

/* Save; where that fails for more than a lock, with the file looked at anew.  Closing it also makes
 * room: what is in its -wal goes where there may be room already. */
static int
open_and_save(HistJournal *j, bool ends, int wait, HistError *error)
{
    bool was_open = j->store;
    int r = open_and_save_once(j, ends, wait, error);
    if (r == 0 || r == -EBUSY)
        return r;
    hist_store_close(TAKE(j->store));
    return was_open ? open_and_save_once(j, ends, wait, error) : r;
}

int
hist_journal_save(HistJournal *j, int wait, HistError *reterr_error)
{
    bool all = j->saved == j->count && j->output_count == 0 && j->run_count == 0;
    return all || !writes(j) ? 0 : open_and_save(j, false, wait, reterr_error);
}

int
hist_journal_end(HistJournal *j, HistError *reterr_error)
{
    bool nothing = j->session == 0 && j->count == 0 && j->run_count == 0;
    return nothing || !writes(j) ? 0 : open_and_save(j, true, HIST_WAIT_END, reterr_error);
}

const HistInput *
hist_journal_inputs(const HistJournal *j)
{
    return j->inputs;
}

size_t
hist_journal_count(const HistJournal *j)
{
    return j->count;
}

size_t
hist_journal_saved(const HistJournal *j)
{
    return j->saved;
}

const HistInput *
hist_journal_find(const HistJournal *j, int line)
{
    for (size_t i = j->count; i-- > 0;)
        if (j->inputs[i].line == line)
            return &j->inputs[i];
    return NULL;
}

int64_t
hist_journal_session(const HistJournal *j)
{
    return j->session;
}

double
hist_journal_start(const HistJournal *j)
{
    return j->start;
}

const char *
hist_journal_path(const HistJournal *j)
{
    return j->path;
}
