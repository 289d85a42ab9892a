/* hybridsim check: many scenarios, each in a process of its own, and one line
 * for each. */

#include "config.h"

#include "sim/cli.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
print_progress(void *user_data, unsigned ended, unsigned all)
{
    (void)user_data;
    fprintf(stderr, "\r%u of %u%s", ended, all, ended == all ? "\r\033[K" : "");
}

static GPtrArray *
make_children(const HsScenarioOptions *options, const char *out, bool strict)
{
    GPtrArray *children =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);

    for (char **file = options->files; *file != NULL; file++) {
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        HsChild *child = g_new0(HsChild, 1);

        g_ptr_array_add(words, g_strdup("run"));
        g_ptr_array_add(words, g_strdup("--quiet"));
        g_ptr_array_add(words, g_strdup_printf("--out=%s", out));
        if (strict)
            g_ptr_array_add(words, g_strdup("--strict"));
        for (char **set = options->sets; set != NULL && *set != NULL; set++)
            g_ptr_array_add(words, g_strdup_printf("--set=%s", *set));
        if (options->has_seed)
            g_ptr_array_add(words, g_strdup_printf("--seed=%" G_GUINT64_FORMAT,
                                                   options->seed));
        g_ptr_array_add(words, g_strdup("--"));
        g_ptr_array_add(words, g_strdup(*file));
        g_ptr_array_add(words, NULL);
        child->argv = g_strdupv((char **)words->pdata);
        g_ptr_array_set_free_func(words, g_free);
        g_ptr_array_add(children, child);
    }
    return children;
}

static char *
result_path(const char *file, const char *out)
{
    g_autofree char *base = g_path_get_basename(file);
    g_autofree char *name = g_str_has_suffix(base, ".ini")
                                ? g_strndup(base, strlen(base) - 4)
                                : g_strdup(base);

    return g_build_filename(out, name, "result.json", NULL);
}

static void
print_findings(json_t *result)
{
    json_t *finding;
    size_t i;

    json_array_foreach(json_object_get(result, "findings"), i, finding) printf(
        "       %s %s: %s\n", json_string_value(json_object_get(finding, "id")),
        json_string_value(json_object_get(finding, "where")),
        json_string_value(json_object_get(finding, "title")));
}

/* Of a run that is not as its scenario says, what is not; of one that is, what
 * failed as it must. */
static void
print_checks(const char *file, const char *out, bool met, bool strict)
{
    g_autofree char *path = result_path(file, out);
    json_t *result = json_load_file(path, 0, NULL), *check, *name;
    json_t *verdict = json_object_get(result, "verdict");
    size_t i;

    json_array_foreach(json_object_get(verdict, "checks"), i, check)
    {
        bool must_fail = json_is_true(json_object_get(check, "must_fail"));
        const char *why = json_string_value(json_object_get(check, "why"));

        if (json_is_true(json_object_get(check, "met")) != met ||
            (met && !must_fail))
            continue;
        printf("       %s%s  (%s)\n",
               met         ? "fails as expected: "
               : must_fail ? "should fail, and does not: "
                           : "",
               json_string_value(json_object_get(check, "text")),
               json_string_value(json_object_get(check, "source")));
        if (why != NULL)
            printf("         because %s\n", why);
    }
    if (strict)
        print_findings(result);
    json_array_foreach(json_object_get(verdict, "missing"), i, name)
        printf("       %s should fail, and [expect] does not have it\n",
               json_string_value(name));
    json_decref(result);
}

static const char *
word_of(int status)
{
    switch ((HsExit)status) {
    case HS_EXIT_OK:
        return "pass";
    case HS_EXIT_FAILED:
        return "FAIL";
    case HS_EXIT_USAGE:
        return "BAD FILE";
    case HS_EXIT_INTERNAL:
        return "DIED";
    case HS_EXIT_NOTHING:
        return "NOTHING CHECKED";
    }
    return "DIED";
}

static int
report(GPtrArray *children, const HsScenarioOptions *options, const char *out,
       bool strict)
{
    HsExit worst = HS_EXIT_OK;
    unsigned passed = 0;

    for (guint i = 0; i < children->len; i++) {
        const HsChild *child = children->pdata[i];
        HsExit status = child->status <= HS_EXIT_NOTHING ? (HsExit)child->status
                                                         : HS_EXIT_INTERNAL;

        printf("%-6s %s\n", word_of(child->status), options->files[i]);
        if (status == HS_EXIT_FAILED || status == HS_EXIT_OK)
            print_checks(options->files[i], out, status == HS_EXIT_OK, strict);
        if (child->errors != NULL && child->errors[0] != '\0')
            printf("%s", child->errors);
        passed += status == HS_EXIT_OK;
        worst = hs_exit_worse(worst, status);
    }
    printf("%u of %u scenarios hold\n", passed, children->len);
    return (int)worst;
}

int
hs_cmd_check(int argc, char **argv)
{
    g_auto(HsScenarioOptions) options = {0};
    g_autoptr(GPtrArray) children = NULL;
    g_autofree char *out = NULL;
    int jobs = (int)g_get_num_processors();
    gboolean strict = FALSE;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &out,
         "results go to DIR/SCENARIO (default: out)", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &jobs,
         "so many of them at once (default: all processors)", "J"},
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "a finding is a failure",
         NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!hs_cli_parse(argc, argv, entries, "FILE...",
                      "Runs every scenario and holds its expectations. Exits "
                      "with the worst of them.",
                      &options))
        return HS_EXIT_USAGE;
    if (options.files[0] == NULL || jobs < 1) {
        hs_cli_error(options.files[0] == NULL
                         ? "check: which scenarios? hybridsim check FILE..."
                         : "--jobs takes a number from 1 on");
        return HS_EXIT_USAGE;
    }
    if (out == NULL)
        out = g_strdup("out");
    children = make_children(&options, out, strict);
    hs_children_run(children, (unsigned)jobs,
                    isatty(STDERR_FILENO) ? print_progress : NULL, NULL);
    return report(children, &options, out, strict);
}
