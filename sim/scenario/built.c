/* What the schema has and the world has not, yet. A row for each: a kind as a
 * whole (key NULL), a key that was given, or one value of a key. Whoever
 * builds it deletes the row. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/private.h"
#include "sim/scenario/value.h"

static const struct {
    HsKind kind;
    const char *key;
    const char *value;
} unbuilt[] = {
    {HS_KIND_VPC, "internet-gateway", "yes"},
    {HS_KIND_NAT_GATEWAY, NULL, NULL},
};

static void
complain(HsComplaints *c, const HsElement *element, const char *key,
         const char *value)
{
    g_autofree char *group = hs_element_group(element);

    hs_complain(c,
                key != NULL ? hs_element_place(element, key)
                            : (HsPlace){.line = element->line},
                group, key, "this version does not build %s%s%s yet",
                value != NULL ? "\"" : "", value != NULL ? value : "this",
                value != NULL ? "\"" : "");
}

static void
check_row(HsComplaints *c, const HsElement *element, unsigned i)
{
    const HsRow *row;
    g_autoptr(GString) text = g_string_new(NULL);

    if (unbuilt[i].key == NULL) {
        complain(c, element, NULL, NULL);
        return;
    }
    row = hs_schema_find(element->kind, unbuilt[i].key);
    g_assert(row != NULL);
    hs_value_format(row, element, text);
    if (unbuilt[i].value != NULL ? g_str_equal(text->str, unbuilt[i].value)
                                 : hs_element_given(element, unbuilt[i].key))
        complain(c, element, unbuilt[i].key, text->str);
}

bool
hs_scenario_is_built(const HsScenario *scenario, GError **error)
{
    g_auto(HsComplaints) complaints = {NULL, NULL};
    HsElement *element;
    g_autofree char *text = NULL;

    hs_complaints_init(&complaints, hs_scenario_path(scenario));
    for (unsigned i = 0; i < G_N_ELEMENTS(unbuilt); i++)
        for (unsigned n = 0;
             (element = hs_scenario_element(scenario, unbuilt[i].kind, n)); n++)
            check_row(&complaints, element, i);
    if (complaints.lines->len == 0)
        return true;
    text = hs_complaints_text(&complaints);
    g_set_error_literal(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_INVALID,
                        text);
    return false;
}
