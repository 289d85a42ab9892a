/* Runs fuzz_bgp, or fuzz_bgp_session, over its corpus: what was found once is
 * not found again. */

#include "config.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef CORPUS
#define CORPUS "bgp"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

START_TEST(corpus_runs_through)
{
    const char *top = getenv("TOP_SRCDIR");
    g_autofree char *folder = g_build_filename(top != NULL ? top : ".", "tests",
                                               "fuzz", "corpus", CORPUS, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned ran = 0;

    ck_assert_msg(dir != NULL, "no corpus in %s", folder);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        gsize length;

        ck_assert(g_file_get_contents(path, &data, &length, NULL));
        /* Whole, and every truncation of it. */
        for (gsize cut = 0; cut <= length; cut++)
            LLVMFuzzerTestOneInput((const uint8_t *)data, cut);
        ran++;
    }
    ck_assert_uint_ge(ran, 8);
}
END_TEST

int
main(void)
{
    Suite *s = suite_create("bgp corpus");
    TCase *t = tcase_create("replay");

    tcase_add_test(t, corpus_runs_through);
    suite_add_tcase(s, t);
    return run_suite(s);
}
