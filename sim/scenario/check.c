/* The rules that take more than one value, each with the one who makes it:
 * AWS, an RFC, or the sense of the experiment. What AWS would refuse when it
 * is set up is refused here, so that no result describes a network that nobody
 * could have. */

#include "config.h"

#include "sim/scenario/private.h"

#include <stdarg.h>
#include <string.h>

typedef struct {
    const HsScenario *scenario;
    HsComplaints *complaints;
} Check;

static void bad(const Check *c, const HsElement *element, const char *key,
                const char *format, ...) G_GNUC_PRINTF(4, 5);

/* KEY NULL: the element as a whole. */
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
    hs_complain(c->complaints,
                key != NULL ? hs_element_place(element, key)
                            : (HsPlace){.line = element->line},
                group, key, "%s", text);
}

/* Networks */

typedef struct {
    const HsElement *element;
    const char *key;
    const HsPrefix *prefix;
} Network;

/* False if any two sites or VPCs do. */
static bool
check_overlaps(const Check *c)
{
    bool apart = true;
    g_autoptr(GArray) networks = g_array_new(FALSE, FALSE, sizeof(Network));
    const HsOnprem *site;
    const HsVpc *vpc;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++) {
        Network n = {&site->element, "prefix", &site->prefix};

        g_array_append_val(networks, n);
    }
    for (unsigned i = 0; (vpc = hs_scenario_vpc(c->scenario, i)); i++) {
        Network n = {&vpc->element, "cidr", &vpc->cidr};

        g_array_append_val(networks, n);
    }
    for (unsigned i = 0; i < networks->len; i++) {
        const Network *a = &g_array_index(networks, Network, i);

        for (unsigned j = 0; j < i; j++) {
            const Network *b = &g_array_index(networks, Network, j);
            char x[HS_PREFIX_TEXT], y[HS_PREFIX_TEXT];

            if (!hs_prefix_covers(a->prefix, b->prefix) &&
                !hs_prefix_covers(b->prefix, a->prefix))
                continue;
            apart = false;
            bad(c, a->element, a->key,
                "%s overlaps %s of [%s %s]; AWS cannot route between "
                "overlapping networks",
                hs_prefix_format(a->prefix, x), hs_prefix_format(b->prefix, y),
                hs_kind_name(b->element->kind), b->element->name);
        }
    }
    return apart;
}

static void
check_site(const Check *c, const HsOnprem *site)
{
    if (site->prefix.length < 8 || site->prefix.length > 28)
        bad(c, &site->element, "prefix",
            "a site's network has a length of 8 to 28, for its hosts");
    if (site->asn == 23456)
        bad(c, &site->element, "asn",
            "23456 stands for numbers that an old speaker cannot say (RFC "
            "6793) and is nobody's");
    if (site->asn == 7224)
        bad(c, &site->element, "asn", "7224 is AWS's own");
}

static void
check_vpc(const Check *c, const HsVpc *vpc)
{
    if (vpc->cidr.length < 16 || vpc->cidr.length > 28)
        bad(c, &vpc->element, "cidr",
            "AWS takes VPCs with a length of 16 to 28");
}

/* Numbers of AWS's from before 2018-06-30 still run in old gateways. */
static bool
is_gateway_asn(uint32_t asn)
{
    return (asn >= 64512 && asn <= 65534) ||
           (asn >= UINT32_C(4200000000) && asn <= UINT32_C(4294967294)) ||
           asn == 7224 || asn == 9059 || asn == 10124 || asn == 17493;
}

