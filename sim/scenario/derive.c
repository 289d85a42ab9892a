/* What a scenario need not say because it follows from the rest: addresses,
 * router ids, AWS's AS number on a public interface, how DPD goes.
 *
 * Addresses come from ranges that belong to nobody: 169.254.0.0/16 where AWS
 * uses it too, and the documentation networks of RFC 5737 where AWS would have
 * public ones. They are dealt out in the order of the file, past those that
 * the file gives itself, so that adding an element at the end moves no other
 * element's. */

#include "config.h"

#include "sim/scenario/metrics.h"
#include "sim/scenario/private.h"

#include <string.h>

#define PUBLIC_VIF_ASN                                                         \
    7224 /* AWS Direct Connect guide, "Virtual interfaces"                     \
          */

static const uint32_t dx_base = 0xa9fe6000;        /* 169.254.96.0 */
static const uint32_t dx_public_base = 0xc0000200; /* 192.0.2.0/24 */
static const uint32_t tunnel_base = 0xa9fe0a00;    /* 169.254.10.0 */
static const uint32_t aws_base = 0xcb007100;       /* 203.0.113.0/24 */
static const uint32_t site_base = 0xc6336400;      /* 198.51.100.0/24 */
static const uint32_t core_base = 0x64400000;      /* 100.64.0.0/16 */
static const uint32_t nat_base = 0x64410000;       /* 100.65.0.0/16 */
static const uint32_t id_base = 0x64420000;        /* 100.66.0.0/16 */

/* What is taken: the numbers of addresses, and of /30s by their first. */
typedef struct {
    HsScenario *scenario;
    HsComplaints *complaints;
    GHashTable *taken;
} Derive;

static void
take(Derive *d, uint32_t number)
{
    g_hash_table_add(d->taken, GUINT_TO_POINTER(number));
}

static bool
is_taken(const Derive *d, uint32_t number)
{
    return g_hash_table_contains(d->taken, GUINT_TO_POINTER(number));
}

/* Everything that PREFIX has in common with the /30s we deal out. */
static void
take_prefix(Derive *d, const HsPrefix *prefix)
{
    uint32_t first = hs_addr_to_ipv4(&prefix->addr) & ~UINT32_C(3);

    /* A wider one than a /20 is no subnet of two peers: check.c refuses it. */
    if (prefix->length < 20) {
        take(d, first);
        return;
    }
    for (uint64_t at = first;
         at < first + (UINT64_C(1) << (32 - prefix->length)); at += 4)
        take(d, (uint32_t)at);
}

/* The next free number of SIZE addresses from BASE, below LIMIT. */
static uint32_t
deal(Derive *d, const HsElement *element, const char *key, uint32_t base,
     uint32_t count, uint32_t step)
{
    g_autofree char *group = NULL;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = base + i * step;

        if (!is_taken(d, number)) {
            take(d, number);
            return number;
        }
    }
    group = hs_element_group(element);
    hs_complain(d->complaints, hs_element_place(element, key), group, key,
                "no address is left to derive this from; give it");
    return base;
}

/* The number of a host that is not the network's own address, if the prefix
 * has that many. */
static HsAddr
host_of(const HsPrefix *prefix, uint32_t number)
{
    uint64_t size = UINT64_C(1) << (32 - prefix->length);

    if (number + 1 >= size)
        number = size > 1 ? (uint32_t)(size / 2) : 0;
    return hs_prefix_host(prefix, number);
}

static HsPrefix
subnet(uint32_t number)
{
    return (HsPrefix){.addr = hs_addr_ipv4(number), .length = 30};
}

