/* A scenario's text, run to its end: for tests that ask a whole world about one
 * thing. One at a time: the engine has one simulation in a process. */

#ifndef HS_TESTS_WORLD_RUN_H
#define HS_TESTS_WORLD_RUN_H

#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"
#include "sim/observe/verdict.h"
#include "sim/world/private.h"

#include <check.h>
#include <string.h>

typedef struct {
    HsScenario *scenario;
    HsWorld *world;
    HsTimeline *timeline;
    HsSamples *samples;
} WorldRun;

static inline void
world_run_clear(WorldRun *run)
{
    hs_timeline_free(run->timeline);
    hs_samples_free(run->samples);
    hs_world_free(run->world);
    hs_scenario_free(run->scenario);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(WorldRun, world_run_clear)

/* SETS: "group.key=value", ended by NULL. */
static inline void
world_run(WorldRun *run, const char *text, const char *const *sets)
{
    g_autoptr(GError) error = NULL;
    HsWorldOptions options = {0};
    const HsSettings *settings;

    run->scenario =
        hs_scenario_load_data("test.ini", text, strlen(text), sets, &error);
    ck_assert_msg(run->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    settings = hs_scenario_settings(run->scenario, 0);
    run->world = hs_world_new(run->scenario, &options);
    hs_world_run(run->world);
    run->samples = hs_samples_new(hs_world_facts(run->world));
    run->timeline = hs_timeline_new(hs_world_facts(run->world), run->samples,
                                    settings->warmup, hs_world_end(run->world));
}

#define WORLD_RUN(name, text, ...)                                             \
    g_auto(WorldRun) name = {0};                                               \
    world_run(&name, text, (const char *const[]){__VA_ARGS__, NULL})

/* What loading says of it (transfer full). */
static inline char *
world_refusal(const char *text, const char *const *sets)
{
    GError *error = NULL;
    HsScenario *scenario =
        hs_scenario_load_data("test.ini", text, strlen(text), sets, &error);
    char *message;

    ck_assert_msg(scenario == NULL, "it was not refused");
    message = g_strdup(error->message);
    g_error_free(error);
    return message;
}

/* The number of facts of KIND that NODE told of SUBJECT going from FROM to TO
 * with CAUSE in [AT, UNTIL); each may be NULL: any. */
static inline unsigned
world_told(const WorldRun *run, HsFactKind kind, const char *node,
           const char *subject, const char *to, const char *cause, HsTime at,
           HsTime until)
{
    const HsFacts *facts = hs_world_facts(run->world);
    unsigned count = 0;
    HsFact f;

    for (size_t i = hs_facts_from(facts, at);
         hs_facts_next(facts, &i, HS_FACT_BIT(kind), &f) && f.at < until;)
        count += (node == NULL || g_strcmp0(f.node, node) == 0) &&
                 (subject == NULL || g_strcmp0(f.subject, subject) == 0) &&
                 (to == NULL || g_strcmp0(f.to, to) == 0) &&
                 (cause == NULL ||
                  (f.cause != NULL && strstr(f.cause, cause) != NULL));
    return count;
}

static inline const HsFaultTimeline *
world_fault(const WorldRun *run, const char *name)
{
    for (guint i = 0; i < run->timeline->faults->len; i++) {
        const HsFaultTimeline *fault = run->timeline->faults->pdata[i];

        if (g_str_equal(fault->name, name))
            return fault;
    }
    ck_abort_msg("no fault %s", name);
}

/* Everything that was observed, as text (transfer full). */
static inline char *
world_story(const WorldRun *run)
{
    GString *text = g_string_new(NULL);
    HsFact f;

    for (size_t i = 0;
         hs_facts_next(hs_world_facts(run->world), &i, HS_FACT_ALL, &f);)
        g_string_append_printf(
            text,
            "%" G_GINT64_FORMAT " %s %s %s %s %s %s %s %" G_GUINT64_FORMAT
            " %" G_GINT64_FORMAT "\n",
            f.at, f.node, hs_fact_kind_name(f.kind),
            f.subject != NULL ? f.subject : "-", f.peer != NULL ? f.peer : "-",
            f.from != NULL ? f.from : "-", f.to != NULL ? f.to : "-",
            f.cause != NULL ? f.cause : "-", f.id, f.value);
    return g_string_free(text, FALSE);
}

/* Of every link: what was sent is what became of it, less what is under way. */
static inline void
world_check_books(const WorldRun *run)
{
    for (unsigned i = 0; i < hs_world_links(run->world); i++) {
        HsWorldLinkReport report = hs_world_link_report(run->world, i);

        for (unsigned end = 0; end < 2; end++) {
            const HsSimLinkCounters *c = &report.direction[end];
            uint64_t sum = 0;

            for (unsigned fate = 0; fate < HS_SIM_LINK_FATE_COUNT; fate++)
                sum += c->packets[fate];
            ck_assert_msg(sum <= c->sent_packets && c->sent_packets - sum <= 64,
                          "%s %u: %u of %u packets", report.name, end,
                          (unsigned)sum, (unsigned)c->sent_packets);
        }
    }
}

#endif