static void
check_gateway(const Check *c, const HsGateway *gateway)
{
    const HsVpc *vpc = hs_gateway_vpc(gateway);
    const HsGateway *other;

    if (!is_gateway_asn(gateway->asn))
        bad(c, &gateway->element, "asn",
            "%u is out of range: AWS takes 64512 to 65534 or 4200000000 to "
            "4294967294",
            gateway->asn);
    for (unsigned i = 0; i < gateway->element.index; i++) {
        other = hs_scenario_gateway(c->scenario, i);
        if (gateway->type == HS_GATEWAY_VGW && other->type == HS_GATEWAY_VGW &&
            vpc != NULL && hs_gateway_vpc(other) == vpc)
            bad(c, &gateway->element, "attach",
                "[vpc %s] has [gateway %s] already; AWS attaches one virtual "
                "private gateway to a VPC",
                vpc->element.name, other->element.name);
    }
    if (gateway->type == HS_GATEWAY_VGW && gateway->attach.count > 1)
        bad(c, &gateway->element, "attach",
            "a virtual private gateway is attached to one VPC; several take a "
            "transit gateway, \"type = tgw\"");
}

static void
check_router_ids(const Check *c)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(NULL, NULL, NULL, NULL);
    const HsOnprem *site;
    const HsGateway *gateway;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++) {
        uint32_t id = hs_addr_to_ipv4(&site->router_id);

        if (id == 0 || !g_hash_table_add(seen, GUINT_TO_POINTER(id)))
            bad(c, &site->element, "router-id",
                "a BGP identifier is not 0 and nobody else's (RFC 6286)");
    }
    for (unsigned i = 0; (gateway = hs_scenario_gateway(c->scenario, i)); i++) {
        uint32_t id = hs_addr_to_ipv4(&gateway->router_id);

        if (id == 0 || !g_hash_table_add(seen, GUINT_TO_POINTER(id)))
            bad(c, &gateway->element, "router-id",
                "a BGP identifier is not 0 and nobody else's (RFC 6286)");
    }
}

/* Sessions */

static void
check_timers(const Check *c, const HsElement *element,
             const HsBgpTimers *timers, const char *key, const char *hold_key)
{
    char keepalive[HS_TIME_TEXT], hold[HS_TIME_TEXT];

    if (timers->keepalive >= timers->hold)
        bad(c, element, key,
            "%s is not below the hold time \"%s\" of %s; a third of it is "
            "usual (RFC 4271 4.4)",
            hs_duration_format(timers->keepalive, keepalive), hold_key,
            hs_duration_format(timers->hold, hold));
}

static void
check_session(const Check *c, const HsElement *element, const HsOnprem *site,
              uint32_t aws_asn, const HsBgpTimers *customer,
              const HsBgpTimers *aws)
{
    check_timers(c, element, customer, "keepalive", "hold");
    check_timers(c, element, aws, "aws.keepalive", "aws.hold");
    if (site->asn == aws_asn)
        bad(c, element, "between",
            "[onprem %s] has AWS's AS number, %u; the two must differ",
            site->element.name, aws_asn);
}

/* What a Direct Connect port or a hosted connection can be ordered with. */
static const uint64_t dx_rates[] = {
    50000000,    100000000,    200000000,    300000000,  400000000,
    500000000,   1000000000,   2000000000,   5000000000, 10000000000,
    25000000000, 100000000000, 400000000000,
};

static void
check_dx_link(const Check *c, const HsDx *dx)
{
    bool known = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(dx_rates); i++)
        known |= dx->link.rate == dx_rates[i];
    if (!known)
        bad(c, &dx->element, "rate",
            "AWS offers no such port; expected 50, 100, 200, 300, 400 or "
            "500Mbps, 1, 2, 5, 10, 25, 100 or 400Gbps");
    if (dx->vif == HS_VIF_PUBLIC && dx->link.mtu != 1500)
        bad(c, &dx->element, "mtu",
            "a public virtual interface has 1500B at AWS");
    else if (dx->vif == HS_VIF_TRANSIT && dx->link.mtu != 1500 &&
             dx->link.mtu != 8500)
        bad(c, &dx->element, "mtu",
            "AWS takes 1500B or 8500B on a transit virtual interface");
    else if (dx->vif == HS_VIF_PRIVATE && dx->link.mtu != 1500 &&
             dx->link.mtu != 9001)
        bad(c, &dx->element, "mtu",
            "AWS takes 1500B or 9001B on a private virtual interface");
}

