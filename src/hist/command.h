/* hist/command.h -- `mainspring history`: what is done to the history from a system's shell.
 *
 * No interpreter is started for it.
 *
 * World: plain.  Tests: tests/py/test_history.py
 */
#pragma once

/* Whether this command line is such a one: `history` is its first word.  (A script of that name is
 * `./history`.) */
int hist_command_is_meant(int argc, char **argv);

/* Do what the words behind `history` say, and tell the user.  Returns the exit status. */
int hist_command_main(char **words);
