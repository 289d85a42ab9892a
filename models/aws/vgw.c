/* One speaker decides. What a session brings is a candidate by itself; what an
 * attachment is told (a static VPN's prefix, a DX gateway's) is injected with a
 * tag that says by whom; a VPC's CIDR is the gateway's own. The paths that come
 * out are turned into hops by install(), which is also called when the ports of
 * a told route change and the decision does not. */

#include "config.h"

#include "models/aws/vgw.h"

#include "models/aws/endpoint.h"
#include "models/aws/vgw_routes.h"

#include <string.h>

/* A route that an attachment was told. */
typedef struct {
    HsPrefix prefix;
    BgpAttrs *attrs; /* owned; may be NULL */
    unsigned ports[BGP_MULTIPATH_MAX];
    unsigned n;
    bool injected;
} Told;

typedef struct {
    HsAttachment base; /* first */
    unsigned number;   /* in the gateway's list, from 1 */
    GPtrArray *told;   /* Told *, owned, in the order they came */
    GArray *down;      /* unsigned: ports */
    HsPropagateFunc propagate;
    void *propagate_data; /* borrowed */
} Attachment;

/* What the speaker chose for a prefix. */
typedef struct {
    HsPrefix prefix;
    BgpPath paths[BGP_MULTIPATH_MAX];
    unsigned n;
} Choice;

struct HsVgw {
    HsAwsGateway base; /* first */
    HsEnv *env;        /* borrowed */
    HsVgwConfig config;
    HsRouter *router;       /* owned */
    HsControl *control;     /* owned */
    GPtrArray *attachments; /* Attachment *, owned */
    GPtrArray *choices;     /* Choice *, owned, in the order of appearance */
};

static void
told_free(void *data)
{
    Told *told = data;

    bgp_attrs_unref(told->attrs);
    g_free(told);
}

static void
attachment_free(void *data)
{
    Attachment *attachment = data;

    g_ptr_array_unref(attachment->told);
    g_array_unref(attachment->down);
    g_free(attachment);
}

static Attachment *
by_tag(const HsVgw *vgw, int tag)
{
    unsigned number = HS_VGW_TAG_ATTACHMENT(tag);

    return number > 0 ? vgw->attachments->pdata[number - 1] : NULL;
}

/* Told routes */

static Told *
find_told(const Attachment *attachment, const HsPrefix *prefix)
{
    for (guint i = 0; i < attachment->told->len; i++) {
        Told *told = attachment->told->pdata[i];

        if (hs_prefix_equal(&told->prefix, prefix))
            return told;
    }
    return NULL;
}

static bool
is_down(const Attachment *attachment, unsigned port)
{
    for (guint i = 0; i < attachment->down->len; i++)
        if (g_array_index(attachment->down, unsigned, i) == port)
            return true;
    return false;
}

/* The ways of TOLD that work: all of a DX gateway's, one of a VPN's. */
static unsigned
hops_of(const Attachment *attachment, const Told *told,
        HsNexthop hops[BGP_MULTIPATH_MAX])
{
    bool one = attachment->base.config.kind == HS_ATTACHMENT_VPN;
    unsigned n = 0;

    for (unsigned i = 0; i < told->n && !(one && n > 0); i++)
        if (!is_down(attachment, told->ports[i]))
            hops[n++] = (HsNexthop){.port = told->ports[i]};
    return n;
}

/* The table */

static unsigned
hops_of_path(const HsVgw *vgw, const HsPrefix *prefix, const BgpPath *path,
             HsNexthop hops[BGP_MULTIPATH_MAX])
{
    HsControlPeer *peer = hs_control_path_peer(path);
    const Attachment *attachment;
    const Told *told;

    if (peer != NULL) {
        hops[0] = (HsNexthop){
            .port = hs_control_peer_config(peer)->egress,
            .gateway = hs_control_peer_config(peer)->remote,
        };
        return 1;
    }
    if (path->source == BGP_SOURCE_STATIC) {
        attachment = by_tag(vgw, path->tag);
        g_assert(attachment != NULL);
        told = find_told(attachment, prefix);
        return told != NULL ? hops_of(attachment, told, hops) : 0;
    }
    for (guint i = 0; i < vgw->attachments->len; i++) {
        attachment = vgw->attachments->pdata[i];
        told = find_told(attachment, prefix);
        if (attachment->base.config.kind == HS_ATTACHMENT_VPC && told != NULL)
            return hops_of(attachment, told, hops);
    }
    return 0; /* of hs_vgw_add_vpc(): connected */
}