static void
check_dx_addresses(const Check *c, const HsDx *dx)
{
    const HsPrefix *peer = &dx->peer;

    if (peer->length < 29 || peer->length > 31)
        bad(c, &dx->element, "peer.cidr",
            "the subnet of two peers has a length of 29, 30 or 31");
    else if (!hs_prefix_contains(peer, &dx->customer_address))
        bad(c, &dx->element, "peer.customer", "is not in peer.cidr");
    else if (!hs_prefix_contains(peer, &dx->aws_address))
        bad(c, &dx->element, "peer.aws", "is not in peer.cidr");
    else if (hs_addr_equal(&dx->customer_address, &dx->aws_address))
        bad(c, &dx->element, "peer.customer", "is AWS's address too");
}

static void
check_dx(const Check *c, const HsDx *dx)
{
    const HsVpn *vpn;
    bool carries = dx->vif != HS_VIF_PUBLIC;

    check_session(c, &dx->element, dx->site, dx->aws_asn, &dx->customer,
                  &dx->aws);
    check_dx_link(c, dx);
    check_dx_addresses(c, dx);
    if (dx->aws_bfd.interval == 0)
        bad(c, &dx->element, "aws.bfd",
            "AWS has BFD on for every virtual interface; \"bfd = off\" keeps "
            "it idle");
    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++)
        carries |= hs_elements_have(&vpn->underlays, &dx->element);
    if (!carries)
        bad(c, &dx->element, "vif",
            "a public virtual interface carries only VPNs, and no [vpn] has "
            "\"underlay = %s\"",
            dx->element.name);
}

/* VPN */

/* AWS Site-to-Site VPN guide, "Tunnel options". */
static bool
is_reserved_inside(const HsPrefix *inside)
{
    uint32_t first = hs_addr_to_ipv4(&inside->addr);

    for (uint32_t third = 0; third <= 5; third++) {
        if (first == (UINT32_C(0xa9fe0000) | third << 8))
            return true;
    }
    return first == UINT32_C(0xa9fea9fc); /* 169.254.169.252 */
}

static void
check_inside(const Check *c, const HsVpn *vpn, const HsTunnelSettings *tunnel,
             const char *key)
{
    const HsPrefix link_local = {.addr = hs_addr_ipv4(0xa9fe0000),
                                 .length = 16};

    if (tunnel->inside.length != 30 ||
        !hs_prefix_covers(&link_local, &tunnel->inside))
        bad(c, &vpn->element, key,
            "AWS takes a /30 of 169.254.0.0/16 inside a tunnel");
    else if (is_reserved_inside(&tunnel->inside))
        bad(c, &vpn->element, key,
            "AWS keeps this one; reserved are the first /30 of 169.254.0.0 "
            "to 169.254.5.0, and 169.254.169.252/30");
}

static bool
is_gcm(unsigned encryption)
{
    return encryption == HS_ENCRYPTION_AES128_GCM16 ||
           encryption == HS_ENCRYPTION_AES256_GCM16;
}

/* RFC 4106: with nothing but GCM there is nothing else to choose. */
static void
check_integrity(const Check *c, const HsVpn *vpn, const HsVpnPhase *esp,
                const char *key)
{
    for (unsigned i = 0; i < esp->encryption.count; i++)
        if (!is_gcm(esp->encryption.values[i]))
            return;
    if (hs_element_given(&vpn->element, key))
        bad(c, &vpn->element, key,
            "%s authenticates by itself (RFC 4106) and takes none",
            hs_encryption_name((HsEncryption)esp->encryption.values[0]));
}

