#include "config.h"

#include "sim/check/spread.h"

#include "sim/check/timeline.h"

#include <math.h>

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
rank(const GArray *values, double share)
{
    guint at = (guint)ceil(share * values->len);

    return g_array_index(values, double, at > 0 ? at - 1 : 0);
}

bool
hs_ci_spread_of(const HsCiScenario *scenario, const char *figure,
                HsCiSpread *ret_spread)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(double));
    HsCiSpread spread = {0};

    for (guint i = 0; i < scenario->runs->len; i++) {
        const HsCiRun *run = scenario->runs->pdata[i];
        const json_t *reading =
            json_object_get(json_object_get(run->result, "figures"), figure);
        const json_t *ms = json_object_get(reading, "value_ms");
        const json_t *value =
            ms != NULL ? ms : json_object_get(reading, "value");

        spread.runs += run->result != NULL;
        spread.is_time |= ms != NULL;
        if (json_is_number(value)) {
            double number = json_number_value(value);

            g_array_append_val(values, number);
        }
    }
    if (values->len == 0)
        return false;
    g_array_sort(values, compare);
    spread.values = values->len;
    spread.min = rank(values, 0);
    spread.p50 = rank(values, 0.5);
    spread.p90 = rank(values, 0.9);
    spread.max = rank(values, 1);
    *ret_spread = spread;
    return true;
}

static void
append_value(GString *text, const HsCiSpread *spread, double value)
{
    g_autofree char *words =
        spread->is_time ? hs_ci_time(value) : g_strdup_printf("%.0f", value);

    g_string_append_printf(text, " %12s", words);
}

static bool
was_before(const HsCiScenario *scenario, guint index)
{
    const HsCiItem *item = scenario->items->pdata[index];

    for (guint i = 0; i < index; i++)
        if (g_strcmp0(item->figure,
                      ((HsCiItem *)scenario->items->pdata[i])->figure) == 0)
            return true;
    return false;
}

void
hs_ci_spreads_text(const HsCiScenario *scenario, const char *indent,
                   GString *text)
{
    bool first = true;

    for (guint i = 0; i < scenario->items->len; i++) {
        const HsCiItem *item = scenario->items->pdata[i];
        HsCiSpread spread;

        if (item->figure == NULL || was_before(scenario, i) ||
            !hs_ci_spread_of(scenario, item->figure, &spread))
            continue;
        if (first)
            g_string_append_printf(text, "%s%-28s %12s %12s %12s %12s\n",
                                   indent, "over the seeds", "min", "median",
                                   "p90", "max");
        first = false;
        g_string_append_printf(text, "%s%-28s", indent, item->figure);
        append_value(text, &spread, spread.min);
        append_value(text, &spread, spread.p50);
        append_value(text, &spread, spread.p90);
        append_value(text, &spread, spread.max);
        if (spread.values < spread.runs)
            g_string_append_printf(text, "  (%u of %u without a value)",
                                   spread.runs - spread.values, spread.runs);
        g_string_append_c(text, '\n');
    }
}
