"""A shell on a terminal of 60x20, and what its screen shows."""
import fcntl
import os
import pathlib
import re
import select
import signal
import struct
import termios
import time

import pytest

from conftest import ENTER, PATIENCE, SHELL_TIMEOUT, Shell

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
END, ESC, TAB, BACK_TAB, BACKSPACE = "\x1b[F", "\x1b", "\t", "\x1b[Z", "\x7f"
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"


class Terminal(Shell):
    """A Shell of 60x20 whose rows, cursor and colours can be asked for."""

    def __init__(self, program, *arguments, columns=60, rows=20, env=None, **options):
        self.written = b""
        super().__init__(program, *arguments, columns=columns, rows=rows, env=env, **options)
        feed = self.stream.feed

        def note(part):
            self.written += part
            feed(part)

        self.stream.feed = note

    def rows_now(self):
        """The rows of the screen without blanks at their ends, up to the last that has any."""
        return [row.rstrip() for row in self.text().rstrip().split("\n")]

    def cursor(self):
        return self.screen.cursor.y, self.screen.cursor.x

    def wait_rows(self, *rows):
        """Wait until these are the last rows of the screen that are not empty."""
        wanted = [row.rstrip() for row in rows]
        self.wait_until(lambda screen: self.rows_now()[-len(wanted):] == wanted, wanted)

    def wait_cursor(self, row, column):
        """Wait until the cursor is there, behind some text: before the first prompt it passes over blanks."""
        def there(screen):
            return self.cursor() == (row, column) and (column == 0 or screen.split("\n")[row][:column].strip())
        self.wait_until(there, f"a cursor at {row}, {column}")

    def insist(self, keys, condition, what):
        """Send the keys whenever nothing more comes, until the condition is true of the screen.  It takes
        more than one Ctrl-C to get out of some code, and one too many takes what is typed after it along."""
        deadline = time.monotonic() + SHELL_TIMEOUT
        while not condition(self.text()):
            self.keys(keys)
            while not condition(self.text()) and select.select([self.fd], [], [], 0.2)[0]:
                if not self._read(deadline):
                    pytest.fail(f"ended without {what}; the screen:\n{self.text().rstrip()}")
            if time.monotonic() > deadline:
                pytest.fail(f"no {what} within {SHELL_TIMEOUT} s; the screen:\n{self.shown}")

    def colours(self, row, start, stop):
        return [self.screen.buffer[row][column].fg for column in range(start, stop)]

    def sgr(self):
        """The codes of all colours and attributes that were written."""
        sequences = re.findall(rb"\x1b\[([0-9;]*)m", self.written)
        return [int(code) for sequence in sequences for code in sequence.split(b";") if code]

    def keys_all(self, text):
        """Send more than the terminal takes at once, reading what it shows meanwhile."""
        data = text.encode()
        os.set_blocking(self.fd, False)
        while data:
            readable, writable, _ = select.select([self.fd], [self.fd], [], SHELL_TIMEOUT)
            if readable:
                self.stream.feed(os.read(self.fd, 1 << 16))
            if writable:
                data = data[os.write(self.fd, data[:4096]):]
        os.set_blocking(self.fd, True)

    def resize(self, columns, rows):
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def enter(terminal, *cells):
    """Enter cells of one line each at the first prompts, and wait for the next one."""
    for number, cell in enumerate(cells, 2):
        terminal.keys(cell + ENTER)
        terminal.wait(f"In [{number}]:")


def paste(terminal, *cells):
    """Paste cells at whatever prompt there is, each after the one before has been executed."""
    for cell in cells:
        number = int(terminal.rows_now()[-1].split("[")[1].split("]")[0]) + 1
        terminal.keys(PASTE + cell + PASTE_END + ESC + ENTER)
        terminal.wait_until(lambda screen: terminal.rows_now()[-1] == f"In [{number}]:", cell)
    return number
