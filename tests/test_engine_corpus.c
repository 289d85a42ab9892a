/* What the fuzzer of hosts found or was given, replayed in every build. */

#include "config.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

START_TEST(the_corpus_is_survived)
{
    const char *top = getenv("TOP_SRCDIR");
    g_autofree char *folder = g_build_filename(top != NULL ? top : ".",
                                               "tests/fuzz/corpus/host", NULL);
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned count = 0;

    ck_assert_msg(dir != NULL, "cannot open %s", folder);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        gsize length;

        ck_assert(g_file_get_contents(path, &data, &length, NULL));
        LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        count++;
    }
    g_dir_close(dir);
    ck_assert_uint_ge(count, 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("engine: fuzzing corpus");
    TCase *tc = tcase_create("corpus");

    tcase_add_test(tc, the_corpus_is_survived);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
