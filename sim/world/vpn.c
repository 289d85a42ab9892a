/* A Site-to-Site VPN connection: for each tunnel an endpoint at AWS, its way to
 * the underlay and to the virtual private gateway, and the two ends' IKE.
 *
 * What a scenario says of both sides becomes an IkeConfig each: algorithms,
 * lifetimes, dead peer detection. AWS chooses from the customer's offer by its
 * own order, the lowest first (Site-to-Site VPN guide, "Tunnel options"); so
 * its lists are sorted here, whatever order the file has. Keys of the SAs are
 * what IKE derives: the world only notes them, for the Wireshark profile. */

#include "config.h"

#include "sim/world/private.h"

#include "models/aws/tgw.h"
#include "models/ikev2/wire.h"

#define PSK_LENGTH 32 /* as AWS generates them */

/* AWS asks a silent customer after this long, and then twice more; the timeout
 * counts from the silence's beginning. */
#define AWS_DPD_DELAY  HS_SEC(10)
#define AWS_DPD_PROBES 3

/* Departure: the lifetimes of a customer gateway are the ends of its SAs, and
 * it rekeys a tenth of one before, or up to twice that: strongSwan's ratio
 * (rekey_time, life_time = 110 %, rand_time). */
#define CUSTOMER_MARGIN 10

static const uint8_t groups[] = {
#define X(name, text) [HS_DH_GROUP_##name] = name,
    HS_DH_GROUPS(X)
#undef X
};

static const IkeCipher ciphers[] = {
    [HS_ENCRYPTION_AES128] = {IKE_ENCR_AES_CBC, 128},
    [HS_ENCRYPTION_AES256] = {IKE_ENCR_AES_CBC, 256},
    [HS_ENCRYPTION_AES128_GCM16] = {IKE_ENCR_AES_GCM_16, 128},
    [HS_ENCRYPTION_AES256_GCM16] = {IKE_ENCR_AES_GCM_16, 256},
};

static const struct {
    uint16_t integ, prf;
} integrities[] = {
    [HS_INTEGRITY_SHA1] = {IKE_INTEG_HMAC_SHA1_96, IKE_PRF_HMAC_SHA1},
    [HS_INTEGRITY_SHA2_256] = {IKE_INTEG_HMAC_SHA2_256_128,
                               IKE_PRF_HMAC_SHA2_256},
    [HS_INTEGRITY_SHA2_384] = {IKE_INTEG_HMAC_SHA2_384_192,
                               IKE_PRF_HMAC_SHA2_384},
    [HS_INTEGRITY_SHA2_512] = {IKE_INTEG_HMAC_SHA2_512_256,
                               IKE_PRF_HMAC_SHA2_512},
};

static gint
by_value(gconstpointer a, gconstpointer b, gpointer user_data)
{
    (void)user_data;
    return (int)*(const uint8_t *)a - (int)*(const uint8_t *)b;
}

/* The words' enumerators ascend as AWS's lists do. */
static HsWords
lowest_first(const HsWords *words)
{
    HsWords sorted = *words;

    g_qsort_with_data(sorted.values, sorted.count, 1, by_value, NULL);
    return sorted;
}

static IkePolicy
policy_of(const HsVpnPhase *phase, bool ike, bool aws)
{
    HsWords encryption = phase->encryption, integrity = phase->integrity;
    HsWords group = phase->groups;
    IkePolicy policy = {.choice = aws ? IKE_CHOOSE_OWN : IKE_CHOOSE_OFFERED};

    if (aws) {
        encryption = lowest_first(&encryption);
        integrity = lowest_first(&integrity);
        group = lowest_first(&group);
    }
    for (unsigned i = 0; i < encryption.count; i++)
        policy.ciphers[policy.cipher_count++] = ciphers[encryption.values[i]];
    for (unsigned i = 0; i < integrity.count; i++) {
        policy.integs[policy.integ_count++] =
            integrities[integrity.values[i]].integ;
        if (ike)
            policy.prfs[policy.prf_count++] =
                integrities[integrity.values[i]].prf;
    }
    for (unsigned i = 0; i < group.count; i++)
        policy.groups[policy.group_count++] = groups[group.values[i]];
    return policy;
}

