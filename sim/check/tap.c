/* TAP version 13 (testanything.org), which `prove` reads: one plan for all, a
 * test for each item, and a YAML block behind one that does not hold. */

#include "config.h"

#include "sim/check/outputs.h"

#include <stdlib.h>

/* One line, and no "#", which would begin a directive. */
static void
append_description(GString *text, const char *words)
{
    g_autofree char *valid = g_utf8_make_valid(words, -1);

    for (const char *at = valid; *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            g_string_append_c(text, '\\');
        g_string_append_c(text, (guchar)*at < 0x20 || *at == 0x7f ? ' ' : *at);
    }
}

/* A text in double quotes: what JSON allows in them, YAML does too. */
static void
append_quoted(GString *text, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);
    json_t *string = json_string(valid);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

    g_string_append_printf(text, "%s\n", quoted);
    free(quoted);
    json_decref(string);
}

static void
append_yaml(GString *text, const char *key, const char *value)
{
    g_string_append_printf(text, "  %s: ", key);
    append_quoted(text, value);
}

static void
append_block(GString *text, const HsCiScenario *scenario, const HsCiItem *item)
{
    g_autofree char *place = hs_ci_place(scenario, item);

    g_string_append(text, "  ---\n");
    append_yaml(text, "message", item->message);
    append_yaml(text, "severity", hs_ci_outcome_word(item->outcome));
    append_yaml(text, "type", item->type);
    append_yaml(text, "at", place);
    if (item->details != NULL)
        append_yaml(text, "details", item->details);
    if (scenario->runs->len > 1 && item->seeds->len > 0) {
        g_string_append(text, "  seeds:");
        for (guint i = 0; i < item->seeds->len; i++)
            g_string_append_printf(text, "%s%" G_GUINT64_FORMAT,
                                   i == 0 ? " [" : ", ",
                                   g_array_index(item->seeds, guint64, i));
        g_string_append(text, "]\n");
    }
    g_string_append(text, "  ...\n");
}

void
hs_ci_tap(const HsCiReport *report, GString *text)
{
    unsigned tests = 0, number = 0;

    for (guint i = 0; i < report->scenarios->len; i++)
        tests += ((HsCiScenario *)report->scenarios->pdata[i])->items->len;
    g_string_append_printf(text, "TAP version 13\n1..%u\n", tests);
    for (guint i = 0; i < report->scenarios->len; i++) {
        const HsCiScenario *scenario = report->scenarios->pdata[i];

        for (guint j = 0; j < scenario->items->len; j++) {
            const HsCiItem *item = scenario->items->pdata[j];
            bool good =
                item->outcome == HS_CI_OK || item->outcome == HS_CI_SKIPPED;

            g_string_append_printf(text, "%s %u - ", good ? "ok" : "not ok",
                                   ++number);
            append_description(text, scenario->file);
            g_string_append(text, ": ");
            append_description(text, item->name);
            if (item->outcome == HS_CI_SKIPPED)
                g_string_append(text, " # SKIP not run");
            g_string_append_c(text, '\n');
            if (!good)
                append_block(text, scenario, item);
        }
    }
}
