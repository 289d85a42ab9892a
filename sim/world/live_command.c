/* Words that somebody types while a live run goes on: cut this, mend that, how
 * do the sessions stand.
 *
 * One line is one command. The answer is lines, of which the last begins with
 * "ok" or "error", so that a script knows where it ends and how it went. */

#include "config.h"

#include "sim/world/live_private.h"

#include "models/aws/endpoint.h"
#include "sim/scenario/complaint.h"

#include <string.h>

/* The latest state of a session, as its node told it. */
typedef struct {
    const char *node, *subject, *state; /* interned */
    HsTime since;
} LiveState;

typedef struct {
    HsLive *live;
    char **words; /* of the line; the first is the command */
    unsigned count;
    GString *reply;
} Command;

static void
error(const Command *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
error(const Command *c, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append(c->reply, "error: ");
    g_string_append_vprintf(c->reply, format, arguments);
    g_string_append_c(c->reply, '\n');
    va_end(arguments);
}

/* `error: "blackhoel" is no command; did you mean "blackhole"?` */
static void
unknown(const Command *c, const char *word, const char *what,
        const GPtrArray *candidates)
{
    g_autoptr(GString) hint = g_string_new(NULL);

    hs_suggest(hint, word, candidates);
    error(c, "\"%s\" is no %s%s", word, what, hint->str);
}

static char *
time_text(HsTime time)
{
    return g_strdup_printf("%.3f s", (double)time / 1e9);
}

/* Targets */

static GPtrArray *
all_targets(const HsScenario *scenario)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    const HsDx *dx;
    const HsInternet *internet;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        g_ptr_array_add(names, g_strdup(dx->element.name));
    for (unsigned i = 0; (internet = hs_scenario_internet(scenario, i)); i++)
        g_ptr_array_add(names, g_strdup(internet->element.name));
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)); i++) {
        g_ptr_array_add(names, g_strdup(vpn->element.name));
        for (unsigned t = 1; t <= vpn->tunnels; t++)
            g_ptr_array_add(
                names, g_strdup_printf("%s.tunnel%u", vpn->element.name, t));
    }
    return names;
}

static bool
find_target(const Command *c, const char *text, HsFault *fault)
{
    const HsScenario *scenario = c->live->world->scenario;
    g_autoptr(GPtrArray) names = all_targets(scenario);
    g_auto(GStrv) parts = g_strsplit(text, ".tunnel", 2);

    if (!g_ptr_array_find_with_equal_func(names, text, g_str_equal, NULL)) {
        unknown(c, text, "target", names);
        return false;
    }
    fault->target = hs_scenario_find(scenario, parts[0]);
    if (parts[1] != NULL)
        fault->tunnel = (unsigned)(parts[1][0] - '0');
    return true;
}

/* Commands */

/* blackhole TARGET [to-aws|to-onprem] */
static void
cause_blackhole(const Command *c)
{
    HsFault fault = {.action = HS_FAULT_BLACKHOLE, .length = HS_TIME_NEVER};
    g_autofree char *name = NULL;
    const char *caused;

    if (!find_target(c, c->words[1], &fault))
        return;
    if (c->count > 2) {
        g_autoptr(GPtrArray) ways = g_ptr_array_new();

        for (unsigned d = HS_DIRECTION_BOTH; d <= HS_DIRECTION_TO_ONPREM; d++) {
            const char *way = hs_direction_name((HsDirection)d);

            g_ptr_array_add(ways, g_strdup(way));
            if (g_str_equal(way, c->words[2]))
                fault.direction = (HsDirection)d;
        }
        g_ptr_array_set_free_func(ways, g_free);
        if (!g_str_equal(hs_direction_name(fault.direction), c->words[2])) {
            unknown(c, c->words[2], "direction", ways);
            return;
        }
    }
    name = fault.direction == HS_DIRECTION_BOTH
               ? g_strdup_printf("blackhole-%s", c->words[1])
               : g_strdup_printf("blackhole-%s-%s", c->words[1],
                                 hs_direction_name(fault.direction));
    caused = hs_world_cause_fault(c->live->world, name, &fault);
    g_string_append_printf(c->reply, "ok: %s applied\n", caused);
}

