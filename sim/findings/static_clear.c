/* What of the database's traffic goes in clear, by the routes that both sides
 * would choose. */

#include "config.h"

#include "sim/findings/private.h"

static bool
is_encrypted(const HsDx *dx)
{
    return dx->physical.macsec == HS_MACSEC_MUST;
}

/* A static route in a table of the TGW into a VPN beats what a DXGW brings. */
static int
static_length(const HsScenario *scenario, const HsGateway *gateway,
              const HsAddr *address)
{
    const HsTable *table;
    int best = -1;

    for (unsigned i = 0; (table = hs_scenario_table(scenario, i)); i++) {
        if (table->of != &gateway->element)
            continue;
        for (unsigned r = 0; r < table->routes.count; r++) {
            const HsTableRoute *route = &table->routes.values[r];

            if (route->kind == HS_ROUTE_VIA &&
                route->via->kind == HS_KIND_VPN &&
                hs_prefix_contains(&route->prefix, address))
                best = MAX(best, route->prefix.length);
        }
    }
    return best;
}

/* Whether AWS sends to ADDRESS by DX rather than into VPN. */
static bool
aws_takes_dx(const HsFind *f, const HsFindPath *dx, const HsFindPath *vpn,
             const HsAddr *address)
{
    int by_dx = hs_find_longest(dx->announced, address);
    int by_vpn = hs_find_longest(vpn->announced, address);

    if (vpn->gateway->type == HS_GATEWAY_TGW) {
        int fixed = static_length(f->scenario, vpn->gateway, address);

        if (fixed >= by_dx && fixed >= 0)
            return false;
    }
    return by_dx >= by_vpn && by_dx >= 0;
}

/* Whether the customer gateway sends to FAR, of a VPC, by DX: the VPN tells the
 * VPC's network, and Direct Connect that or the allowed prefixes. */
static bool
customer_takes_dx(const HsFindPath *dx, const HsFindPath *vpn,
                  const HsPrefix *network, const HsAddr *far)
{
    int by_dx =
        dx->told != NULL ? hs_find_longest(dx->told, far) : network->length;

    if (by_dx != network->length)
        return by_dx > network->length;
    return dx->policy->local_preference >= vpn->policy->local_preference;
}

static void
say_in_clear(const HsFind *f, const HsFindPath *dx, const HsFindPath *vpn,
             bool aws, bool customer)
{
    const char *who = aws && customer ? "both ways"
                      : aws           ? "towards the site"
                                      : "towards AWS";
    g_autofree char *by_aws = g_strdup_printf(
        "[gateway %s] takes %s before [vpn %s] for the same "
        "prefix, whatever the AS path",
        dx->gateway->element.name, dx->element->name, vpn->element->name);

    hs_findings_add(
        f->findings, HS_FINDING_DX_IN_CLEAR, dx->element, NULL,
        "%s%s%s, and Direct Connect does not encrypt: in clear "
        "%s. A VPN over a public or transit virtual interface that "
        "alone has these prefixes, or MACsec with must_encrypt, "
        "would",
        aws ? by_aws : "", aws && customer ? "; " : "",
        customer ? "the customer gateway prefers it to the tunnels" : "", who);
}

void
hs_find_in_clear(const HsFind *f, const GArray *paths, const HsDatabase *db)
{
    bool to_site = db->server->kind == HS_KIND_ONPREM;
    const HsElement *site = to_site ? db->server : db->client;
    const HsElement *other = to_site ? db->client : db->server;
    const HsAddr *address = to_site ? &db->server_address : &db->client_address;
    const HsAddr *far = to_site ? &db->client_address : &db->server_address;

    for (guint i = 0; i < paths->len; i++) {
        const HsFindPath *dx = HS_FIND_PATH(paths, i);

        for (guint j = 0; j < paths->len; j++) {
            const HsFindPath *vpn = HS_FIND_PATH(paths, j);
            bool aws, customer;

            if (dx->dx == NULL || vpn->vpn == NULL ||
                !hs_find_same_ends(dx, vpn) || &dx->site->element != site ||
                is_encrypted(dx->dx))
                continue;
            aws = aws_takes_dx(f, dx, vpn, address);
            customer = customer_takes_dx(dx, vpn, hs_place_prefix(other), far);
            if (!aws && !customer)
                continue;
            say_in_clear(f, dx, vpn, aws, customer);
            break;
        }
    }
}

void
hs_find_macsec(const HsFind *f, const HsDx *dx)
{
    if (dx->physical.macsec == HS_MACSEC_SHOULD)
        hs_findings_add(f->findings, HS_FINDING_MACSEC_MAY_OPEN, &dx->element,
                        dx->connection == NULL ? "macsec" : NULL,
                        "without a key that both sides have, the connection "
                        "stays up and frames are in clear; must_encrypt takes "
                        "it down");
}
