#include "base/venv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static char folder[] = "/tmp/mainspring-venv-XXXXXX";
static char config[PATH_MAX];
static Venv venv;

static int
make_folder(void **state)
{
    if (!mkdtemp(folder))
        return -1;
    snprintf(config, sizeof config, "%s/pyvenv.cfg", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    unlink(config);
    return rmdir(folder);
}

/* The version that a pyvenv.cfg of this text gives, as 311, or a negative errno. */
static int
version_in(const char *text)
{
    FILE *file = fopen(config, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    int r = venv_read(folder, &venv);
    return r < 0 ? r : venv.major * 100 + venv.minor;
}

static void
the_version_is_read_as_each_tool_writes_it(void **state)
{
    assert_int_equal(version_in("home = /usr/bin\nversion = 3.11.2\n"), 311);
    assert_int_equal(version_in("home = /usr\nversion_info = 3.12.1.final.0\n"), 312);
    assert_int_equal(version_in("VERSION=3.9\n"), 309);
    assert_int_equal(version_in("  version\t=  3.13.0"), 313);
}

static void
other_keys_and_values_are_no_version(void **state)
{
    assert_int_equal(version_in(""), -ENODATA);
    assert_int_equal(version_in("home = /usr/bin\nversions = 3.11\n"), -ENODATA);
    assert_int_equal(version_in("version = new\nversion\n"), -ENODATA);
    assert_int_equal(version_in("command = python3 -m venv --prompt version = 3.9\n"),
                     -ENODATA);
}

static void
the_home_is_all_that_stands_behind_its_key(void **state)
{
    assert_int_equal(version_in("home = /my programs/bin\r\nversion = 3.11\n"), 311);
    assert_string_equal(venv.home, "/my programs/bin");
    assert_int_equal(version_in("version = 3.11\nhome=/usr/bin"), 311);
    assert_string_equal(venv.home, "/usr/bin");
    assert_int_equal(version_in("version = 3.11\n"), 311);
    assert_string_equal(venv.home, "");
}

static void
a_folder_without_the_file_is_no_environment(void **state)
{
    assert_int_equal(venv_read("/proc/self/fd", &venv), -ENOENT);
}

static void
a_path_too_long_is_refused(void **state)
{
    static char path[2 * PATH_MAX];
    memset(path, 'x', sizeof path - 1);
    assert_int_equal(venv_read(path, &venv), -ENAMETOOLONG);
    path[0] = '/';
    char found[PATH_MAX];
    assert_int_equal(venv_folder_of(path, found, sizeof found), -ENAMETOOLONG);
}

static void
an_environment_is_two_above_its_program_as_it_was_named(void **state)
{
    char found[PATH_MAX];
    assert_int_equal(venv_folder_of("/no/env/bin/mainspring", found, sizeof found), 0);
    assert_string_equal(found, "/no/env");
    assert_int_equal(venv_folder_of("/bin/mainspring", found, sizeof found), 0);
    assert_string_equal(found, "/");
    assert_int_equal(venv_folder_of("/mainspring", found, sizeof found), 0);
    assert_string_equal(found, "/");
}

static void
a_relative_program_is_found_from_the_current_folder(void **state)
{
    char here[PATH_MAX];
    char found[PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir("/usr/bin"), 0);
    assert_int_equal(venv_folder_of("./mainspring", found, sizeof found), 0);
    assert_string_equal(found, "/usr");
    assert_int_equal(venv_folder_of("no/such/mainspring", found, sizeof found), -ENOENT);
    assert_int_equal(chdir(here), 0);
}

static void
a_bare_name_stands_for_this_executable(void **state)
{
    char self[PATH_MAX] = "";
    char found[PATH_MAX];
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    assert_int_equal(venv_folder_of("anything", found, sizeof found), 0);
    assert_memory_equal(self, found, strlen(found));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_read_as_each_tool_writes_it),
        cmocka_unit_test(other_keys_and_values_are_no_version),
        cmocka_unit_test(the_home_is_all_that_stands_behind_its_key),
        cmocka_unit_test(a_folder_without_the_file_is_no_environment),
        cmocka_unit_test(a_path_too_long_is_refused),
        cmocka_unit_test(an_environment_is_two_above_its_program_as_it_was_named),
        cmocka_unit_test(a_relative_program_is_found_from_the_current_folder),
        cmocka_unit_test(a_bare_name_stands_for_this_executable),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
