/* Faults of whole links: the carrier of both ends, or of members of a LAG; the
 * black hole of which nobody is told; and either of them again and again. */

#include "config.h"

#include "sim/world/fault.h"

uint64_t
hs_fault_lost(const GPtrArray *links)
{
    uint64_t sum = 0;

    for (guint i = 0; i < links->len; i++)
        for (unsigned end = 0; end < 2; end++) {
            const WorldLink *link = links->pdata[i];
            HsSimLinkCounters counters;

            hs_sim_link_counters(link->sim, end, &counters);
            sum += counters.packets[HS_SIM_LINK_NO_CARRIER] +
                   counters.packets[HS_SIM_LINK_BLACK_HOLE];
        }
    return sum;
}

static uint64_t
lost(const WorldFault *fault)
{
    return hs_fault_lost(fault->links);
}

void
hs_fault_set_carrier(WorldFault *fault, WorldLink *link, bool on)
{
    if (!hs_fault_hold(&link->darkened, on))
        return;
    fault->touched.carriers += on && hs_sim_link_carrier(link->sim);
    hs_sim_link_set_carrier(link->sim, !on);
}

void
hs_fault_set_black_hole(WorldLink *link, unsigned end, bool on)
{
    if (hs_fault_hold(&link->black_holes[end], on))
        hs_sim_link_set_black_hole(link->sim, end, on);
}

static void
set_carriers(WorldFault *fault, bool on)
{
    for (guint i = 0; i < fault->links->len; i++)
        hs_fault_set_carrier(fault, fault->links->pdata[i], on);
}

static void
set_black_holes(WorldFault *fault, bool on)
{
    HsDirection direction = fault->config.direction;

    for (guint i = 0; i < fault->links->len; i++) {
        WorldLink *link = fault->links->pdata[i];

        if (direction != HS_DIRECTION_TO_ONPREM)
            hs_fault_set_black_hole(link, 0, on);
        if (direction != HS_DIRECTION_TO_AWS)
            hs_fault_set_black_hole(link, 1, on);
    }
}

static void
cut(WorldFault *fault)
{
    set_carriers(fault, true);
}

static void
mend(WorldFault *fault)
{
    set_carriers(fault, false);
}

const WorldAction hs_fault_link_down = {cut, mend, lost};

static void
open_holes(WorldFault *fault)
{
    set_black_holes(fault, true);
}

static void
close_holes(WorldFault *fault)
{
    set_black_holes(fault, false);
}

const WorldAction hs_fault_blackhole = {open_holes, close_holes, lost};

/* Flapping: down for a share of each period, from the fault's beginning. What
 * comes back does so before the next failure, and once more at the end. */

typedef struct {
    HsTime begin;    /* of this period */
    unsigned number; /* of failures so far */
    bool down;
} Flap;

static void
set_flap(WorldFault *fault, bool down)
{
    Flap *flap = fault->state;

    flap->down = down;
    if (fault->config.how == HS_FLAP_BY_LINK_DOWN)
        set_carriers(fault, down);
    else
        set_black_holes(fault, down);
}

static void come_back(WorldFault *fault);

static void
fail(WorldFault *fault)
{
    Flap *flap = fault->state;
    HsDuration down =
        (HsDuration)((double)fault->config.period * fault->config.duty);

    flap->begin = hs_sim_now(fault->world->sim);
    if (flap->number++ > 0)
        hs_fault_report_phase(fault, true);
    set_flap(fault, true);
    hs_fault_step(fault, flap->begin + MAX(down, 1), come_back);
}

static void
come_back(WorldFault *fault)
{
    Flap *flap = fault->state;

    if (flap->number == fault->config.count) {
        hs_fault_over(fault);
        return;
    }
    hs_fault_report_phase(fault, false);
    set_flap(fault, false);
    hs_fault_step(fault, flap->begin + fault->config.period, fail);
}

static void
begin_flap(WorldFault *fault)
{
    fault->state = g_new0(Flap, 1);
    fault->state_free = g_free;
    fail(fault);
}

static void
end_flap(WorldFault *fault)
{
    const Flap *flap = fault->state;

    if (flap->down)
        set_flap(fault, false);
}

const WorldAction hs_fault_flap = {begin_flap, end_flap, lost};

/* Members of a LAG: the first of those that have light. */

typedef struct {
    WorldLink *link;
    unsigned number;
} Member;

static void
darken_members(WorldFault *fault)
{
    unsigned wanted = MAX(fault->config.count, 1);
    GArray *taken = g_array_new(FALSE, FALSE, sizeof(Member));

    fault->state = taken;
    fault->state_free = (GDestroyNotify)g_array_unref;
    for (guint i = 0; i < fault->links->len; i++) {
        WorldLink *link = fault->links->pdata[i];
        unsigned members = hs_sim_link_members(link->sim), found = 0;

        g_assert(members <= G_N_ELEMENTS(link->dark_members));
        for (unsigned m = 0; m < members && found < wanted; m++) {
            Member member = {link, m};

            if (link->dark_members[m])
                continue;
            link->dark_members[m] = true;
            hs_sim_link_set_member(link->sim, m, false);
            g_array_append_val(taken, member);
            found++;
        }
        fault->touched.carriers += found;
    }
}

static void
light_members(WorldFault *fault)
{
    const GArray *taken = fault->state;

    for (guint i = 0; i < taken->len; i++) {
        const Member *member = &g_array_index(taken, Member, i);

        member->link->dark_members[member->number] = false;
        hs_sim_link_set_member(member->link->sim, member->number, true);
    }
}

const WorldAction hs_fault_lag_member_down = {darken_members, light_members,
                                              lost};
