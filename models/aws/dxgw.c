/* One speaker has the sessions and all that they bring. Its own choice is only
 * shown; each association chooses again among the same candidates, with its
 * gateway's region in view, whenever the speaker decided about a prefix
 * (decided()). What differs from what its gateway was told waits for the
 * convergence time in a queue of the whole DX gateway: every change waits
 * equally long, so the queue is in order of time, and a prefix that changes
 * twice is told twice, as one that flaps would be. */

#include "config.h"

#include "models/aws/dxgw.h"

#include "models/aws/dx_routes.h"
#include "models/aws/endpoint.h"
#include "models/aws/vgw.h"

#include <string.h>

/* For customers to come back to one that restarted and to tell all they have:
 * hold timer and connect retry of the slowest (assumed). */
#define RELEARN_TIME HS_SEC(360)

/* What a gateway is to know of a prefix; n == 0: nothing. */
typedef struct {
    HsPrefix prefix;
    BgpAttrs *attrs; /* owned */
    unsigned ports[BGP_MULTIPATH_MAX];
    unsigned n;
} Offer;

typedef struct {
    HsTime due;
    HsDxAssociation *association; /* borrowed */
    Offer offer;
} Change;

struct HsDxAssociation {
    HsDxGateway *dxgw;        /* borrowed */
    HsAttachment *attachment; /* borrowed */
    const char *region;
    bool originates;
    GArray *allowed;   /* HsPrefix */
    GArray *announces; /* HsPrefix */
    GArray *ports;     /* unsigned by virtual interface; HS_PORT_NONE: none */
    GPtrArray *offers; /* Offer *, owned: told, or on the way */
};

struct HsDxGateway {
    HsEnv *env; /* borrowed */
    HsDxGatewayConfig config;
    HsControl *control;      /* owned */
    GPtrArray *regions;      /* const char * by virtual interface, interned */
    HsDxView view;           /* of the speaker */
    GPtrArray *associations; /* HsDxAssociation *, owned */
    GQueue changes;          /* Change *, owned, by due */
    HsAlarm *alarm;          /* owned */
    bool relearning; /* after a crash: nothing is said of what is forgotten */
    HsAlarm *sweep;  /* owned: when it is, after all */
};

static void
offer_clear(Offer *offer)
{
    bgp_attrs_unref(offer->attrs);
}

static void
offer_free(void *data)
{
    offer_clear(data);
    g_free(data);
}

static void
change_free(void *data)
{
    Change *change = data;

    offer_clear(&change->offer);
    g_free(change);
}

static void
association_free(void *data)
{
    HsDxAssociation *association = data;

    g_array_unref(association->allowed);
    g_array_unref(association->announces);
    g_array_unref(association->ports);
    g_ptr_array_unref(association->offers);
    g_free(association);
}

/* Telling the gateways */

static void
tell(HsDxAssociation *association, const Offer *offer)
{
    if (offer->n > 0)
        hs_attachment_set_route(association->attachment, &offer->prefix,
                                offer->attrs, offer->ports, offer->n);
    else
        hs_attachment_remove_route(association->attachment, &offer->prefix);
}

static void
due(void *user_data)
{
    HsDxGateway *dxgw = user_data;
    HsTime now = hs_env_now(dxgw->env);
    Change *change;

    while ((change = g_queue_peek_head(&dxgw->changes)) != NULL &&
           change->due <= now) {
        g_queue_pop_head(&dxgw->changes);
        tell(change->association, &change->offer);
        change_free(change);
    }
    hs_alarm_set(dxgw->alarm, change != NULL ? change->due : HS_TIME_NEVER);
}

static Offer
offer_copy(const Offer *offer)
{
    Offer copy = *offer;

    if (copy.attrs != NULL)
        bgp_attrs_ref(copy.attrs);
    return copy;
}

static void
queue(HsDxAssociation *association, const Offer *offer)
{
    HsDxGateway *dxgw = association->dxgw;
    HsTime now = hs_env_now(dxgw->env);
    Change *change;

    if (dxgw->config.convergence == 0) {
        tell(association, offer);
        return;
    }
    change = g_new0(Change, 1);
    change->due = hs_time_add(now, dxgw->config.convergence);
    change->association = association;
    change->offer = offer_copy(offer);
    g_queue_push_tail(&dxgw->changes, change);
    if (dxgw->changes.length == 1)
        hs_alarm_set(dxgw->alarm, change->due);
}

/* Choosing for them */

static HsDxView
view_of(const HsDxAssociation *association)
{
    const HsDxGateway *dxgw = association->dxgw;

    return (HsDxView){
        .region = association->region,
        .regions = (const char *const *)dxgw->regions->pdata,
        .n = dxgw->regions->len,
    };
}

