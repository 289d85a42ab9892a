/* Direct Connect: ports and what runs on them. */

#include "config.h"

#include "sim/scenario/check.h"

#define GBPS(n) ((uint64_t)(n)*UINT64_C(1000000000))
#define MBPS(n) ((uint64_t)(n)*UINT64_C(1000000))

static const uint64_t dedicated_rates[] = {GBPS(1), GBPS(10), GBPS(100),
                                           GBPS(400)};
static const uint64_t hosted_rates[] = {
    MBPS(50), MBPS(100), MBPS(200), MBPS(300), MBPS(400), MBPS(500),
    GBPS(1),  GBPS(2),   GBPS(5),   GBPS(10),  GBPS(25),
};

static bool
has_rate(const uint64_t *rates, size_t count, uint64_t rate)
{
    for (size_t i = 0; i < count; i++)
        if (rates[i] == rate)
            return true;
    return false;
}

bool
hs_dx_is_hosted_rate(uint64_t rate)
{
    return has_rate(hosted_rates, G_N_ELEMENTS(hosted_rates), rate) &&
           !has_rate(dedicated_rates, G_N_ELEMENTS(dedicated_rates), rate);
}

static void
check_rate(const HsCheckRun *c, const HsElement *element, uint64_t rate,
           HsConnectionType type)
{
    bool dedicated =
        has_rate(dedicated_rates, G_N_ELEMENTS(dedicated_rates), rate);
    bool hosted = has_rate(hosted_rates, G_N_ELEMENTS(hosted_rates), rate);

    if (!dedicated && !hosted)
        hs_check_bad(c, element, "rate",
                     "AWS offers no such port; expected 1, 10, 100 or 400Gbps "
                     "(" DX_DEDICATED "), or of a hosted connection 50, 100, "
                     "200, 300, 400 or 500Mbps, 1, 2, 5, 10 or 25Gbps "
                     "(" DX_HOSTED ")");
    else if (type == HS_CONNECTION_DEDICATED && !dedicated)
        hs_check_bad(c, element, "type",
                     "AWS has no dedicated port of this rate; expected 1, 10, "
                     "100 or 400Gbps (" DX_DEDICATED ")");
    else if (type == HS_CONNECTION_HOSTED && !hosted)
        hs_check_bad(c, element, "type",
                     "AWS has no hosted connection of this rate; 25Gbps is the "
                     "most (" DX_HOSTED ")");
}

static void
check_lag(const HsCheckRun *c, const HsElement *element,
          const HsPhysical *physical, uint64_t rate)
{
    if (physical->lag > 1 && physical->type == HS_CONNECTION_HOSTED)
        hs_check_bad(c, element, "lag",
                     "a hosted connection cannot be a LAG; its links are "
                     "dedicated ones (" DX_LAG ")");
    if (physical->lag > 2 && rate >= GBPS(100))
        hs_check_bad(c, element, "lag",
                     "%u links are too many; AWS takes two of 100Gbps or more, "
                     "and four of less (" DX_LAG ")",
                     physical->lag);
    if (physical->lag_min_links > physical->lag)
        hs_check_bad(c, element, "lag.min-links",
                     "%u is more than the LAG has, %u: it would never be up "
                     "(" DX_LAG ")",
                     physical->lag_min_links, physical->lag);
}

static void
check_macsec(const HsCheckRun *c, const HsElement *element,
             const HsPhysical *physical, uint64_t rate)
{
    if (physical->macsec == HS_MACSEC_OFF)
        return;
    if (physical->type == HS_CONNECTION_HOSTED)
        hs_check_bad(c, element, "macsec",
                     "AWS has MACsec on dedicated connections only "
                     "(" DX_MACSEC ")");
    else if (rate < GBPS(10))
        hs_check_bad(c, element, "macsec",
                     "AWS has MACsec at 10, 100 and 400Gbps (" DX_MACSEC ")");
}

static void
check_physical(const HsCheckRun *c, const HsElement *element,
               const HsPhysical *physical, uint64_t rate)
{
    check_rate(c, element, rate, physical->type);
    check_lag(c, element, physical, rate);
    check_macsec(c, element, physical, rate);
}

/* A device is in one location. */

typedef struct {
    const HsElement *element;
    const HsPhysical *physical;
} Place;