/* A DX gateway has it from BGP. */
static const char *
origin_of(const HsVgw *vgw, const BgpPath *path)
{
    const Attachment *attachment = by_tag(vgw, path->tag);

    g_assert(attachment != NULL);
    return attachment->base.config.kind == HS_ATTACHMENT_DXGW ? "bgp"
                                                              : "static";
}

static void
install(HsVgw *vgw, const Choice *choice)
{
    HsNexthop hops[BGP_MULTIPATH_MAX];
    bool own = choice->n > 0 && choice->paths[0].source == BGP_SOURCE_LOCAL;
    const char *origin = "bgp";
    unsigned n = 0;

    if (own && hs_prefix_equal(&choice->prefix, &vgw->config.cidr))
        return;
    for (unsigned i = 0; i < choice->n; i++) {
        HsNexthop more[BGP_MULTIPATH_MAX];
        unsigned found =
            hops_of_path(vgw, &choice->prefix, &choice->paths[i], more);

        for (unsigned j = 0; j < found && n < BGP_MULTIPATH_MAX; j++)
            hops[n++] = more[j];
        if (choice->paths[i].peer == NULL)
            origin = own ? "vpc" : origin_of(vgw, &choice->paths[i]);
    }
    if (n > 0)
        hs_router_route_set(vgw->router, 0, &choice->prefix, hops, n, origin);
    else
        hs_router_route_remove(vgw->router, 0, &choice->prefix);
}

/* The VPC's own network is not news to it. */
static bool
is_news(const Choice *choice)
{
    return choice->n > 0 && choice->paths[0].source != BGP_SOURCE_LOCAL;
}

static void
propagate(HsVgw *vgw, const HsPrefix *prefix, bool present)
{
    for (guint i = 0; i < vgw->attachments->len; i++) {
        const Attachment *attachment = vgw->attachments->pdata[i];

        if (attachment->propagate != NULL)
            attachment->propagate(attachment->propagate_data, prefix, present);
    }
}

static Choice *
choice_for(HsVgw *vgw, const HsPrefix *prefix)
{
    Choice *choice;

    for (guint i = 0; i < vgw->choices->len; i++) {
        choice = vgw->choices->pdata[i];
        if (hs_prefix_equal(&choice->prefix, prefix))
            return choice;
    }
    choice = g_new0(Choice, 1);
    choice->prefix = *prefix;
    g_ptr_array_add(vgw->choices, choice);
    return choice;
}

static void
paths_changed(void *user_data, const HsPrefix *prefix, const BgpPath *paths,
              unsigned n)
{
    HsVgw *vgw = user_data;
    Choice *choice = choice_for(vgw, prefix);
    bool was = is_news(choice);

    choice->n = n;
    if (n > 0)
        memcpy(choice->paths, paths, n * sizeof *paths);
    install(vgw, choice);
    if (is_news(choice) != was)
        propagate(vgw, prefix, !was);
}

static const char *
name_of(void *user_data, int tag)
{
    const Attachment *attachment = by_tag(user_data, tag);

    return attachment != NULL ? attachment->base.config.name : NULL;
}

const char *
hs_vgw_route_name(const void *user_data, const BgpRoute *route)
{
    const char *name = name_of((void *)(uintptr_t)user_data, route->tag);

    return name != NULL ? name : "set";
}

/* Attachments */

static HsAttachment *
attach(HsAwsGateway *gateway, const HsAttachmentConfig *config)
{
    HsVgw *vgw = (HsVgw *)gateway;
    Attachment *attachment = g_new0(Attachment, 1);

    g_assert(config->kind != HS_ATTACHMENT_PEERING &&
             config->kind != HS_ATTACHMENT_VPN_PRIVATE);
    g_ptr_array_add(vgw->attachments, attachment);
    attachment->number = vgw->attachments->len;
    attachment->told = g_ptr_array_new_with_free_func(told_free);
    attachment->down = g_array_new(FALSE, FALSE, sizeof(unsigned));
    return &attachment->base;
}

static unsigned
add_port(HsAttachment *attachment, const HsPortConfig *port)
{
    return hs_router_add_port(((HsVgw *)attachment->gateway)->router, port);
}

static HsVgwRouteClass
class_of(const Attachment *attachment, bool session)
{
    switch (attachment->base.config.kind) {
    case HS_ATTACHMENT_DX:
    case HS_ATTACHMENT_DXGW:
        return HS_VGW_DX;
    case HS_ATTACHMENT_VPN:
        return session ? HS_VGW_VPN_BGP : HS_VGW_VPN_STATIC;
    case HS_ATTACHMENT_VPC:
    case HS_ATTACHMENT_VPN_PRIVATE:
    case HS_ATTACHMENT_PEERING:
        break;
    }
    g_assert_not_reached();
}