/* The best route's attributes, with the preference spelled out that it has for
 * this gateway, which does not know where the route came in. */
static BgpAttrs *
attrs_for(const BgpRoute *best, const HsDxView *view)
{
    BgpAttrs *attrs = bgp_attrs_copy(best->attrs);

    attrs->local_pref = hs_dx_preference(best, view);
    attrs->has_local_pref = true;
    return attrs;
}

static Offer
choose(const HsDxAssociation *association, const HsPrefix *prefix)
{
    const BgpSpeaker *speaker = hs_control_speaker(association->dxgw->control);
    HsDxView view = view_of(association);
    const BgpRoute *const *candidates;
    unsigned n = bgp_speaker_candidates(speaker, prefix, &candidates);
    const BgpRoute *set[BGP_MULTIPATH_MAX];
    g_autoptr(GPtrArray) usable = g_ptr_array_new();
    BgpRoute *const *routes;
    BgpDecision decision;
    Offer offer = {.prefix = *prefix};

    for (unsigned i = 0; i < n; i++) {
        unsigned vif = (unsigned)candidates[i]->tag;

        if (candidates[i]->peer != NULL && vif < association->ports->len &&
            g_array_index(association->ports, unsigned, vif) != HS_PORT_NONE)
            g_ptr_array_add(usable, (gpointer)(uintptr_t)candidates[i]);
    }
    routes = (BgpRoute *const *)usable->pdata;
    decision = bgp_decide(routes, usable->len, hs_dx_compare, &view);
    if (decision.best == NULL)
        return offer;
    n = bgp_decide_multipath(routes, usable->len, decision.best, hs_dx_compare,
                             &view, set, BGP_MULTIPATH_MAX);
    for (unsigned i = 0; i < n; i++)
        offer.ports[offer.n++] =
            g_array_index(association->ports, unsigned, set[i]->tag);
    offer.attrs = attrs_for(decision.best, &view);
    return offer;
}

static bool
same_offer(const Offer *a, const Offer *b)
{
    return a->n == b->n &&
           memcmp(a->ports, b->ports, a->n * sizeof *a->ports) == 0 &&
           (a->n == 0 || bgp_attrs_equal(a->attrs, b->attrs));
}

static Offer *
offer_for(HsDxAssociation *association, const HsPrefix *prefix)
{
    Offer *offer;

    for (guint i = 0; i < association->offers->len; i++) {
        offer = association->offers->pdata[i];
        if (hs_prefix_equal(&offer->prefix, prefix))
            return offer;
    }
    offer = g_new0(Offer, 1);
    offer->prefix = *prefix;
    g_ptr_array_add(association->offers, offer);
    return offer;
}

static void
decided(void *user_data, const HsPrefix *prefix)
{
    HsDxGateway *dxgw = user_data;

    for (guint i = 0; i < dxgw->associations->len; i++) {
        HsDxAssociation *association = dxgw->associations->pdata[i];
        Offer *last = offer_for(association, prefix);
        Offer now = choose(association, prefix);

        if (same_offer(last, &now) || (dxgw->relearning && now.n == 0)) {
            offer_clear(&now);
            continue;
        }
        offer_clear(last);
        *last = now;
        queue(association, last);
    }
}

/* After a crash: what the customers have not told again is gone. */
static void
sweep(void *user_data)
{
    HsDxGateway *dxgw = user_data;

    dxgw->relearning = false;
    for (guint i = 0; i < dxgw->associations->len; i++) {
        const HsDxAssociation *association = dxgw->associations->pdata[i];

        for (guint j = 0; j < association->offers->len; j++)
            decided(dxgw, &((Offer *)association->offers->pdata[j])->prefix);
    }
}

/* Making one */

HsDxGateway *
hs_dxgw_new(HsEnv *env, const HsDxGatewayConfig *config)
{
    HsDxGateway *dxgw = g_new0(HsDxGateway, 1);

    dxgw->env = env;
    dxgw->config = *config;
    dxgw->regions = g_ptr_array_new();
    dxgw->associations = g_ptr_array_new_with_free_func(association_free);
    g_queue_init(&dxgw->changes);
    dxgw->alarm = hs_alarm_new(env, due, dxgw);
    dxgw->sweep = hs_alarm_new(env, sweep, dxgw);
    dxgw->control = hs_control_new(
        env, &(HsControlConfig){
                 .speaker = {.asn = config->asn,
                             .router_id = hs_addr_to_ipv4(&config->router_id),
                             .compare = hs_dx_compare,
                             .compare_data = &dxgw->view,
                             .multipath = BGP_MULTIPATH_MAX,
                             .report_decided = true},
                 .decided = decided,
                 .user_data = dxgw,
             });
    return dxgw;
}