static void
check_places(const HsCheckRun *c)
{
    g_autoptr(GArray) places = g_array_new(FALSE, FALSE, sizeof(Place));
    const HsConnection *connection;
    const HsDx *dx;

    for (unsigned i = 0; (connection = hs_scenario_connection(c->scenario, i));
         i++) {
        Place place = {&connection->element, &connection->physical};

        g_array_append_val(places, place);
    }
    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++) {
        Place place = {&dx->element, &dx->physical};

        if (dx->connection == NULL)
            g_array_append_val(places, place);
    }
    for (unsigned i = 0; i < places->len; i++) {
        const Place *a = &g_array_index(places, Place, i);

        for (unsigned j = 0; j < i; j++) {
            const Place *b = &g_array_index(places, Place, j);

            if (g_str_equal(a->physical->device, b->physical->device) &&
                !g_str_equal(a->physical->location, b->physical->location))
                hs_check_bad(c, a->element, "device",
                             "%s is in location %s already, by [%s %s]; a "
                             "device is in one location",
                             a->physical->device, b->physical->location,
                             hs_kind_name(b->element->kind), b->element->name);
        }
    }
}

/* Of a connection that interfaces share. */

static void
count_vifs(const HsCheckRun *c, const HsConnection *connection, unsigned *all,
           unsigned *transit)
{
    const HsDx *dx;

    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++) {
        *all += dx->connection == connection;
        *transit += dx->connection == connection && dx->vif == HS_VIF_TRANSIT;
    }
}

static void
check_connection(const HsCheckRun *c, const HsConnection *connection)
{
    const HsElement *element = &connection->element;
    unsigned all = 0, transit = 0;

    check_physical(c, element, &connection->physical, connection->link.rate);
    count_vifs(c, connection, &all, &transit);
    if (all == 0)
        hs_check_bad(c, element, NULL, "no [dx] has \"connection = %s\"",
                     element->name);
    if (connection->physical.type == HS_CONNECTION_HOSTED && all > 1)
        hs_check_bad(c, element, "type",
                     "a hosted connection has one virtual interface, this has "
                     "%u (" DX_QUOTAS ")",
                     all);
    if (transit > 4)
        hs_check_bad(c, element, NULL,
                     "has %u transit virtual interfaces; AWS takes 4 on a "
                     "connection (" DX_QUOTAS ")",
                     transit);
    if (all > 51 || all - transit > 50)
        hs_check_bad(c, element, NULL,
                     "has %u virtual interfaces; AWS takes 50 private and "
                     "public ones, and 51 in all (" DX_QUOTAS ")",
                     all);
}

static void
check_sharing(const HsCheckRun *c, const HsDx *dx)
{
    static const char *const shared[] = {
        "rate",   "delay",  "queue",  "overhead", "type",          "location",
        "device", "region", "router", "lag",      "lag.min-links", "macsec"};
    const HsElement *connection = &dx->connection->element;

    for (unsigned i = 0; i < G_N_ELEMENTS(shared); i++)
        if (hs_element_given(&dx->element, shared[i]))
            hs_check_bad(c, &dx->element, shared[i],
                         "is that of [connection %s], and stands there",
                         connection->name);
    if (dx->connection->site != dx->site)
        hs_check_bad(c, &dx->element, "connection",
                     "[connection %s] ends at [onprem %s]", connection->name,
                     dx->connection->site->element.name);
    if (dx->link.mtu > dx->connection->link.mtu)
        hs_check_bad(c, &dx->element, "mtu", "is above that of [connection %s]",
                     connection->name);
    for (unsigned i = 0; i < dx->element.index; i++) {
        const HsDx *other = hs_scenario_dx(c->scenario, i);

        if (other->connection == dx->connection && other->vlan == dx->vlan)
            hs_check_bad(c, &dx->element, "vlan",
                         "%u is that of [dx %s] on this connection; each "
                         "virtual interface has its own (" DX_VIF ")",
                         dx->vlan, other->element.name);
    }
}

/* Virtual interfaces */

