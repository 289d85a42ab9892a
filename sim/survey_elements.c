/* What can fail in a design: its interfaces and lines, what they share, its
 * routers, tunnels, sessions and zones.
 *
 * What is single by construction is left out and named: the hosts of the
 * database and their LANs are one each in every scenario, so failing them says
 * nothing of the design. AWS's gateways and its network are not failed either:
 * AWS runs them as many machines in several zones and sells them as one. */

#include "config.h"

#include "sim/survey.h"

#define LINE                                                                   \
    (HS_FAILURE_BIT(CUT) | HS_FAILURE_BIT(SILENT) |                            \
     HS_FAILURE_BIT(SILENT_TO_AWS) | HS_FAILURE_BIT(SILENT_TO_ONPREM))

static void
element_free(void *data)
{
    HsSurveyElement *element = data;

    g_free(element->name);
    g_ptr_array_unref(element->parts);
    g_free(element);
}

static void
left_out_free(void *data)
{
    HsSurveyLeftOut *left_out = data;

    g_free(left_out->name);
    g_free(left_out->why);
    g_free(left_out);
}

static HsSurveyElement *
add(GPtrArray *elements, const char *name, const char *what, unsigned failures)
{
    HsSurveyElement *element = g_new0(HsSurveyElement, 1);

    element->name = g_strdup(name);
    element->what = what;
    element->failures = failures;
    element->parts = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(element->parts, g_strdup(name));
    g_ptr_array_add(elements, element);
    return element;
}

static void
add_part(HsSurveyElement *element, const char *part)
{
    g_ptr_array_add(element->parts, g_strdup(part));
}

/* A VPN and its tunnels. */
static void
add_vpn(HsSurveyElement *element, const HsVpn *vpn)
{
    add_part(element, vpn->element.name);
    for (unsigned t = 1; t <= vpn->tunnels; t++) {
        g_autofree char *tunnel =
            g_strdup_printf("%s.tunnel%u", vpn->element.name, t);

        add_part(element, tunnel);
    }
}

static void
leave_out(GPtrArray *left_out, const char *name, const char *why)
{
    HsSurveyLeftOut *entry = g_new0(HsSurveyLeftOut, 1);

    entry->name = g_strdup(name);
    entry->why = g_strdup(why);
    g_ptr_array_add(left_out, entry);
}

#define ROUTER                                                                 \
    (HS_FAILURE_BIT(CRASH) | HS_FAILURE_BIT(FREEZE) | HS_FAILURE_BIT(STALL))
#define SILENT                                                                 \
    (HS_FAILURE_BIT(SILENT) | HS_FAILURE_BIT(SILENT_TO_AWS) |                  \
     HS_FAILURE_BIT(SILENT_TO_ONPREM))

/* What goes with a virtual interface: the VPNs that have no other underlay. */
static void
add_interface(HsSurveyElement *element, const HsScenario *scenario,
              const HsDx *dx)
{
    const HsVpn *vpn;

    add_part(element, dx->element.name);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        if (vpn->underlay_dx == dx && vpn->underlays.count == 1)
            add_vpn(element, vpn);
}

static void
add_interfaces(const HsScenario *scenario, GPtrArray *elements)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        add_interface(add(elements, dx->element.name, "virtual interface",
                          (dx->connection == NULL ? LINE : SILENT) |
                              HS_FAILURE_BIT(SESSION)),
                      scenario, dx);
}

static void
add_connections(const HsScenario *scenario, GPtrArray *elements)
{
    const HsConnection *connection;
    const HsDx *dx;

    for (unsigned i = 0;
         (connection = hs_scenario_connection(scenario, i)) != NULL; i++) {
        HsSurveyElement *element =
            add(elements, connection->element.name, "connection", LINE);

        for (unsigned d = 0; (dx = hs_scenario_dx(scenario, d)) != NULL; d++)
            if (dx->connection == connection)
                add_interface(element, scenario, dx);
    }
}

static HsSurveyElement *
find(const GPtrArray *elements, const char *name)
{
    for (guint i = 0; i < elements->len; i++) {
        HsSurveyElement *element = elements->pdata[i];

        if (g_str_equal(element->name, name))
            return element;
    }
    return NULL;
}

/* A place that was given a name, or that several interfaces share. An interface
 * without either is a place of its own, which fails with it. */
static void
add_places(const HsScenario *scenario, GPtrArray *elements, bool locations)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++) {
        const char *own = dx->connection != NULL ? dx->connection->element.name
                                                 : dx->element.name;
        const char *place =
            locations ? dx->physical.location : dx->physical.device;
        g_autofree char *name =
            g_strconcat(locations ? "location." : "device.", place, NULL);
        HsSurveyElement *element = find(elements, name);

        if (g_str_equal(place, own))
            continue;
        if (element == NULL)
            element = add(elements, name, locations ? "location" : "AWS device",
                          HS_FAILURE_BIT(CUT) | HS_FAILURE_BIT(SILENT));
        add_part(element, own);
        add_interface(element, scenario, dx);
    }
}