static IkeAction
action_of(HsDpdAction action)
{
    switch (action) {
    case HS_DPD_ACTION_CLEAR:
        return IKE_ACTION_CLEAR;
    case HS_DPD_ACTION_NONE:
        return IKE_ACTION_NONE;
    case HS_DPD_ACTION_RESTART:
        return IKE_ACTION_RESTART;
    }
    g_assert_not_reached();
}

static IkeDpdMode
mode_of(HsDpdMode mode)
{
    switch (mode) {
    case HS_DPD_MODE_OFF:
        return IKE_DPD_OFF;
    case HS_DPD_MODE_ON_DEMAND:
        return IKE_DPD_ON_DEMAND;
    case HS_DPD_MODE_PERIODIC:
        return IKE_DPD_PERIODIC;
    }
    g_assert_not_reached();
}

static bool
is_behind_nat(const HsVpn *vpn)
{
    return vpn->site->nat && vpn->underlay_internet != NULL;
}

static IkeConfig
customer_ike(const HsVpn *vpn, const HsTunnelSettings *tunnel)
{
    static const IkePreset presets[] = {
        [HS_IKE_PRESET_STRONGSWAN] = IKE_PRESET_STRONGSWAN,
        [HS_IKE_PRESET_CISCO] = IKE_PRESET_CISCO,
    };
    IkeConfig ike;

    ike_config_init(&ike, presets[vpn->cgw]);
    ike.local =
        is_behind_nat(vpn) ? hs_world_nat_inside(vpn->site) : vpn->outside;
    ike.remote = tunnel->aws_outside;
    ike.ike_policy = policy_of(&vpn->ike, true, false);
    ike.child_policy = policy_of(&vpn->esp, false, false);
    ike.child_policy.esn = vpn->esn;
    ike.child_policy.no_esn = !vpn->esn;
    ike.start = vpn->startup == HS_STARTUP_START;
    ike.ike_lifetime = vpn->ike.lifetime;
    ike.child_lifetime = vpn->esp.lifetime;
    ike.ike_margin = vpn->ike.lifetime / CUSTOMER_MARGIN;
    ike.child_margin = vpn->esp.lifetime / CUSTOMER_MARGIN;
    ike.rekey_fuzz = 100;
    ike.rekey_rule = IKE_REKEY_MARGIN;
    ike.dpd = mode_of(vpn->dpd);
    ike.dpd_delay = vpn->dpd_delay;
    ike.dpd_action = action_of(vpn->dpd_action);
    ike.force_encap = vpn->nat_t || vpn->accelerated;
    return ike;
}

static IkeConfig
aws_ike(const HsVpn *vpn, const HsTunnelSettings *tunnel)
{
    IkeConfig ike;

    ike_config_init(&ike, IKE_PRESET_AWS);
    ike.local = tunnel->aws_outside;
    ike.remote = vpn->outside;
    ike.ike_policy = policy_of(&vpn->aws_ike, true, true);
    ike.child_policy = policy_of(&vpn->aws_esp, false, true);
    ike.child_policy.esn = ike.child_policy.no_esn = true;
    ike.start = vpn->aws_startup == HS_STARTUP_START;
    ike.ike_lifetime = vpn->aws_ike.lifetime;
    ike.child_lifetime = vpn->aws_esp.lifetime;
    ike.ike_margin = ike.child_margin = vpn->aws_rekey_margin;
    ike.rekey_fuzz = (uint16_t)(vpn->aws_rekey_fuzz * 100 + 0.5);
    ike.dpd_delay = AWS_DPD_DELAY;
    ike.dpd_retransmit = (IkeRetransmit){
        .first = (vpn->aws_dpd_timeout - AWS_DPD_DELAY) / AWS_DPD_PROBES,
        .factor = 1000,
        .tries = AWS_DPD_PROBES - 1,
    };
    ike.dpd_action = action_of(vpn->aws_dpd_action);
    /* Accelerated VPN: NAT traversal always, and the customer rekeys.
     * Departure: the way to AWS's nearest edge is the scenario's [internet]. */
    ike.force_encap = ike.no_rekey = vpn->accelerated;
    return ike;
}

