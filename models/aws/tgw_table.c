/* The tables of a transit gateway.
 *
 *     told (VPC, DX gateway, static VPN) ──┐
 *     sessions of a VPN ── learned ────────┼─ propagate ─> table ─> VRF
 *     static routes of the table ──────────┘                 │
 *                      sessions of a VPN <── associated ─────┘
 *
 * A table is a speaker of BGP without peers: its routes are candidates with a
 * tag for each source. Whenever a prefix was decided anew, its VRF is
 * programmed with the ports of all equal winners, and the VPNs that are
 * associated with the table are told. */

#include "config.h"

#include "models/aws/tgw_private.h"

#define HOPS_MAX 64 /* winners times their ports */

/* Candidates */

static HsTgwRouteClass
class_of(const HsTgwAttachment *attachment, bool session)
{
    switch (attachment->base.config.kind) {
    case HS_ATTACHMENT_VPC:
        return HS_TGW_VPC;
    case HS_ATTACHMENT_DX:
    case HS_ATTACHMENT_DXGW:
        return HS_TGW_DXGW;
    /* What a VPN tells without BGP was set by hand. */
    case HS_ATTACHMENT_VPN_PRIVATE:
        return session ? HS_TGW_VPN_PRIVATE : HS_TGW_STATIC;
    case HS_ATTACHMENT_VPN:
        return session ? HS_TGW_VPN : HS_TGW_STATIC;
    case HS_ATTACHMENT_PEERING:
        return HS_TGW_PEERING;
    }
    g_assert_not_reached();
}

static bool
is_listed(char *const *names, const char *name)
{
    return names != NULL && g_strv_contains((const gchar *const *)names, name);
}

static bool
propagates(const HsTgwTable *table, const HsTgwAttachment *attachment)
{
    return table->propagate_all ||
           is_listed(table->propagate, attachment->base.config.name);
}

static const BgpRoute *
candidate(const HsControl *control, const HsPrefix *prefix, int tag)
{
    const BgpRoute *const *routes = NULL;
    unsigned n =
        bgp_speaker_candidates(hs_control_speaker(control), prefix, &routes);

    for (unsigned i = 0; i < n; i++)
        if (routes[i]->source == BGP_SOURCE_STATIC && routes[i]->tag == tag)
            return routes[i];
    return NULL;
}

/* Only what is new: each change is decided, and told to others. */
static void
settle_candidate(HsControl *control, const HsPrefix *prefix, int tag,
                 BgpAttrs *attrs)
{
    const BgpRoute *old = candidate(control, prefix, tag);

    if (attrs == NULL) {
        if (old != NULL)
            hs_control_eject(control, prefix, tag);
    } else if (old == NULL || !bgp_attrs_equal(old->attrs, attrs)) {
        hs_control_inject(control, prefix, attrs, tag);
    }
}

/* The hops of what was decided */

typedef struct {
    HsNexthop hops[HOPS_MAX];
    unsigned n;
} Hops;

static void
add_hop(Hops *hops, unsigned port)
{
    for (unsigned i = 0; i < hops->n; i++)
        if (hops->hops[i].port == port)
            return;
    if (hops->n < HOPS_MAX)
        hops->hops[hops->n++].port = port;
}

static const HsTgwTold *
find_told(const HsTgwAttachment *attachment, const HsPrefix *prefix)
{
    for (guint i = 0; i < attachment->told->len; i++) {
        const HsTgwTold *told = attachment->told->pdata[i];

        if (hs_prefix_equal(&told->prefix, prefix))
            return told;
    }
    return NULL;
}

/* Those of TOLD that are alive, in its order. */
static void
add_told(Hops *hops, const HsTgwAttachment *attachment, const HsTgwTold *told)
{
    uint64_t alive = hs_tgw_alive(attachment);

    for (guint i = 0; i < told->ports->len; i++)
        for (guint p = 0; p < attachment->ports->len; p++) {
            unsigned number =
                g_array_index(attachment->ports, HsTgwPort, p).number;

            if (number == g_array_index(told->ports, unsigned, i) &&
                (alive >> p & 1) != 0)
                add_hop(hops, number);
        }
}

static void
add_alive(Hops *hops, const HsTgwAttachment *attachment)
{
    uint64_t alive = hs_tgw_alive(attachment);

    for (guint p = 0; p < attachment->ports->len; p++) {
        if ((alive >> p & 1) == 0)
            continue;
        add_hop(hops, g_array_index(attachment->ports, HsTgwPort, p).number);
        if (hs_tgw_is_vpn(attachment))
            return; /* no ECMP without BGP */
    }
}

