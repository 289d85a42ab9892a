#include "config.h"

#include "models/aws/tgw.h"

#include "models/aws/tgw_private.h"

#define VPN_MTU     1500 /* Transit gateway guide, quotas */
#define TCP_HEADERS 40   /* IP and TCP without options */

/* Life */

static void
told_free(void *data)
{
    HsTgwTold *told = data;

    bgp_attrs_unref(told->attrs);
    g_array_unref(told->ports);
    g_free(told);
}

static void
attachment_free(void *data)
{
    HsTgwAttachment *attachment = data;

    hs_control_free(attachment->control);
    g_array_unref(attachment->ports);
    g_ptr_array_unref(attachment->told);
    g_free(attachment);
}

static const HsAwsGatewayClass gateway_class;

HsTgw *
hs_tgw_new(HsEnv *env, const HsTgwConfig *config)
{
    HsTgw *tgw = g_new0(HsTgw, 1);

    hs_aws_gateway_init(&tgw->base, &gateway_class, config->asn);
    tgw->env = env;
    tgw->config = *config;
    if (tgw->config.mtu == 0)
        tgw->config.mtu = HS_TGW_MTU;
    tgw->options.vpn_ecmp = config->vpn_ecmp;
    tgw->router = hs_router_new(
        env, &(HsRouterConfig){
                 .name = config->name,
                 .fib_delay = config->convergence + config->fib_delay,
                 .icmp_source = hs_addr_to_ipv4(&config->router_id),
             });
    tgw->tables = g_ptr_array_new_with_free_func(hs_tgw_table_free);
    tgw->sources = g_ptr_array_new_with_free_func(g_free);
    tgw->attached = g_ptr_array_new_with_free_func(attachment_free);
    hs_tgw_add_source(tgw, "blackhole", NULL, NULL, HS_PORT_BLACKHOLE);
    return tgw;
}

void
hs_tgw_free(HsTgw *tgw)
{
    if (tgw == NULL)
        return;
    g_ptr_array_unref(tgw->attached);
    g_ptr_array_unref(tgw->tables);
    g_ptr_array_unref(tgw->sources);
    hs_router_free(tgw->router);
    hs_aws_gateway_clear(&tgw->base);
    g_free(tgw);
}

HsAwsGateway *
hs_tgw_gateway(HsTgw *tgw)
{
    return &tgw->base;
}

HsRouter *
hs_tgw_router(HsTgw *tgw)
{
    return tgw->router;
}

unsigned
hs_tgw_add_source(HsTgw *tgw, const char *name, HsTgwAttachment *attachment,
                  HsControlPeer *peer, unsigned port)
{
    HsTgwSource *source = g_new0(HsTgwSource, 1);

    *source = (HsTgwSource){name, attachment, peer, port};
    g_ptr_array_add(tgw->sources, source);
    return tgw->sources->len - 1;
}

/* Attachments */

/* What the table holds before what a session brought: the attachment's speaker
 * only tells its peers what to use, the choice is the tables'. */
static int
ours_first(const BgpRoute *a, const BgpRoute *b, const void *user_data,
           BgpVerdict *ret_verdict)
{
    int result =
        (a->source != BGP_SOURCE_STATIC) - (b->source != BGP_SOURCE_STATIC);

    (void)user_data;
    *ret_verdict = (BgpVerdict){.step = "the table's choice"};
    return result != 0 ? result
                       : hs_addr_compare(&a->peer_address, &b->peer_address);
}

static void
learned(void *user_data, const HsPrefix *prefix)
{
    HsTgwAttachment *attachment = user_data;

    hs_tgw_tables_learned(attachment, prefix);
    hs_tgw_tables_statics(attachment);
}

static HsControl *
control_of(HsTgwAttachment *attachment)
{
    const HsTgw *tgw = attachment->tgw;

    return hs_control_new(
        tgw->env,
        &(HsControlConfig){
            .speaker = {.asn = tgw->config.asn,
                        .router_id = hs_addr_to_ipv4(&tgw->config.router_id),
                        .compare = ours_first,
                        .report_decided = true},
            .decided = learned,
            .quiet = true,
            .stream = attachment->base.config.name,
            .user_data = attachment,
        });
}