static void
set_text(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static void
add_prefix(HsPrefixes *list, const HsPrefix *prefix)
{
    list->values = g_renew(HsPrefix, list->values, list->count + 1);
    list->values[list->count++] = *prefix;
}

static void
derive_site(Derive *d, HsOnprem *site)
{
    if (!hs_element_given(&site->element, "router-id"))
        site->router_id = host_of(&site->prefix, 1);
    if (!hs_element_given(&site->element, "router2.router-id"))
        site->router2_id = host_of(&site->prefix, 2);
    if (!hs_element_given(&site->element, "core.router-id"))
        site->core_router_id = host_of(&site->prefix, 3);
    if (!hs_element_given(&site->element, "outside"))
        site->outside = hs_addr_ipv4(
            deal(d, &site->element, "outside", site_base + 1, 253, 1));
}

/* After all sites have what they have always had. */
static void
derive_second_router(Derive *d, HsOnprem *site)
{
    if (site->routers == 2 &&
        !hs_element_given(&site->element, "router2.outside"))
        site->router2_outside = hs_addr_ipv4(
            deal(d, &site->element, "router2.outside", site_base + 1, 253, 1));
    if (!hs_element_given(&site->element, "core.cidr"))
        site->core_cidr =
            (HsPrefix){.addr = hs_addr_ipv4(deal(d, &site->element, "core.cidr",
                                                 core_base, 4096, 16)),
                       .length = 28};
    if (!hs_element_given(&site->element, "nat.cidr"))
        site->nat_cidr =
            (HsPrefix){.addr = hs_addr_ipv4(deal(d, &site->element, "nat.cidr",
                                                 nat_base, 8192, 8)),
                       .length = 29};
}

static void
derive_gateway(Derive *d, HsGateway *gateway)
{
    gateway->vpc = hs_gateway_vpc(gateway);
    if (!hs_element_given(&gateway->element, "region"))
        set_text(&gateway->region,
                 gateway->vpc != NULL ? gateway->vpc->region : "home");
    if (hs_element_given(&gateway->element, "router-id"))
        return;
    if (gateway->type == HS_GATEWAY_VGW && gateway->vpc != NULL)
        gateway->router_id = host_of(&gateway->vpc->cidr, 1);
    else
        gateway->router_id = hs_addr_ipv4(
            deal(d, &gateway->element, "router-id", id_base + 1, 65534, 1));
}

static void
derive_physical(HsPhysical *physical, const HsElement *element, uint64_t rate)
{
    if (!hs_element_given(element, "type") && hs_dx_is_hosted_rate(rate))
        physical->type = HS_CONNECTION_HOSTED;
    if (!hs_element_given(element, "location"))
        set_text(&physical->location, element->name);
    if (!hs_element_given(element, "device"))
        set_text(&physical->device, element->name);
    if (!hs_element_given(element, "region"))
        set_text(&physical->region, "home");
}

/* Of a shared connection all but the MTU, which is each interface's own. */
static void
share_connection(HsDx *dx)
{
    const HsConnection *shared = dx->connection;
    HsPhysical *own = &dx->physical;
    const HsPhysical *from = &shared->physical;
    uint32_t mtu = dx->link.mtu;

    dx->link = shared->link;
    dx->link.mtu = mtu;
    set_text(&own->location, from->location);
    set_text(&own->device, from->device);
    set_text(&own->region, from->region);
    own->type = from->type;
    own->router = from->router;
    own->lag = from->lag;
    own->lag_min_links = from->lag_min_links;
    own->macsec = from->macsec;
    if (shared->site == NULL)
        dx->connection->site = dx->site;
}

static void
derive_dx(Derive *d, HsDx *dx)
{
    bool public = dx->vif == HS_VIF_PUBLIC;
    uint32_t base = public ? dx_public_base : dx_base;

    if (dx->connection != NULL)
        share_connection(dx);
    else
        derive_physical(&dx->physical, &dx->element, dx->link.rate);
    dx->aws_asn = public             ? PUBLIC_VIF_ASN
                  : dx->dxgw != NULL ? dx->dxgw->asn
                                     : dx->gateway->asn;
    if (!hs_element_given(&dx->element, "cgw.remote-asn"))
        dx->cgw_remote_asn = dx->aws_asn;
    if (!hs_element_given(&dx->element, "aws.remote-asn"))
        dx->aws_remote_asn = dx->site->asn;
    if (!hs_element_given(&dx->element, "peer.cidr"))
        dx->peer = subnet(
            deal(d, &dx->element, "peer.cidr", base, public ? 64 : 1024, 4));
    /* A /31 has no network address (RFC 3021). */
    if (!hs_element_given(&dx->element, "peer.aws"))
        dx->aws_address = hs_prefix_host(&dx->peer, dx->peer.length < 31);
    if (!hs_element_given(&dx->element, "peer.customer"))
        dx->customer_address =
            hs_prefix_host(&dx->peer, dx->peer.length < 31 ? 2 : 1);
    if (!hs_element_given(&dx->element, "announce") && !public)
        add_prefix(&dx->announce, &dx->site->prefix);
    if (!hs_element_given(&dx->element, "aws.prefix-limit"))
        dx->prefix_limit = public ? 1000 : 100;
}

static bool
overlap(const HsPrefix *a, const HsPrefix *b)
{
    return hs_prefix_covers(a, b) || hs_prefix_covers(b, a);
}

/* RFC 1918 addresses that nobody else of the scenario has, for the outside of
 * a private-IP VPN: the first of these /24 that overlaps no network. */
static uint32_t
private_base(const HsScenario *scenario)
{
    static const uint32_t bases[] = {0x0afffe00, 0xac1ffe00, 0xc0a8fe00};
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsVpc *vpc;

    for (unsigned b = 0; b < G_N_ELEMENTS(bases); b++) {
        HsPrefix pool = {.addr = hs_addr_ipv4(bases[b]), .length = 24};
        bool taken = false;

        for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
            taken |= overlap(&site->prefix, &pool);
        for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++)
            taken |= overlap(&vpc->cidr, &pool);
        for (unsigned i = 0; (gateway = hs_scenario_gateway(scenario, i)); i++)
            taken |= hs_addr_is_set(&gateway->cidr.addr) &&
                     overlap(&gateway->cidr, &pool);
        if (!taken)
            return bases[b];
    }
    return bases[0];
}

