/* Faults: words of a scenario done to its links, nodes, sessions and tunnels,
 * at an instant that the seed draws.
 *
 * Each is two events, and a fact at each: applied, and cleared with what it
 * touched. What it touched is counted in two ways: packets by the action, from
 * the counters of what it acts on; everything else by the facts that the models
 * report while the action is being applied, because those are its own doing,
 * whatever other faults do at the time. One that touched nothing tested
 * nothing, and fails the verdict.
 *
 * What an action does is a row of the table below; the functions are in the
 * file of its family. Faults may overlap, also on one thing: that is well again
 * when the last one has left it.
 *
 * In a live run somebody may also cause them by hand, sooner than the file says
 * or such as it does not name. A fault comes and goes once: what is caused a
 * second time is another fault with a name of its own ("cut-2"), so that each
 * has its own timeline. */

#include "config.h"

#include "sim/world/fault.h"

static const WorldAction *const actions[] = {
    [HS_FAULT_LINK_DOWN] = &hs_fault_link_down,
    [HS_FAULT_BLACKHOLE] = &hs_fault_blackhole,
    [HS_FAULT_BROWNOUT] = &hs_fault_harm,
    [HS_FAULT_FLAP] = &hs_fault_flap,
    [HS_FAULT_MTU] = &hs_fault_harm,
    [HS_FAULT_BGP_ADMIN_DOWN] = &hs_fault_bgp_admin_down,
    [HS_FAULT_WITHDRAW] = &hs_fault_withdraw,
    [HS_FAULT_PREFIX_LIMIT] = &hs_fault_prefix_limit,
    [HS_FAULT_NODE_CRASH] = &hs_fault_node_crash,
    [HS_FAULT_NODE_FREEZE] = &hs_fault_node_freeze,
    [HS_FAULT_NODE_STALL] = &hs_fault_node_stall,
    [HS_FAULT_IKE_PSK_MISMATCH] = &hs_fault_ike_psk_mismatch,
    [HS_FAULT_SA_DELETE] = &hs_fault_sa_delete,
    [HS_FAULT_ENDPOINT_REPLACE] = &hs_fault_endpoint_replace,
    [HS_FAULT_MTU_CHANGE] = &hs_fault_mtu_change,
    [HS_FAULT_NAT_RESET] = &hs_fault_nat_reset,
    [HS_FAULT_CORRUPT] = &hs_fault_harm,
    [HS_FAULT_DUPLICATE] = &hs_fault_harm,
    [HS_FAULT_REORDER] = &hs_fault_harm,
    [HS_FAULT_REPLAY] = &hs_fault_harm,
    [HS_FAULT_LAG_MEMBER_DOWN] = &hs_fault_lag_member_down,
};

static const WorldAction *
action_of(const WorldFault *fault)
{
    g_assert((unsigned)fault->config.action < G_N_ELEMENTS(actions));
    return actions[fault->config.action];
}

void
hs_world_fault_free(void *data)
{
    WorldFault *fault = data;

    if (fault->state_free != NULL)
        fault->state_free(fault->state);
    g_ptr_array_unref(fault->links);
    g_ptr_array_unref(fault->nodes);
    g_ptr_array_unref(fault->sessions);
    g_ptr_array_unref(fault->siblings);
    g_free(fault);
}

/* What it touched */

static WorldTouched
touched(const WorldFault *fault)
{
    WorldTouched sum = fault->touched;
    const WorldAction *action = action_of(fault);

    if (fault->active && action->packets != NULL)
        sum.packets += action->packets(fault) - fault->packets_before;
    return sum;
}

static uint64_t
total(const WorldTouched *t)
{
    return t->packets + t->carriers + t->sessions + t->routes + t->sas +
           t->nodes + t->mappings;
}

static void
append_count(GString *text, uint64_t count, const char *one, const char *many)
{
    if (count > 0)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s",
                               text->len > 0 ? ", " : "", count,
                               count == 1 ? one : many);
}

/* "17 packets, 1 session", interned; NULL: nothing. */
static const char *
touched_text(const WorldTouched *t)
{
    g_autoptr(GString) text = g_string_new(NULL);

    append_count(text, t->packets, "packet", "packets");
    append_count(text, t->carriers, "carrier", "carriers");
    append_count(text, t->sessions, "session", "sessions");
    append_count(text, t->routes, "route", "routes");
    append_count(text, t->sas, "SA", "SAs");
    append_count(text, t->nodes, "control plane", "control planes");
    append_count(text, t->mappings, "mapping", "mappings");
    return text->len > 0 ? g_intern_string(text->str) : NULL;
}

static bool
was_up(const HsFact *fact)
{
    return g_strcmp0(fact->from, "Established") == 0 ||
           g_strcmp0(fact->from, "Up") == 0;
}