/* link-down TARGET */
static void
cause_link_down(const Command *c)
{
    HsFault fault = {.action = HS_FAULT_LINK_DOWN, .length = HS_TIME_NEVER};
    g_autofree char *name = g_strdup_printf("link-down-%s", c->words[1]);
    const char *caused;

    if (!find_target(c, c->words[1], &fault))
        return;
    if (fault.target->kind == HS_KIND_VPN) {
        error(c, "a tunnel has no carrier to lose; expected blackhole");
        return;
    }
    caused = hs_world_cause_fault(c->live->world, name, &fault);
    g_string_append_printf(c->reply, "ok: %s applied\n", caused);
}

/* What needs no more than a target: an action's word is the command. */
static void
cause_action(const Command *c)
{
    static const HsFaultAction actions[] = {
        HS_FAULT_BGP_ADMIN_DOWN, HS_FAULT_WITHDRAW,
        HS_FAULT_PREFIX_LIMIT,   HS_FAULT_IKE_PSK_MISMATCH,
        HS_FAULT_SA_DELETE,      HS_FAULT_ENDPOINT_REPLACE,
    };
    HsFault fault = {.length = HS_TIME_NEVER};
    g_autofree char *name = g_strdup_printf("%s-%s", c->words[0], c->words[1]);
    g_autofree char *targets = NULL;
    const char *caused;

    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (g_str_equal(hs_fault_action_name(actions[i]), c->words[0]))
            fault.action = actions[i];
    if (!find_target(c, c->words[1], &fault))
        return;
    if (!hs_fault_acts_on(&fault)) {
        targets = hs_fault_targets(fault.action);
        error(c, "%s acts on %s", c->words[0], targets);
        return;
    }
    caused = hs_world_cause_fault(c->live->world, name, &fault);
    g_string_append_printf(c->reply, "ok: %s applied\n", caused);
}

/* fault NAME */
static void
cause_fault(const Command *c)
{
    const HsScenario *scenario = c->live->world->scenario;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const HsFault *fault;
    const char *caused;

    for (unsigned i = 0; (fault = hs_scenario_fault(scenario, i)); i++) {
        if (!g_str_equal(fault->element.name, c->words[1])) {
            g_ptr_array_add(names, g_strdup(fault->element.name));
            continue;
        }
        caused = hs_world_cause_fault(c->live->world, c->words[1], fault);
        g_string_append_printf(c->reply, "ok: %s applied\n", caused);
        return;
    }
    unknown(c, c->words[1], "[fault] of the scenario", names);
}

/* clear NAME, or all */
static void
clear_fault(const Command *c)
{
    g_autoptr(GPtrArray) active = hs_world_active_faults(c->live->world);
    unsigned cleared = 0;

    for (guint i = 0; i < active->len; i++)
        if (g_str_equal(c->words[1], "all") ||
            g_str_equal(c->words[1], active->pdata[i]))
            cleared += hs_world_clear_fault(c->live->world, active->pdata[i]);
    if (cleared > 0)
        g_string_append_printf(c->reply, "ok: %s cleared\n", c->words[1]);
    else if (active->len == 0)
        error(c, "no fault is active");
    else
        unknown(c, c->words[1], "active fault", active);
}

/* Orders to AWS's end of a tunnel: what happens there only after hours, or by
 * AWS's maintenance, happens now. */

static HsIkeTunnel *
find_tunnel(const Command *c)
{
    HsWorld *world = c->live->world;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const HsVpn *vpn;

    for (unsigned i = 0; (vpn = hs_scenario_vpn(world->scenario, i)); i++)
        for (unsigned t = 1; t <= vpn->tunnels; t++) {
            char *name = g_strdup_printf("%s.tunnel%u", vpn->element.name, t);
            g_autofree char *node = g_strdup_printf("%s.aws", name);
            HsVpnEndpoint *endpoint;

            g_ptr_array_add(names, name);
            if (!g_str_equal(name, c->words[1]))
                continue;
            endpoint = hs_world_find_node(world, node)->model;
            return hs_ike_service_tunnel(hs_vpn_endpoint_ike(endpoint), 0);
        }
    if (names->len == 0)
        error(c, "the scenario has no [vpn]");
    else
        unknown(c, c->words[1], "tunnel", names);
    return NULL;
}