/* The customer gateway's outside address. Pinned to the interface that carries
 * the VPN, or the internet access's; behind several interfaces, and on private
 * addresses, one of its own that it announces on all. */
static void
derive_outside(Derive *d, HsVpn *vpn)
{
    const HsElement *element = &vpn->element;
    const HsOnprem *site = vpn->site;

    if (hs_element_given(element, "outside"))
        return;
    if (vpn->private_ip)
        vpn->outside = hs_addr_ipv4(
            deal(d, element, "outside", private_base(d->scenario) + 1, 253, 1));
    else if (vpn->underlays.count > 1)
        vpn->outside =
            hs_addr_ipv4(deal(d, element, "outside", site_base + 1, 253, 1));
    else if (vpn->underlay_dx != NULL)
        vpn->outside = vpn->underlay_dx->customer_address;
    else
        vpn->outside = vpn->router == 2 && site->routers == 2
                           ? site->router2_outside
                           : site->outside;
}

static void
derive_underlay(HsVpn *vpn)
{
    if (vpn->underlays.count == 0)
        return; /* check.c refuses it */
    if (vpn->underlays.values[0]->kind == HS_KIND_DX)
        vpn->underlay_dx = (HsDx *)vpn->underlays.values[0];
    else
        vpn->underlay_internet = (HsInternet *)vpn->underlays.values[0];
    vpn->private_ip =
        vpn->underlay_dx != NULL && vpn->underlay_dx->vif == HS_VIF_TRANSIT;
}