/* AWS generates 32 characters that a pre-shared key may have. */
static char *
draw_psk(uint64_t seed, const char *tunnel)
{
    static const char signs[] = "123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz._0";
    g_autoptr(HsRng) rng = hs_rng_new(seed, tunnel, "pre-shared key");
    char *psk = g_malloc0(PSK_LENGTH + 1);

    for (unsigned i = 0; i < PSK_LENGTH; i++) /* 0 does not come first */
        psk[i] = signs[hs_rng_below(rng, sizeof signs - 1 - (i == 0))];
    return psk;
}

static char *
tunnel_name(const HsVpn *vpn, unsigned index)
{
    return g_strdup_printf("%s.tunnel%u", vpn->element.name, index + 1);
}

char *
hs_world_psk(const HsScenario *scenario, const HsVpn *vpn, unsigned index)
{
    g_autofree char *name = tunnel_name(vpn, index);

    return vpn->tunnel[index].psk != NULL
               ? g_strdup(vpn->tunnel[index].psk)
               : draw_psk(hs_scenario_settings(scenario, 0)->seed, name);
}

/* The largest packet that fits, whatever of the customer's ciphers it will be:
 * one that AWS does not take may stand in the list, and makes it smaller. */
static size_t
worst_mtu(const HsVpn *vpn, size_t outside_mtu)
{
    size_t worst = SIZE_MAX;

    for (unsigned e = 0; e < vpn->esp.encryption.count; e++)
        for (unsigned i = 0; i < vpn->esp.integrity.count; i++) {
            HsEncryption encryption =
                (HsEncryption)vpn->esp.encryption.values[e];
            bool gcm = ciphers[encryption].encr == IKE_ENCR_AES_GCM_16;
            g_autofree char *name =
                gcm ? g_strdup(hs_encryption_name(encryption))
                    : g_strdup_printf(
                          "%s-cbc-%s", hs_encryption_name(encryption),
                          hs_integrity_name(
                              (HsIntegrity)vpn->esp.integrity.values[i]));
            EspSaConfig sa = {.nat_t = vpn->nat_t || vpn->accelerated ||
                                       is_behind_nat(vpn)};
            bool known = esp_suite_from_name(name, &sa.suite);

            g_assert(known);
            worst = MIN(worst, esp_inner_mtu(&sa, outside_mtu));
        }
    return worst;
}

/* What carries the outer packets, at AWS's side: a link from the underlay to
 * the endpoint. */
