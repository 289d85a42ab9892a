/* run --repeat: one draw is an anecdote. N seeds run as children; from their
 * results comes the distribution of every part, beside what theory allows. */

#include "config.h"

#include "sim/cli.h"
#include "sim/interrupt.h"
#include "sim/observe/stats.h"
#include "sim/progress.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One row of the table: a figure's values over the runs. */
typedef struct {
    char *label;       /* owned */
    const char *bound; /* the theory's term for it, or NULL */
    GArray *values;    /* HsDuration, owned */
    guint64 missing;
} Row;

static void
row_free(void *data)
{
    Row *row = data;

    g_free(row->label);
    g_array_unref(row->values);
    g_free(row);
}

static Row *
row_of(GPtrArray *rows, const char *label, const char *bound)
{
    Row *row;

    for (guint i = 0; i < rows->len; i++) {
        row = rows->pdata[i];
        if (g_str_equal(row->label, label))
            return row;
    }
    row = g_new0(Row, 1);
    row->label = g_strdup(label);
    row->bound = bound;
    row->values = g_array_new(FALSE, FALSE, sizeof(HsDuration));
    g_ptr_array_add(rows, row);
    return row;
}

static void
add(GPtrArray *rows, const char *label, const char *bound, json_t *value)
{
    Row *row = row_of(rows, label, bound);
    HsDuration span;

    if (!json_is_number(value)) {
        row->missing++;
        return;
    }
    span = (HsDuration)llround(json_number_value(value) * 1e6);
    g_array_append_val(row->values, span);
}

static void
collect_client(GPtrArray *rows, const char *fault, json_t *client)
{
    const char *name = json_string_value(json_object_get(client, "client"));
    bool persistent = g_strcmp0(name, "persistent") == 0;
    g_autofree char *prefix = g_strdup_printf("%s %s", fault, name);
    g_autofree char *failover = g_strdup_printf("%s failover", prefix);
    g_autofree char *outage = g_strdup_printf("%s outage", prefix);
    json_t *part;
    size_t i;

    json_array_foreach(json_object_get(client, "parts"), i, part)
    {
        const char *kind = json_string_value(json_object_get(part, "part"));
        g_autofree char *label = g_strdup_printf("%s   %s", prefix, kind);
        const char *bound = g_strcmp0(kind, "detect") == 0 ? "detect" : NULL;

        add(rows, label, bound, json_object_get(part, "duration_ms"));
    }
    add(rows, failover,
        persistent ? "failover of the persistent connection"
                   : "failover of the pool",
        json_object_get(client, "failover_ms"));
    add(rows, outage, NULL,
        json_object_get(json_object_get(client, "outage"), "duration_ms"));
}

static void
collect(GPtrArray *rows, json_t *result)
{
    json_t *fault, *client;
    size_t i, j;

    json_array_foreach(json_object_get(result, "faults"), i, fault)
    {
        const char *name = json_string_value(json_object_get(fault, "name"));

        json_array_foreach(json_object_get(fault, "clients"), j, client)
            collect_client(rows, name, client);
    }
}

/* Theory's term, from the last result: it does not depend on the seed. */
static bool
find_bound(json_t *result, const char *term, double ret_ms[2])
{
    json_t *fault, *bound;
    size_t i, j;

    json_array_foreach(json_object_get(result, "faults"), i, fault)
        json_array_foreach(
            json_object_get(fault, "bounds"), j,
            bound) if (g_strcmp0(json_string_value(json_object_get(bound,
                                                                   "term")),
                                 term) == 0)
    {
        ret_ms[0] = json_number_value(json_object_get(bound, "min_ms"));
        ret_ms[1] = json_number_value(json_object_get(bound, "max_ms"));
        return true;
    }
    return false;
}

static void
print_row(const Row *row, json_t *result)
{
    HsSpread spread = hs_spread_of((HsDuration *)(void *)row->values->data,
                                   row->values->len, row->missing);
    double bound[2];

    printf("%-34s", row->label);
    if (spread.runs == spread.missing)
        printf("%9s%9s%9s%9s%9s", "-", "-", "-", "-", "-");
    else
        printf("%9.3f%9.3f%9.3f%9.3f%9.3f", (double)spread.min / 1e9,
               (double)spread.p50 / 1e9, (double)spread.p90 / 1e9,
               (double)spread.p99 / 1e9, (double)spread.max / 1e9);
    if (row->bound != NULL && find_bound(result, row->bound, bound))
        printf("  %.3f..%.3f", bound[0] / 1e3, bound[1] / 1e3);
    if (spread.missing > 0)
        printf("  (%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
               " without a value)",
               spread.missing, spread.runs);
    printf("\n");
}

