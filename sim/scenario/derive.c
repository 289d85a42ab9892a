/* What a scenario need not say because it follows from the rest: addresses,
 * router ids, AWS's AS number on a public interface, how DPD goes.
 *
 * Addresses come from ranges that belong to nobody: 169.254.0.0/16 where AWS
 * uses it too, and the documentation networks of RFC 5737 where AWS would have
 * public ones. They are dealt out in the order of the file, past those that
 * the file gives itself, so that adding an element at the end moves no other
 * element's. */

#include "config.h"

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
derive_site(Derive *d, HsOnprem *site)
{
    if (!hs_element_given(&site->element, "router-id"))
        site->router_id = host_of(&site->prefix, 1);
    if (!hs_element_given(&site->element, "outside"))
        site->outside = hs_addr_ipv4(
            deal(d, &site->element, "outside", site_base + 1, 253, 1));
}

static void
derive_dx(Derive *d, HsDx *dx)
{
    bool public = dx->vif == HS_VIF_PUBLIC;
    uint32_t base = public ? dx_public_base : dx_base;

    dx->aws_asn = public ? PUBLIC_VIF_ASN : dx->gateway->asn;
    if (!hs_element_given(&dx->element, "peer.cidr"))
        dx->peer = subnet(
            deal(d, &dx->element, "peer.cidr", base, public ? 64 : 1024, 4));
    /* A /31 has no network address (RFC 3021). */
    if (!hs_element_given(&dx->element, "peer.aws"))
        dx->aws_address = hs_prefix_host(&dx->peer, dx->peer.length < 31);
    if (!hs_element_given(&dx->element, "peer.customer"))
        dx->customer_address =
            hs_prefix_host(&dx->peer, dx->peer.length < 31 ? 2 : 1);
}

static void
derive_vpn(Derive *d, HsVpn *vpn)
{
    /* `dpddelay` asks whatever was sent; `crypto ikev2 dpd` has the word. */
    if (!hs_element_given(&vpn->element, "dpd.mode"))
        vpn->dpd = vpn->cgw == HS_IKE_PRESET_CISCO ? HS_DPD_MODE_ON_DEMAND
                                                   : HS_DPD_MODE_PERIODIC;
    /* Pinned to the interface that carries it, or to the internet access. */
    if (!hs_element_given(&vpn->element, "outside"))
        vpn->outside = vpn->underlay_dx != NULL
                           ? vpn->underlay_dx->customer_address
                           : vpn->site->outside;
    for (unsigned i = 0; i < HS_VPN_TUNNELS; i++) {
        HsTunnelSettings *tunnel = &vpn->tunnel[i];
        g_autofree char *inside =
            g_strdup_printf("tunnel%u.inside-cidr", i + 1);
        g_autofree char *outside =
            g_strdup_printf("tunnel%u.aws-outside", i + 1);

        if (!hs_element_given(&vpn->element, inside))
            tunnel->inside =
                subnet(deal(d, &vpn->element, inside, tunnel_base, 4096, 4));
        tunnel->aws_inside = hs_prefix_host(&tunnel->inside, 1);
        tunnel->customer_inside = hs_prefix_host(&tunnel->inside, 2);
        if (!hs_element_given(&vpn->element, outside))
            tunnel->aws_outside = hs_addr_ipv4(
                deal(d, &vpn->element, outside, aws_base + 1, 253, 1));
    }
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

void
hs_scenario_derive(HsScenario *scenario, HsComplaints *complaints)
{
    g_autoptr(GHashTable) taken = g_hash_table_new(NULL, NULL);
    Derive d = {scenario, complaints, taken};

    take_given(&d);
    for (unsigned i = 0; i < scenario->elements[HS_KIND_ONPREM]->len; i++)
        derive_site(&d, scenario->elements[HS_KIND_ONPREM]->pdata[i]);
    for (unsigned i = 0; i < scenario->elements[HS_KIND_GATEWAY]->len; i++) {
        HsGateway *gateway = scenario->elements[HS_KIND_GATEWAY]->pdata[i];

        if (!hs_element_given(&gateway->element, "router-id"))
            gateway->router_id = host_of(&gateway->vpc->cidr, 1);
    }
    for (unsigned i = 0; i < scenario->elements[HS_KIND_DX]->len; i++)
        derive_dx(&d, scenario->elements[HS_KIND_DX]->pdata[i]);
    for (unsigned i = 0; i < scenario->elements[HS_KIND_VPN]->len; i++)
        derive_vpn(&d, scenario->elements[HS_KIND_VPN]->pdata[i]);
    for (unsigned i = 0; i < scenario->elements[HS_KIND_DATABASE]->len; i++) {
        HsDatabase *db = scenario->elements[HS_KIND_DATABASE]->pdata[i];

        if (!hs_element_given(&db->element, "client-address"))
            db->client_address = host_of(&db->client->cidr, 10);
        if (!hs_element_given(&db->element, "server-address"))
            db->server_address = host_of(&db->server->prefix, 10);
    }
    for (unsigned i = 0; i < scenario->elements[HS_KIND_PROBE]->len; i++) {
        HsProbing *probe = scenario->elements[HS_KIND_PROBE]->pdata[i];

        if (!hs_element_given(&probe->element, "database"))
            probe->database = (HsDatabase *)hs_scenario_element(
                scenario, HS_KIND_DATABASE, 0);
    }
    hs_scenario_derive_ports(scenario, complaints);
}
