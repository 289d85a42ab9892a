/* A comparison: designs side by side, requirement by requirement, each by
 * measurement.
 *
 * A design is a scenario file, or one with an override. Of each three things
 * are run: its normal state, a moment of more datagrams than it can carry, and
 * each of its elements failing (survey.h). Every figure comes from such a run;
 * none is scaled, and limits are the caller's. */

#ifndef HS_DESIGNS_H
#define HS_DESIGNS_H

#include "models/base/simtime.h"
#include "sim/scenario/scenario.h"
#include "sim/survey.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What is required of a design; 0 of the first four: nothing is. */
typedef struct {
    HsDuration p50, p99; /* of the database's round trip, at most */
    HsDuration jitter;   /* at most */
    uint64_t throughput; /* bits per second of IP packets, at least */
    HsDuration outage;   /* of the pool, after any single failure, at most */
} HsRequirements;

#define HS_CRITERIA(X)                                                         \
    X(P50, "round trip, median", "p50")                                        \
    X(P99, "round trip, 99th percentile", "p99")                               \
    X(JITTER, "jitter", "jitter")                                              \
    X(THROUGHPUT, "throughput ceiling", "throughput")                          \
    X(ENCRYPTED, "encrypted, normally", "encrypted")                           \
    X(ENCRYPTED_FAILED, "encrypted, after failures", "encrypted-after")        \
    X(SURVIVES, "survives each single failure", "survives")                    \
    X(OUTAGE, "longest outage of those", "outage")                             \
    X(ON_PREMISES, "reaches on-premises", "on-premises")                       \
    X(MULTI_VPC, "VPC to VPC", "multi-vpc")

typedef enum {
#define X(name, text, key) HS_CRITERION_##name,
    HS_CRITERIA(X)
#undef X
        HS_CRITERION_COUNT
} HsCriterion;

const char *hs_criterion_name(HsCriterion criterion);
const char *hs_criterion_key(HsCriterion criterion);

#define HS_MARKS(X)                                                            \
    X(NONE, "none") /* nothing is required */                                  \
    X(MET, "met")                                                              \
    X(NOT_MET, "not met")                                                      \
    X(UNKNOWN, "unknown") /* it could not be measured */

typedef enum {
#define X(name, text) HS_MARK_##name,
    HS_MARKS(X)
#undef X
} HsMark;

const char *hs_mark_name(HsMark mark);

typedef struct {
    HsMark mark;
    char *text; /* owned: "6.3 ms", or why there is none */
    bool has_value;
    double value; /* ms, bits per second, bytes, or a count */
} HsCell;

typedef struct {
    char *label;          /* owned: the column's title */
    HsScenario *scenario; /* owned */
    char *file;           /* owned */
    char **sets;          /* owned, or NULL */
    char *folder;         /* owned: of its runs */
    HsSurvey *survey;     /* owned; NULL: it was not failed */
    HsCell cells[HS_CRITERION_COUNT];
    /* How its ceiling was measured. */
    uint64_t offered; /* bits per second each way; 0: it was not */
    HsDuration window;
} HsDesign;

typedef struct HsDesigns HsDesigns;

HsDesigns *hs_designs_new(const HsRequirements *required, const char *folder,
                          bool fail_elements);
void hs_designs_free(HsDesigns *designs); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsDesigns, hs_designs_free)

/* SCENARIO (transfer full) was loaded from FILE with SETS, ended by NULL or
 * NULL, and the seed that it has. */
void hs_designs_add(HsDesigns *designs, const char *label, const char *file,
                    char *const *sets, HsScenario *scenario);

/* Makes, runs and reads everything; at most JOBS runs at once. DONE is told how
 * many have ended, and may be NULL. An interrupt is an error, too. */
bool hs_designs_run(HsDesigns *designs, unsigned jobs,
                    void (*done)(void *user_data, unsigned ended, unsigned all),
                    void *user_data, GError **error);

unsigned hs_designs_count(const HsDesigns *designs);
const HsDesign *hs_designs_design(const HsDesigns *designs, unsigned index);
const HsRequirements *hs_designs_required(const HsDesigns *designs);
unsigned hs_designs_died(const HsDesigns *designs); /* runs */

/* What CRITERION asks for: "at most 30 ms", or "" (transfer full). */
char *
hs_requirement_text(const HsRequirements *required, HsCriterion criterion);

/* Judges RESULT, a design's normal state, and BURST (result.json both; BURST
 * may be NULL) into its cells (designs_read.c). */
typedef struct {
    bool answered; /* the database was */
} HsNormalState;

HsNormalState hs_designs_read(HsDesign *design, const HsRequirements *required,
                              const char *steady, const char *burst);
void hs_designs_read_survey(HsDesign *design, const HsRequirements *required);

/* Payload of the datagrams of the burst: no tunnel has to fragment them. */
#define HS_BURST_PAYLOAD 1300
#define HS_BURST_PACKET  (HS_BURST_PAYLOAD + 28)

/* Renderings (designs_text.c) */
void hs_designs_text(const HsDesigns *designs, bool markdown, bool marks,
                     GString *text);
char *hs_designs_json(const HsDesigns *designs);

#endif
