/* Files: results in, pages out. */

#include "config.h"

#include "sim/report/report.h"
#include "sim/report/shape.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define FORMAT_VERSION 1

G_DEFINE_QUARK(hs - report - error - quark, hs_report_error)

static bool
check_format(const json_t *result, const char *name, GError **error)
{
    const json_t *format = json_object_get(result, "format");
    const json_t *version = json_object_get(result, "version");
    g_autofree char *wrong = NULL;

    if (g_strcmp0(json_string_value(format), "hybridsim-result") != 0) {
        g_set_error(error, HS_REPORT_ERROR, HS_REPORT_ERROR_INPUT,
                    "%s: format: this is no result of hybridsim run "
                    "(\"hybridsim-result\" is wanted)",
                    name);
        return false;
    }
    if (!json_is_integer(version) ||
        json_integer_value(version) != FORMAT_VERSION) {
        g_set_error(error, HS_REPORT_ERROR, HS_REPORT_ERROR_INPUT,
                    "%s: version: this program reads version %d of results",
                    name, FORMAT_VERSION);
        return false;
    }
    if (!hs_shape_check(result, &wrong)) {
        g_set_error(error, HS_REPORT_ERROR, HS_REPORT_ERROR_INPUT, "%s: %s",
                    name, wrong);
        return false;
    }
    return true;
}

json_t *
hs_report_parse(const char *text, gsize length, const char *name,
                GError **error)
{
    json_error_t where;
    json_t *result = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);

    if (result == NULL) {
        g_set_error(error, HS_REPORT_ERROR, HS_REPORT_ERROR_INPUT,
                    "%s:%d:%d: %s", name, where.line, where.column, where.text);
        return NULL;
    }
    if (!check_format(result, name, error)) {
        json_decref(result);
        return NULL;
    }
    return result;
}

json_t *
hs_report_load(const char *path, GError **error)
{
    g_autofree char *file = g_file_test(path, G_FILE_TEST_IS_DIR)
                                ? g_build_filename(path, "result.json", NULL)
                                : g_strdup(path);
    g_autofree char *text = NULL;
    g_autoptr(GError) why = NULL;
    gsize length;

    if (!g_file_get_contents(file, &text, &length, &why)) {
        /* The path, then why: GLib's sentence has the path in its middle. */
        g_set_error(
            error, HS_REPORT_ERROR, HS_REPORT_ERROR_READ, "%s: %s", file,
            why->code == G_FILE_ERROR_NOENT ? "no such file" : why->message);
        return NULL;
    }
    return hs_report_parse(text, length, file, error);
}

bool
hs_report_write(const char *path, const GString *page, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (g_file_set_contents(path, page->str, (gssize)page->len, &why))
        return true;
    g_set_error(error, HS_REPORT_ERROR, HS_REPORT_ERROR_WRITE, "%s: %s", path,
                why->message);
    return false;
}
