/* Faults of single packets: brownout, a smaller MTU that nobody tells, and what
 * corrupts, duplicates, reorders and replays. The engine does it, and keeps
 * count of each fault's doing apart; here is what a scenario's words mean to
 * it. A brownout can come gradually: its figures rise from nothing, in steps.
 *
 * The rate that is left is the smallest that a fault leaves to a link. Whatever
 * departs at less than the link's own rate is touched. */

#include "config.h"

#include "sim/world/fault.h"

#define RAMP_STEPS 50

/* Of one direction of one link. */
typedef struct {
    WorldLink *link;       /* borrowed */
    unsigned end;          /* that sends */
    HsSimHarm *harm;       /* borrowed from the engine */
    HsRng *rng;            /* owned: jitter */
    const HsFault *config; /* borrowed */
    double share;          /* of the figures, in the ramp */
    uint64_t sent;         /* before it began */
} Way;

typedef struct {
    GPtrArray *ways; /* Way *, owned */
    HsTime begin;    /* of the ramp */
} Harms;

static void
way_free(void *data)
{
    Way *way = data;

    hs_rng_free(way->rng);
    g_free(way);
}

static void
harms_free(void *data)
{
    Harms *harms = data;

    g_ptr_array_unref(harms->ways);
    g_free(harms);
}

static HsDuration
draw_jitter(void *user_data)
{
    const Way *way = user_data;

    return (HsDuration)((double)hs_distribution_draw(&way->config->jitter,
                                                     way->rng) *
                        way->share);
}

static HsSimHarmConfig
brownout_of(Way *way)
{
    const HsFault *config = way->config;
    HsSimHarmConfig harm = {
        .loss = config->loss * way->share,
        .delay = (HsDuration)((double)config->delay * way->share),
    };

    if (config->jitter.shape != HS_DISTRIBUTION_NONE) {
        harm.jitter = draw_jitter;
        harm.jitter_data = way;
    }
    return harm;
}

static HsSimHarmConfig
harm_of(Way *way)
{
    const HsFault *config = way->config;
    HsSimHarmConfig harm = {0};

    if (config->action == HS_FAULT_BROWNOUT)
        harm = brownout_of(way);
    else if (config->action == HS_FAULT_MTU)
        harm.largest = config->mtu;
    else if (config->action == HS_FAULT_CORRUPT)
        harm.corrupt = config->probability;
    else if (config->action == HS_FAULT_DUPLICATE)
        harm.duplicate = config->probability;
    else if (config->action == HS_FAULT_REORDER)
        harm.reorder = config->probability;
    else if (config->action == HS_FAULT_REPLAY)
        harm.replay = config->probability;
    return harm;
}

/* The rate: of both directions, as a link has one */

/* What FAULT leaves of LINK's rate; 0: all of it. */
static uint64_t
rate_left(const WorldFault *fault, const WorldLink *link)
{
    double share;

    if (!fault->active || fault->config.action != HS_FAULT_BROWNOUT ||
        fault->config.rate == 0 || fault->config.rate >= link->rate ||
        !g_ptr_array_find(fault->links, link, NULL))
        return 0;
    share = ((Way *)((Harms *)fault->state)->ways->pdata[0])->share;
    return link->rate -
           (uint64_t)((double)(link->rate - fault->config.rate) * share);
}

static void
set_rates(const WorldFault *fault)
{
    const GPtrArray *faults = fault->world->faults;

    if (fault->config.rate == 0)
        return;
    for (guint i = 0; i < fault->links->len; i++) {
        const WorldLink *link = fault->links->pdata[i];
        uint64_t least = link->rate;

        for (guint f = 0; f < faults->len; f++) {
            uint64_t left = rate_left(faults->pdata[f], link);

            if (left > 0)
                least = MIN(least, left);
        }
        hs_sim_link_set_rate(link->sim, least);
    }
}

/* All of it */

static void
set(WorldFault *fault, double share)
{
    const Harms *harms = fault->state;

    for (guint i = 0; i < harms->ways->len; i++) {
        Way *way = harms->ways->pdata[i];
        HsSimHarmConfig config;

        way->share = share;
        config = share > 0 ? harm_of(way) : (HsSimHarmConfig){0};
        hs_sim_harm_set(way->harm, &config);
    }
    set_rates(fault);
}

static void
ramp(WorldFault *fault)
{
    const Harms *harms = fault->state;
    HsTime now = hs_sim_now(fault->world->sim);
    HsDuration step = MAX(fault->config.ramp / RAMP_STEPS, 1);
    double share = fault->config.ramp > 0 ? (double)(now - harms->begin) /
                                                (double)fault->config.ramp
                                          : 1;

    set(fault, MIN(share, 1));
    if (share < 1)
        hs_fault_step(fault, now + step, ramp);
}

static void
add_way(WorldFault *fault, WorldLink *link, unsigned end)
{
    const HsSimHarmConfig nothing = {0};
    HsSimLinkCounters counters;
    Harms *harms = fault->state;
    Way *way = g_new0(Way, 1);
    g_autofree char *purpose = g_strdup_printf("jitter %s %u", link->name, end);

    way->link = link;
    way->end = end;
    way->config = &fault->config;
    way->rng = hs_rng_new(fault->world->seed, fault->name, purpose);
    way->harm = hs_sim_harm_new(link->sim, end, fault->name, &nothing);
    hs_sim_link_counters(link->sim, end, &counters);
    way->sent = counters.sent_packets;
    g_ptr_array_add(harms->ways, way);
}

static void
begin(WorldFault *fault)
{
    HsDirection direction = fault->config.direction;
    Harms *harms = g_new0(Harms, 1);

    harms->ways = g_ptr_array_new_with_free_func(way_free);
    harms->begin = hs_sim_now(fault->world->sim);
    fault->state = harms;
    fault->state_free = harms_free;
    for (guint i = 0; i < fault->links->len; i++) {
        if (direction != HS_DIRECTION_TO_ONPREM)
            add_way(fault, fault->links->pdata[i], 0);
        if (direction != HS_DIRECTION_TO_AWS)
            add_way(fault, fault->links->pdata[i], 1);
    }
    if (harms->ways->len > 0)
        ramp(fault);
}

static void
end(WorldFault *fault)
{
    const Harms *harms = fault->state;

    if (harms->ways->len > 0)
        set(fault, 0);
}

static uint64_t
harmed(const Way *way)
{
    HsSimHarmCounters c = hs_sim_harm_counters(way->harm);
    HsSimLinkCounters all;

    if (way->config->action == HS_FAULT_BROWNOUT && way->config->rate > 0 &&
        way->config->rate < way->link->rate) {
        hs_sim_link_counters(way->link->sim, way->end, &all);
        return all.sent_packets - way->sent;
    }
    return c.lost + c.late + c.corrupted + c.duplicated + c.reordered +
           c.replayed;
}

static uint64_t
packets(const WorldFault *fault)
{
    const Harms *harms = fault->state;
    uint64_t sum = 0;

    for (guint i = 0; harms != NULL && i < harms->ways->len; i++)
        sum += harmed(harms->ways->pdata[i]);
    return sum;
}

const WorldAction hs_fault_harm = {begin, end, packets};
