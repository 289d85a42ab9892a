/* Faults: words of a scenario done to links, at an instant that the seed draws.
 *
 * Each is two events, and a fact at each: applied, and cleared with the number
 * of packets that it took. A fault that took none tested nothing, and the
 * timeline says so.
 *
 * In a live run somebody may also cause them by hand, sooner than the file says
 * or such as it does not name. A fault comes and goes once: what is caused a
 * second time is another fault with a name of its own ("cut-2"), so that each
 * has its own timeline. */

#include "config.h"

#include "sim/world/private.h"

typedef struct {
    HsWorld *world;     /* borrowed */
    const char *name;   /* interned */
    HsFault config;     /* its element: of the one in the file, or none */
    const char *target; /* interned: "primary", "backup.tunnel1" */
    GPtrArray *links;   /* WorldLink *, borrowed */
    HsSimEvent *next;   /* that applies or clears it; NULL: none is due */
    uint64_t lost_before;
    bool active, applied;
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
        .node = fault->name,
        .subject = fault->name,
        .peer = fault->target,
        .to = to,
        .cause = hs_fault_action_name(fault->config.action),
        .id = touched,
    };

    hs_world_fact(fault->world, &fact);
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
    HsDirection direction = fault->config.direction;

    for (guint i = 0; i < fault->links->len; i++) {
        WorldLink *link = fault->links->pdata[i];

        /* hs_scenario_is_built() lets no other action through. */
        if (fault->config.action == HS_FAULT_LINK_DOWN) {
            set_carrier(link, on);
            continue;
        }
        g_assert(fault->config.action == HS_FAULT_BLACKHOLE);
        if (direction != HS_DIRECTION_TO_ONPREM)
            set_black_hole(link, 0, on);
        if (direction != HS_DIRECTION_TO_AWS)
            set_black_hole(link, 1, on);
    }
    fault->active = on;
}

static void
clear(void *user_data)
{
    WorldFault *fault = user_data;

    fault->next = NULL;
    report(fault, "cleared", lost(fault) - fault->lost_before);
    mark(fault, "cleared");
    set(fault, false);
}

static void
apply(void *user_data)
{
    WorldFault *fault = user_data;
    HsWorld *world = fault->world;
    HsTime until = hs_time_add(hs_sim_now(world->sim), fault->config.length);

    fault->next = NULL;
    fault->applied = true;
    fault->lost_before = lost(fault);
    report(fault, "applied", 0);
    mark(fault, "applied");
    set(fault, true);
    if (until < hs_scenario_settings(world->scenario, 0)->duration)
        fault->next = hs_sim_schedule(world->sim, until, clear, fault, NULL);
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
    const HsElement *target = fault->config.target;
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

        if (fault->config.tunnel != 0 && fault->config.tunnel != i)
            continue;
        if (fault->config.tunnel == i)
            fault->target = g_intern_string(tunnel);
        add_target(fault, link);
    }
}

static WorldFault *
add_fault(HsWorld *world, const char *name, const HsFault *config)
{
    WorldFault *fault = g_new0(WorldFault, 1);

    fault->world = world;
    fault->name = g_intern_string(name);
    fault->config = *config;
    fault->links = g_ptr_array_new();
    find_targets(fault);
    g_ptr_array_add(world->faults, fault);
    return fault;
}

void
hs_world_schedule_faults(HsWorld *world)
{
    const HsFault *config;

    for (unsigned i = 0; (config = hs_scenario_fault(world->scenario, i));
         i++) {
        WorldFault *fault = add_fault(world, config->element.name, config);
        g_autoptr(HsRng) rng =
            hs_rng_new(world->seed, config->element.name, "fault");
        HsTime at = hs_rng_uniform(rng, config->at.low, config->at.high);

        fault->next = hs_sim_schedule(world->sim, at, apply, fault, NULL);
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

/* By hand */

static WorldFault *
find_fault(const HsWorld *world, const char *name)
{
    const char *wanted = g_intern_string(name);

    for (guint i = 0; i < world->faults->len; i++) {
        WorldFault *fault = world->faults->pdata[i];

        if (fault->name == wanted)
            return fault;
    }
    return NULL;
}

const char *
hs_world_cause_fault(HsWorld *world, const char *name, const HsFault *config)
{
    WorldFault *fault = find_fault(world, name);
    g_autofree char *other = NULL;

    for (unsigned i = 2; fault != NULL && fault->applied; i++) {
        g_free(other);
        other = g_strdup_printf("%s-%u", name, i);
        fault = find_fault(world, other);
    }
    if (fault == NULL)
        fault = add_fault(world, other != NULL ? other : name, config);
    if (fault->next != NULL)
        hs_sim_cancel(fault->next);
    apply(fault);
    return fault->name;
}

bool
hs_world_clear_fault(HsWorld *world, const char *name)
{
    WorldFault *fault = find_fault(world, name);

    if (fault == NULL || !fault->active)
        return false;
    if (fault->next != NULL)
        hs_sim_cancel(fault->next);
    clear(fault);
    return true;
}

void
hs_world_postpone_faults(HsWorld *world)
{
    for (guint i = 0; i < world->faults->len; i++) {
        WorldFault *fault = world->faults->pdata[i];

        if (fault->next != NULL)
            hs_sim_cancel(fault->next);
        fault->next = NULL;
    }
}

GPtrArray *
hs_world_active_faults(const HsWorld *world)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < world->faults->len; i++) {
        const WorldFault *fault = world->faults->pdata[i];

        if (fault->active)
            g_ptr_array_add(names, g_strdup(fault->name));
    }
    return names;
}
