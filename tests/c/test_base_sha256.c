#include "base/sha256.h"

#include <string.h>

#include "testing.h"

static void
assert_digest(const char *bytes, size_t length, const char *hex)
{
    char found[SHA256_HEX];
    sha256_hex(bytes, length, found);
    assert_string_equal(found, hex);
}

static void
the_standards_own_examples_come_out(void **state)
{
    assert_digest("", 0,
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest(NULL, 0,
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest("abc", 3,
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    assert_digest(two, strlen(two),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* The lengths around which the padding changes; the digests are sha256sum's. */
static void
every_length_of_the_last_block_is_padded_right(void **state)
{
    char bytes[129];
    memset(bytes, 'x', sizeof bytes);
    assert_digest(bytes, 55,
                  "d5e285683cd4efc02d021a5c62014694958901005d6f71e89e0989fac77e4072");
    assert_digest(bytes, 64,
                  "7ce100971f64e7001e8fe5a51973ecdfe1ced42befe7ee8d5fd6219506b5393c");
    assert_digest(bytes, 128,
                  "24da1b81d0b16df6428eee73c69fcb2a93c76bc6df706f0c6670fe6bfe800464");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_own_examples_come_out),
        cmocka_unit_test(every_length_of_the_last_block_is_padded_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