static void
add_hops(const HsTgw *tgw, const BgpRoute *route, Hops *hops)
{
    unsigned number = hs_tgw_tag_source(route->tag);
    const HsTgwSource *source = hs_tgw_source(tgw, number);
    const HsTgwTold *told;

    if (number == 0)
        add_hop(hops, HS_PORT_BLACKHOLE);
    else if (source->peer != NULL)
        add_hop(hops, source->port);
    else if (hs_tgw_tag_class(route->tag) == HS_TGW_STATIC)
        add_alive(hops, source->attachment);
    else if ((told = find_told(source->attachment, &route->prefix)) != NULL)
        add_told(hops, source->attachment, told);
}

static void
program(const HsTgwTable *table, const HsPrefix *prefix)
{
    const HsTgw *tgw = table->tgw;
    const BgpSpeaker *speaker = hs_control_speaker(table->control);
    const BgpRoute *best = bgp_speaker_best(speaker, prefix, NULL);
    const BgpRoute *const *routes = NULL;
    const BgpRoute *set[BGP_MULTIPATH_MAX];
    unsigned n = bgp_speaker_candidates(speaker, prefix, &routes);
    Hops hops = {.n = 0};

    if (best != NULL)
        n = bgp_decide_multipath((BgpRoute *const *)(uintptr_t)routes, n, best,
                                 hs_tgw_compare, &tgw->options, set,
                                 G_N_ELEMENTS(set));
    for (unsigned i = 0; best != NULL && i < n; i++)
        add_hops(tgw, set[i], &hops);
    if (hops.n == 0)
        hs_router_route_remove(tgw->router, table->vrf, prefix);
    else
        hs_router_route_set(tgw->router, table->vrf, prefix, hops.hops, hops.n,
                            hs_tgw_tag_class(best->tag) == HS_TGW_STATIC
                                ? "static"
                                : "propagated");
}

/* What VPNs are told */

/* What ATTACHMENT shall hear of the table's choice (transfer full), or NULL:
 * not what came from it, and not what is dropped. Departure: whether AWS
 * announces a black hole is not documented; here it does not. */
static BgpAttrs *
telling(const HsTgwAttachment *attachment, const HsPrefix *prefix)
{
    const HsTgw *tgw = attachment->tgw;
    const BgpRoute *best = bgp_speaker_best(
        hs_control_speaker(attachment->table->control), prefix, NULL);
    unsigned number = best != NULL ? hs_tgw_tag_source(best->tag) : 0;
    BgpAttrs *attrs;

    if (number == 0 || hs_tgw_source(tgw, number)->attachment == attachment)
        return NULL;
    attrs = bgp_attrs_copy(best->attrs);
    /* Seen on AWS: routes told to a VPN have origin EGP. */
    attrs->origin = BGP_ORIGIN_EGP;
    attrs->has_local_pref = attrs->has_med = false;
    attrs->next_hop = (HsAddr){0};
    return attrs;
}

static void
tell(HsTgwAttachment *attachment, const HsPrefix *prefix)
{
    g_autoptr(BgpAttrs) attrs = telling(attachment, prefix);

    settle_candidate(attachment->control, prefix, 0, attrs);
}

static void
decided(void *user_data, const HsPrefix *prefix)
{
    HsTgwTable *table = user_data;
    HsPrefix copy = *prefix; /* what is told may free where it stands */

    program(table, &copy);
    for (guint i = 0; i < table->tgw->attached->len; i++) {
        HsTgwAttachment *attachment = table->tgw->attached->pdata[i];

        if (attachment->table == table && attachment->control != NULL)
            tell(attachment, &copy);
    }
}

static void
note_prefix(void *user_data, const BgpRoute *best, const char *step)
{
    (void)step;
    g_array_append_val((GArray *)user_data, best->prefix);
}

/* HsPrefix (transfer full). */
static GArray *
prefixes_of(const HsTgwTable *table)
{
    GArray *prefixes = g_array_new(FALSE, FALSE, sizeof(HsPrefix));

    bgp_speaker_foreach(hs_control_speaker(table->control), note_prefix,
                        prefixes);
    return prefixes;
}

void
hs_tgw_table_tell_all(HsTgwAttachment *attachment)
{
    g_autoptr(GArray) prefixes = NULL;

    if (attachment->table == NULL)
        return;
    prefixes = prefixes_of(attachment->table);
    for (guint i = 0; i < prefixes->len; i++)
        tell(attachment, &g_array_index(prefixes, HsPrefix, i));
}