static void
check_far_end(const HsCheckRun *c, const HsDx *dx)
{
    const HsElement *element = &dx->element;

    if (dx->vif == HS_VIF_PUBLIC && dx->dxgw != NULL)
        hs_check_bad(c, element, "vif",
                     "a public virtual interface ends on no Direct Connect "
                     "gateway; name the [gateway] of a VPN that it carries "
                     "(" DX_VIF ")");
    else if (dx->vif == HS_VIF_TRANSIT && dx->gateway != NULL)
        hs_check_bad(c, element, "vif",
                     "[gateway %s] is a %s; a transit virtual interface ends "
                     "on a [dxgw] with transit gateways (" DX_VIF ")",
                     dx->gateway->element.name,
                     hs_gateway_type_name(dx->gateway->type));
    else if (dx->vif == HS_VIF_PRIVATE && dx->gateway != NULL &&
             dx->gateway->type == HS_GATEWAY_TGW)
        hs_check_bad(c, element, "vif",
                     "[gateway %s] is a transit gateway, which takes a transit "
                     "virtual interface to a [dxgw]; a private one ends on a "
                     "virtual private gateway or a [dxgw] with such "
                     "(" DX_VIF ")",
                     dx->gateway->element.name);
    else if (dx->vif == HS_VIF_PRIVATE && dx->gateway != NULL &&
             !g_str_equal(dx->physical.region, dx->gateway->region))
        hs_check_bad(c, element, "between",
                     "the location belongs to Region %s, [gateway %s] is in "
                     "%s; a [dxgw] reaches other Regions (" DX_VIF ")",
                     dx->physical.region, dx->gateway->element.name,
                     dx->gateway->region);
}

/* Private interfaces and VGWs, or transit interfaces and TGWs. */
static void
check_dxgw_kind(const HsCheckRun *c, const HsDx *dx)
{
    const HsGatewayType wanted =
        dx->vif == HS_VIF_PRIVATE ? HS_GATEWAY_VGW : HS_GATEWAY_TGW;
    const HsAssociation *a;

    if (dx->dxgw == NULL || dx->vif == HS_VIF_PUBLIC)
        return;
    for (unsigned i = 0; i < dx->element.index; i++) {
        const HsDx *other = hs_scenario_dx(c->scenario, i);

        if (other->dxgw == dx->dxgw && other->vif != dx->vif &&
            other->vif != HS_VIF_PUBLIC) {
            hs_check_bad(c, &dx->element, "vif",
                         "[dxgw %s] has the %s virtual interface %s already; a "
                         "Direct Connect gateway has private or transit ones, "
                         "never both (" DX_GATEWAY_TGW ")",
                         dx->dxgw->element.name, hs_vif_name(other->vif),
                         other->element.name);
            return;
        }
    }
    for (unsigned i = 0; (a = hs_scenario_association(c->scenario, i)); i++) {
        if (a->dxgw != dx->dxgw || a->gateway->type == wanted)
            continue;
        hs_check_bad(
            c, &dx->element, "vif",
            "[dxgw %s] is associated with a %s, [gateway %s], for "
            "which AWS takes %s virtual interfaces (%s)",
            dx->dxgw->element.name, hs_gateway_type_name(a->gateway->type),
            a->gateway->element.name,
            wanted == HS_GATEWAY_TGW ? "private" : "transit",
            wanted == HS_GATEWAY_TGW ? DX_GATEWAY_VGW : DX_GATEWAY_TGW);
        return;
    }
}

static void
check_mtu(const HsCheckRun *c, const HsDx *dx)
{
    uint32_t mtu = dx->link.mtu;

    if (dx->vif == HS_VIF_PUBLIC && mtu != 1500)
        hs_check_bad(c, &dx->element, "mtu",
                     "a public virtual interface has 1500B at AWS (" DX_JUMBO
                     ")");
    else if (dx->vif == HS_VIF_TRANSIT && mtu != 1500 && mtu != 8500)
        hs_check_bad(c, &dx->element, "mtu",
                     "AWS takes 1500B or 8500B on a transit virtual interface "
                     "(" DX_JUMBO ")");
    else if (dx->vif == HS_VIF_PRIVATE && mtu != 1500 && mtu != 9001)
        hs_check_bad(c, &dx->element, "mtu",
                     "AWS takes 1500B or 9001B on a private virtual interface "
                     "(" DX_JUMBO ")");
}