static void
join_underlay(HsWorld *world, const HsVpn *vpn, const char *tunnel,
              WorldNode *node, const HsAddr *outside)
{
    g_autofree char *name = g_strdup_printf("%s.edge", tunnel);
    HsPrefix address = hs_prefix_of(outside);
    WorldNode *far;
    WorldLink *link;
    HsPortConfig port;

    if (vpn->private_ip)
        far = hs_world_find_node(world, vpn->gateway->element.name);
    else if (vpn->underlay_dx != NULL)
        far = hs_world_public_node(world, vpn);
    else
        far = hs_world_node_of(world, &vpn->underlay_internet->element, "aws");
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = name,
                                                .settings = vpn->gateway->edge,
                                                .kind = vpn->underlay_dx != NULL
                                                            ? HS_LINK_OTHER
                                                            : HS_LINK_INTERNET},
                             far, node);
    if (vpn->private_ip) {
        port = hs_world_port(link, 0);
        link->end[0].port = hs_tgw_add_transport(
            far->model,
            hs_aws_gateway_attachment(far->gateway,
                                      vpn->underlay_dx->dxgw->element.name),
            &port, outside);
    } else if (vpn->underlay_dx != NULL) {
        hs_world_add_public_outside(world, vpn, link, outside);
    } else {
        port = hs_world_port(link, 0);
        link->end[0].port = hs_router_add_port(far->router, &port);
        hs_world_add_route(far->router, 0, outside, link->end[0].port);
        hs_world_add_route(
            hs_world_find_node(world, vpn->underlay_internet->element.name)
                ->router,
            0, outside, 0);
    }
    port = hs_world_port(link, 1);
    link->end[1].port =
        hs_vpn_endpoint_add_outside(node->model, &port, &address);
}

/* The customer's outside address of an unpinned or a private-IP VPN: on no
 * link, and announced on every virtual interface that may carry it, as far as
 * they end on the same router: the outside of the other is its own. */
static void
join_loopback(HsWorld *world, const HsVpn *vpn, HsCustomerGateway *gateway)
{
    g_autofree char *name = hs_world_name_of(&vpn->element, "outside");
    HsPrefix outside = hs_prefix_of(&vpn->outside);

    hs_customer_gateway_add_loopback(gateway, g_intern_string(name),
                                     !vpn->private_ip, &vpn->outside);
    for (unsigned i = 0; i < vpn->underlays.count; i++) {
        const HsDx *dx = (const HsDx *)vpn->underlays.values[i];
        const WorldLink *link = hs_world_find_link(world, dx->element.name);

        if (dx->physical.router == vpn->router)
            hs_customer_gateway_announce(gateway, link->end[0].peer, &outside,
                                         1, 0);
    }
}

static size_t
outside_mtu(const HsVpn *vpn)
{
    size_t mtu = vpn->gateway->edge.mtu;

    if (vpn->underlay_internet != NULL)
        return MIN(
            mtu, MIN(vpn->site->uplink.mtu, vpn->underlay_internet->link.mtu));
    for (unsigned i = 0; i < vpn->underlays.count; i++)
        mtu = MIN(mtu, ((const HsDx *)vpn->underlays.values[i])->link.mtu);
    return mtu;
}

/* Noting keys: AWS's endpoints show them, the other ends have the same. */

static void
note_ike(void *user_data, const char *tunnel, const IkeKeys *keys)
{
    HsWorld *world = user_data;
    WorldIkeSa *noted = g_new0(WorldIkeSa, 1);

    noted->name = g_strdup(tunnel);
    noted->keys = *keys;
    g_ptr_array_add(world->ike_sas, noted);
}

/* AWS's outside addresses are those of tunnels, and of nothing else. */
static bool
is_aws(const HsWorld *world, const HsAddr *address)
{
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(world->scenario, i)); i++)
        for (unsigned t = 0; t < vpn->tunnels; t++)
            if (hs_addr_equal(&vpn->tunnel[t].aws_outside, address))
                return true;
    return false;
}

static void
note_esp(void *user_data, const char *tunnel, const EspSaConfig *sa)
{
    HsWorld *world = user_data;
    WorldSa *noted = g_new0(WorldSa, 1);

    noted->name = g_strdup_printf(
        "%s %s", tunnel,
        is_aws(world, &sa->destination) ? "to AWS" : "to on-premises");
    noted->config = *sa;
    g_ptr_array_add(world->sas, noted);
}

static const HsIkeWatcher key_watcher = {.ike = note_ike, .esp = note_esp};

/* One tunnel */