/* AWS Site-to-Site VPN guide, "Tunnel options". */
static void
check_lifetimes(const Check *c, const HsVpn *vpn)
{
    char ike[HS_TIME_TEXT], esp[HS_TIME_TEXT];

    if (vpn->esp.lifetime >= vpn->ike.lifetime)
        bad(c, &vpn->element, "esp.lifetime",
            "%s is not below %s of ike.lifetime",
            hs_duration_format(vpn->esp.lifetime, esp),
            hs_duration_format(vpn->ike.lifetime, ike));
    if (vpn->aws_esp.lifetime >= vpn->aws_ike.lifetime)
        bad(c, &vpn->element, "aws.esp.lifetime",
            "AWS takes a phase 2 lifetime below that of phase 1; %s is not "
            "below %s of aws.ike.lifetime",
            hs_duration_format(vpn->aws_esp.lifetime, esp),
            hs_duration_format(vpn->aws_ike.lifetime, ike));
    if (vpn->aws_rekey_margin > vpn->aws_esp.lifetime / 2)
        bad(c, &vpn->element, "aws.rekey-margin",
            "%s is out of range: AWS takes 60s to half of the phase 2 "
            "lifetime, %s",
            hs_duration_format(vpn->aws_rekey_margin, ike),
            hs_duration_format(vpn->aws_esp.lifetime / 2, esp));
}

static void
check_ike(const Check *c, const HsVpn *vpn)
{
    check_integrity(c, vpn, &vpn->esp, "esp.integrity");
    check_integrity(c, vpn, &vpn->aws_esp, "aws.esp.integrity");
    check_lifetimes(c, vpn);
    if (vpn->startup == HS_STARTUP_ADD && vpn->aws_startup == HS_STARTUP_ADD)
        bad(c, &vpn->element, "startup",
            "both sides wait for the other one; expected start here or in "
            "aws.startup");
    if (vpn->dpd == HS_DPD_MODE_OFF &&
        (hs_element_given(&vpn->element, "dpd.delay") ||
         hs_element_given(&vpn->element, "dpd.action")))
        bad(c, &vpn->element, "dpd.mode",
            "is off, so dpd.delay and dpd.action say nothing");
}

static void
check_underlay(const Check *c, const HsVpn *vpn)
{
    const HsDx *dx = vpn->underlay_dx;

    if (vpn->underlays.count == 0)
        bad(c, &vpn->element, "underlay", "a VPN takes an underlay");
    if (dx == NULL)
        return;
    if (dx->vif == HS_VIF_PRIVATE)
        bad(c, &vpn->element, "underlay",
            "[dx %s] has a private virtual interface, from which AWS's VPN "
            "endpoints cannot be reached; it takes \"vif = public\"",
            dx->element.name);
    if (dx->site != vpn->site)
        bad(c, &vpn->element, "underlay", "[dx %s] is that of [onprem %s]",
            dx->element.name, dx->site->element.name);
}

/* Keys of tunnel 2 say nothing where only tunnel 1 is configured. */
static void
check_unused_tunnel(const Check *c, const HsVpn *vpn)
{
    const HsRow *row;

    for (unsigned i = 0; (row = hs_schema_next(HS_KIND_VPN, &i)) != NULL;)
        if (vpn->tunnels < 2 && g_str_has_prefix(row->key, "tunnel2.") &&
            hs_element_given(&vpn->element, row->key))
            bad(c, &vpn->element, row->key, "there is one tunnel: tunnels = 1");
}

static void
check_vpn(const Check *c, const HsVpn *vpn)
{
    check_session(c, &vpn->element, vpn->site, vpn->gateway->asn,
                  &vpn->customer, &vpn->aws);
    check_underlay(c, vpn);
    check_unused_tunnel(c, vpn);
    check_ike(c, vpn);
    for (unsigned i = 0; i < vpn->tunnels; i++) {
        g_autofree char *inside =
            g_strdup_printf("tunnel%u.inside-cidr", i + 1);

        check_inside(c, vpn, &vpn->tunnel[i], inside);
    }
}

/* Addresses and subnets that two elements may not share. */

typedef struct {
    const HsElement *element;
    char *key; /* owned */
    HsPrefix prefix;
} Claim;