static HsAttachment *
attach(HsAwsGateway *gateway, const HsAttachmentConfig *config)
{
    HsTgw *tgw = (HsTgw *)gateway;
    HsTgwAttachment *attachment = g_new0(HsTgwAttachment, 1);

    attachment->base.config = *config;
    attachment->tgw = tgw;
    attachment->table = hs_tgw_table_of(tgw, config->name);
    attachment->source =
        hs_tgw_add_source(tgw, config->name, attachment, NULL, 0);
    attachment->ports = g_array_new(FALSE, FALSE, sizeof(HsTgwPort));
    attachment->told = g_ptr_array_new_with_free_func(told_free);
    g_ptr_array_add(tgw->attached, attachment);
    if (hs_tgw_is_vpn(attachment)) {
        attachment->control = control_of(attachment);
        hs_tgw_table_tell_all(attachment);
    }
    return &attachment->base;
}

/* Transit gateway guide, quotas: packets above 8500 bytes are dropped, and only
 * what comes from a VPC is told why; the MSS is clamped. Departure: what may be
 * fragmented is, rather than dropped. */
static unsigned
add_port(HsAttachment *base, const HsPortConfig *given)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)base;
    HsTgw *tgw = attachment->tgw;
    size_t mtu = hs_tgw_is_vpn(attachment) ? VPN_MTU : tgw->config.mtu;
    HsPortConfig config = *given;
    HsTgwPort port = {.up = true};

    if (config.mtu == 0 || config.mtu > mtu)
        config.mtu = mtu;
    config.vrf =
        attachment->table != NULL ? attachment->table->vrf : tgw->no_table;
    config.mss_clamp = (uint16_t)(config.mtu - TCP_HEADERS);
    config.no_frag_needed_in = base->config.kind != HS_ATTACHMENT_VPC;
    port.number = hs_router_add_port(tgw->router, &config);
    g_array_append_val(attachment->ports, port);
    hs_tgw_tables_statics(attachment);
    return port.number;
}

static HsTgwPort *
find_port(const HsTgwAttachment *attachment, unsigned number)
{
    for (guint i = 0; i < attachment->ports->len; i++) {
        HsTgwPort *port = &g_array_index(attachment->ports, HsTgwPort, i);

        if (port->number == number)
            return port;
    }
    g_assert_not_reached();
}

uint64_t
hs_tgw_alive(const HsTgwAttachment *attachment)
{
    uint64_t alive = 0;

    for (guint i = 0; i < attachment->ports->len; i++) {
        const HsTgwPort *port = &g_array_index(attachment->ports, HsTgwPort, i);

        if (port->up && (port->peer == NULL ||
                         bgp_peer_state(hs_control_peer_bgp(port->peer)) ==
                             BGP_ESTABLISHED))
            alive |= UINT64_C(1) << i;
    }
    return alive;
}

static bool
is_ours(void *user_data, const BgpRoute *route)
{
    (void)user_data;
    return route->source == BGP_SOURCE_STATIC;
}

static HsControlPeer *
add_session(HsAttachment *base, const HsControlPeerConfig *given)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)base;
    HsTgwPort *port = find_port(attachment, given->egress);
    HsControlPeerConfig session = *given;

    g_assert(attachment->control != NULL);
    session.hold_min = HS_SEC(3);
    session.no_hold_zero = true;
    if (session.max_prefixes == 0)
        session.max_prefixes = HS_TGW_VPN_ROUTES_ACCEPTED;
    session.max_told = HS_TGW_VPN_ROUTES_TOLD;
    session.has_med = true;
    session.med = HS_TGW_VPN_MED;
    session.may_tell = is_ours;
    port->peer = hs_control_add_peer(attachment->control, &session);
    hs_tgw_add_source(attachment->tgw,
                      bgp_peer_name(hs_control_peer_bgp(port->peer)),
                      attachment, port->peer, given->egress);
    hs_tgw_tables_statics(attachment); /* there is no session yet */
    return port->peer;
}

/* Routes that attachments tell */