/* The customer's end: routed by BGP, or statically. */
static void
build_customer(const HsVpn *vpn, unsigned index, WorldNode *site,
               const HsIkeTunnelConfig *config)
{
    const HsTunnelSettings *settings = &vpn->tunnel[index];
    HsControlPeerConfig session = hs_world_customer_session(
        config->tunnel.name, &vpn->customer, &vpn->policy, vpn->cgw_remote_asn);
    size_t clamp =
        vpn->mss_clamp ? worst_mtu(vpn, config->tunnel.outside_mtu) : 0;
    HsIkeTunnel *tunnel;

    hs_sim_host_add_address(site->host, &config->tunnel.address);
    session.local = settings->customer_inside;
    session.remote = settings->aws_inside;
    session.local_preference = settings->local_preference;
    tunnel = hs_customer_gateway_add_vpn(
        site->model, config, vpn->private_ip, clamp,
        vpn->routing == HS_ROUTING_BGP ? &session : NULL);
    if (vpn->routing == HS_ROUTING_STATIC)
        hs_customer_gateway_add_static(
            site->model, tunnel, vpn->cgw_static_routes.values,
            vpn->cgw_static_routes.count, vpn->policy.local_preference, index);
    else
        hs_customer_gateway_set_announced(
            site->model, hs_ike_tunnel_session_peer(tunnel),
            vpn->announce.values, vpn->announce.count, vpn->announce_extra);
}

/* Both ends of it; AWS's is returned. */
static HsIkeTunnel *
build_ike(HsWorld *world, const HsVpn *vpn, unsigned index, const char *name,
          HsVpnEndpoint *endpoint)
{
    const HsTunnelSettings *settings = &vpn->tunnel[index];
    WorldNode *site = hs_world_customer_gateway(world, vpn->site, vpn->router);
    g_autofree char *psk = hs_world_psk(world->scenario, vpn, index);
    HsIkeTunnelConfig config = {
        .tunnel = {.name = name,
                   .address = {settings->customer_inside,
                               settings->inside.length},
                   .outside_mtu = outside_mtu(vpn)},
        .ike = customer_ike(vpn, settings),
        .window = vpn->replay_window,
        .df = ESP_DF_COPY,
    };
    HsIkeTunnel *tunnel;

    config.ike.psk = settings->cgw_psk != NULL ? settings->cgw_psk : psk;
    if (!hs_world_is_real(world, &vpn->site->port)) {
        if (vpn->underlay_dx != NULL && !vpn->pinned && index == 0)
            join_loopback(world, vpn, site->model);
        build_customer(vpn, index, site, &config);
    }

    config.tunnel.address.addr = settings->aws_inside;
    /* VPN user guide: no path MTU discovery. */
    config.tunnel.no_frag_needed = true;
    config.ike = aws_ike(vpn, settings);
    config.ike.psk = psk;
    config.window = vpn->aws_replay_window;
    hs_ike_service_set_watcher(hs_vpn_endpoint_ike(endpoint), &key_watcher,
                               world);
    tunnel = hs_vpn_endpoint_add_vpn(endpoint, &config);
    hs_vpn_endpoint_police(
        endpoint, hs_ike_tunnel_ipsec(tunnel),
        &(HsPolicerConfig){.rate = vpn->aws_rate, .packets = vpn->aws_pps});
    return tunnel;
}

/* Static routing: AWS's routes go by the tunnels that are up */

static void
tunnel_changed(void *user_data, bool up)
{
    const WorldEnd *end = user_data; /* the gateway's, of the backbone */

    hs_attachment_port_up(end->attachment, end->port, up);
}

/* Once both tunnels have their ports. */
static void
set_static_routes(const HsWorld *world, const HsVpn *vpn,
                  HsAttachment *attachment)
{
    unsigned ports[HS_VPN_TUNNELS];

    for (unsigned i = 0; i < vpn->tunnels; i++) {
        g_autofree char *name =
            g_strdup_printf("%s.tunnel%u.backbone", vpn->element.name, i + 1);

        ports[i] = hs_world_find_link(world, name)->end[1].port;
        hs_attachment_port_up(attachment, ports[i], false);
    }
    for (unsigned i = 0; i < vpn->static_routes.count; i++)
        hs_attachment_set_route(attachment, &vpn->static_routes.values[i], NULL,
                                ports, vpn->tunnels);
}