static void
derive_vpn_routing(HsVpn *vpn)
{
    const HsElement *element = &vpn->element;
    bool is_static = vpn->routing == HS_ROUTING_STATIC;
    bool large = vpn->bandwidth == HS_BANDWIDTH_LARGE;

    if (!hs_element_given(element, "announce"))
        add_prefix(&vpn->announce, &vpn->site->prefix);
    if (!hs_element_given(element, "static-routes") && is_static)
        add_prefix(&vpn->static_routes, &vpn->site->prefix);
    if (!hs_element_given(element, "cgw.static-routes") && is_static)
        for (unsigned i = 0; i < vpn->gateway->attach.count; i++)
            add_prefix(&vpn->cgw_static_routes,
                       hs_place_prefix(vpn->gateway->attach.values[i]));
    if (!hs_element_given(element, "aws.prefix-limit"))
        vpn->prefix_limit = vpn->gateway->type == HS_GATEWAY_TGW ? 1000 : 100;
    if (!hs_element_given(element, "cgw.remote-asn"))
        vpn->cgw_remote_asn = vpn->gateway->asn;
    if (!hs_element_given(element, "aws.remote-asn"))
        vpn->aws_remote_asn = vpn->site->asn;
    if (!hs_element_given(element, "aws.rate"))
        vpn->aws_rate = large ? UINT64_C(5000000000) : UINT64_C(1250000000);
    if (!hs_element_given(element, "aws.pps"))
        vpn->aws_pps = large ? 560000 : 140000;
}

/* AWS's outside address of a tunnel: a public one, or of the TGW's block. */
static HsAddr
deal_aws_outside(Derive *d, const HsVpn *vpn, const char *key)
{
    const HsPrefix *block = &vpn->gateway->cidr;

    if (vpn->private_ip && hs_addr_is_set(&block->addr) && block->length <= 29)
        return hs_addr_ipv4(deal(d, &vpn->element, key,
                                 hs_addr_to_ipv4(&block->addr) + 1,
                                 (UINT32_C(1) << (32 - block->length)) - 2, 1));
    return hs_addr_ipv4(deal(d, &vpn->element, key, aws_base + 1, 253, 1));
}

static void
derive_vpn(Derive *d, HsVpn *vpn)
{
    derive_underlay(vpn);
    /* `dpddelay` asks whatever was sent; `crypto ikev2 dpd` has the word. */
    if (!hs_element_given(&vpn->element, "dpd.mode"))
        vpn->dpd = vpn->cgw == HS_IKE_PRESET_CISCO ? HS_DPD_MODE_ON_DEMAND
                                                   : HS_DPD_MODE_PERIODIC;
    if (!hs_element_given(&vpn->element, "nat-t"))
        vpn->nat_t = vpn->accelerated;
    derive_outside(d, vpn);
    vpn->pinned =
        vpn->underlay_dx != NULL &&
        hs_addr_equal(&vpn->outside, &vpn->underlay_dx->customer_address);
    for (unsigned i = 0; i < HS_VPN_TUNNELS; i++) {
        HsTunnelSettings *tunnel = &vpn->tunnel[i];
        g_autofree char *inside =
            g_strdup_printf("tunnel%u.inside-cidr", i + 1);
        g_autofree char *outside =
            g_strdup_printf("tunnel%u.aws-outside", i + 1);

        g_autofree char *preference =
            g_strdup_printf("tunnel%u.local-preference", i + 1);

        if (!hs_element_given(&vpn->element, inside))
            tunnel->inside =
                subnet(deal(d, &vpn->element, inside, tunnel_base, 4096, 4));
        if (!hs_element_given(&vpn->element, preference))
            tunnel->local_preference = vpn->policy.local_preference;
        tunnel->aws_inside = hs_prefix_host(&tunnel->inside, 1);
        tunnel->customer_inside = hs_prefix_host(&tunnel->inside, 2);
        if (!hs_element_given(&vpn->element, outside))
            tunnel->aws_outside = deal_aws_outside(d, vpn, outside);
    }
    derive_vpn_routing(vpn);
}

static void
derive_table(const Derive *d, HsTable *table)
{
    bool vpc = table->of->kind == HS_KIND_VPC, first = true;

    for (unsigned i = 0; i < table->element.index; i++)
        first &= hs_scenario_table(d->scenario, i)->of != table->of;
    if (!hs_element_given(&table->element, "propagate"))
        table->propagate.all = vpc;
    if (!hs_element_given(&table->element, "associate"))
        table->associate.all = vpc && first;
}

