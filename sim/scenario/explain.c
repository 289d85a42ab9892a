/* What a scenario came to: every value, where it came from, and what vouches
 * for it. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/private.h"
#include "sim/scenario/value.h"

#include <stddef.h>
#include <string.h>

void
hs_value_free(HsValue *value)
{
    if (value == NULL)
        return;
    g_free(value->value);
    g_free(value);
}

static void
value_free(void *data)
{
    hs_value_free(data);
}

/* A range that the seed draws from, or randomness for the whole run. */
static bool
is_random(const HsRow *row, const HsElement *element)
{
    const char *field = (const char *)element + row->offset;

    if (row->type == HS_TYPE_RANGE) {
        const HsRange *range = (const void *)field;

        return range->low != range->high;
    }
    if (row->origin == HS_ORIGIN_SEED)
        return *(char *const *)(const void *)field == NULL;
    return false;
}

/* Where what is simulated would be if it were real. */
static bool
is_unused_port(const HsRow *row, const HsElement *element)
{
    const HsDatabase *db = (const HsDatabase *)element;

    if (row->kind == HS_KIND_ONPREM &&
        (row->offset == offsetof(HsOnprem, netns) ||
         row->offset == offsetof(HsOnprem, lan_port) ||
         row->offset == offsetof(HsOnprem, uplink_port)))
        return !hs_port_is_real(&((const HsOnprem *)element)->port);
    if (row->kind == HS_KIND_DX && row->offset == offsetof(HsDx, port))
        return !hs_port_is_real(&((const HsDx *)element)->port);
    if (row->kind != HS_KIND_DATABASE)
        return false;
    return (row->offset == offsetof(HsDatabase, client_netns) &&
            !hs_port_is_real(&db->client_port)) ||
           (row->offset == offsetof(HsDatabase, server_netns) &&
            !hs_port_is_real(&db->server_port));
}

/* What says something only where another value has it so. */

static bool
is_unused_of_site(const char *key, const HsOnprem *site)
{
    static const char *const of_two[] = {"router2.", "core.", "ibgp."};

    for (unsigned i = 0; i < G_N_ELEMENTS(of_two); i++)
        if (site->routers < 2 && g_str_has_prefix(key, of_two[i]))
            return true;
    return !site->nat && g_str_has_prefix(key, "nat.");
}

static bool
is_unused_of_vpn(const char *key, const HsVpn *vpn)
{
    if (vpn->tunnels < 2 && g_str_has_prefix(key, "tunnel2."))
        return true;
    return vpn->routing != HS_ROUTING_STATIC &&
           g_str_has_suffix(key, "static-routes");
}

static bool
is_unused_of_gateway(const char *key, const HsGateway *gateway)
{
    static const char *const of_tgw[] = {"vpn-ecmp", "cidr", "default-table",
                                         "appliance-mode", "mtu"};

    for (unsigned i = 0; i < G_N_ELEMENTS(of_tgw); i++)
        if (gateway->type != HS_GATEWAY_TGW && g_str_equal(key, of_tgw[i]))
            return true;
    return false;
}

/* Off, and nobody said so. */
static bool
is_unused_of_internet(const HsRow *row, const HsInternet *internet)
{
    if (g_str_equal(row->key, "burst.leave"))
        return internet->burst_enter <= 0;
    return (g_str_has_prefix(row->key, "burst.") ||
            g_str_equal(row->key, "duplicate") ||
            g_str_equal(row->key, "reorder.probability") ||
            g_str_equal(row->key, "load")) &&
           *(const double *)(const void *)((const char *)internet +
                                           row->offset) <= 0;
}

static bool
is_unused(const HsRow *row, const HsElement *element)
{
    if (is_unused_port(row, element))
        return true;
    if (row->kind == HS_KIND_ONPREM)
        return is_unused_of_site(row->key, (const HsOnprem *)element);
    if (row->kind == HS_KIND_GATEWAY)
        return is_unused_of_gateway(row->key, (const HsGateway *)element);
    if (row->kind == HS_KIND_INTERNET)
        return is_unused_of_internet(row, (const HsInternet *)element);
    if (row->kind == HS_KIND_FAULT)
        return !hs_fault_uses(((const HsFault *)element)->action, row->key) &&
               !hs_element_given(element, row->key);
    return row->kind == HS_KIND_VPN &&
           is_unused_of_vpn(row->key, (const HsVpn *)element);
}

