/* One run: a scenario through the world to its result and files. */

#ifndef HS_RUN_H
#define HS_RUN_H

#include "sim/output/result.h"
#include "sim/world/world.h"

typedef struct {
    const char *out; /* the folder of all results; NULL: write nothing */
    bool no_capture;
    bool report; /* report.html too */
    void (*trace)(void *user_data, const char *line);
    void (*progress)(void *user_data, HsTime now, HsTime end);
    /* Told what the user should know and nothing failed for; may be NULL. */
    void (*warn)(const char *text);
    /* Asked now and then; true ends a simulated run, and hs_run() fails with
     * G_FILE_ERROR_INTR. */
    bool (*stop)(void *user_data);
    /* Told each fact as it is observed; may be NULL. */
    void (*fact)(void *user_data, const HsFact *fact);
    void *user_data;
    /* Looks for what would shorten the failover of RESULT, which it adds to,
     * before the files are written; may be NULL. */
    void (*advise)(void *advise_data, const HsScenario *scenario,
                   HsResult *result);
    void *advise_data;
    HsLive *live; /* borrowed: in real time; NULL: simulated */
} HsRunOptions;

typedef struct HsRun HsRun;

/* Runs SCENARIO (borrowed, outlives the run) and writes OUT/NAME/. On an error
 * nothing half-written is left there. */
HsRun *
hs_run(const HsScenario *scenario, const HsRunOptions *options, GError **error);
void hs_run_free(HsRun *run); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsRun, hs_run_free)

const HsResult *hs_run_result(const HsRun *run);

/* Of VALUES (HsValue *, borrowed), those that nobody publishes and that the
 * observed failovers went through (transfer container). */
GPtrArray *
hs_moving_assumptions(const GPtrArray *values, const HsTimeline *timeline);

/* Every fact, for --facts. */
const HsFacts *hs_run_facts(const HsRun *run);

#endif