static void
derive_peering(HsPeering *peering)
{
    const HsVpc *a = (const HsVpc *)peering->ends[0];
    const HsVpc *b = (const HsVpc *)peering->ends[1];

    if (hs_element_given(&peering->element, "mtu"))
        return;
    peering->mtu =
        a->element.kind == HS_KIND_VPC && g_str_equal(a->region, b->region)
            ? 9001
            : 8500;
}

static void
derive_nat_gateway(Derive *d, HsNatGateway *nat)
{
    if (hs_element_given(&nat->element, "address"))
        return;
    nat->address = nat->type == HS_NAT_GATEWAY_PRIVATE
                       ? host_of(&nat->vpc->cidr, 20)
                       : hs_addr_ipv4(deal(d, &nat->element, "address",
                                           aws_base + 1, 253, 1));
}

/* Of the host in PLACE: the database's, if that has one there. */
static HsAddr
host_in(const HsScenario *scenario, const HsElement *place)
{
    const HsDatabase *db;

    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++) {
        if (db->client == place)
            return db->client_address;
        if (db->server == place)
            return db->server_address;
    }
    return host_of(hs_place_prefix(place), 10);
}

/* What a query does not say is the database's. */
static void
derive_query(const HsScenario *scenario, HsQuery *query)
{
    const HsDatabase *db = hs_scenario_database(scenario, 0);
    const HsElement *element = &query->element;

    if (db == NULL)
        return;
    if (!hs_element_given(element, "round-trips"))
        query->round_trips = db->round_trips;
    if (!hs_element_given(element, "request"))
        query->request = db->request;
    if (!hs_element_given(element, "reply"))
        query->reply = db->reply;
    if (!hs_element_given(element, "think"))
        query->think = db->think;
    if (!hs_element_given(element, "pause"))
        query->pause = db->pause;
    if (!hs_element_given(element, "prepare"))
        query->prepare = db->prepare;
}

static void
derive_probe(Derive *d, HsProbing *probe)
{
    const HsElement *element = &probe->element;

    if (!hs_element_given(element, "database") &&
        !(hs_element_given(element, "from") && hs_element_given(element, "to")))
        probe->database =
            (HsDatabase *)hs_scenario_element(d->scenario, HS_KIND_DATABASE, 0);
    if (!hs_element_given(element, "start"))
        probe->start = hs_scenario_settings(d->scenario, 0)->warmup / 2;
    if (probe->database != NULL && probe->from == NULL)
        probe->from = probe->database->client;
    if (probe->database != NULL && probe->to == NULL)
        probe->to = probe->database->server;
    if (probe->from != NULL && !hs_element_given(element, "from-address"))
        probe->from_address = host_in(d->scenario, probe->from);
    if (probe->to != NULL && !hs_element_given(element, "to-address"))
        probe->to_address = host_in(d->scenario, probe->to);
}

static void
derive_stream(Derive *d, HsBulkStream *stream)
{
    const HsElement *element = &stream->element;

    if (stream->from != NULL && !hs_element_given(element, "from-address"))
        stream->from_address = host_in(d->scenario, stream->from);
    if (stream->to != NULL && !hs_element_given(element, "to-address"))
        stream->to_address = host_in(d->scenario, stream->to);
    if (!hs_element_given(element, "length"))
        stream->length = stream->protocol == HS_BULK_KIND_TCP ? 131072 : 1400;
    if (!hs_element_given(element, "start"))
        stream->start = hs_scenario_settings(d->scenario, 0)->warmup;
    if (!hs_element_given(element, "port"))
        stream->port = (uint16_t)(5201 + 200 * MIN(element->index, 250));
}