static HsControlPeer *
add_session(HsAttachment *attachment, const HsControlPeerConfig *given)
{
    const Attachment *own = (const Attachment *)attachment;
    HsControlPeerConfig session = *given;

    session.tag = HS_VGW_TAG(class_of(own, true), own->number);
    return hs_vgw_add_session((HsVgw *)attachment->gateway, &session);
}

static int
tag_of(const Attachment *attachment)
{
    return HS_VGW_TAG(class_of(attachment, false), attachment->number);
}

/* TOLD is new or has other ways: it is a candidate while one of them works. */
static void
update_told(Attachment *attachment, Told *told, bool changed)
{
    HsVgw *vgw = (HsVgw *)attachment->base.gateway;
    HsNexthop hops[BGP_MULTIPATH_MAX];
    bool works = hops_of(attachment, told, hops) > 0;
    HsPrefix prefix = told->prefix;

    if (attachment->base.config.kind == HS_ATTACHMENT_VPC) {
        if (!told->injected)
            hs_control_originate(vgw->control, &prefix);
        told->injected = true;
    } else if (works && (changed || !told->injected)) {
        told->injected = true;
        hs_control_inject(vgw->control, &prefix, told->attrs,
                          tag_of(attachment));
    } else if (!works && told->injected) {
        told->injected = false;
        hs_control_eject(vgw->control, &prefix, tag_of(attachment));
    }
    install(vgw, choice_for(vgw, &prefix));
}

static void
set_route(HsAttachment *base, const HsPrefix *prefix, BgpAttrs *attrs,
          const unsigned *ports, unsigned n)
{
    Attachment *attachment = (Attachment *)base;
    Told *told = find_told(attachment, prefix);

    g_assert(n > 0);
    if (told == NULL) {
        told = g_new0(Told, 1);
        told->prefix = *prefix;
        g_ptr_array_add(attachment->told, told);
    }
    if (attrs != NULL)
        bgp_attrs_ref(attrs);
    bgp_attrs_unref(told->attrs);
    told->attrs = attrs;
    told->n = MIN(n, (unsigned)BGP_MULTIPATH_MAX);
    memcpy(told->ports, ports, told->n * sizeof *ports);
    update_told(attachment, told, true);
}

static void
remove_route(HsAttachment *base, const HsPrefix *prefix)
{
    Attachment *attachment = (Attachment *)base;
    HsVgw *vgw = (HsVgw *)base->gateway;
    Told *told = find_told(attachment, prefix);
    HsPrefix gone = *prefix;
    bool injected;

    if (told == NULL)
        return;
    injected = told->injected;
    g_ptr_array_remove(attachment->told, told);
    if (!injected)
        return;
    if (base->config.kind == HS_ATTACHMENT_VPC)
        hs_control_withdraw(vgw->control, &gone);
    else
        hs_control_eject(vgw->control, &gone, tag_of(attachment));
}

static void
port_up(HsAttachment *base, unsigned port, bool up)
{
    Attachment *attachment = (Attachment *)base;

    if (up != is_down(attachment, port))
        return;
    if (!up)
        g_array_append_val(attachment->down, port);
    for (guint i = 0; up && i < attachment->down->len; i++)
        if (g_array_index(attachment->down, unsigned, i) == port)
            g_array_remove_index(attachment->down, i--);
    for (guint i = 0; i < attachment->told->len; i++)
        update_told(attachment, attachment->told->pdata[i], false);
}

static void
set_propagation(HsAttachment *base, HsPropagateFunc function, void *user_data)
{
    Attachment *attachment = (Attachment *)base;
    const HsVgw *vgw = (const HsVgw *)base->gateway;

    attachment->propagate = function;
    attachment->propagate_data = user_data;
    for (guint i = 0; i < vgw->choices->len; i++)
        if (is_news(vgw->choices->pdata[i]))
            function(user_data, &((Choice *)vgw->choices->pdata[i])->prefix,
                     true);
}

static void
start(HsAwsGateway *gateway)
{
    hs_vgw_start((HsVgw *)gateway);
}

static void
crash(HsAwsGateway *gateway, bool forwarding_lost)
{
    hs_control_crash(((HsVgw *)gateway)->control, forwarding_lost);
}