static void
claim_clear(void *data)
{
    g_free(((Claim *)data)->key);
}

static void
add_claim(GArray *claims, const HsElement *element, char *key, HsPrefix prefix)
{
    Claim claim = {element, key, prefix};

    g_array_append_val(claims, claim);
}

static void
collect_claims(const Check *c, GArray *claims)
{
    const HsOnprem *site;
    const HsVpc *vpc;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++) {
        add_claim(claims, &site->element, g_strdup("prefix"), site->prefix);
        add_claim(claims, &site->element, g_strdup("outside"),
                  hs_prefix_of(&site->outside));
    }
    for (unsigned i = 0; (vpc = hs_scenario_vpc(c->scenario, i)); i++)
        add_claim(claims, &vpc->element, g_strdup("cidr"), vpc->cidr);
    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++)
        add_claim(claims, &dx->element, g_strdup("peer.cidr"), dx->peer);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++) {
        for (unsigned t = 0; t < vpn->tunnels; t++) {
            add_claim(claims, &vpn->element,
                      g_strdup_printf("tunnel%u.inside-cidr", t + 1),
                      vpn->tunnel[t].inside);
            add_claim(claims, &vpn->element,
                      g_strdup_printf("tunnel%u.aws-outside", t + 1),
                      hs_prefix_of(&vpn->tunnel[t].aws_outside));
        }
    }
}

/* Sorted by address, a prefix overlaps some earlier one if it overlaps the one
 * that reaches furthest. */
static int
by_prefix(const void *a, const void *b)
{
    const Claim *x = a, *y = b;
    int order = hs_prefix_compare(&x->prefix, &y->prefix);

    if (order != 0)
        return order;
    return x->element->line < y->element->line
               ? -1
               : x->element->line > y->element->line;
}

static void
check_claims(const Check *c)
{
    g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    const Claim *widest = NULL;

    g_array_set_clear_func(claims, claim_clear);
    collect_claims(c, claims);
    g_array_sort(claims, by_prefix);
    for (unsigned i = 0; i < claims->len; i++) {
        const Claim *claim = &g_array_index(claims, Claim, i);
        char x[HS_PREFIX_TEXT], y[HS_PREFIX_TEXT];
        bool networks;

        if (widest == NULL ||
            !hs_prefix_covers(&widest->prefix, &claim->prefix)) {
            widest = claim;
            continue;
        }
        /* Sites and VPCs: check_overlaps() says it in AWS's words. */
        networks = (g_str_equal(claim->key, "prefix") ||
                    g_str_equal(claim->key, "cidr")) &&
                   (g_str_equal(widest->key, "prefix") ||
                    g_str_equal(widest->key, "cidr"));
        if (!networks)
            bad(c, claim->element, claim->key, "%s overlaps %s, %s of [%s %s]",
                hs_prefix_format(&claim->prefix, x),
                hs_prefix_format(&widest->prefix, y), widest->key,
                hs_kind_name(widest->element->kind), widest->element->name);
    }
}

/* The experiment */

/* What is joined with what, whatever the routes say: elements are numbered
 * over all kinds, and a group has the number of one of its members. */
typedef struct {
    unsigned first[HS_KIND_COUNT];
    unsigned *group; /* owned */
    unsigned count;
} Joined;

static unsigned
number_of(const Joined *j, const HsElement *element)
{
    return j->first[element->kind] + element->index;
}

static void
join(Joined *j, const HsElement *a, const HsElement *b)
{
    unsigned from = j->group[number_of(j, a)], to = j->group[number_of(j, b)];

    for (unsigned i = 0; i < j->count; i++)
        if (j->group[i] == from)
            j->group[i] = to;
}