/* What comes in */

/* Private-IP VPNs find their customers by the DX gateway's routes alone. */
static void
program_transport(HsTgwAttachment *attachment, const HsPrefix *prefix,
                  const Hops *hops)
{
    HsRouter *router = attachment->tgw->router;

    if (attachment->transport_vrf == 0)
        return;
    if (hops == NULL || hops->n == 0)
        hs_router_route_remove(router, attachment->transport_vrf, prefix);
    else
        hs_router_route_set(router, attachment->transport_vrf, prefix,
                            hops->hops, hops->n, "propagated");
}

void
hs_tgw_tables_told(HsTgwAttachment *attachment, const HsTgwTold *told)
{
    HsTgw *tgw = attachment->tgw;
    int tag = hs_tgw_tag(class_of(attachment, false), attachment->source);
    g_autoptr(BgpAttrs) attrs =
        told->attrs != NULL ? bgp_attrs_ref(told->attrs) : bgp_attrs_new();
    Hops hops = {.n = 0};

    add_told(&hops, attachment, told);
    for (guint i = 0; i < tgw->tables->len; i++) {
        HsTgwTable *table = tgw->tables->pdata[i];

        if (!propagates(table, attachment))
            continue;
        /* Also when it is the same: it may go by other ports. */
        if (hops.n > 0)
            hs_control_inject(table->control, &told->prefix, attrs, tag);
        else
            settle_candidate(table->control, &told->prefix, tag, NULL);
    }
    program_transport(attachment, &told->prefix, &hops);
}

void
hs_tgw_tables_forget(HsTgwAttachment *attachment, const HsPrefix *prefix)
{
    HsTgw *tgw = attachment->tgw;
    int tag = hs_tgw_tag(class_of(attachment, false), attachment->source);

    for (guint i = 0; i < tgw->tables->len; i++) {
        HsTgwTable *table = tgw->tables->pdata[i];

        settle_candidate(table->control, prefix, tag, NULL);
    }
    program_transport(attachment, prefix, NULL);
}

/* What the session of SOURCE has for PREFIX, if it may be used; borrowed. */
static BgpAttrs *
learned_from(const HsTgwAttachment *attachment, const HsTgwSource *source,
             const HsPrefix *prefix)
{
    const BgpRoute *const *routes = NULL;
    unsigned n = bgp_speaker_candidates(hs_control_speaker(attachment->control),
                                        prefix, &routes);

    for (unsigned i = 0; i < n; i++)
        if (routes[i]->peer != NULL &&
            routes[i]->peer == hs_control_peer_bgp(source->peer))
            return routes[i]->attrs;
    return NULL;
}

void
hs_tgw_tables_learned(HsTgwAttachment *attachment, const HsPrefix *given)
{
    HsTgw *tgw = attachment->tgw;
    HsPrefix prefix = *given;

    for (guint s = 1; s < tgw->sources->len; s++) {
        const HsTgwSource *source = hs_tgw_source(tgw, s);
        int tag = hs_tgw_tag(class_of(attachment, true), s);
        BgpAttrs *learned;
        g_autoptr(BgpAttrs) attrs = NULL;

        if (source->attachment != attachment || source->peer == NULL)
            continue;
        learned = learned_from(attachment, source, &prefix);
        if (learned != NULL)
            attrs = bgp_attrs_ref(learned);
        for (guint i = 0; i < tgw->tables->len; i++) {
            HsTgwTable *table = tgw->tables->pdata[i];

            if (propagates(table, attachment))
                settle_candidate(table->control, &prefix, tag, attrs);
        }
    }
}

void
hs_tgw_tables_relearn(HsTgwAttachment *attachment)
{
    for (guint t = 0; t < attachment->tgw->tables->len; t++) {
        g_autoptr(GArray) prefixes =
            prefixes_of(attachment->tgw->tables->pdata[t]);

        for (guint i = 0; i < prefixes->len; i++)
            hs_tgw_tables_learned(attachment,
                                  &g_array_index(prefixes, HsPrefix, i));
    }
    hs_tgw_tables_statics(attachment);
}

/* Static routes */

static void
settle_static(HsTgwTable *table, const HsTgwStatic *route)
{
    g_autoptr(BgpAttrs) attrs = bgp_attrs_new();
    HsAttachment *base;
    HsTgwAttachment *attachment;
    int tag;

    if (route->attachment == NULL) {
        hs_control_inject(table->control, &route->prefix, attrs,
                          hs_tgw_tag(HS_TGW_STATIC, 0));
        return;
    }
    base = hs_aws_gateway_attachment(&table->tgw->base, route->attachment);
    if (base == NULL)
        return; /* it is still to come */
    attachment = (HsTgwAttachment *)base;
    tag = hs_tgw_tag(HS_TGW_STATIC, attachment->source);
    if (hs_tgw_alive(attachment) != 0)
        hs_control_inject(table->control, &route->prefix, attrs, tag);
    else
        settle_candidate(table->control, &route->prefix, tag, NULL);
}