/* The VPN's attachment at its gateway; both tunnels are of it. */
static HsAttachment *
attachment_of(const HsVpn *vpn, HsAwsGateway *gateway)
{
    HsAttachment *attachment =
        hs_aws_gateway_attachment(gateway, vpn->element.name);

    if (attachment != NULL)
        return attachment;
    return hs_aws_gateway_attach(
        gateway, &(HsAttachmentConfig){.name = vpn->element.name,
                                       .kind = vpn->private_ip
                                                   ? HS_ATTACHMENT_VPN_PRIVATE
                                                   : HS_ATTACHMENT_VPN});
}

void
hs_world_build_tunnel(HsWorld *world, const HsVpn *vpn, unsigned index)
{
    const HsTunnelSettings *settings = &vpn->tunnel[index];
    g_autofree char *tunnel = tunnel_name(vpn, index);
    g_autofree char *node_name = g_strdup_printf("%s.aws", tunnel);
    const char *name = g_intern_string(tunnel);
    WorldNode *gateway = hs_world_find_node(world, vpn->gateway->element.name);
    HsAttachment *attachment = attachment_of(vpn, gateway->gateway);
    WorldNode *node = hs_world_add_node(world, node_name, HS_WORLD_VPN_ENDPOINT,
                                        &vpn->element, true, HS_WORLD_HOST_MTU);
    HsVpnEndpoint *endpoint = hs_vpn_endpoint_new(
        hs_world_env(node),
        &(HsEndpointConfig){.name = node->name,
                            .fib_delay = vpn->gateway->fib_delay});
    HsPrefix aws = {settings->aws_inside, settings->inside.length};
    HsControlPeerConfig session = {
        .name = name,
        .local = settings->aws_inside,
        .remote = settings->customer_inside,
        .remote_as = vpn->aws_remote_asn,
        .max_prefixes = vpn->prefix_limit,
        .keepalive = vpn->aws.keepalive,
        .hold = vpn->aws.hold,
        .has_med = true,
        .med = settings->med,
    };
    WorldLink *backbone;
    HsIkeTunnel *ike;
    HsPortConfig port;

    hs_world_set_router(node, hs_vpn_endpoint_router(endpoint), endpoint,
                        (GDestroyNotify)hs_vpn_endpoint_free, 2);
    node->ipsec = hs_vpn_endpoint_ipsec(endpoint);
    node->ike = hs_vpn_endpoint_ike(endpoint);
    hs_sim_host_add_address(node->host, &aws);
    join_underlay(world, vpn, name, node, &settings->aws_outside);
    ike = build_ike(world, vpn, index, name, endpoint);

    backbone = hs_world_add_backbone(
        world, &vpn->element,
        index == 0 ? "tunnel1.backbone" : "tunnel2.backbone", node, gateway);
    port = hs_world_port(backbone, 0);
    backbone->end[0].port = hs_vpn_endpoint_add_backbone(endpoint, &port);
    port = hs_world_port(backbone, 1);
    port.name = name;
    session.egress = backbone->end[1].port =
        hs_attachment_add_port(attachment, &port);
    backbone->end[1].attachment = attachment;
    if (vpn->routing == HS_ROUTING_STATIC) {
        hs_ike_tunnel_set_listener(ike, tunnel_changed, &backbone->end[1]);
        if (index == vpn->tunnels - 1)
            set_static_routes(world, vpn, attachment);
        return;
    }
    hs_vpn_endpoint_session(endpoint, hs_ike_tunnel_ipsec(ike), &session);
    hs_ike_tunnel_set_session(ike,
                              hs_attachment_add_session(attachment, &session));
}