static void
add_value(GPtrArray *values, const HsElement *element, const HsRow *row)
{
    const HsProvenance *from = &element->from[hs_schema_index(row)];
    HsValue *value = g_new0(HsValue, 1);
    GString *text = g_string_new(NULL);

    hs_value_format(row, element, text);
    value->kind = element->kind;
    value->element =
        hs_schema_kinds[element->kind].named ? element->name : NULL;
    value->key = g_intern_string(row->key);
    value->value = g_string_free(text, FALSE);
    value->origin = from->origin;
    value->line = from->place.line;
    if (from->origin != HS_ORIGIN_FILE && from->origin != HS_ORIGIN_SET)
        value->source = from->source != NULL ? from->source : row->source;
    value->random = is_random(row, element);
    g_ptr_array_add(values, value);
}

static void
add_crypto(GPtrArray *values, const HsExpect *expect)
{
    for (unsigned i = 0; i < expect->crypto->len; i++) {
        const HsCryptoExpectation *e = expect->crypto->pdata[i];
        HsValue *value = g_new0(HsValue, 1);

        value->kind = HS_KIND_EXPECT;
        value->key = hs_crypto_rule_name(e->rule);
        value->value = g_strdup(e->text);
        value->origin = e->line != 0 ? HS_ORIGIN_FILE : HS_ORIGIN_SET;
        value->line = e->line;
        g_ptr_array_add(values, value);
    }
}

static void
add_expectations(GPtrArray *values, const HsExpect *expect)
{
    for (unsigned i = 0; i < expect->expectations->len; i++) {
        const HsExpectation *e = expect->expectations->pdata[i];
        HsValue *value = g_new0(HsValue, 1);

        value->kind = HS_KIND_EXPECT;
        value->key = hs_expectation_key(e);
        value->value = g_strdup(e->text);
        value->origin = e->line != 0 ? HS_ORIGIN_FILE : HS_ORIGIN_SET;
        value->line = e->line;
        g_ptr_array_add(values, value);
    }
}

GPtrArray *
hs_scenario_values(const HsScenario *scenario)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(value_free);

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        for (unsigned i = 0; i < scenario->elements[kind]->len; i++) {
            const HsElement *element = scenario->elements[kind]->pdata[i];

            const HsRow *row;

            for (unsigned r = 0; (row = hs_schema_next(kind, &r)) != NULL;)
                if (!is_unused(row, element))
                    add_value(values, element, row);
            if (kind == HS_KIND_EXPECT) {
                add_expectations(values, (const HsExpect *)element);
                add_crypto(values, (const HsExpect *)element);
            }
        }
    }
    return values;
}

/* "file:12", "AWS default, RFC 4271 10"; what is drawn says so besides. */
static char *
origin_text(const HsValue *value)
{
    GString *text = g_string_new(hs_origin_name(value->origin));

    if (value->origin == HS_ORIGIN_FILE)
        g_string_append_printf(text, ":%u", value->line);
    if (value->random && value->origin != HS_ORIGIN_SEED)
        g_string_append_printf(text, ", %s", hs_origin_name(HS_ORIGIN_SEED));
    if (value->source != NULL)
        g_string_append_printf(text, ": %s", value->source);
    return g_string_free(text, FALSE);
}

/* Wide enough for all but a few values, which push their line to the right. */
#define VALUE_WIDTH 22

void
hs_scenario_explain(const HsScenario *scenario, GString *text)
{
    g_autoptr(GPtrArray) values = hs_scenario_values(scenario);
    size_t width = 0;
    const HsValue *previous = NULL;

    for (unsigned i = 0; i < values->len; i++)
        width = MAX(width, strlen(((HsValue *)values->pdata[i])->key));
    for (unsigned i = 0; i < values->len; i++) {
        const HsValue *value = values->pdata[i];
        g_autofree char *origin = origin_text(value);

        if (previous == NULL || previous->kind != value->kind ||
            g_strcmp0(previous->element, value->element) != 0)
            g_string_append_printf(
                text, "%s[%s%s%s]\n", previous != NULL ? "\n" : "",
                hs_kind_name(value->kind), value->element != NULL ? " " : "",
                value->element != NULL ? value->element : "");
        g_string_append_printf(
            text, "  %-*s  %-*s  %s\n", (int)width, value->key, VALUE_WIDTH,
            *value->value != '\0' ? value->value : "-", origin);
        previous = value;
    }
}
