/* Keys tile any bytes, each is as long as it says, and waiting for more never gives another key
 * than having had more at once. */
#include "fuzz.h"

#include "term/keys.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size ? size : 1);
    HOLDS(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)data[i];
    for (size_t at = 0; at < size;) {
        Key whole, part;
        size_t n = keys_read(bytes + at, size - at, 0, &whole);
        HOLDS(n > 0 && n <= size - at && n == whole.length);
        for (size_t length = 1; length <= size - at && length < 40; length++) {
            size_t m = keys_read(bytes + at, length, 1, &part);
            HOLDS(m <= length);
            if (m == 0)
                continue;
            size_t k = keys_read(bytes + at, size - at, 1, &whole);
            HOLDS(k == m && whole.kind == part.kind);
            break;
        }
        at += n;
    }
    free(bytes);
    return 0;
}
