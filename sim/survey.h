/* A survey: what becomes of a design when each of its elements fails in turn,
 * and, if asked, every two of them at once.
 *
 * Elements come from the scenario (survey_elements.c). A case is one failure of
 * one or two of them: a scenario file of its own without the scenario's faults
 * and expectations, as long as its slowest timer needs, and a run of that file
 * by a child process. What the runs' result.json say is read into the cases. */

#ifndef HS_SURVEY_H
#define HS_SURVEY_H

#include "models/base/simtime.h"
#include "sim/scenario/scenario.h"
#include "sim/variant.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* How an element fails: name, action and direction of the fault. */
#define HS_FAILURES(X)                                                         \
    X(CUT, "cut", "link-down", NULL)                                           \
    X(SILENT, "silent", "blackhole", "both")                                   \
    X(SILENT_TO_AWS, "silent, to AWS", "blackhole", "to-aws")                  \
    X(SILENT_TO_ONPREM, "silent, to on-premises", "blackhole", "to-onprem")    \
    X(SESSION, "session down", "bgp-admin-down", NULL)                         \
    X(CRASH, "crash", "node-crash", NULL)                                      \
    X(FREEZE, "control plane dead", "node-freeze", NULL)                       \
    X(STALL, "forwarding dead", "node-stall", NULL)

typedef enum {
#define X(name, text, action, direction) HS_FAILURE_##name,
    HS_FAILURES(X)
#undef X
        HS_FAILURE_COUNT
} HsFailure;

const char *hs_failure_name(HsFailure failure);

#define HS_FAILURE_BIT(failure) (1u << HS_FAILURE_##failure)

typedef struct {
    char *name;        /* owned: as a fault's target has it */
    const char *what;  /* "virtual interface" */
    unsigned failures; /* bits: those that it can have */
    GPtrArray *parts; /* char *, owned: what fails with it, itself among them */
} HsSurveyElement;

typedef struct {
    char *name; /* owned */
    char *why;  /* owned */
} HsSurveyLeftOut;

#define HS_SURVEY_STATES(X)                                                    \
    X(NOT_RUN, "not run") /* the scenario refuses such a fault */              \
    X(DIED, "died")       /* the run itself */                                 \
    X(NOTHING, "touched nothing")                                              \
    X(UNINTERRUPTED, "no interruption")                                        \
    X(RECOVERED, "recovered")                                                  \
    X(LOST, "did not recover")

typedef enum {
#define X(name, text) HS_SURVEY_##name,
    HS_SURVEY_STATES(X)
#undef X
} HsSurveyState;

const char *hs_survey_state_name(HsSurveyState state);

/* What a client saw. */
typedef struct {
    bool observed;
    bool recovered;    /* or was not interrupted */
    HsDuration outage; /* 0: none; HS_TIME_NEVER: it did not recover */
} HsSurveyClient;

typedef struct {
    const HsSurveyElement *element[2]; /* borrowed; the second may be NULL */
    HsFailure failure[2];
    char *name; /* owned: of its file and folder */
    char *path; /* owned: the scenario of this case */
    HsSurveyState state;
    char *why; /* owned: of NOT_RUN and DIED */
    HsSurveyClient persistent, pool;
    uint64_t probes, lost; /* both directions, from the fault on */
    HsDuration loss;       /* the longest run of lost ones; NEVER: to the end */
    uint64_t clear;        /* protected bytes in clear on untrusted links */
    uint64_t clear_before; /* of them, before the fault */
    char *detected;        /* owned: "vgw by BFD at +0.651 s", or NULL */
} HsSurveyCase;

typedef struct HsSurvey HsSurvey;

typedef struct {
    bool pairs;
    bool brief; /* cut and silent both ways only */
    char *const *sets;
    bool has_seed;
    uint64_t seed;
} HsSurveyOptions;

/* Of FILE, which SCENARIO was loaded from with the same options; its cases are
 * written to FOLDER. NULL: they cannot be. Both are borrowed for the call. */
HsSurvey *hs_survey_new(const HsScenario *scenario, const char *file,
                        const HsSurveyOptions *options, const char *folder,
                        GError **error);
void hs_survey_free(HsSurvey *survey); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsSurvey, hs_survey_free)

/* The runs, as children (HsChild *) that hs_children_run() takes, appended to
 * CHILDREN; then, when they have ended, what they found. */
void hs_survey_add_children(HsSurvey *survey, GPtrArray *children);
void hs_survey_collect(HsSurvey *survey);

const GPtrArray *hs_survey_elements(const HsSurvey *survey); /* in order */
const GPtrArray *hs_survey_left_out(const HsSurvey *survey);
const GPtrArray *hs_survey_cases(const HsSurvey *survey);
HsDuration hs_survey_length(const HsSurvey *survey); /* of each run */
bool hs_survey_case_survived(const HsSurveyCase *c);

typedef enum {
    HS_ELEMENT_UNKNOWN,   /* nothing was tried, or it touched nothing */
    HS_ELEMENT_REDUNDANT, /* the database came back from each of its failures */
    HS_ELEMENT_SINGLE,    /* from one of them it did not */
} HsElementVerdict;

HsElementVerdict hs_survey_element_verdict(const HsSurvey *survey,
                                           const HsSurveyElement *element);
unsigned hs_survey_singles(const HsSurvey *survey); /* elements */
unsigned hs_survey_died(const HsSurvey *survey);    /* runs */

/* Of the single failures the one with the longest outage; NULL: none was run.
 */
const HsSurveyCase *hs_survey_worst(const HsSurvey *survey);

/* Renderings (survey_text.c, survey_json.c) */
void hs_survey_text(const HsSurvey *survey, const HsScenario *scenario,
                    bool colour, GString *text);
char *hs_survey_json(const HsSurvey *survey, const HsScenario *scenario);

/* Reads what the run of C found into it (survey_read.c). */
void hs_survey_read(HsSurveyCase *c, const char *folder);

/* What a scenario consists of (survey_elements.c). The two arrays are of
 * HsSurveyElement and HsSurveyLeftOut (transfer full). */
void hs_survey_list(const HsScenario *scenario, GPtrArray **ret_elements,
                    GPtrArray **ret_left_out);

#endif
