/* The fuzz target's corpus, in every build: what was once found stays found. */

#include "config.h"

#include "tests/harness/run.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>

#ifndef CORPUS
#define CORPUS "bfd"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

START_TEST(corpus_runs)
{
    const char *top = getenv("TOP_SRCDIR");
    g_autofree char *folder = g_build_filename(top != NULL ? top : ".", "tests",
                                               "fuzz", "corpus", CORPUS, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned files = 0;

    ck_assert_msg(dir != NULL, "no %s", folder);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL; files++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *data = NULL;
        size_t size;

        ck_assert(g_file_get_contents(path, &data, &size, NULL));
        ck_assert_uint_gt(size, 0);
        /* each beginning of it, too */
        for (size_t part = 0; part <= size; part++) {
            g_autofree uint8_t *copy = g_memdup2(data, part);

            LLVMFuzzerTestOneInput(copy, part);
        }
    }
    ck_assert_uint_ge(files, 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create(CORPUS " corpus");
    TCase *t = tcase_create("corpus");

    tcase_set_timeout(t, 60);
    tcase_add_test(t, corpus_runs);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
