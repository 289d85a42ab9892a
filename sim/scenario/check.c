/* The rules that take more than one value, each with the one who makes it:
 * AWS, an RFC, or the sense of the experiment. What AWS would refuse when it
 * is set up is refused here, so that no result describes a network that nobody
 * could have. */

#include "config.h"

#include "sim/scenario/check.h"

#include <stdarg.h>
#include <string.h>

void
hs_check_bad(const HsCheckRun *c, const HsElement *element, const char *key,
             const char *format, ...)
{
    g_autofree char *group = hs_element_group(element);
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    hs_complain(c->complaints,
                key != NULL ? hs_element_place(element, key)
                            : (HsPlace){.line = element->line},
                group, key, "%s", text);
}

void
hs_check_timers(const HsCheckRun *c, const HsElement *element,
                const HsBgpTimers *timers, const char *key,
                const char *hold_key)
{
    char keepalive[HS_TIME_TEXT], hold[HS_TIME_TEXT];

    if (timers->keepalive >= timers->hold)
        hs_check_bad(
            c, element, key,
            "%s is not below the hold time \"%s\" of %s; a third of it is "
            "usual (RFC 4271 4.4)",
            hs_duration_format(timers->keepalive, keepalive), hold_key,
            hs_duration_format(timers->hold, hold));
}

void
hs_check_session(const HsCheckRun *c, const HsElement *element,
                 const HsOnprem *site, uint32_t aws_asn,
                 const HsBgpTimers *customer, const HsBgpTimers *aws)
{
    hs_check_timers(c, element, customer, "keepalive", "hold");
    hs_check_timers(c, element, aws, "aws.keepalive", "aws.hold");
    if (site->asn == aws_asn)
        hs_check_bad(
            c, element, "between",
            "[onprem %s] has AWS's AS number, %u; the two must differ, or "
            "each takes the other's routes for a loop (" DX_VIF ")",
            site->element.name, aws_asn);
}

void
hs_check_router(const HsCheckRun *c, const HsElement *element,
                const HsOnprem *site, unsigned router)
{
    if (router > site->routers)
        hs_check_bad(c, element, "router",
                     "[onprem %s] has one customer gateway; \"routers = 2\" "
                     "there makes it two",
                     site->element.name);
}

/* The experiment */

static void
check_database(const HsCheckRun *c, const HsDatabase *db)
{
    if (!hs_prefix_contains(hs_place_prefix(db->client), &db->client_address))
        hs_check_bad(c, &db->element, "client-address", "is not in [%s %s]",
                     hs_kind_name(db->client->kind), db->client->name);
    if (!hs_prefix_contains(hs_place_prefix(db->server), &db->server_address))
        hs_check_bad(c, &db->element, "server-address", "is not in [%s %s]",
                     hs_kind_name(db->server->kind), db->server->name);
    /* Its two clients are told apart by their names alone. */
    if (db->element.index > 0)
        hs_check_bad(
            c, &db->element, "client",
            "[database %s] is there already; expected one in a scenario",
            hs_scenario_database(c->scenario, 0)->element.name);
    if (db->client == db->server)
        hs_check_bad(c, &db->element, "server",
                     "is where the client is, too; nothing would leave it");
    else if (!hs_check_connected(c->scenario, db->client, db->server) &&
             !hs_check_by_internet(c->scenario, db->client, db->server))
        hs_check_bad(c, &db->element, NULL,
                     "nothing connects [%s %s] and [%s %s]; expected a [dx] or "
                     "a [vpn] between a gateway of the one and the other",
                     hs_kind_name(db->client->kind), db->client->name,
                     hs_kind_name(db->server->kind), db->server->name);
}

/* Keys that say nothing unless another one has a certain value. */
static void
check_meaning(const HsCheckRun *c, const HsDatabase *db)
{
    const HsElement *element = &db->element;
    bool closed = db->loop == HS_LOOP_CLOSED;

    if (closed && hs_element_given(element, "rate"))
        hs_check_bad(c, element, "rate",
                     "a closed loop has no rate: it follows from users, "
                     "user-think and the answers");
    if (closed && hs_element_given(element, "arrivals"))
        hs_check_bad(c, element, "arrivals",
                     "a closed loop has none: a user asks when it has thought");
    if (!closed && hs_element_given(element, "users"))
        hs_check_bad(c, element, "users", "needs loop = closed");
    if (!closed && hs_element_given(element, "user-think"))
        hs_check_bad(c, element, "user-think", "needs loop = closed");
    if (db->retries == 0 && hs_element_given(element, "retry-delay") &&
        db->retry_delay > 0)
        hs_check_bad(c, element, "retry-delay", "needs retries");
    if (hs_element_given(element, "idle-timeout") && db->idle_timeout > 0 &&
        (db->min_idle == 0 || db->min_idle == db->pool))
        hs_check_bad(c, element, "idle-timeout",
                     "needs a min-idle below pool: all connections are kept");
}

