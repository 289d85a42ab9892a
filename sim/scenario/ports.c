/* What is real in `hybridsim live`: the customer gateway of a site, the hosts
 * of the database. A key says so with the name of a TUN device; the rest
 * follows: a gateway has a device for each of its links, named after it and the
 * link, and each is in a network namespace, named after the device unless it is
 * given.
 *
 * Only `live` looks at any of it. `run` simulates the same file throughout, so
 * that what is measured there can be held against what is predicted here. */

#include "config.h"

#include "sim/scenario/private.h"

#include <string.h>

/* "cgw" and "lan": "cgw-lan", if KEY does not give another. */
static void
derive_port(const HsElement *element, const char *key, const HsPort *of,
            const char *suffix, HsPort *port, HsComplaints *complaints)
{
    g_autofree char *name = g_strdup_printf("%s-%s", of->device, suffix);
    g_autofree char *group = hs_element_group(element);

    if (hs_element_given(element, key))
        return;
    *port = (HsPort){""};
    if (!hs_port_is_real(of))
        return;
    if (g_strlcpy(port->device, name, sizeof port->device) >=
        sizeof port->device)
        hs_complain(complaints, hs_element_place(element, key), group, key,
                    "\"%s\" would be too long for a network device, which has "
                    "15 characters; give one as \"tun NAME\"",
                    name);
}

static void
derive_netns(const HsElement *element, const char *key, const HsPort *port,
             char **netns)
{
    if (hs_element_given(element, key))
        return;
    g_free(*netns);
    *netns = g_strdup(port->device);
}

void
hs_scenario_derive_ports(HsScenario *scenario, HsComplaints *complaints)
{
    for (unsigned i = 0; i < scenario->elements[HS_KIND_ONPREM]->len; i++) {
        HsOnprem *site = scenario->elements[HS_KIND_ONPREM]->pdata[i];

        derive_port(&site->element, "lan.port", &site->port, "lan",
                    &site->lan_port, complaints);
        derive_port(&site->element, "uplink.port", &site->port, "uplink",
                    &site->uplink_port, complaints);
        derive_netns(&site->element, "netns", &site->port, &site->netns);
    }
    for (unsigned i = 0; i < scenario->elements[HS_KIND_DX]->len; i++) {
        HsDx *dx = scenario->elements[HS_KIND_DX]->pdata[i];

        derive_port(&dx->element, "port", &dx->site->port, dx->element.name,
                    &dx->port, complaints);
    }
    for (unsigned i = 0; i < scenario->elements[HS_KIND_DATABASE]->len; i++) {
        HsDatabase *db = scenario->elements[HS_KIND_DATABASE]->pdata[i];

        derive_netns(&db->element, "client.netns", &db->client_port,
                     &db->client_netns);
        derive_netns(&db->element, "server.netns", &db->server_port,
                     &db->server_netns);
    }
}

/* Rules */

typedef struct {
    HsComplaints *complaints;
    GHashTable *devices; /* "namespace device" to the group that has it */
} Check;

static void bad(const Check *c, const HsElement *element, const char *key,
                const char *format, ...) G_GNUC_PRINTF(4, 5);

static void
bad(const Check *c, const HsElement *element, const char *key,
    const char *format, ...)
{
    g_autofree char *group = hs_element_group(element);
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hs_complain(c->complaints, hs_element_place(element, key), group, key, "%s",
                text);
}

static void
check_device(const Check *c, const HsElement *element, const char *key,
             const HsPort *port, const char *netns)
{
    g_autofree char *device = g_strdup_printf("%s %s", netns, port->device);
    const char *other;

    if (!hs_port_is_real(port))
        return;
    other = g_hash_table_lookup(c->devices, device);
    if (other != NULL)
        bad(c, element, key, "namespace %s has a device %s already: that of %s",
            netns, port->device, other);
    else
        g_hash_table_insert(c->devices, g_steal_pointer(&device),
                            g_strdup_printf("[%s %s]",
                                            hs_kind_name(element->kind),
                                            element->name));
}

/* What can be a file in /run/netns, or is a path. */
static void
check_netns(const Check *c, const HsElement *element, const char *key,
            const HsPort *port, const char *netns)
{
    if (!hs_port_is_real(port)) {
        if (hs_element_given(element, key))
            bad(c, element, key, "nothing is real here that could be in it");
        return;
    }
    if (g_path_is_absolute(netns))
        return;
    if (*netns == '\0' || strlen(netns) > 255 || strchr(netns, '/') != NULL ||
        g_str_equal(netns, ".") || g_str_equal(netns, ".."))
        bad(c, element, key,
            "\"%s\" is no name of a network namespace; expected a name as of "
            "\"ip netns\", or an absolute path",
            netns);
}

/* A part of a gateway is real if the gateway is. */
static void
check_part(const Check *c, const HsElement *element, const char *key,
           const HsPort *part, const HsOnprem *site)
{
    if (!hs_element_given(element, key) ||
        hs_port_is_real(part) == hs_port_is_real(&site->port))
        return;
    if (hs_port_is_real(part))
        bad(c, element, key,
            "the gateway of [onprem %s] is simulated, and so are its links' "
            "ends; \"port = tun NAME\" there makes it real",
            site->element.name);
    else
        bad(c, element, key,
            "the gateway of [onprem %s] is real, and so are its links' ends; "
            "expected tun NAME",
            site->element.name);
}

void
hs_scenario_check_ports(const HsScenario *scenario, HsComplaints *complaints)
{
    g_autoptr(GHashTable) devices =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const Check c = {complaints, devices};
    const HsOnprem *site;
    const HsDx *dx;
    const HsDatabase *db;

    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++) {
        check_netns(&c, &site->element, "netns", &site->port, site->netns);
        check_part(&c, &site->element, "lan.port", &site->lan_port, site);
        check_part(&c, &site->element, "uplink.port", &site->uplink_port, site);
        check_device(&c, &site->element, "lan.port", &site->lan_port,
                     site->netns);
        check_device(&c, &site->element, "uplink.port", &site->uplink_port,
                     site->netns);
    }
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++) {
        check_part(&c, &dx->element, "port", &dx->port, dx->site);
        check_device(&c, &dx->element, "port", &dx->port, dx->site->netns);
    }
    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++) {
        check_netns(&c, &db->element, "client.netns", &db->client_port,
                    db->client_netns);
        check_netns(&c, &db->element, "server.netns", &db->server_port,
                    db->server_netns);
        check_device(&c, &db->element, "client.port", &db->client_port,
                     db->client_netns);
        check_device(&c, &db->element, "server.port", &db->server_port,
                     db->server_netns);
    }
}