/* Adds what the models have said from fact number FROM on. */
static void
take_changes(WorldFault *fault, size_t from)
{
    const HsFacts *facts = fault->world->facts;
    HsFact fact;

    while (hs_facts_next(facts, &from, HS_FACT_ALL, &fact)) {
        if (fact.kind == HS_FACT_ROUTE_SENT)
            fault->touched.routes++;
        else if ((fact.kind == HS_FACT_BGP || fact.kind == HS_FACT_BFD) &&
                 was_up(&fact))
            fault->touched.sessions++;
        else if (fact.kind == HS_FACT_TUNNEL && g_strcmp0(fact.to, "down") == 0)
            fault->touched.sas++;
    }
}

/* Facts */

static void
report(WorldFault *fault, const char *to)
{
    WorldTouched sum = touched(fault);
    HsFact fact = {
        .at = hs_sim_now(fault->world->sim),
        .kind = HS_FACT_FAULT,
        .node = fault->name,
        .subject = fault->name,
        .peer = fault->target,
        .from = touched_text(&sum),
        .to = to,
        .cause = hs_fault_action_name(fault->config.action),
        .id = total(&sum),
        .value = (int64_t)sum.packets,
    };

    hs_world_fact(fault->world, &fact);
    if (fault->world->options.phase != NULL)
        fault->world->options.phase(fault->world->options.phase_data,
                                    fault->world, &fact);
}

void
hs_fault_report_phase(WorldFault *fault, bool applied)
{
    report(fault, applied ? "applied" : "cleared");
}

/* A phase of the exposure begins. */
static void
mark(WorldFault *fault, const char *to)
{
    hs_exposure_mark(fault->world->exposure, hs_sim_now(fault->world->sim),
                     g_intern_string(to));
}

/* Coming and going */

bool
hs_fault_hold(unsigned *holders, bool on)
{
    g_assert(on || *holders > 0);
    return on ? (*holders)++ == 0 : --*holders == 0;
}

/* Only looked up, never walked: the order of pointers is not seen. */
unsigned *
hs_fault_holders(WorldFault *fault, const void *thing, const char *purpose)
{
    GHashTable *all = fault->world->holders;
    g_autofree char *key = g_strdup_printf("%s %p", purpose, thing);
    unsigned *holders = g_hash_table_lookup(all, key);

    if (holders == NULL) {
        holders = g_new0(unsigned, 1);
        g_hash_table_insert(all, g_steal_pointer(&key), holders);
    }
    return holders;
}

static void
cancel(HsSimEvent **event)
{
    if (*event != NULL)
        hs_sim_cancel(*event);
    *event = NULL;
}

/* The events of a fault: next, and step of its action. */
typedef struct {
    WorldFault *fault; /* borrowed */
    void (*step)(WorldFault *fault);
} Step;

static void
take_step(void *user_data)
{
    const Step *step = user_data;
    size_t before = hs_facts_count(step->fault->world->facts);

    step->fault->step = NULL;
    step->step(step->fault);
    take_changes(step->fault, before);
}

void
hs_fault_step(WorldFault *fault, HsTime at, void (*step)(WorldFault *fault))
{
    Step *data = g_new(Step, 1);

    g_assert(fault->step == NULL);
    *data = (Step){fault, step};
    fault->step =
        hs_sim_schedule(fault->world->sim, at, take_step, data, g_free);
}

static void
clear(void *user_data)
{
    WorldFault *fault = user_data;
    const WorldAction *action = action_of(fault);

    fault->next = NULL;
    cancel(&fault->step);
    report(fault, "cleared");
    mark(fault, "cleared");
    fault->touched = touched(fault);
    fault->active = false;
    action->clear(fault);
}

void
hs_fault_over(WorldFault *fault)
{
    cancel(&fault->next);
    clear(fault);
}

static void
apply(void *user_data)
{
    WorldFault *fault = user_data;
    HsWorld *world = fault->world;
    const WorldAction *action = action_of(fault);
    HsTime until = hs_time_add(hs_sim_now(world->sim), fault->config.length);
    size_t before;

    fault->next = NULL;
    fault->applied = true;
    report(fault, "applied");
    mark(fault, "applied");
    before = hs_facts_count(world->facts);
    if (action->packets != NULL)
        fault->packets_before = action->packets(fault);
    fault->active = true;
    if (until < hs_scenario_settings(world->scenario, 0)->duration)
        fault->next = hs_sim_schedule(world->sim, until, clear, fault, NULL);
    action->apply(fault);
    take_changes(fault, before);
}

static WorldFault *
add_fault(HsWorld *world, const char *name, const HsFault *config)
{
    WorldFault *fault = g_new0(WorldFault, 1);

    fault->world = world;
    fault->name = g_intern_string(name);
    fault->config = *config;
    hs_fault_find_targets(fault);
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
            report(fault, "lasting");
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
    cancel(&fault->next);
    apply(fault);
    return fault->name;
}

bool
hs_world_clear_fault(HsWorld *world, const char *name)
{
    WorldFault *fault = find_fault(world, name);

    if (fault == NULL || !fault->active)
        return false;
    cancel(&fault->next);
    clear(fault);
    return true;
}

void
hs_world_postpone_faults(HsWorld *world)
{
    for (guint i = 0; i < world->faults->len; i++) {
        WorldFault *fault = world->faults->pdata[i];

        cancel(&fault->next);
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
