/* What `hybridsim check` has to say, for its outputs to render.
 *
 * A report has scenarios, a scenario has runs (one, or one for each seed) and
 * items. An item is what CI calls a test: an expectation, a fault that must
 * touch something, the comparison with the baseline, or the run itself if it
 * gave no result. Items are made once, here, from result.json; text, JUnit,
 * TAP, SARIF and JSON lines print them, so none can say something else.
 *
 * Nothing here knows a clock, a host or the order in which runs ended: the same
 * results give the same bytes. */

#ifndef HS_CHECK_REPORT_H
#define HS_CHECK_REPORT_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* The first five are exit codes, of `hybridsim run` and of check. */
typedef enum {
    HS_CI_PASS = 0,
    HS_CI_FAIL = 1,
    HS_CI_BAD_FILE = 2,
    HS_CI_DIED = 3,
    HS_CI_NOTHING = 4, /* nothing was checked */
    HS_CI_NOT_RUN = 5, /* ended, or never begun: an interrupt, --fail-fast */
} HsCiState;

/* "pass", "FAIL", … */
const char *hs_ci_state_word(HsCiState state);

typedef enum {
    HS_CI_OK,
    HS_CI_FAILED,
    HS_CI_ERROR,   /* it could not be found out */
    HS_CI_SKIPPED, /* it was not tried */
} HsCiOutcome;

/* "pass", "fail", "error", "skipped" */
const char *hs_ci_outcome_word(HsCiOutcome outcome);

typedef struct {
    char *name;       /* owned: "detect.max"; of one scenario each is another */
    const char *type; /* "expectation", "fault", "lesson", "finding",
                       * "baseline" or "run" */
    HsCiOutcome outcome;
    char *message; /* owned: what was seen and what was expected */
    char *details; /* owned: why, and the timeline behind it; lines; or NULL */
    unsigned line; /* of the scenario; 0: none */
    bool from_set; /* it is on the command line */
    unsigned held; /* so many runs */
    GArray *seeds; /* guint64, owned: those that it does not hold with */
    char *figure;  /* owned: of an expectation; else NULL */
} HsCiItem;

typedef struct {
    guint64 seed; /* as the result has it, or as it was asked for */
    char *folder; /* owned: of its result.json */
    char *errors; /* owned: what it said on stderr; or NULL */
    HsCiState state;
    json_t *result; /* owned; NULL: it gave none */
} HsCiRun;

typedef struct {
    char *file;         /* owned: as it was given */
    char *name;         /* owned: of its folder below --out, no two alike */
    GPtrArray *runs;    /* HsCiRun, owned */
    GPtrArray *items;   /* HsCiItem, owned: after hs_ci_scenario_judge() */
    GPtrArray *remarks; /* char *, owned: what changed and is no failure */
    HsCiState state;    /* the worst of runs and items */
} HsCiScenario;

typedef struct {
    char *version;          /* owned: of hybridsim */
    bool strict;            /* a finding is a failure */
    bool repeated;          /* several seeds each */
    GPtrArray *scenarios;   /* HsCiScenario, owned, as they were given */
    GPtrArray *not_checked; /* char *, owned: in the baseline, and not here */
} HsCiReport;

HsCiReport *hs_ci_report_new(const char *version, bool strict, bool repeated);
void hs_ci_report_free(HsCiReport *report); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsCiReport, hs_ci_report_free)

/* A new scenario of REPORT, and a new run of SCENARIO (both borrowed). */
HsCiScenario *
hs_ci_scenario_add(HsCiReport *report, const char *file, const char *name);
HsCiRun *hs_ci_run_add(HsCiScenario *scenario, const char *folder);

/* How a run ended: STATUS is its exit code. Reads result.json, if it should be
 * there. */
void hs_ci_run_ended(HsCiRun *run, int status, const char *errors);

/* Makes the items of SCENARIO, when all of its runs have ended. */
void hs_ci_scenario_judge(HsCiScenario *scenario, bool strict);
/* A new item of it, which counts for its state. */
HsCiItem *
hs_ci_item_add(HsCiScenario *scenario, const char *type, const char *name,
               HsCiOutcome outcome, const char *message);

/* The first run with a result, whose figures are shown; or NULL. */
const HsCiRun *hs_ci_scenario_shown(const HsCiScenario *scenario);
/* Items of one outcome. */
unsigned
hs_ci_scenario_count(const HsCiScenario *scenario, HsCiOutcome outcome);
unsigned hs_ci_report_count(const HsCiReport *report, HsCiState state);
/* The worst of all, in the order 3 2 1 4 0; what was not run does not count. */
HsCiState hs_ci_report_state(const HsCiReport *report);

#endif
