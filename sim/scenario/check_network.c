/* Sites, VPCs and addresses: what overlaps, and what is joined with what. */

#include "config.h"

#include "sim/scenario/check.h"

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

bool
hs_check_connected(const HsScenario *scenario, const HsElement *a,
                   const HsElement *b)
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

static bool
is_on_internet(const HsElement *place)
{
    return place->kind == HS_KIND_ONPREM ||
           ((const HsVpc *)place)->internet_gateway;
}

bool
hs_check_by_internet(const HsScenario *scenario, const HsElement *a,
                     const HsElement *b)
{
    return hs_scenario_internet(scenario, 0) != NULL && is_on_internet(a) &&
           is_on_internet(b);
}

bool
hs_check_is_private(const HsPrefix *prefix)
{
    const HsPrefix ranges[] = {
        {.addr = hs_addr_ipv4(0x0a000000), .length = 8},
        {.addr = hs_addr_ipv4(0xac100000), .length = 12},
        {.addr = hs_addr_ipv4(0xc0a80000), .length = 16},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(ranges); i++)
        if (hs_prefix_covers(&ranges[i], prefix) &&
            prefix->length >= ranges[i].length)
            return true;
    return false;
}

typedef struct {
    const HsElement *element;
    const char *key;
    const HsPrefix *prefix;
} Network;

static const char *
overlap_reason(const Network *a, const Network *b)
{
    if (a->element->kind != b->element->kind)
        return "AWS routes a VPC's own network before all that it learns "
               "(" VPC_TABLES ")";
    if (a->element->kind == HS_KIND_ONPREM)
        return "sites behind one gateway must not overlap (" VPN_CLOUDHUB ")";
    return "VPCs that are connected must not overlap (" DX_GATEWAY_VGW
           "; " VPC_PEERING ")";
}

static void
collect_networks(const HsScenario *scenario, GArray *networks)
{
    const HsOnprem *site;
    const HsVpc *vpc;

    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)); i++) {
        Network n = {&site->element, "prefix", &site->prefix};

        g_array_append_val(networks, n);
    }
    for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)); i++) {
        Network n = {&vpc->element, "cidr", &vpc->cidr};

        g_array_append_val(networks, n);
    }
}

/* False if any two sites or VPCs do that packets could pass between. */
static bool
check_overlaps(const HsCheckRun *c)
{
    g_autoptr(GArray) networks = g_array_new(FALSE, FALSE, sizeof(Network));
    bool apart = true;

    collect_networks(c->scenario, networks);
    for (unsigned i = 0; i < networks->len; i++) {
        const Network *a = &g_array_index(networks, Network, i);

        for (unsigned j = 0; j < i; j++) {
            const Network *b = &g_array_index(networks, Network, j);
            char x[HS_PREFIX_TEXT], y[HS_PREFIX_TEXT];

            if ((!hs_prefix_covers(a->prefix, b->prefix) &&
                 !hs_prefix_covers(b->prefix, a->prefix)) ||
                !hs_check_connected(c->scenario, a->element, b->element))
                continue;
            apart = false;
            hs_check_bad(c, a->element, a->key, "%s overlaps %s of [%s %s]; %s",
                         hs_prefix_format(a->prefix, x),
                         hs_prefix_format(b->prefix, y),
                         hs_kind_name(b->element->kind), b->element->name,
                         overlap_reason(a, b));
        }
    }
    return apart;
}

static void
check_site(const HsCheckRun *c, const HsOnprem *site)
{
    if (site->prefix.length < 8 || site->prefix.length > 28)
        hs_check_bad(c, &site->element, "prefix",
                     "a site's network has a length of 8 to 28, for its hosts");
    if (site->asn == 23456)
        hs_check_bad(
            c, &site->element, "asn",
            "23456 stands for numbers that an old speaker cannot say (RFC "
            "6793) and is nobody's");
    if (site->asn == 7224)
        hs_check_bad(c, &site->element, "asn",
                     "7224 is AWS's own (" DX_VIF ")");
    hs_check_timers(c, &site->element, &site->ibgp, "ibgp.keepalive",
                    "ibgp.hold");
    if (site->core_cidr.length > 28)
        hs_check_bad(c, &site->element, "core.cidr",
                     "three links take a /28 or wider");
    if (site->nat_cidr.length > 29)
        hs_check_bad(c, &site->element, "nat.cidr",
                     "the NAT and the gateways take a /29 or wider");
    if (site->routers > 1 && hs_port_is_real(&site->port))
        hs_check_bad(c, &site->element, "routers",
                     "a real customer gateway is one");
}

static void
check_vpc(const HsCheckRun *c, const HsVpc *vpc)
{
    if (vpc->cidr.length < 16 || vpc->cidr.length > 28)
        hs_check_bad(c, &vpc->element, "cidr",
                     "AWS takes VPCs with a length of 16 to 28 (" VPC_CIDR ")");
}

