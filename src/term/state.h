/* term/state.h -- the state of one read, shared by the files that know readline.
 *
 * World: plain.
 */
#pragma once

#include "base/buf.h"
#include "screen/paint.h"
#include "screen/view.h"
#include "term/line.h"

typedef enum LineMode {
    MODE_EDIT,
    MODE_MENU,
    MODE_SEARCH,
} LineMode;

typedef struct Line {
    struct Line *outer;
    const LineRequest *request;
    const LineClient *client;
    LineMode mode;
    LineStatus status;
    bool done;
    bool dirty;
    bool final;     // painted for the last time: no suggestion, no menu
    bool ended;     // readline has seen the end of the input
    bool quoting;   // the next key is text, whatever it is
    bool vertical;  // the last command moved by lines
    int goal;       // the column that these keep to
    char pending;   // the operator of vi that waits for its motion, or 0
    int count;      // its count
    // The screen.
    ScreenFrame frame;
    unsigned char *styles;
    size_t styles_size;
    int top;
    int columns, rows;
    // The history.
    long at;         // the entry that is shown, 0 for what is typed
    char *typed;     // what was typed before it
    size_t prefix;   // how much of that the entries begin with
    char *recalled;  // the entry
    // The suggestion.
    char *ghost;       // the whole entry
    size_t ghost_at;   // where what is not typed begins
    char *ghost_text;  // what it was looked for
    // The menu.
    LineCandidates candidates;
    ScreenItem *items;
    size_t chosen;   // candidates.count: none
    char *original;  // the buffer before one was chosen
    size_t original_point;
    // The search.
    Buf needle;
    long found;
    bool failing;
} Line;

/* The innermost read, or NULL. */
Line *line_active(void);

/* edit.c: commands for readline, and what they share. */
void edit_bind(void);     // before ~/.inputrc is read
void edit_replace(void);  // after it was
void edit_set_text(Line *l, const char *text, size_t point);
void edit_insert(Line *l, const char *text);
void edit_forget_recall(Line *l);
size_t edit_line_start(size_t at);
size_t edit_line_stop(size_t at);
void edit_enter(Line *l, bool force);
void edit_enter_newline(Line *l);
int edit_older(Line *l);
int edit_newer(Line *l);
void edit_suggest(Line *l);
int edit_external(int count, int key);

/* menu.c: the menu and the search; each takes a key, and says whether it was its own. */
int menu_complete(int count, int key);
bool menu_take_key(Line *l, const char *bytes, size_t length, bool more, size_t *ret_used);
void menu_close(Line *l);
int search_start(int count, int key);
bool search_take_key(Line *l, const char *bytes, size_t length, bool more,
                     size_t *ret_used);
void search_close(Line *l);
void search_message(const Line *l, Buf *out);

/* vi.c: commands of vi on whole lines. */
void vi_bind(void);
void vi_replace(int (**function)(int, int));
bool vi_take_key(Line *l, char byte);
