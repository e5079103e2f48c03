#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "testing.h"

static char path[] = "/tmp/mainspring-file-XXXXXX";

static int
make_file(void **state)
{
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
    return unlink(path);
}

static void
fill(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void
assert_reads_back(const char *bytes, size_t length)
{
    fill(bytes, length);
    char *read = NULL;
    size_t read_length = 0;
    assert_int_equal(file_read(path, &read, &read_length), 0);
    assert_int_equal(read_length, length);
    assert_memory_equal(read, bytes, length);
    assert_int_equal(read[length], '\0');
    free(read);
}

static void
an_empty_file_is_an_empty_text(void **state)
{
    assert_reads_back("", 0);
}

static void
bytes_of_all_kinds_come_as_they_are(void **state)
{
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    assert_reads_back(bytes, sizeof bytes);
}

static void
a_file_of_any_size_is_read_whole(void **state)
{
    static char bytes[20000];
    memset(bytes, 'x', sizeof bytes);
    const size_t sizes[] = { 1, 4094, 4095, 4096, 4097, 8192, sizeof bytes };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_reads_back(bytes, sizes[i]);
}

static void
a_file_without_a_size_is_read_to_its_end(void **state)
{
    char *read = NULL;
    size_t length = 0;
    assert_int_equal(file_read("/proc/self/status", &read, &length), 0);
    assert_int_equal(strlen(read), length);
    assert_true(length > 100);
    free(read);
}

static void
a_pipe_is_read_to_its_end_in_pieces(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    static char bytes[10000];
    memset(bytes, 'p', sizeof bytes);
    assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
    close(ends[1]);
    char name[40];
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    char *read = NULL;
    size_t length = 0;
    assert_int_equal(file_read(name, &read, &length), 0);
    assert_int_equal(length, sizeof bytes);
    free(read);
    close(ends[0]);
}

static void
a_failure_is_its_errno_and_leaves_the_results_alone(void **state)
{
    char *read = path;
    size_t length = 7;
    assert_int_equal(file_read("/no/such/file", &read, &length), -ENOENT);
    assert_int_equal(file_read("/tmp", &read, &length), -EISDIR);
    assert_int_equal(file_read("/dev/null/x", &read, &length), -ENOTDIR);
    assert_ptr_equal(read, path);
    assert_int_equal(length, 7);
}

static void
a_file_lies_in_a_folder_at_any_depth_and_in_none_that_begins_alike(void **state)
{
    assert_true(file_lies_in("/a/b/c.py", "/a"));
    assert_true(file_lies_in("/a/b.py", "/a//"));
    assert_true(file_lies_in("/b.py", "/"));
    assert_false(file_lies_in("/ab/c.py", "/a"));
    assert_false(file_lies_in("/a", "/a/b"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_is_an_empty_text),
        cmocka_unit_test(bytes_of_all_kinds_come_as_they_are),
        cmocka_unit_test(a_file_of_any_size_is_read_whole),
        cmocka_unit_test(a_file_without_a_size_is_read_to_its_end),
        cmocka_unit_test(a_pipe_is_read_to_its_end_in_pieces),
        cmocka_unit_test(
            a_file_lies_in_a_folder_at_any_depth_and_in_none_that_begins_alike),
        cmocka_unit_test(a_failure_is_its_errno_and_leaves_the_results_alone),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