static bool
find_told(const HsTgwAttachment *attachment, const HsPrefix *prefix,
          guint *ret_index)
{
    for (guint i = 0; i < attachment->told->len; i++) {
        const HsTgwTold *told = attachment->told->pdata[i];

        if (hs_prefix_equal(&told->prefix, prefix)) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

static void
set_route(HsAttachment *base, const HsPrefix *given, BgpAttrs *attrs,
          const unsigned *ports, unsigned n)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)base;
    HsPrefix prefix = hs_prefix_masked(given);
    HsTgwTold *told;
    guint index;

    if (find_told(attachment, &prefix, &index)) {
        told = attachment->told->pdata[index];
    } else {
        told = g_new0(HsTgwTold, 1);
        told->prefix = prefix;
        told->ports = g_array_new(FALSE, FALSE, sizeof(unsigned));
        g_ptr_array_add(attachment->told, told);
    }
    bgp_attrs_unref(told->attrs);
    told->attrs = attrs != NULL ? bgp_attrs_copy(attrs) : NULL;
    g_array_set_size(told->ports, 0);
    g_array_append_vals(told->ports, ports, n);
    hs_tgw_tables_told(attachment, told);
}

static void
remove_route(HsAttachment *base, const HsPrefix *prefix)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)base;
    HsPrefix masked = hs_prefix_masked(prefix);
    guint index;

    if (!find_told(attachment, &masked, &index))
        return;
    g_ptr_array_remove_index(attachment->told, index);
    hs_tgw_tables_forget(attachment, &masked);
}

static void
port_up(HsAttachment *base, unsigned number, bool up)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)base;
    HsTgwPort *port = find_port(attachment, number);

    if (port->up == up)
        return;
    port->up = up;
    for (guint i = 0; i < attachment->told->len; i++)
        hs_tgw_tables_told(attachment, attachment->told->pdata[i]);
    hs_tgw_tables_statics(attachment);
}

static void
start(HsAwsGateway *gateway)
{
    HsTgw *tgw = (HsTgw *)gateway;

    for (guint i = 0; i < tgw->attached->len; i++) {
        const HsTgwAttachment *attachment = tgw->attached->pdata[i];

        if (attachment->control != NULL)
            hs_control_start(attachment->control);
    }
}

void
hs_tgw_crash(HsTgw *tgw, bool forwarding_lost)
{
    for (guint i = 0; i < tgw->attached->len; i++) {
        HsTgwAttachment *attachment = tgw->attached->pdata[i];

        if (attachment->control != NULL)
            hs_control_crash(attachment->control, forwarding_lost);
        if (attachment->control != NULL && forwarding_lost)
            hs_tgw_tables_relearn(attachment);
    }
}

void
hs_tgw_boot(HsTgw *tgw)
{
    for (guint i = 0; i < tgw->attached->len; i++) {
        const HsTgwAttachment *attachment = tgw->attached->pdata[i];

        if (attachment->control != NULL)
            hs_control_boot(attachment->control);
    }
}

static void
crash(HsAwsGateway *gateway, bool forwarding_lost)
{
    hs_tgw_crash((HsTgw *)gateway, forwarding_lost);
}

static void
boot(HsAwsGateway *gateway)
{
    hs_tgw_boot((HsTgw *)gateway);
}

static const HsAwsGatewayClass gateway_class = {
    .attach = attach,
    .add_port = add_port,
    .add_session = add_session,
    .set_route = set_route,
    .remove_route = remove_route,
    .port_up = port_up,
    .start = start,
    .crash = crash,
    .boot = boot,
};

/* Private-IP VPN */

unsigned
hs_tgw_add_transport(HsTgw *tgw, HsAttachment *dxgw, const HsPortConfig *given,
                     const HsAddr *address)
{
    HsTgwAttachment *attachment = (HsTgwAttachment *)dxgw;
    HsPrefix prefix = hs_prefix_of(address);
    HsPortConfig config = *given;
    HsNexthop hop = {0};

    g_assert(dxgw->gateway == &tgw->base);
    if (attachment->transport_vrf == 0) {
        g_autofree char *name =
            g_strdup_printf("transport %s", dxgw->config.name);

        attachment->transport_vrf = hs_router_add_vrf(tgw->router, name);
        for (guint i = 0; i < attachment->told->len; i++)
            hs_tgw_tables_told(attachment, attachment->told->pdata[i]);
    }
    config.vrf = attachment->transport_vrf;
    if (config.mtu == 0 || config.mtu > tgw->config.mtu)
        config.mtu = tgw->config.mtu;
    hop.port = hs_router_add_port(tgw->router, &config);
    hs_router_route_set(tgw->router,
                        attachment->table != NULL ? attachment->table->vrf
                                                  : tgw->no_table,
                        &prefix, &hop, 1, "transport");
    return hop.port;
}