static void
add_router(const HsScenario *scenario, GPtrArray *elements,
           const HsOnprem *site, unsigned number)
{
    const char *suffix = number == 1 ? "" : "2";
    g_autofree char *name =
        g_strdup_printf("%s.gateway%s", site->element.name, suffix);
    g_autofree char *uplink =
        g_strdup_printf("%s.uplink%s", site->element.name, suffix);
    g_autofree char *core =
        g_strdup_printf("%s.core%u", site->element.name, number);
    HsSurveyElement *router = add(elements, name, "customer router", ROUTER);
    const HsDx *dx;
    const HsVpn *vpn;
    bool uses_internet = false;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        if (dx->site == site && dx->physical.router == number)
            add_interface(router, scenario, dx);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        if (vpn->site == site && vpn->router == number) {
            add_vpn(router, vpn);
            uses_internet |= vpn->underlay_internet != NULL;
        }
    if (uses_internet)
        add_part(router, add(elements, uplink, "internet access", LINE)->name);
    if (site->routers > 1)
        add_part(router, add(elements, core, "link to the core", LINE)->name);
}

static void
add_sites(const HsScenario *scenario, GPtrArray *elements)
{
    const HsOnprem *site;

    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)) != NULL;
         i++) {
        g_autofree char *interlink =
            g_strdup_printf("%s.interlink", site->element.name);
        g_autofree char *nat = g_strdup_printf("%s.nat", site->element.name);

        for (unsigned n = 1; n <= site->routers; n++)
            add_router(scenario, elements, site, n);
        if (site->routers > 1)
            add(elements, interlink, "link between the routers", LINE);
        if (site->nat)
            add(elements, nat, "address translator", HS_FAILURE_BIT(CRASH));
    }
}

static void
add_tunnels(const HsScenario *scenario, GPtrArray *elements)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++) {
        unsigned session =
            vpn->routing == HS_ROUTING_BGP ? HS_FAILURE_BIT(SESSION) : 0;

        add_vpn(add(elements, vpn->element.name, "VPN connection", SILENT),
                vpn);
        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            g_autofree char *name =
                g_strdup_printf("%s.tunnel%u", vpn->element.name, t);

            add(elements, name, "tunnel", SILENT | session);
        }
    }
}

/* AWS puts tunnel 1 of each VPN into one zone and tunnel 2 into another. */
static void
add_zones(const HsScenario *scenario, GPtrArray *elements)
{
    const HsVpn *vpn;

    for (unsigned zone = 1; zone <= HS_VPN_TUNNELS; zone++) {
        HsSurveyElement *element = NULL;

        for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL;
             i++) {
            g_autofree char *tunnel =
                g_strdup_printf("%s.tunnel%u", vpn->element.name, zone);

            if (vpn->tunnels < zone)
                continue;
            if (element == NULL)
                element = add(elements, zone == 1 ? "az.a" : "az.b",
                              "availability zone of tunnels",
                              HS_FAILURE_BIT(SILENT) | HS_FAILURE_BIT(CRASH));
            add_part(element, tunnel);
        }
    }
}

static void
add_internets(const HsScenario *scenario, GPtrArray *elements)
{
    const HsInternet *internet;
    const HsVpn *vpn;

    for (unsigned i = 0; (internet = hs_scenario_internet(scenario, i)) != NULL;
         i++) {
        HsSurveyElement *element =
            add(elements, internet->element.name, "internet", LINE);

        for (unsigned v = 0; (vpn = hs_scenario_vpn(scenario, v)) != NULL; v++)
            if (vpn->underlay_internet == internet)
                add_vpn(element, vpn);
    }
}

static void
leave_out_all(const HsScenario *scenario, HsKind kind, const char *why,
              GPtrArray *left_out)
{
    const HsElement *element;

    for (unsigned i = 0;
         (element = hs_scenario_element(scenario, kind, i)) != NULL; i++)
        leave_out(left_out, element->name, why);
}

static void
leave_out_cores(const HsScenario *scenario, GPtrArray *left_out)
{
    const HsOnprem *site;

    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)) != NULL;
         i++) {
        g_autofree char *core = g_strdup_printf("%s.core", site->element.name);

        if (site->routers > 1)
            leave_out(left_out, core, "it is the site's LAN");
    }
}

void
hs_survey_list(const HsScenario *scenario, GPtrArray **ret_elements,
               GPtrArray **ret_left_out)
{
    static const char aws[] = "AWS runs it over several zones as one (assumed)";
    GPtrArray *elements = g_ptr_array_new_with_free_func(element_free);
    GPtrArray *left_out = g_ptr_array_new_with_free_func(left_out_free);

    add_interfaces(scenario, elements);
    add_connections(scenario, elements);
    add_places(scenario, elements, false);
    add_places(scenario, elements, true);
    add_sites(scenario, elements);
    add_internets(scenario, elements);
    add_tunnels(scenario, elements);
    add_zones(scenario, elements);
    leave_out_all(scenario, HS_KIND_DATABASE,
                  "its two hosts and their LANs are one each by construction",
                  left_out);
    leave_out_cores(scenario, left_out);
    leave_out_all(scenario, HS_KIND_GATEWAY, aws, left_out);
    leave_out_all(scenario, HS_KIND_DXGW, aws, left_out);
    leave_out_all(scenario, HS_KIND_PEERING, aws, left_out);
    *ret_elements = elements;
    *ret_left_out = left_out;
}
