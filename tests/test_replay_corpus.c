/* The fuzzer's corpus of replays, and each truncation of it, replayed in
 * every build. */

#include "config.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

START_TEST(corpus_is_survived)
{
    const char *top = g_getenv("TOP_SRCDIR");
    g_autofree char *folder = g_build_filename(
        top != NULL ? top : ".", "tests/fuzz/corpus/replay", NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned n = 0;

    ck_assert_msg(dir != NULL, "no folder %s", folder);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        gsize length;

        ck_assert(g_file_get_contents(path, &data, &length, NULL));
        /* Of long ones not each: a prime, so that all fields are cut. */
        for (gsize cut = 0; cut<length; cut += length> 2048 ? 7 : 1) {
            g_autofree uint8_t *copy = g_memdup2(data, cut);

            LLVMFuzzerTestOneInput(copy, cut);
        }
        LLVMFuzzerTestOneInput((const uint8_t *)data, length);
        n++;
    }
    ck_assert_uint_ge(n, 6);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("replay corpus");
    TCase *tcase = tcase_create("replay");

    tcase_add_test(tcase, corpus_is_survived);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
