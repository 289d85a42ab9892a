/* Faults: words of a scenario done to links, at an instant that the seed draws.
 *
 * Each is two events, and a fact at each: applied, and cleared with the number
 * of packets that it took. A fault that took none tested nothing, and the
 * timeline says so. */

#include "config.h"

#include "sim/world/private.h"

typedef struct {
    HsWorld *world;        /* borrowed */
    const HsFault *config; /* borrowed from the scenario */
    const char *target;    /* interned: "primary", "backup.tunnel1" */
    GPtrArray *links;      /* WorldLink *, borrowed */
    uint64_t lost_before;
    bool active;
} WorldFault;

void
hs_world_fault_free(void *data)
{
    WorldFault *fault = data;

    g_ptr_array_unref(fault->links);
    g_free(fault);
}

static void
report(WorldFault *fault, const char *to, uint64_t touched)
{
    HsFact fact = {
        .at = hs_sim_now(fault->world->sim),
        .kind = HS_FACT_FAULT,
        .node = g_intern_string(fault->config->element.name),
        .subject = g_intern_string(fault->config->element.name),
        .peer = fault->target,
        .to = to,
        .cause = hs_fault_action_name(fault->config->action),
        .id = touched,
    };

    hs_facts_append(fault->world->facts, &fact);
}

/* A phase of the exposure begins. */
static void
mark(WorldFault *fault, const char *to)
{
    hs_exposure_mark(fault->world->exposure, hs_sim_now(fault->world->sim),
                     g_intern_string(to));
}

/* Packets that the faults of these links have taken so far. */
static uint64_t
lost(const WorldFault *fault)
{
    uint64_t sum = 0;

    for (guint i = 0; i < fault->links->len; i++)
        for (unsigned end = 0; end < 2; end++) {
            const WorldLink *link = fault->links->pdata[i];
            HsSimLinkCounters counters;

            hs_sim_link_counters(link->sim, end, &counters);
            sum += counters.packets[HS_SIM_LINK_NO_CARRIER] +
                   counters.packets[HS_SIM_LINK_BLACK_HOLE];
        }
    return sum;
}

/* Faults may overlap: a link is well when the last one has left it. */
static void
hold(unsigned *holders, bool on, bool *ret_changed)
{
    g_assert(on || *holders > 0);
    *ret_changed = on ? (*holders)++ == 0 : --*holders == 0;
}

static void
set_carrier(WorldLink *link, bool on)
{
    bool changed;

    hold(&link->darkened, on, &changed);
    if (changed)
        hs_sim_link_set_carrier(link->sim, !on);
}

static void
set_black_hole(WorldLink *link, unsigned end, bool on)
{
    bool changed;

    hold(&link->black_holes[end], on, &changed);
    if (changed)
        hs_sim_link_set_black_hole(link->sim, end, on);
}

static void
set(WorldFault *fault, bool on)
{
    HsDirection direction = fault->config->direction;

    for (guint i = 0; i < fault->links->len; i++) {
        WorldLink *link = fault->links->pdata[i];

        switch (fault->config->action) {
        case HS_FAULT_LINK_DOWN:
            set_carrier(link, on);
            break;
        case HS_FAULT_BLACKHOLE:
            if (direction != HS_DIRECTION_TO_ONPREM)
                set_black_hole(link, 0, on);
            if (direction != HS_DIRECTION_TO_AWS)
                set_black_hole(link, 1, on);
            break;
        }
    }
    fault->active = on;
}

static void
apply(void *user_data)
{
    WorldFault *fault = user_data;

    fault->lost_before = lost(fault);
    report(fault, "applied", 0);
    mark(fault, "applied");
    set(fault, true);
}

static void
clear(void *user_data)
{
    WorldFault *fault = user_data;

    report(fault, "cleared", lost(fault) - fault->lost_before);
    mark(fault, "cleared");
    set(fault, false);
}

static void
add_target(WorldFault *fault, const char *name)
{
    WorldLink *link = hs_world_find_link(fault->world, name);

    g_assert(link != NULL);
    g_ptr_array_add(fault->links, link);
}

/* A virtual interface and the internet are a link each; a tunnel is lost where
 * only it passes, between AWS's edge and its endpoint. */
static void
find_targets(WorldFault *fault)
{
    const HsElement *target = fault->config->target;
    const HsVpn *vpn;

    if (target->kind != HS_KIND_VPN) {
        fault->target = target->name;
        add_target(fault, target->name);
        return;
    }
    vpn = (const HsVpn *)target;
    fault->target = target->name;
    for (unsigned i = 1; i <= vpn->tunnels; i++) {
        g_autofree char *tunnel =
            g_strdup_printf("%s.tunnel%u", target->name, i);
        g_autofree char *link = g_strdup_printf("%s.edge", tunnel);

        if (fault->config->tunnel != 0 && fault->config->tunnel != i)
            continue;
        if (fault->config->tunnel == i)
            fault->target = g_intern_string(tunnel);
        add_target(fault, link);
    }
}

void
hs_world_schedule_faults(HsWorld *world)
{
    HsTime end = hs_scenario_settings(world->scenario, 0)->duration;
    const HsFault *config;

    for (unsigned i = 0; (config = hs_scenario_fault(world->scenario, i));
         i++) {
        WorldFault *fault = g_new0(WorldFault, 1);
        g_autoptr(HsRng) rng =
            hs_rng_new(world->seed, config->element.name, "fault");
        HsTime at = hs_rng_uniform(rng, config->at.low, config->at.high);
        HsTime until = hs_time_add(at, config->length);

        fault->world = world;
        fault->config = config;
        fault->links = g_ptr_array_new();
        find_targets(fault);
        g_ptr_array_add(world->faults, fault);
        hs_sim_schedule(world->sim, at, apply, fault, NULL);
        if (until < end)
            hs_sim_schedule(world->sim, until, clear, fault, NULL);
    }
}

/* One that lasts to the end says what it took; no phase begins there. */
void
hs_world_finish_faults(HsWorld *world)
{
    for (guint i = 0; i < world->faults->len; i++) {
        WorldFault *fault = world->faults->pdata[i];

        if (fault->active)
            report(fault, "lasting", lost(fault) - fault->lost_before);
    }
}