static void
rekey_esp(IkeSession *session, HsTime now)
{
    IkeChild child;

    if (ike_session_child(session, &child))
        ike_session_rekey_child(session, now, child.number);
}

static void
delete_esp(IkeSession *session, HsTime now)
{
    IkeChild child;

    if (ike_session_child(session, &child))
        ike_session_delete_child(session, now, child.number);
}

/* The customer gateway may come again. */
static void
delete_ike(IkeSession *session, HsTime now)
{
    ike_session_stop(session, now);
    ike_session_listen(session, now);
}

/* rekey TUNNEL ike|esp, delete TUNNEL ike|esp */
static void
order_tunnel(const Command *c)
{
    static const struct {
        const char *word, *sa;
        void (*order)(IkeSession *session, HsTime now);
    } orders[] = {
        {"rekey", "ike", ike_session_rekey_ike},
        {"rekey", "esp", rekey_esp},
        {"delete", "ike", delete_ike},
        {"delete", "esp", delete_esp},
    };
    HsIkeTunnel *tunnel = find_tunnel(c);
    IkeChild child;

    if (tunnel == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
        if (!g_str_equal(orders[i].word, c->words[0]) ||
            !g_str_equal(orders[i].sa, c->words[2]))
            continue;
        if (!ike_session_child(hs_ike_tunnel_session(tunnel), &child)) {
            error(c, "%s is not up", c->words[1]);
            return;
        }
        hs_ike_tunnel_order(tunnel, orders[i].order);
        g_string_append(c->reply, "ok: begun\n");
        return;
    }
    error(c, "expected %s %s ike, or esp", c->words[0], c->words[1]);
}

/* Status: reads on in the stream of facts from where the last one left off. */

static LiveState *
state_of(HsLive *live, const HsFact *fact)
{
    LiveState *state;

    for (guint i = 0; i < live->states->len; i++) {
        state = live->states->pdata[i];
        if (state->node == fact->node && state->subject == fact->subject)
            return state;
    }
    state = g_new0(LiveState, 1);
    state->node = fact->node;
    state->subject = fact->subject;
    g_ptr_array_add(live->states, state);
    return state;
}

static void
read_states(HsLive *live)
{
    const uint32_t kinds = HS_FACT_BIT(HS_FACT_BGP) | HS_FACT_BIT(HS_FACT_BFD) |
                           HS_FACT_BIT(HS_FACT_TUNNEL);
    HsFact fact;

    while (hs_facts_next(live->world->facts, &live->read, kinds, &fact)) {
        LiveState *state = state_of(live, &fact);

        state->state = fact.to;
        state->since = fact.at;
    }
}

static void
append_states(const Command *c)
{
    for (guint i = 0; i < c->live->states->len; i++) {
        const LiveState *state = c->live->states->pdata[i];
        g_autofree char *since = time_text(state->since);

        g_string_append_printf(
            c->reply, "%s: %s %s since %s\n", state->node, state->subject,
            state->state != NULL ? state->state : "-", since);
    }
}

static void
append_ports(const Command *c)
{
    for (unsigned i = 0; i < hs_live_ports(c->live); i++) {
        HsLivePortReport port = hs_live_port(c->live, i);

        g_string_append_printf(
            c->reply,
            "port %s: %" G_GUINT64_FORMAT " packets in, %" G_GUINT64_FORMAT
            " out, %" G_GUINT64_FORMAT " not IPv4 or broken, %" G_GUINT64_FORMAT
            " late\n",
            port.device, port.from_real, port.to_real, port.malformed,
            port.late);
    }
}

