/* Graphviz' dot as a child process. Its SVG is cut down to what is drawn:
 * identifiers, titles and comments go, because a page has several drawings,
 * and the program's version, because it is no part of the result. */

#include "config.h"

#include "sim/report/private.h"

#include <gio/gio.h>

static char *
without(const char *pattern, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GRegex) regex =
        g_regex_new(pattern, G_REGEX_DOTALL, G_REGEX_MATCH_DEFAULT, &error);
    char *result;

    g_assert_no_error(error);
    result = g_regex_replace_literal(regex, text, -1, 0, "",
                                     G_REGEX_MATCH_DEFAULT, &error);
    g_assert_no_error(error);
    return result;
}

static char *
cut_down(const char *svg)
{
    g_autofree char *bare = without("^.*?(?=<svg)", svg);
    g_autofree char *silent = without("<!--.*?-->", bare);
    g_autofree char *untitled = without("<title>.*?</title>", silent);
    g_autofree char *nameless = without(" id=\"[^\"]*\"", untitled);
    g_autofree char *unspaced = without(" xmlns(:xlink)?=\"[^\"]*\"", nameless);

    return without("\\n(?=\\n)|\\s+$", unspaced);
}

char *
hs_dot_draw(const char *graph, char **ret_why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *svg = NULL, *complaint = NULL;
    g_autoptr(GSubprocess) child = g_subprocess_new(
        G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
            G_SUBPROCESS_FLAGS_STDERR_PIPE,
        &error, "dot", "-Tsvg", NULL);

    if (child == NULL) {
        *ret_why = g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT)
                       ? g_strdup("Graphviz' dot is not installed")
                       : g_strdup(error->message);
        return NULL;
    }
    if (!g_subprocess_communicate_utf8(child, graph, NULL, &svg, &complaint,
                                       &error)) {
        *ret_why = g_strdup(error->message);
        return NULL;
    }
    if (!g_subprocess_get_successful(child) || strstr(svg, "<svg") == NULL) {
        *ret_why =
            g_strdup_printf("Graphviz' dot failed: %s", g_strstrip(complaint));
        return NULL;
    }
    return cut_down(svg);
}