static GPtrArray *
make_children(const char *file, const HsScenarioOptions *options,
              const char *folder, guint64 first, unsigned count)
{
    GPtrArray *children =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);

    for (unsigned i = 0; i < count; i++) {
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        HsChild *child = g_new0(HsChild, 1);

        g_ptr_array_add(words, g_strdup("run"));
        g_ptr_array_add(words, g_strdup("--quiet"));
        g_ptr_array_add(words, g_strdup("--no-capture"));
        g_ptr_array_add(words,
                        g_strdup_printf("--out=%s/seed-%" G_GUINT64_FORMAT,
                                        folder, first + i));
        g_ptr_array_add(
            words, g_strdup_printf("--seed=%" G_GUINT64_FORMAT, first + i));
        for (char **set = options->sets; set != NULL && *set != NULL; set++)
            g_ptr_array_add(words, g_strdup_printf("--set=%s", *set));
        g_ptr_array_add(words, g_strdup("--"));
        g_ptr_array_add(words, g_strdup(file));
        g_ptr_array_add(words, NULL);
        child->argv = g_strdupv((char **)words->pdata);
        g_ptr_array_add(children, child);
    }
    return children;
}

int
hs_repeat(const char *file, const HsScenarioOptions *options, const char *out,
          unsigned count, unsigned jobs)
{
    g_autoptr(HsScenario) scenario = hs_cli_load(file, options);
    g_autoptr(GPtrArray) children = NULL, rows = NULL;
    g_autofree char *folder = NULL;
    HsExit worst = HS_EXIT_OK;
    HsProgress *progress = NULL;
    json_t *last = NULL;
    unsigned held = 0;
    guint64 first;

    if (scenario == NULL)
        return HS_EXIT_USAGE;
    first = hs_scenario_settings(scenario, 0)->seed;
    folder = g_build_filename(out, hs_scenario_name(scenario), "repeat", NULL);
    children = make_children(file, options, folder, first, count);
    rows = g_ptr_array_new_with_free_func(row_free);
    if (!hs_cli_quiet())
        progress = hs_progress_new(hs_scenario_name(scenario));
    hs_children_run(children, jobs, hs_progress_count, progress);
    hs_progress_free(progress);
    for (unsigned i = 0; i < count; i++) {
        const HsChild *child = children->pdata[i];
        g_autofree char *path =
            g_strdup_printf("%s/seed-%" G_GUINT64_FORMAT "/%s/result.json",
                            folder, first + i, hs_scenario_name(scenario));
        json_t *result = NULL;

        if (!child->ended && hs_interrupt_signal() != 0)
            continue;
        worst = hs_exit_worse(worst, (HsExit)child->status);
        held += child->status == HS_EXIT_OK;
        if (child->errors != NULL && child->errors[0] != '\0')
            fprintf(stderr, "seed %" G_GUINT64_FORMAT ": %s", first + i,
                    child->errors);
        if (child->status == HS_EXIT_OK || child->status == HS_EXIT_FAILED ||
            child->status == HS_EXIT_NOTHING)
            result = json_load_file(path, 0, NULL);
        if (result == NULL)
            continue;
        collect(rows, result);
        json_decref(last);
        last = result;
    }
    if (hs_interrupt_signal() != 0 && last == NULL) {
        hs_cli_error("interrupted: none of the %u runs had finished", count);
        return hs_interrupt_status();
    }
    printf("%s: %u runs, seeds %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
           "; expectations held in %u\nseconds",
           hs_scenario_settings(scenario, 0)->title, count, first,
           first + count - 1, held);
    printf("%36s%9s%9s%9s%9s  %s\n", "min", "p50", "p90", "p99", "max",
           "theory");
    for (guint i = 0; i < rows->len; i++)
        print_row(rows->pdata[i], last);
    printf("results in %s\n", folder);
    json_decref(last);
    if (hs_interrupt_signal() != 0) {
        hs_cli_error("interrupted: the table is of the %u runs of %u that had "
                     "finished",
                     hs_children_finished(children), count);
        return hs_interrupt_status();
    }
    return (int)worst;
}