static void
boot(HsAwsGateway *gateway)
{
    hs_control_boot(((HsVgw *)gateway)->control);
}

static const HsAwsGatewayClass class = {
    .attach = attach,
    .add_port = add_port,
    .add_session = add_session,
    .set_route = set_route,
    .remove_route = remove_route,
    .port_up = port_up,
    .set_propagation = set_propagation,
    .start = start,
    .crash = crash,
    .boot = boot,
};

/* The gateway */

HsVgw *
hs_vgw_new(HsEnv *env, const HsVgwConfig *config)
{
    HsVgw *vgw = g_new0(HsVgw, 1);

    hs_aws_gateway_init(&vgw->base, &class, config->asn);
    vgw->env = env;
    vgw->config = *config;
    vgw->attachments = g_ptr_array_new_with_free_func(attachment_free);
    vgw->choices = g_ptr_array_new_with_free_func(g_free);
    vgw->router = hs_router_new(
        env, &(HsRouterConfig){
                 .name = config->name,
                 .fib_delay = config->convergence + config->fib_delay,
             });
    vgw->control = hs_control_new(
        env, &(HsControlConfig){
                 .speaker = {.asn = config->asn,
                             .router_id = hs_addr_to_ipv4(&config->router_id),
                             .compare = hs_vgw_compare,
                             .multipath = BGP_MULTIPATH_MAX},
                 .paths_changed = paths_changed,
                 .name_of = name_of,
                 .user_data = vgw,
             });
    if (hs_addr_is_set(&config->cidr.addr))
        hs_control_originate(vgw->control, &config->cidr);
    return vgw;
}

void
hs_vgw_free(HsVgw *vgw)
{
    if (vgw == NULL)
        return;
    hs_control_free(vgw->control);
    hs_router_free(vgw->router);
    g_ptr_array_unref(vgw->choices);
    g_ptr_array_unref(vgw->attachments);
    hs_aws_gateway_clear(&vgw->base);
    g_free(vgw);
}

HsRouter *
hs_vgw_router(HsVgw *vgw)
{
    return vgw->router;
}

HsAwsGateway *
hs_vgw_gateway(HsVgw *vgw)
{
    return &vgw->base;
}

const BgpSpeaker *
hs_vgw_speaker(const HsVgw *vgw)
{
    return hs_control_speaker(vgw->control);
}

unsigned
hs_vgw_add_vpc(HsVgw *vgw, const HsPortConfig *given, const HsPrefix *address)
{
    HsPortConfig port = *given;

    port.addresses = address;
    port.n_addresses = 1;
    return hs_router_add_port(vgw->router, &port);
}

unsigned
hs_vgw_add_endpoint(HsVgw *vgw, const HsPortConfig *port)
{
    return hs_router_add_port(vgw->router, port);
}

/* No way from one virtual interface to another. */
static bool
may_tell_dx(void *user_data, const BgpRoute *route)
{
    (void)user_data;
    return route->source == BGP_SOURCE_LOCAL ||
           HS_VGW_TAG_CLASS(route->tag) != HS_VGW_DX;
}

/* A VPN and a DX gateway's virtual interfaces do not meet. */
static bool
may_tell_vpn(void *user_data, const BgpRoute *route)
{
    const Attachment *attachment;

    if (route->source == BGP_SOURCE_LOCAL)
        return true;
    attachment = by_tag(user_data, route->tag);
    return attachment == NULL ||
           attachment->base.config.kind != HS_ATTACHMENT_DXGW;
}

HsControlPeer *
hs_vgw_add_session(HsVgw *vgw, const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;
    bool dx = HS_VGW_TAG_CLASS(session.tag) == HS_VGW_DX;

    /* Direct Connect user guide, quotas: hold time 3 s at least, never 0. */
    session.hold_min = HS_SEC(3);
    session.no_hold_zero = true;
    if (session.max_prefixes == 0)
        session.max_prefixes = HS_VGW_ROUTES_ACCEPTED;
    session.max_prefix_hold = HS_AWS_PREFIX_LIMIT_REST;
    session.communities_preference = dx;
    session.may_tell = dx ? may_tell_dx : may_tell_vpn;
    session.may_tell_data = vgw;
    if (dx)
        session.graceful_restart = HS_AWS_DX_GRACEFUL_RESTART;
    else
        session.max_told = HS_VGW_ROUTES_ANNOUNCED;
    return hs_control_add_peer(vgw->control, &session);
}

void
hs_vgw_start(HsVgw *vgw)
{
    hs_control_start(vgw->control);
}
