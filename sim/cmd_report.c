/* hybridsim report: render results again, without a run. */

#include "config.h"

#include "sim/cli.h"
#include "sim/report/report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void
drop_result(void *result)
{
    json_decref(result);
}

/* "out/dx-cut/result.json": "out/dx-cut/report.html". */
static char *
output_beside(const char *result)
{
    g_autofree char *folder = g_file_test(result, G_FILE_TEST_IS_DIR)
                                  ? g_strdup(result)
                                  : g_path_get_dirname(result);

    return g_build_filename(folder, "report.html", NULL);
}

static int
render(char **files, const char *output)
{
    g_autoptr(GPtrArray) results = g_ptr_array_new_with_free_func(drop_result);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) page = NULL;
    g_autofree char *path = NULL;

    for (char **file = files; *file != NULL; file++) {
        json_t *result = hs_report_load(*file, &error);

        if (result == NULL) {
            hs_cli_error("%s", error->message);
            return HS_EXIT_USAGE;
        }
        g_ptr_array_add(results, result);
    }
    page = results->len == 1
               ? hs_report_page(results->pdata[0])
               : hs_report_comparison((json_t *const *)results->pdata,
                                      results->len);
    path = output != NULL      ? g_strdup(output)
           : results->len == 1 ? output_beside(files[0])
                               : g_strdup("comparison.html");
    if (g_str_equal(path, "-")) {
        fwrite(page->str, 1, page->len, stdout);
        return HS_EXIT_OK;
    }
    if (!hs_report_write(path, page, &error)) {
        hs_cli_error("%s", error->message);
        return HS_EXIT_INTERNAL;
    }
    if (!hs_cli_quiet())
        printf("%s\n", path);
    return HS_EXIT_OK;
}

int
hs_cmd_report(int argc, char **argv)
{
    g_autofree char *output = NULL;
    const GOptionEntry entries[] = {
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &output,
         "write FILE (default: report.html beside the result, comparison.html "
         "of several); \"-\" is standard output",
         "FILE"},
        G_OPTION_ENTRY_NULL,
    };
    g_auto(GStrv) files =
        hs_cli_parse_words(argc, argv, entries, "RESULT...",
                           "Renders the report of a result.json, or of the "
                           "folder that has one. Of several results it makes a "
                           "comparison.");

    if (files == NULL)
        return HS_EXIT_USAGE;
    if (files[0] == NULL) {
        hs_cli_error("report: which result? hybridsim report RESULT...");
        return HS_EXIT_USAGE;
    }
    return render(files, output);
}