static void
join_all(Joined *j, const HsScenario *scenario)
{
    const HsGateway *gateway;
    const HsAssociation *association;
    const HsPeering *peering;
    const HsVpn *vpn;
    const HsDx *dx;

    for (unsigned i = 0; (gateway = hs_scenario_gateway(scenario, i)); i++)
        for (unsigned v = 0; v < gateway->attach.count; v++)
            join(j, &gateway->element, gateway->attach.values[v]);
    for (unsigned i = 0; (association = hs_scenario_association(scenario, i));
         i++)
        join(j, &association->dxgw->element, &association->gateway->element);
    for (unsigned i = 0; (peering = hs_scenario_peering(scenario, i)); i++)
        join(j, peering->ends[0], peering->ends[1]);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        join(j, &vpn->site->element, &vpn->gateway->element);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        if (dx->vif != HS_VIF_PUBLIC)
            join(j, &dx->site->element,
                 dx->dxgw != NULL ? &dx->dxgw->element : &dx->gateway->element);
}

static bool
connected(const HsScenario *scenario, const HsElement *a, const HsElement *b)
{
    Joined j = {.count = 0};
    bool result;

    for (unsigned kind = 0; kind < HS_KIND_COUNT; kind++) {
        j.first[kind] = j.count;
        j.count += scenario->elements[kind]->len;
    }
    j.group = g_new(unsigned, j.count);
    for (unsigned i = 0; i < j.count; i++)
        j.group[i] = i;
    join_all(&j, scenario);
    result = j.group[number_of(&j, a)] == j.group[number_of(&j, b)];
    g_free(j.group);
    return result;
}

static void
check_database(const Check *c, const HsDatabase *db)
{
    if (!hs_prefix_contains(hs_place_prefix(db->client), &db->client_address))
        bad(c, &db->element, "client-address", "is not in [%s %s]",
            hs_kind_name(db->client->kind), db->client->name);
    if (!hs_prefix_contains(hs_place_prefix(db->server), &db->server_address))
        bad(c, &db->element, "server-address", "is not in [%s %s]",
            hs_kind_name(db->server->kind), db->server->name);
    /* Its two clients are told apart by their names alone. */
    if (db->element.index > 0)
        bad(c, &db->element, "client",
            "[database %s] is there already; expected one in a scenario",
            hs_scenario_database(c->scenario, 0)->element.name);
    if (db->client == db->server)
        bad(c, &db->element, "server",
            "is where the client is, too; nothing would leave it");
    else if (!connected(c->scenario, db->client, db->server))
        bad(c, &db->element, NULL,
            "nothing connects [%s %s] and [%s %s]; expected a [dx] or "
            "a [vpn] between a gateway of the one and the other",
            hs_kind_name(db->client->kind), db->client->name,
            hs_kind_name(db->server->kind), db->server->name);
}

static void
check_fault_time(const Check *c, const HsFault *fault,
                 const HsSettings *settings)
{
    char at[HS_TIME_TEXT], end[HS_TIME_TEXT];

    if (fault->at.low < settings->warmup)
        bad(c, &fault->element, "at",
            "%s is in the warm-up, which lasts %s: there would be no "
            "\"before\"",
            hs_duration_format(fault->at.low, at),
            hs_duration_format(settings->warmup, end));
    if (fault->at.high >= settings->duration)
        bad(c, &fault->element, "at",
            "%s is not before the end of the run at %s",
            hs_duration_format(fault->at.high, at),
            hs_duration_format(settings->duration, end));
    else if (fault->length != HS_TIME_NEVER &&
             fault->length >= settings->duration - fault->at.high)
        bad(c, &fault->element, "for",
            "the fault would end at %s, not before the end of the run at %s; "
            "\"forever\" if it need not heal",
            hs_duration_format(hs_time_add(fault->at.high, fault->length), at),
            hs_duration_format(settings->duration, end));
    if (fault->length == 0)
        bad(c, &fault->element, "for", "a fault of no length does nothing");
}