static void
check_peers(const HsCheckRun *c, const HsDx *dx)
{
    const HsPrefix *peer = &dx->peer;

    if (peer->length < 29 || peer->length > 31)
        hs_check_bad(c, &dx->element, "peer.cidr",
                     "the subnet of two peers has a length of 29, 30 or 31");
    else if (!hs_prefix_contains(peer, &dx->customer_address))
        hs_check_bad(c, &dx->element, "peer.customer", "is not in peer.cidr");
    else if (!hs_prefix_contains(peer, &dx->aws_address))
        hs_check_bad(c, &dx->element, "peer.aws", "is not in peer.cidr");
    else if (hs_addr_equal(&dx->customer_address, &dx->aws_address))
        hs_check_bad(c, &dx->element, "peer.customer", "is AWS's address too");
}

/* AS 7224's: local preference towards the customer on private and transit
 * interfaces, how far a prefix goes on public ones. */
static void
check_communities(const HsCheckRun *c, const HsDx *dx)
{
    static const uint32_t preference[] = {7100, 7200, 7300};
    static const uint32_t scope[] = {9100, 9200, 9300};
    const uint32_t *known = dx->vif == HS_VIF_PUBLIC ? scope : preference;
    const HsCommunities *communities = &dx->policy.communities;
    unsigned of_aws = 0;

    for (unsigned i = 0; i < communities->count; i++) {
        uint32_t low = communities->values[i] & 0xffff;

        if (communities->values[i] >> 16 != 7224)
            continue;
        of_aws++;
        if (low != known[0] && low != known[1] && low != known[2])
            hs_check_bad(c, &dx->element, "communities",
                         "7224:%u is AWS's own and says nothing here; expected "
                         "7224:%u, 7224:%u or 7224:%u (" DX_ROUTING ")",
                         low, known[0], known[1], known[2]);
    }
    if (of_aws > 1)
        hs_check_bad(c, &dx->element, "communities",
                     "AWS's communities exclude each other; expected one of "
                     "7224:%u, 7224:%u or 7224:%u (" DX_ROUTING ")",
                     known[0], known[1], known[2]);
}

static void
check_public(const HsCheckRun *c, const HsDx *dx)
{
    const HsVpn *vpn;
    bool carries = false;
    char prefix[HS_PREFIX_TEXT];

    for (unsigned i = 0; i < dx->announce.count; i++)
        if (hs_check_is_private(&dx->announce.values[i]))
            hs_check_bad(c, &dx->element, "announce",
                         "%s is private (RFC 1918); on a public virtual "
                         "interface AWS takes public prefixes that you own "
                         "(" DX_VIF ")",
                         hs_prefix_format(&dx->announce.values[i], prefix));
    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++)
        carries |= hs_elements_have(&vpn->underlays, &dx->element);
    if (!carries)
        hs_check_bad(c, &dx->element, "vif",
                     "a public virtual interface carries only VPNs, and no "
                     "[vpn] has \"underlay = %s\"",
                     dx->element.name);
}

static void
check_dx(const HsCheckRun *c, const HsDx *dx)
{
    hs_check_session(c, &dx->element, dx->site, dx->aws_asn, &dx->customer,
                     &dx->aws);
    if (dx->connection != NULL)
        check_sharing(c, dx);
    else
        check_physical(c, &dx->element, &dx->physical, dx->link.rate);
    hs_check_router(
        c, dx->connection != NULL ? &dx->connection->element : &dx->element,
        dx->site, dx->physical.router);
    check_far_end(c, dx);
    check_dxgw_kind(c, dx);
    check_mtu(c, dx);
    check_peers(c, dx);
    check_communities(c, dx);
    if (dx->aws_bfd.interval == 0)
        hs_check_bad(c, &dx->element, "aws.bfd",
                     "AWS has BFD on for every virtual interface; \"bfd = "
                     "off\" keeps it idle (" DX_BFD ")");
    if (dx->vif == HS_VIF_PUBLIC)
        check_public(c, dx);
}

void
hs_check_connections(const HsCheckRun *c)
{
    const HsConnection *connection;
    const HsDx *dx;

    for (unsigned i = 0; (connection = hs_scenario_connection(c->scenario, i));
         i++)
        check_connection(c, connection);
    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++)
        check_dx(c, dx);
    check_places(c);
}