static void
check_limits(const HsCheckRun *c, const HsDatabase *db)
{
    const HsElement *element = &db->element;
    unsigned queries = 0;

    check_meaning(c, db);
    if (db->min_idle > db->pool)
        hs_check_bad(c, element, "min-idle",
                     "is above the pool's %u connections", db->pool);
    if (db->reconnect > db->reconnect_max)
        hs_check_bad(c, element, "reconnect-max", "is below reconnect");
    while (hs_scenario_query(c->scenario, queries) != NULL)
        queries++;
    if (queries > HS_QUERIES_MAX)
        hs_check_bad(c,
                     &hs_scenario_query(c->scenario, HS_QUERIES_MAX)->element,
                     NULL, "a mix has %d queries at most", HS_QUERIES_MAX);
}

/* What only exists where something failed. Paths of faults name one, or there
 * are none to hold. */
static bool
needs_fault(const HsExpectation *e)
{
    static const char *const without[] = {
        "db.p",      "db.m",       "db.c",    "db.before.",
        "requests.", "plaintext.", "probes.", "tunnels."};

    if (e->path != NULL)
        return g_str_has_prefix(e->name, "fault");
    for (unsigned i = 0; i < G_N_ELEMENTS(without); i++) {
        if (g_str_has_prefix(e->name, without[i]))
            return false;
    }
    return true;
}

static int64_t
least(const HsExpectation *e)
{
    return e->comparison == HS_COMPARISON_MAX ? 0 : e->limit;
}

static int64_t
most(const HsExpectation *e)
{
    if (e->comparison == HS_COMPARISON_MIN)
        return INT64_MAX;
    return e->comparison == HS_COMPARISON_WITHIN ? e->upper : e->limit;
}

static void
check_expect(const HsCheckRun *c, const HsExpect *expect)
{
    const GPtrArray *all = expect->expectations;

    for (unsigned i = 0; i < all->len; i++) {
        const HsExpectation *e = all->pdata[i];
        HsPlace place = {.line = e->line,
                         .set = e->line == 0 ? "expect" : NULL};

        if (needs_fault(e) && hs_scenario_fault(c->scenario, 0) == NULL)
            hs_complain(c->complaints, place, "expect", hs_expectation_key(e),
                        "there is no [fault], so this is never observed");
        for (unsigned j = 0; j < all->len; j++) {
            const HsExpectation *other = all->pdata[j];

            if (other->name == e->name && least(e) > most(other))
                hs_complain(c->complaints, place, "expect",
                            hs_expectation_key(e),
                            "%s is above %s, %s: nothing can hold both",
                            e->text, hs_expectation_key(other), other->text);
        }
    }
}

static void
check_settings(const HsCheckRun *c, const HsSettings *settings)
{
    if (settings->warmup >= settings->duration)
        hs_check_bad(c, &settings->element, "warmup",
                     "is not below the duration of the run");
}

/* Derived ones are the database's, or right. */
static void
check_probe_address(const HsCheckRun *c, const HsProbing *probe,
                    const char *key, const HsElement *place,
                    const HsAddr *address)
{
    if (hs_element_given(&probe->element, key) &&
        !hs_prefix_contains(hs_place_prefix(place), address))
        hs_check_bad(c, &probe->element, key, "is not in [%s %s]",
                     hs_kind_name(place->kind), place->name);
}

static void
check_probe(const HsCheckRun *c, const HsProbing *probe)
{
    const HsElement *element = &probe->element;

    if (probe->from == NULL || probe->to == NULL) {
        if (probe->database == NULL)
            hs_check_bad(c, element, "database",
                         "there is no [database], and the probe does not say "
                         "from and to");
        return;
    }
    if (hs_element_given(element, "database") &&
        (hs_element_given(element, "from") || hs_element_given(element, "to")))
        hs_check_bad(c, element, "database",
                     "a probe runs between the hosts of a [database], or "
                     "between from and to; expected one of the two");
    if (hs_element_given(element, "from") || hs_element_given(element, "to")) {
        if (probe->from == probe->to)
            hs_check_bad(c, element, "to", "is where it comes from, too");
        else if (!hs_check_connected(c->scenario, probe->from, probe->to) &&
                 !hs_check_by_internet(c->scenario, probe->from, probe->to))
            hs_check_bad(c, element, "to",
                         "nothing connects [%s %s] and [%s %s]",
                         hs_kind_name(probe->from->kind), probe->from->name,
                         hs_kind_name(probe->to->kind), probe->to->name);
    }
    check_probe_address(c, probe, "from-address", probe->from,
                        &probe->from_address);
    check_probe_address(c, probe, "to-address", probe->to, &probe->to_address);
}