static void
check_fault(const Check *c, const HsFault *fault, const HsSettings *settings)
{
    bool vpn = fault->target != NULL && fault->target->kind == HS_KIND_VPN;

    check_fault_time(c, fault, settings);
    if (vpn && fault->tunnel > ((const HsVpn *)fault->target)->tunnels)
        bad(c, &fault->element, "target", "[vpn %s] has one tunnel",
            fault->target->name);
    if (vpn && fault->action == HS_FAULT_LINK_DOWN)
        bad(c, &fault->element, "action",
            "a tunnel has no carrier to lose; expected blackhole");
    if (fault->action == HS_FAULT_LINK_DOWN &&
        fault->direction != HS_DIRECTION_BOTH)
        bad(c, &fault->element, "direction",
            "link-down takes the carrier from both ends; expected both");
}

/* What only exists where something failed. */
static bool
needs_fault(HsFigure figure)
{
    static const char *const without[] = {
        "db.p",       "db.m",    "db.before.", "requests.",
        "plaintext.", "probes.", "tunnels."};

    for (unsigned i = 0; i < G_N_ELEMENTS(without); i++) {
        if (g_str_has_prefix(hs_figure_name(figure), without[i]))
            return false;
    }
    return true;
}

static void
check_expect(const Check *c, const HsExpect *expect)
{
    const GPtrArray *all = expect->expectations;

    for (unsigned i = 0; i < all->len; i++) {
        const HsExpectation *e = all->pdata[i];
        const char *name = hs_figure_name(e->figure);
        HsPlace place = {.line = e->line,
                         .set = e->line == 0 ? "expect" : NULL};
        g_autofree char *key =
            g_strconcat(name, ".", hs_comparison_name(e->comparison), NULL);

        if (needs_fault(e->figure) && hs_scenario_fault(c->scenario, 0) == NULL)
            hs_complain(c->complaints, place, "expect", key,
                        "there is no [fault], so this is never observed");
        for (unsigned j = 0; j < all->len; j++) {
            const HsExpectation *other = all->pdata[j];

            if (other->figure == e->figure &&
                e->comparison == HS_COMPARISON_MIN &&
                other->comparison == HS_COMPARISON_MAX &&
                e->limit > other->limit)
                hs_complain(c->complaints, place, "expect", key,
                            "%s is above %s.max, %s: nothing can hold both",
                            e->text, name, other->text);
        }
    }
}

static void
check_settings(const Check *c, const HsSettings *settings)
{
    if (settings->warmup >= settings->duration)
        bad(c, &settings->element, "warmup",
            "is not below the duration of the run");
    if (hs_scenario_database(c->scenario, 0) == NULL)
        hs_complain(c->complaints, (HsPlace){.line = 0}, NULL, NULL,
                    "there is no [database], so nothing would be observed");
}

void
hs_scenario_check(const HsScenario *scenario, HsComplaints *complaints)
{
    const Check c = {scenario, complaints};
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const HsOnprem *site;
    const HsVpc *vpc;
    const HsGateway *gateway;
    const HsDx *dx;
    const HsVpn *vpn;
    const HsDatabase *db;
    const HsProbing *probe;
    const HsFault *fault;
    bool apart;

    check_settings(&c, settings);
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++)
        check_site(&c, site);
    for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++)
        check_vpc(&c, vpc);
    apart = check_overlaps(&c);
    for (unsigned i = 0; (gateway = hs_scenario_gateway(scenario, i)); i++)
        check_gateway(&c, gateway);
    /* Derived ones clash where networks do. */
    if (apart)
        check_router_ids(&c);
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        check_dx(&c, dx);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++)
        check_vpn(&c, vpn);
    check_claims(&c);
    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++)
        check_database(&c, db);
    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++) {
        if (probe->from == NULL || probe->to == NULL)
            bad(&c, &probe->element, "database", "there is no [database]");
    }
    for (unsigned i = 0; (fault = hs_scenario_fault(scenario, i)); i++)
        check_fault(&c, fault, settings);
    check_expect(&c, hs_scenario_expect(scenario, 0));
    hs_scenario_check_ports(scenario, complaints);
}