typedef struct {
    const HsElement *element;
    const char *key;
    const HsAddr *id;
} RouterId;

static void
add_router_id(GArray *ids, const HsElement *element, const char *key,
              const HsAddr *id)
{
    RouterId entry = {element, key, id};

    g_array_append_val(ids, entry);
}

static void
check_router_ids(const HsCheckRun *c)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(RouterId));
    const HsOnprem *site;
    const HsGateway *gateway;
    const HsDxgw *dxgw;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++) {
        add_router_id(ids, &site->element, "router-id", &site->router_id);
        if (site->routers < 2)
            continue;
        add_router_id(ids, &site->element, "router2.router-id",
                      &site->router2_id);
        add_router_id(ids, &site->element, "core.router-id",
                      &site->core_router_id);
    }
    for (unsigned i = 0; (gateway = hs_scenario_gateway(c->scenario, i)); i++)
        add_router_id(ids, &gateway->element, "router-id", &gateway->router_id);
    for (unsigned i = 0; (dxgw = hs_scenario_dxgw(c->scenario, i)); i++)
        add_router_id(ids, &dxgw->element, "router-id", &dxgw->router_id);
    for (unsigned i = 0; i < ids->len; i++) {
        const RouterId *entry = &g_array_index(ids, RouterId, i);
        uint32_t id = hs_addr_to_ipv4(entry->id);

        if (id == 0 || !g_hash_table_add(seen, GUINT_TO_POINTER(id)))
            hs_check_bad(
                c, entry->element, entry->key,
                "a BGP identifier is not 0 and nobody else's (RFC 6286)");
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
collect_claims(const HsCheckRun *c, GArray *claims)
{
    const HsOnprem *site;
    const HsVpc *vpc;
    const HsGateway *gateway;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++) {
        add_claim(claims, &site->element, g_strdup("prefix"), site->prefix);
        add_claim(claims, &site->element, g_strdup("outside"),
                  hs_prefix_of(&site->outside));
        if (site->routers > 1)
            add_claim(claims, &site->element, g_strdup("router2.outside"),
                      hs_prefix_of(&site->router2_outside));
        if (site->routers > 1)
            add_claim(claims, &site->element, g_strdup("core.cidr"),
                      site->core_cidr);
        if (site->nat)
            add_claim(claims, &site->element, g_strdup("nat.cidr"),
                      site->nat_cidr);
    }
    for (unsigned i = 0; (vpc = hs_scenario_vpc(c->scenario, i)); i++)
        add_claim(claims, &vpc->element, g_strdup("cidr"), vpc->cidr);
    for (unsigned i = 0; (gateway = hs_scenario_gateway(c->scenario, i)); i++)
        if (hs_addr_is_set(&gateway->cidr.addr))
            add_claim(claims, &gateway->element, g_strdup("cidr"),
                      gateway->cidr);
    for (unsigned i = 0; (dx = hs_scenario_dx(c->scenario, i)); i++)
        add_claim(claims, &dx->element, g_strdup("peer.cidr"), dx->peer);
    for (unsigned i = 0; (vpn = hs_scenario_vpn(c->scenario, i)); i++) {
        for (unsigned t = 0; t < vpn->tunnels; t++) {
            add_claim(claims, &vpn->element,
                      g_strdup_printf("tunnel%u.inside-cidr", t + 1),
                      vpn->tunnel[t].inside);
            if (!vpn->private_ip) /* else of the TGW's block */
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

static bool
is_network(const Claim *claim)
{
    return g_str_equal(claim->key, "prefix") ||
           (g_str_equal(claim->key, "cidr") &&
            claim->element->kind == HS_KIND_VPC);
}

static void
check_claims(const HsCheckRun *c)
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
        networks = is_network(claim) && is_network(widest);
        if (!networks)
            hs_check_bad(
                c, claim->element, claim->key, "%s overlaps %s, %s of [%s %s]",
                hs_prefix_format(&claim->prefix, x),
                hs_prefix_format(&widest->prefix, y), widest->key,
                hs_kind_name(widest->element->kind), widest->element->name);
    }
}

void
hs_check_networks(const HsCheckRun *c)
{
    const HsOnprem *site;
    const HsVpc *vpc;

    for (unsigned i = 0; (site = hs_scenario_onprem(c->scenario, i)); i++)
        check_site(c, site);
    for (unsigned i = 0; (vpc = hs_scenario_vpc(c->scenario, i)); i++)
        check_vpc(c, vpc);
    /* Derived ids clash where networks do. */
    if (check_overlaps(c))
        check_router_ids(c);
    check_claims(c);
}
