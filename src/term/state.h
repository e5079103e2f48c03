/* term/state.h -- the state of one read, shared by the files that know readline: those below.
 *
 * World: plain.
 */
#pragma once

#include "base/buf.h"
#include "screen/paint.h"
#include "screen/view.h"
#include "term/keys.h"
#include "term/line.h"

enum { EDIT_INDENT = 4 };  // columns of a step

typedef enum LineMode {
    MODE_EDIT,
    MODE_MENU,
    MODE_SEARCH,
} LineMode;

enum { VI_KEYS = 32 };

/* A command of vi that is being given, and an insertion that goes on. */
typedef struct ViState {
    bool waiting;  // for more keys
    char keys[VI_KEYS];
    size_t length;
    int given;       // the count, 0 for none
    bool inserting;  // up to ESC
    bool keyed;      // ... by a command, that `.` repeats
    char *before;    // the buffer when it began
    size_t start;    // where
    int count;       // how often the text is inserted
    bool replacing;  // R: what is typed takes the place of what is there
    char *original;  // the buffer at the first ESC, for U
} ViState;

typedef struct Line {
    struct Line *outer;
    const LineRequest *request;
    const LineClient *client;
    LineMode mode;
    LineStatus status;
    bool done;
    bool dirty;
    bool final;         // painted for the last time: no suggestion, no menu
    bool ended;         // readline has seen the end of the input
    char *entered;      // what readline has entered by itself, or NULL
    bool overwriting;   // what is typed takes the place of what is there
    bool quoting;       // the next key is text, whatever it is
    bool vertical;      // this command moves by lines,
    bool was_vertical;  // and the last one did
    int goal;           // the column that these keep to
    ViState vi;
    // The screen.
    ScreenFrame frame;
    unsigned char *styles;  // ... and behind them the text before `begin`, as it was then
    size_t styles_size;
    size_t begin;  // what screen_highlight() returned
    int top;
    int columns, rows;
    // The history.
    long at;             // the entry that is shown, 0 for what is typed
    char *typed;         // what was typed before it
    size_t prefix;       // how much of that the entries begin with
    char *recalled;      // the entry
    long argument_at;    // the entry whose argument was inserted
    int argument_start;  // ... here,
    int argument_stop;   // up to here
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
    bool holding;  // Enter ends it and nothing else
} Line;

/* The innermost read, or NULL. */
Line *line_active(void);

/* Stop the process, as Ctrl-Z does, and go on with the same text. */
void line_suspend_process(Line *l);

/* display.c: what is edited, on the screen. */
void display_set_theme(const ScreenTheme *theme);
void display_begin(void);               // a new read: nothing is unfinished above it
void display_forget(void);              // somebody else has written
void display_erase(Line *l, Buf *out);  // what is edited
void display_end(Line *l, Buf *out);    // leave it, and go below it
void display_settle(Line *l);           // if others have written, paint it anew
void display_paint(Line *l, Buf *out);
void display_repaint(Line *l);
void display_send(Buf *out);
void display_take_size(Line *l);
void display_begin_row(Line *l, Buf *out);
void display_prompt_above(const char *prompt, Buf *out);
void display_print_above(Line *l, const char *text, size_t length);
void display_leave(Line *l);

/* typing.c: the keys that are there go to whom they are for; the rest is for the next read. */
void typing_take(Line *l);

/* bindings.c: which key is which command. */
void bindings_bind(void);     // before ~/.inputrc is read
void bindings_replace(void);  // after it was

/* edit.c: the text, and its end. */
size_t edit_length(void);
size_t edit_point(void);
size_t edit_line_start(size_t at);
size_t edit_line_stop(size_t at);
bool edit_is_blank(void);
char *edit_copy(void);  // of the text, or NULL
void edit_set_text(Line *l, const char *text, size_t point);
/* What a command returns that can do nothing: never less than 0, which would mean to readline that
 * the keys were none. */
int edit_ding(void);
void edit_insert(Line *l, const char *text);
/* A text from elsewhere: a newline is one, whichever way it was written, and there is no NUL. */
void edit_add_lines(Buf *out, const char *bytes, size_t length);
void edit_enter(Line *l, bool force);
void edit_enter_newline(Line *l);
int edit_enter_cell(int count, int key);
int edit_enter_by_force(int count, int key);
int edit_newline(int count, int key);
int edit_comment(int count, int key);
int edit_outdent(int count, int key);
int edit_transpose(int count, int key);
int edit_quote(int count, int key);
int edit_overwrite(int count, int key);
void edit_take_place(size_t start, size_t stop);
int edit_clear_screen(int count, int key);

/* move.c: movements, by lines and by graphemes. */
int move_up(int count, int key);
int move_down(int count, int key);
int move_line_begin(int count, int key);
int move_line_end(int count, int key);
int move_backward(int count, int key);
int move_forward(int count, int key);
int move_forward_word(int count, int key);
int move_to_begin(int count, int key);
int move_to_end(int count, int key);

/* kill.c: deletions. */
int kill_before(int count, int key);
int kill_after(int count, int key);
int kill_to_line_end(int count, int key);
int kill_to_line_begin(int count, int key);
int kill_whole_line(int count, int key);
int kill_word_before(int count, int key);

/* entry.c: the entry of the history that is shown in the place of what was typed. */
void entry_forget(Line *l);
int entry_recall_older(Line *l);
int entry_recall_newer(Line *l);
int entry_older(int count, int key);
int entry_newer(int count, int key);
int entry_argument(int count, int key);
int entry_last_argument(int count, int key);

/* ghost.c: what the history suggests, in grey. */
void ghost_find(Line *l);
bool ghost_accept(bool word);

/* external.c: the user's own editor. */
int external_edit(int count, int key);

/* menu.c, search.c: each is given a key, and says whether it was its own. */
int menu_complete(int count, int key);
bool menu_take_key(Line *l, const Key *key);
void menu_close(Line *l);
int search_start(int count, int key);
int search_start_vi(int count, int key);
int search_again(int count, int key);
void search_add(Line *l, const char *bytes, size_t length);
bool search_take_key(Line *l, const Key *key, const char *bytes);
void search_close(Line *l);
void search_message(const Line *l, Buf *out);