/* What the file gives itself is not dealt out again. */
static void
take_given(Derive *d)
{
    const HsOnprem *site;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (site = hs_scenario_onprem(d->scenario, i)) != NULL;
         i++) {
        if (hs_element_given(&site->element, "outside"))
            take(d, hs_addr_to_ipv4(&site->outside));
        if (hs_element_given(&site->element, "router2.outside"))
            take(d, hs_addr_to_ipv4(&site->router2_outside));
    }
    for (unsigned i = 0; (dx = hs_scenario_dx(d->scenario, i)) != NULL; i++) {
        if (hs_element_given(&dx->element, "peer.cidr"))
            take_prefix(d, &dx->peer);
    }
    for (unsigned i = 0; (vpn = hs_scenario_vpn(d->scenario, i)) != NULL; i++) {
        for (unsigned t = 0; t < HS_VPN_TUNNELS; t++) {
            const HsTunnelSettings *tunnel = &vpn->tunnel[t];

            if (tunnel->inside.length != 0)
                take_prefix(d, &tunnel->inside);
            if (hs_addr_is_set(&tunnel->aws_outside))
                take(d, hs_addr_to_ipv4(&tunnel->aws_outside));
        }
    }
    /* AWS keeps this one (Site-to-Site VPN guide, "Tunnel options"); its
     * others lie below tunnel_base. */
    take(d, 0xa9fea9fc); /* 169.254.169.252 */
}

static void
derive_alarm(const HsScenario *scenario, HsMetricAlarm *alarm)
{
    if (!hs_element_given(&alarm->element, "period"))
        alarm->period = hs_metric_period(scenario, alarm->metric);
    if (!hs_element_given(&alarm->element, "datapoints"))
        alarm->datapoints = alarm->periods;
}

/* Each element of a kind, in the file's order. */
#define EACH(KIND, variable)                                                   \
    for (unsigned i_ = 0; ((variable) = (void *)hs_scenario_element(           \
                               scenario, HS_KIND_##KIND, i_)) != NULL;         \
         i_++)

void
hs_scenario_derive(HsScenario *scenario, HsComplaints *complaints)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
    Derive d = {scenario, complaints, taken};
    HsOnprem *site;
    HsGateway *gateway;
    HsDxgw *dxgw;
    HsConnection *connection;
    HsDx *dx;
    HsVpn *vpn;
    HsNatGateway *nat;
    HsTable *table;
    HsPeering *peering;
    HsDatabase *db;
    HsQuery *query;
    HsProbing *probe;
    HsMetricAlarm *alarm;
    HsBulkStream *stream;

    take_given(&d);
    EACH(ONPREM, site)
    derive_site(&d, site);
    EACH(ONPREM, site)
    derive_second_router(&d, site);
    EACH(GATEWAY, gateway)
    derive_gateway(&d, gateway);
    EACH(DXGW, dxgw)
    {
        if (!hs_element_given(&dxgw->element, "router-id"))
            dxgw->router_id = hs_addr_ipv4(
                deal(&d, &dxgw->element, "router-id", id_base + 1, 65534, 1));
    }
    EACH(CONNECTION, connection)
    derive_physical(&connection->physical, &connection->element,
                    connection->link.rate);
    EACH(DX, dx)
    derive_dx(&d, dx);
    EACH(VPN, vpn)
    derive_vpn(&d, vpn);
    EACH(NAT_GATEWAY, nat)
    derive_nat_gateway(&d, nat);
    EACH(TABLE, table)
    derive_table(&d, table);
    EACH(PEERING, peering)
    derive_peering(peering);
    EACH(DATABASE, db)
    {
        if (!hs_element_given(&db->element, "client-address"))
            db->client_address = host_of(hs_place_prefix(db->client), 10);
        if (!hs_element_given(&db->element, "server-address"))
            db->server_address = host_of(hs_place_prefix(db->server), 10);
    }
    EACH(QUERY, query)
    derive_query(scenario, query);
    EACH(PROBE, probe)
    derive_probe(&d, probe);
    EACH(ALARM, alarm)
    derive_alarm(scenario, alarm);
    EACH(STREAM, stream)
    derive_stream(&d, stream);
    hs_scenario_derive_ports(scenario, complaints);
}