static void
status(const Command *c)
{
    HsWorld *world = c->live->world;
    HsTime end = hs_scenario_settings(world->scenario, 0)->duration;
    HsLag lag = hs_realtime_lag(c->live->realtime);
    g_autoptr(GPtrArray) active = hs_world_active_faults(world);
    g_autofree char *now = time_text(hs_sim_now(world->sim));
    g_autofree char *until = time_text(end);

    read_states(c->live);
    append_states(c);
    append_ports(c);
    for (guint i = 0; i < active->len; i++)
        g_string_append_printf(c->reply, "fault %s: active\n",
                               (const char *)active->pdata[i]);
    g_string_append_printf(c->reply,
                           "real time: late by %.3f ms at p99, %.3f ms at "
                           "most; fell behind %" G_GUINT64_FORMAT " times\n",
                           (double)lag.p99 / 1e6, (double)lag.max / 1e6,
                           lag.behind);
    g_string_append_printf(c->reply, "ok: at %s of %s\n", now, until);
}

static void
stop(const Command *c)
{
    hs_live_stop(c->live);
    g_string_append(c->reply, "ok: stopping\n");
}

static void help(const Command *c);

static const struct {
    const char *word;
    unsigned least, most; /* arguments */
    const char *arguments, *meaning;
    void (*run)(const Command *c);
} commands[] = {
    {"status", 0, 0, "", "sessions, ports, faults, how late we are", status},
    {"fault", 1, 1, "NAME", "apply a [fault] of the scenario now", cause_fault},
    {"blackhole", 1, 2, "TARGET [to-aws|to-onprem]",
     "packets vanish and nobody is told", cause_blackhole},
    {"cut", 1, 1, "TARGET", "the same, both ways", cause_blackhole},
    {"link-down", 1, 1, "TARGET", "both ends lose carrier", cause_link_down},
    {"bgp-admin-down", 1, 1, "TARGET", "AWS's failover test of a session",
     cause_action},
    {"withdraw", 1, 1, "TARGET", "the customer withdraws what it announces",
     cause_action},
    {"prefix-limit", 1, 1, "TARGET", "it announces one more than AWS takes",
     cause_action},
    {"ike-psk-mismatch", 1, 1, "TARGET", "AWS's end has another key",
     cause_action},
    {"sa-delete", 1, 1, "TARGET", "AWS deletes the SAs of its tunnels",
     cause_action},
    {"endpoint-replace", 1, 1, "TARGET", "AWS's maintenance of a VPN",
     cause_action},
    {"clear", 1, 1, "FAULT|all", "end what is active", clear_fault},
    {"rekey", 2, 2, "TUNNEL ike|esp", "AWS replaces the tunnel's SA now",
     order_tunnel},
    {"delete", 2, 2, "TUNNEL ike|esp", "AWS deletes it", order_tunnel},
    {"stop", 0, 0, "", "end the run and write its results", stop},
    {"help", 0, 0, "", "this", help},
};

static void
help(const Command *c)
{
    g_autoptr(GPtrArray) targets = all_targets(c->live->world->scenario);

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
        g_string_append_printf(c->reply, "%-16s %-26s %s\n", commands[i].word,
                               commands[i].arguments, commands[i].meaning);
    g_string_append(c->reply, "targets:");
    for (guint i = 0; i < targets->len; i++)
        g_string_append_printf(c->reply, " %s",
                               (const char *)targets->pdata[i]);
    g_string_append(c->reply, "\nok\n");
}

static void
run(const Command *c)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        g_ptr_array_add(words, g_strdup(commands[i].word));
        if (!g_str_equal(commands[i].word, c->words[0]))
            continue;
        if (c->count - 1 < commands[i].least || c->count - 1 > commands[i].most)
            error(c, "expected %s%s%s", commands[i].word,
                  *commands[i].arguments != '\0' ? " " : "",
                  commands[i].arguments);
        else
            commands[i].run(c);
        return;
    }
    unknown(c, c->words[0], "command", words);
}

void
hs_live_command(HsLive *live, const char *line, GString *reply)
{
    g_autofree char *text = g_utf8_make_valid(line, -1);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    char *rest = NULL;
    Command c = {.live = live, .reply = reply};

    g_assert(live->realtime != NULL);
    for (char *word = strtok_r(text, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest))
        g_ptr_array_add(words, word);
    c.count = words->len;
    g_ptr_array_add(words, NULL);
    c.words = (char **)words->pdata;
    if (c.count > 0)
        run(&c);
    else
        error(&c, "expected a command; \"help\" lists them");
}