void
hs_tgw_tables_statics(HsTgwAttachment *attachment)
{
    HsTgw *tgw = attachment->tgw;
    uint64_t alive = hs_tgw_alive(attachment);

    if (alive == attachment->alive)
        return;
    attachment->alive = alive;
    for (guint t = 0; t < tgw->tables->len; t++) {
        HsTgwTable *table = tgw->tables->pdata[t];

        for (guint i = 0; i < table->statics->len; i++) {
            const HsTgwStatic *route =
                &g_array_index(table->statics, HsTgwStatic, i);

            if (route->attachment != NULL &&
                g_str_equal(route->attachment, attachment->base.config.name))
                settle_static(table, route);
        }
    }
}

void
hs_tgw_add_static(HsTgw *tgw, unsigned number, const HsPrefix *prefix,
                  const char *attachment)
{
    HsTgwTable *table = tgw->tables->pdata[number];
    HsTgwStatic route = {hs_prefix_masked(prefix), attachment};

    g_array_append_val(table->statics, route);
    settle_static(table, &route);
}

/* Tables */

static const char *
fact_name(void *user_data, int tag)
{
    const HsTgwTable *table = user_data;

    return hs_tgw_source(table->tgw, hs_tgw_tag_source(tag))->name;
}

unsigned
hs_tgw_add_table(HsTgw *tgw, const HsTgwTableConfig *config)
{
    HsTgwTable *table = g_new0(HsTgwTable, 1);

    g_assert(tgw->attached->len == 0);
    table->tgw = tgw;
    table->name = config->name;
    table->associate = g_strdupv((char **)(uintptr_t)config->associate);
    table->propagate = g_strdupv((char **)(uintptr_t)config->propagate);
    table->associate_all = config->associate_all;
    table->propagate_all = config->propagate_all;
    table->vrf = hs_router_add_vrf(tgw->router, config->name);
    table->statics = g_array_new(FALSE, FALSE, sizeof(HsTgwStatic));
    table->control = hs_control_new(
        tgw->env,
        &(HsControlConfig){
            .speaker = {.asn = tgw->config.asn,
                        .router_id = hs_addr_to_ipv4(&tgw->config.router_id),
                        .compare = hs_tgw_compare,
                        .compare_data = &tgw->options,
                        .multipath = BGP_MULTIPATH_MAX,
                        .report_decided = true},
            .decided = decided,
            .name_of = fact_name,
            .user_data = table,
        });
    g_ptr_array_add(tgw->tables, table);
    return tgw->tables->len - 1;
}

void
hs_tgw_table_free(void *data)
{
    HsTgwTable *table = data;

    hs_control_free(table->control);
    g_strfreev(table->associate);
    g_strfreev(table->propagate);
    g_array_unref(table->statics);
    g_free(table);
}

HsTgwTable *
hs_tgw_table_of(const HsTgw *tgw, const char *name)
{
    HsTgwTable *rest = NULL;

    for (guint i = 0; i < tgw->tables->len; i++) {
        HsTgwTable *table = tgw->tables->pdata[i];

        if (is_listed(table->associate, name))
            return table;
        if (table->associate_all)
            rest = table;
    }
    return rest;
}

unsigned
hs_tgw_n_tables(const HsTgw *tgw)
{
    return tgw->tables->len;
}

static const HsTgwTable *
table_at(const HsTgw *tgw, unsigned table)
{
    return tgw->tables->pdata[table];
}

const char *
hs_tgw_table_name(const HsTgw *tgw, unsigned table)
{
    return table_at(tgw, table)->name;
}

unsigned
hs_tgw_table_vrf(const HsTgw *tgw, unsigned table)
{
    return table_at(tgw, table)->vrf;
}

const BgpSpeaker *
hs_tgw_table_speaker(const HsTgw *tgw, unsigned table)
{
    return hs_control_speaker(table_at(tgw, table)->control);
}

const char *
hs_tgw_route_name(const void *user_data, const BgpRoute *route)
{
    const HsTgw *tgw = user_data;

    return hs_tgw_source(tgw, hs_tgw_tag_source(route->tag))->name;
}