void
hs_dxgw_free(HsDxGateway *dxgw)
{
    if (dxgw == NULL)
        return;
    hs_control_free(dxgw->control);
    hs_alarm_free(dxgw->alarm);
    hs_alarm_free(dxgw->sweep);
    g_queue_clear_full(&dxgw->changes, change_free);
    g_ptr_array_unref(dxgw->associations);
    g_ptr_array_unref(dxgw->regions);
    g_free(dxgw);
}

const BgpSpeaker *
hs_dxgw_speaker(const HsDxGateway *dxgw)
{
    return hs_control_speaker(dxgw->control);
}

static void
announce(HsDxAssociation *association, const HsPrefix *prefix)
{
    g_array_append_val(association->announces, *prefix);
    hs_control_originate(association->dxgw->control, prefix);
}

HsDxAssociation *
hs_dxgw_associate(HsDxGateway *dxgw, const HsDxAssociationConfig *config)
{
    HsDxAssociation *association = g_new0(HsDxAssociation, 1);

    association->dxgw = dxgw;
    association->attachment = config->attachment;
    association->region = config->region;
    association->originates = config->originates;
    association->allowed = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    association->announces = g_array_new(FALSE, FALSE, sizeof(HsPrefix));
    association->ports = g_array_new(FALSE, FALSE, sizeof(unsigned));
    association->offers = g_ptr_array_new_with_free_func(offer_free);
    if (config->n_allowed > 0)
        g_array_append_vals(association->allowed, config->allowed,
                            config->n_allowed);
    g_ptr_array_add(dxgw->associations, association);
    /* Departure: the DX gateway's own table, which carries no packet, is shown
     * as the gateway sees it that was associated first. */
    if (dxgw->associations->len == 1)
        dxgw->view.region = config->region;
    for (unsigned i = 0; config->originates && i < config->n_allowed; i++)
        announce(association, &config->allowed[i]);
    return association;
}

bool
hs_dxgw_association_add_cidr(HsDxAssociation *association, const HsPrefix *cidr)
{
    bool allowed = association->allowed->len == 0;

    if (association->originates)
        return false;
    for (guint i = 0; !allowed && i < association->allowed->len; i++)
        allowed = hs_prefix_covers(
            &g_array_index(association->allowed, HsPrefix, i), cidr);
    if (allowed)
        announce(association, cidr);
    return allowed;
}

const HsPrefix *
hs_dxgw_association_announces(const HsDxAssociation *association,
                              unsigned index)
{
    return index < association->announces->len
               ? &g_array_index(association->announces, HsPrefix, index)
               : NULL;
}

unsigned
hs_dxgw_add_vif(HsDxGateway *dxgw, const char *region)
{
    g_ptr_array_add(dxgw->regions, (gpointer)(uintptr_t)region);
    dxgw->view.regions = (const char *const *)dxgw->regions->pdata;
    dxgw->view.n = dxgw->regions->len;
    return dxgw->regions->len - 1;
}

void
hs_dxgw_join(HsDxAssociation *association, unsigned vif, unsigned port)
{
    const unsigned none = HS_PORT_NONE;

    while (association->ports->len <= vif)
        g_array_append_val(association->ports, none);
    g_array_index(association->ports, unsigned, vif) = port;
}

HsControlPeer *
hs_dxgw_add_session(HsDxGateway *dxgw, unsigned vif,
                    const HsControlPeerConfig *given)
{
    HsControlPeerConfig session = *given;

    session.tag = (int)vif;
    /* Direct Connect user guide, quotas: hold time 3 s at least, never 0. */
    session.hold_min = HS_SEC(3);
    session.no_hold_zero = true;
    if (session.max_prefixes == 0)
        session.max_prefixes = HS_DXGW_ROUTES_ACCEPTED;
    session.max_prefix_hold = HS_AWS_PREFIX_LIMIT_REST;
    session.graceful_restart = HS_AWS_DX_GRACEFUL_RESTART;
    session.communities_preference = true;
    session.own_routes_only = true;
    return hs_control_add_peer(dxgw->control, &session);
}

void
hs_dxgw_start(HsDxGateway *dxgw)
{
    hs_control_start(dxgw->control);
}

void
hs_dxgw_crash(HsDxGateway *dxgw, bool forwarding_lost)
{
    dxgw->relearning = !forwarding_lost;
    hs_alarm_set(dxgw->sweep, HS_TIME_NEVER);
    hs_control_crash(dxgw->control, forwarding_lost);
    if (forwarding_lost)
        sweep(dxgw);
}

void
hs_dxgw_boot(HsDxGateway *dxgw)
{
    hs_control_boot(dxgw->control);
    hs_alarm_set(dxgw->sweep, hs_time_add(hs_env_now(dxgw->env), RELEARN_TIME));
}
