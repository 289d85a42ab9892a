/* The tables of scenarios/README.md, made from the schema; a test holds the
 * file against them, so that no key goes undocumented. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/path.h"
#include "sim/scenario/schema.h"

/* A vertical bar would end the cell. */
static void
append_cell(GString *text, const char *cell)
{
    for (; *cell != '\0'; cell++)
        g_string_append_printf(text, *cell == '|' ? "\\%c" : "%c", *cell);
}

/* "`[dx]`, `[vpn]`" */
static void
append_kinds(GString *text, uint32_t kinds)
{
    const char *comma = "";

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        if ((kinds & HS_KIND_BIT(kind)) == 0)
            continue;
        g_string_append_printf(text, "%s`[%s]`", comma, hs_kind_name(kind));
        comma = ", ";
    }
}

/* Of values that name elements. */
static bool
append_names(GString *text, const HsRow *row)
{
    switch ((int)row->type) {
    case HS_TYPE_ENDPOINT:
        g_string_append(text, "name of one of ");
        append_kinds(text, row->targets);
        return true;
    case HS_TYPE_ELEMENTS:
        g_string_append(text, "names of ");
        append_kinds(text, row->targets);
        g_string_append(text, row->all ? "; `all`, `none`" : "; `none`");
        return true;
    case HS_TYPE_BETWEEN:
        g_string_append(text, "name of a `[onprem]` and of one of ");
        append_kinds(text, row->targets);
        return true;
    case HS_TYPE_ENDS:
        g_string_append(text, "name of a `[dxgw]` and of a `[gateway]`");
        return true;
    case HS_TYPE_PAIR:
        g_string_append(text, "names of two `[vpc]` or two `[gateway]`");
        return true;
    default:
        return false;
    }
}

static void
append_words(GString *text, const HsRow *row)
{
    const char *example = hs_type_example(row->type);

    if (append_names(text, row))
        return;
    if (row->type == HS_TYPE_WORD) {
        for (const char *const *word = row->words; *word != NULL; word++)
            g_string_append_printf(text, "%s`%s`",
                                   word != row->words ? ", " : "", *word);
    } else if (row->type == HS_TYPE_WORDS) {
        g_string_append(text, "one or more of ");
        for (unsigned i = 0; row->words[i] != NULL; i++)
            if (!(row->refused & 1u << i))
                g_string_append_printf(text, "%s`%s`", i > 0 ? ", " : "",
                                       row->words[i]);
    } else if (row->type == HS_TYPE_REFERENCE) {
        g_string_append_printf(text, "name of a `[%s]`",
                               hs_kind_name(row->target));
    } else {
        g_string_append_printf(text, "%s: %s", hs_type_name(row->type),
                               example);
    }
}

static void
append_default(GString *text, const HsRow *row)
{
    if (row->required)
        g_string_append(text, "required");
    else if (row->fallback == NULL)
        g_string_append(text, hs_origin_name(row->origin));
    else if (*row->fallback == '\0')
        g_string_append(text, "empty");
    else
        g_string_append_printf(text, "`%s`", row->fallback);
}

static void
append_row(GString *text, const HsRow *row)
{
    g_string_append_printf(text, "| `%s` | ", row->key);
    append_words(text, row);
    g_string_append(text, " | ");
    append_default(text, row);
    g_string_append(text, " | ");
    if (!row->required && row->fallback != NULL)
        g_string_append(text, hs_origin_name(row->origin));
    if (row->source != NULL) {
        g_string_append(text,
                        row->required || row->fallback == NULL ? "" : ": ");
        append_cell(text, row->source);
    }
    g_string_append(text, " | ");
    append_cell(text, row->help);
    if (row->fixed)
        g_string_append(text, " (cannot be set)");
    if (row->rule != NULL && row->refused == 0) {
        g_string_append(text, " (");
        append_cell(text, row->rule);
        g_string_append(text, ")");
    }
    g_string_append(text, " |\n");
}

void
hs_scenario_manual(GString *text)
{
    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        const HsKindInfo *info = &hs_schema_kinds[kind];
        const HsRow *row;
        bool header = false;

        g_string_append_printf(text, "%s### [%s%s]\n\n%s\n",
                               kind > 0 ? "\n" : "", hs_kind_name(kind),
                               info->named ? " NAME" : "", info->help);
        for (unsigned i = 0; (row = hs_schema_next(kind, &i)) != NULL;) {
            if (!header)
                g_string_append(text, "\n| key | value | default | where the "
                                      "default comes from | meaning |\n"
                                      "| --- | --- | --- | --- | --- |\n");
            header = true;
            append_row(text, row);
        }
        if (kind == HS_KIND_DATABASE)
            hs_profile_manual(text);
        if (kind == HS_KIND_FAULT)
            hs_fault_manual(text);
        if (kind == HS_KIND_EXPECT)
            hs_figure_manual(text);
        if (kind == HS_KIND_EXPECT)
            hs_crypto_manual(text);
        if (kind == HS_KIND_EXPECT)
            hs_path_manual(text);
    }
}
