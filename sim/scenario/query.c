/* Questions about a scenario whose answers take more than one value: which
 * table routes what, where a host is. */

#include "config.h"

#include "sim/scenario/scenario.h"

#include "sim/scenario/private.h"

unsigned
hs_scenario_line(const HsElement *element, const char *key)
{
    return key != NULL ? hs_element_place(element, key).line : element->line;
}

bool
hs_scenario_is_given(const HsElement *element, const char *key)
{
    return hs_element_given(element, key);
}

const HsPrefix *
hs_place_prefix(const HsElement *place)
{
    if (place->kind == HS_KIND_VPC)
        return &((const HsVpc *)place)->cidr;
    g_assert(place->kind == HS_KIND_ONPREM);
    return &((const HsOnprem *)place)->prefix;
}

const HsLinkSettings *
hs_place_lan(const HsElement *place)
{
    if (place->kind == HS_KIND_VPC)
        return &((const HsVpc *)place)->lan;
    g_assert(place->kind == HS_KIND_ONPREM);
    return &((const HsOnprem *)place)->lan;
}

bool
hs_table_propagates(const HsTable *table, const HsElement *attachment)
{
    return hs_elements_have(&table->propagate, attachment);
}

const HsTable *
hs_scenario_table_for(const HsScenario *scenario, const HsGateway *gateway,
                      const HsElement *attachment)
{
    const HsElement *of = gateway != NULL ? &gateway->element : attachment;
    const HsTable *table, *rest = NULL;

    for (unsigned i = 0; (table = hs_scenario_table(scenario, i)); i++) {
        if (table->of != of)
            continue;
        if (table->associate.all)
            rest = table;
        else if (hs_elements_have(&table->associate, attachment))
            return table;
    }
    return rest;
}

GPtrArray *
hs_scenario_attachments(const HsScenario *scenario, const HsGateway *gateway)
{
    GPtrArray *attachments = g_ptr_array_new();
    const HsAssociation *association;
    const HsPeering *peering;
    const HsVpn *vpn;

    for (unsigned i = 0; i < gateway->attach.count; i++)
        g_ptr_array_add(attachments, gateway->attach.values[i]);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        if (vpn->gateway == gateway)
            g_ptr_array_add(attachments,
                            hs_scenario_element(scenario, HS_KIND_VPN, i));
    for (unsigned i = 0; (association = hs_scenario_association(scenario, i));
         i++)
        if (association->gateway == gateway)
            g_ptr_array_add(attachments, &association->dxgw->element);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        if (peering->ends[0] == &gateway->element ||
            peering->ends[1] == &gateway->element)
            g_ptr_array_add(attachments,
                            hs_scenario_element(scenario, HS_KIND_PEERING, i));
    return attachments;
}