/* Bulk streams */

static void
check_stream_ports(const HsCheckRun *c, const HsBulkStream *stream)
{
    const HsBulkStream *other;

    for (unsigned i = 0;
         (other = hs_scenario_stream(c->scenario, i)) && other != stream; i++)
        if (other->port == stream->port && other->to == stream->to)
            hs_check_bad(c, &stream->element, "port", "[stream %s] has it",
                         other->element.name);
}

static void
check_stream(const HsCheckRun *c, const HsBulkStream *stream)
{
    const HsElement *element = &stream->element;
    const HsSettings *settings = hs_scenario_settings(c->scenario, 0);

    if (stream->from == stream->to)
        hs_check_bad(c, element, "to", "is where it comes from, too");
    else if (!hs_check_connected(c->scenario, stream->from, stream->to) &&
             !hs_check_by_internet(c->scenario, stream->from, stream->to))
        hs_check_bad(c, element, "to", "nothing connects [%s %s] and [%s %s]",
                     hs_kind_name(stream->from->kind), stream->from->name,
                     hs_kind_name(stream->to->kind), stream->to->name);
    if (!hs_prefix_contains(hs_place_prefix(stream->from),
                            &stream->from_address))
        hs_check_bad(c, element, "from-address", "is not in [%s %s]",
                     hs_kind_name(stream->from->kind), stream->from->name);
    if (!hs_prefix_contains(hs_place_prefix(stream->to), &stream->to_address))
        hs_check_bad(c, element, "to-address", "is not in [%s %s]",
                     hs_kind_name(stream->to->kind), stream->to->name);
    if (hs_time_add(stream->start, stream->duration) > settings->duration)
        hs_check_bad(c, element, "for", "is longer than the run lasts then");
    if (stream->protocol == HS_BULK_KIND_UDP && stream->length > 65000)
        hs_check_bad(c, element, "length",
                     "is longer than a datagram; expected up to 65000B");
    check_stream_ports(c, stream);
}

/* "PROBE.reachable", "PROBE.unreachable": what [probe] expects. */
static bool
is_of_probe(const HsScenario *scenario, const char *name)
{
    const HsProbing *probe;

    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++) {
        g_autofree char *own = g_strdup_printf("%s.%s", probe->element.name,
                                               hs_reach_name(probe->expect));

        if (probe->expect != HS_REACH_ANY && g_str_equal(own, name))
            return true;
    }
    return false;
}

static bool
is_expected(const HsScenario *scenario, const char *name)
{
    const HsExpect *expect = hs_scenario_expect(scenario, 0);
    HsCryptoRule rule;

    if (hs_crypto_rule_find(name, &rule)) {
        for (unsigned i = 0; i < expect->crypto->len; i++)
            if (((const HsCryptoExpectation *)expect->crypto->pdata[i])->rule ==
                rule)
                return true;
        return false;
    }
    for (unsigned i = 0; i < expect->expectations->len; i++)
        if (g_str_equal(hs_expectation_key(expect->expectations->pdata[i]),
                        name))
            return true;
    return is_of_probe(scenario, name);
}

static void
check_verdict(const HsCheckRun *c, const HsSettings *settings)
{
    for (char **name = settings->expected_failures;
         name != NULL && *name != NULL; name++)
        if (!is_expected(c->scenario, *name))
            hs_check_bad(c, &settings->element, "expected-verdict",
                         "\"%s\" is no expectation of [expect], so it cannot "
                         "fail",
                         *name);
}

void
hs_scenario_check(const HsScenario *scenario, HsComplaints *complaints)
{
    const HsCheckRun c = {scenario, complaints};
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const HsDatabase *db;
    const HsProbing *probe;
    const HsBulkStream *stream;

    check_settings(&c, settings);
    hs_check_networks(&c);
    hs_check_gateways(&c);
    hs_check_tables(&c);
    hs_check_connections(&c);
    hs_check_vpns(&c);
    for (unsigned i = 0; (db = hs_scenario_database(scenario, i)); i++) {
        check_database(&c, db);
        check_limits(&c, db);
    }
    if (hs_scenario_database(scenario, 0) == NULL &&
        hs_scenario_query(scenario, 0) != NULL)
        hs_check_bad(&c, &hs_scenario_query(scenario, 0)->element, NULL,
                     "there is no [database] that would ask it");
    for (unsigned i = 0; (probe = hs_scenario_probe(scenario, i)); i++)
        check_probe(&c, probe);
    for (unsigned i = 0; (stream = hs_scenario_stream(scenario, i)); i++)
        check_stream(&c, stream);
    hs_check_faults(&c);
    hs_check_monitoring(&c);
    check_expect(&c, hs_scenario_expect(scenario, 0));
    check_verdict(&c, settings);
    hs_scenario_check_ports(scenario, complaints);
}
