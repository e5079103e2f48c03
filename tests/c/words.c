/* Split the lines on standard input, each ended by a NUL: for every line the number of
 * its words and the words, each ended by a NUL; -1 for a line with an open quote.  For
 * tests/py/test_words.py.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "input/words.h"

static int
print_words(const char *line, size_t length)
{
    AUTO(input_words_done) InputWords words = { 0 };
    size_t error;
    int r = input_words_split(line, length, 0, NULL, &words, &error);
    if (r < 0 && r != -EINVAL)
        return r;
    printf("%ld%c", r < 0 ? -1 : (long)words.count, '\0');
    for (size_t i = 0; i < words.count; i++)
        printf("%s%c", words.items[i], '\0');
    return 0;
}

int
main(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    int r = 0;
    setlocale(LC_ALL, "");
    while (r == 0 && (length = getdelim(&line, &room, '\0', stdin)) > 0)
        r = print_words(line, (size_t)length - 1);
    free(line);
    return r < 0;
}
