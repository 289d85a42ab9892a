/* The table of every kind and key: what parsing, defaults, explain, the error
 * suggestions and the tables of scenarios/README.md are made from.
 *
 * To add a key, add a member to the kind's struct in scenario.h and a row in
 * one of the schema_*.c. To add a kind, add it to HS_SCENARIO_KINDS, write its
 * struct and its rows, and describe it in hs_schema_kinds[]. */

#ifndef HS_SCENARIO_SCHEMA_H
#define HS_SCENARIO_SCHEMA_H

#include "sim/scenario/complaint.h"
#include "sim/scenario/scenario.h"

/* The type of a key: what is stored, what a scenario writes, an example. */
#define HS_TYPES(X)                                                            \
    X(TEXT, "text", "any text")             /* char * */                       \
    X(BOOL, "switch", "yes or no")          /* bool */                         \
    X(DURATION, "duration", "300ms or 90s") /* HsDuration */                   \
    X(SPAN, "duration", "120s or forever")  /* HsDuration, NEVER allowed */    \
    X(RANGE, "instant", "60s or 60s..90s")  /* HsRange */                      \
    X(RATE, "bit rate", "1Gbps or 50Mbps")  /* uint64_t */                     \
    X(SIZE, "size", "1500B or 64kB")        /* uint32_t */                     \
    X(SIZE64, "size", "1500B or 4GB")       /* uint64_t */                     \
    X(COUNT32, "number", "10")              /* uint32_t */                     \
    X(COUNT16, "number", "5432")            /* uint16_t */                     \
    X(COUNT64, "number", "1")               /* uint64_t */                     \
    X(FREQUENCY, "frequency", "500/s")      /* HsDuration: its inverse */      \
    X(PERCENT, "percentage", "0.1%")        /* double: probability */          \
    X(PREFIX, "prefix", "10.0.0.0/16")      /* HsPrefix */                     \
    X(ADDRESS, "address", "192.0.2.1")      /* HsAddr */                       \
    X(WORD, "word", "")                     /* an enum; row->words */          \
    X(REFERENCE, "name", "")                /* a pointer; row->target */       \
    X(ENDPOINT, "name", "")                 /* HsElement *; row->targets */    \
    X(ELEMENTS, "names", "")                /* HsElements; row->targets */     \
    X(BETWEEN, "two names", "") /* site, gateway and DXGW pointers */          \
    X(ENDS, "two names", "")    /* DXGW and gateway pointers */                \
    X(PAIR, "two names", "")    /* HsElement *[2] */                           \
    X(TARGET, "name", "primary, backup.tunnel1 or location.NAME")              \
    X(PREFIXES, "prefixes", "10.0.0.0/16, 10.1.0.0/16 or none")                \
    X(ROUTES, "routes", "0.0.0.0/0 via NAME, 10.9.0.0/16 blackhole, or none")  \
    X(VERDICT, "verdict", "pass or fail: plaintext.bytes.max") /* char ** */   \
    X(BFD, "BFD timers", "300ms x 3 or off")           /* HsBfdTimers */       \
    X(DISTRIBUTION, "distribution", "exponential 2ms") /* HsDistribution */    \
    X(COMMUNITIES, "communities", "7224:7300")         /* HsCommunities */     \
    X(NAME, "word", "letters, digits, - and _")        /* char * */            \
    X(PSK, "pre-shared key", "8 to 64 of A-Z a-z 0-9 . _") /* char * */        \
    X(WORDS, "words", "")                                  /* HsWords */       \
    X(LINKS, "link names", "all or primary, dc.lan")       /* char ** */       \
    X(PORT, "port", "simulated or tun NAME")               /* HsPort */        \
    X(DECIMAL, "decimal", "0.5 or 1e6")                    /* double */

typedef enum {
#define X(name, text, example) HS_TYPE_##name,
    HS_TYPES(X)
#undef X
        HS_TYPE_COUNT
} HsType;

typedef struct {
    HsKind kind;
    const char *key;
    HsType type;
    size_t offset;        /* of what the type stores, in the kind's struct */
    const char *fallback; /* the default's text; NULL: required, or derived */
    HsOrigin origin;      /* of the default */
    const char *source;   /* what vouches for the default, or why it is so */
    const char *help;
    /* For numbers: the range in the unit stored, open where both are 0, a
     * granularity, and who asks for them. */
    int64_t low, high, step;
    const char *rule;
    const char *const *words; /* WORD, WORDS: by enum, NULL-terminated */
    uint32_t refused;         /* WORDS: a bit for each that is, see rule */
    HsKind target;            /* REFERENCE: the kind it must be */
    uint32_t targets;         /* ENDPOINT, ELEMENTS: a bit for each such kind */
    bool all;                 /* ELEMENTS: the word "all" is one */
    bool required;
    bool fixed; /* follows from the rest and cannot be written */
} HsRow;

typedef struct {
    size_t size;
    bool named;           /* [kind name]; else there is one [kind] */
    const char *fallback; /* named, but [kind] alone stands for this name */
    const char *help;
} HsKindInfo;

extern const HsKindInfo hs_schema_kinds[HS_KIND_COUNT];

/* The rows of all kinds, by index. Those of a kind stand in their order. */
unsigned hs_schema_row_count(void);
const HsRow *hs_schema_row(unsigned index);

/* How many rows a kind has, and which of them ROW is. */
unsigned hs_schema_kind_rows(HsKind kind);
unsigned hs_schema_index(const HsRow *row);

/* The row of KIND at or after *INDEX, which moves past it; NULL: no more. */
const HsRow *hs_schema_next(HsKind kind, unsigned *index);

/* "[WORD]" alone stands for "[WORD WORD]". */
bool hs_kind_stands_alone(const char *word);

/* A bit for a kind. */
#define HS_KIND_BIT(kind) (UINT32_C(1) << (kind))

/* The row of a key, or NULL. */
const HsRow *hs_schema_find(HsKind kind, const char *key);

/* Names of a kind's keys that can be written (const char *; transfer
 * container). */
GPtrArray *hs_schema_keys(HsKind kind);

extern const char *const hs_preset_words[];
extern const char *const hs_gateway_type_words[];
extern const char *const hs_vif_words[];
extern const char *const hs_connection_type_words[];
extern const char *const hs_macsec_words[];
extern const char *const hs_zone_words[];
extern const char *const hs_nat_gateway_type_words[];
extern const char *const hs_encryption_words[];
extern const char *const hs_integrity_words[];
extern const char *const hs_dh_group_words[];
extern const char *const hs_ike_preset_words[];
extern const char *const hs_startup_words[];
extern const char *const hs_dpd_mode_words[];
extern const char *const hs_dpd_action_words[];
extern const char *const hs_routing_words[];
extern const char *const hs_bandwidth_words[];
extern const char *const hs_profile_words[];
extern const char *const hs_loop_words[];
extern const char *const hs_arrival_kind_words[];
extern const char *const hs_metric_words[];
extern const char *const hs_statistic_words[];
extern const char *const hs_alarm_comparison_words[];
extern const char *const hs_missing_data_words[];
extern const char *const hs_bulk_kind_words[];
extern const char *const hs_reach_words[];
extern const char *const hs_fault_action_words[];
extern const char *const hs_flap_way_words[];
extern const char *const hs_direction_words[];

const char *hs_type_name(HsType type);
const char *hs_type_example(HsType type);

/* "failover.max" to its parts (RET_NAME: transfer full). */
HsComparison hs_expectation_split_key(const char *key, char **ret_name);

/* NULL, and why in PROBLEM. Without a line. */
HsExpectation *hs_expectation_read(const HsScenario *scenario, const char *key,
                                   const char *text, GString *problem);
void hs_expectation_free(void *expectation);

/* The entries that SCENARIO itself names; see HsEntryNames. */
GPtrArray *hs_scenario_entry_names(const void *scenario, const char *kind,
                                   const char *key);

/* Those figures besides the fixed ones: of one fault ("fault.cut.failover"),
 * any percentile ("db.during.p95.pool"). RET_FAULT (transfer full): which, or
 * NULL. */
bool hs_figure_parse(const char *name, HsUnit *ret_unit, char **ret_fault);
bool hs_figure_is_of_fault(HsFigure figure);
const char *hs_figure_help(HsFigure figure);
void hs_figure_add_names(GPtrArray *names);
void hs_figure_add_fault_names(GPtrArray *names);
HsType hs_unit_type(HsUnit unit); /* of DURATION, BYTES and COUNT */

/* "crypto.suite"; RET_RULE may be NULL. */
bool hs_crypto_rule_find(const char *key, HsCryptoRule *ret_rule);

/* NULL, and why in PROBLEM, if TEXT is none of KEY's values. Without a line. */
HsCryptoExpectation *
hs_crypto_expectation_read(const char *key, const char *text, GString *problem);
void hs_crypto_expectation_free(void *expectation);

/* The table of a fault's actions for scenarios/README.md. */
void hs_fault_manual(GString *text);

/* The table of "crypto." expectations for scenarios/README.md. */
void hs_crypto_manual(GString *text);

/* The table of what [database]'s profiles say, for scenarios/README.md. */
void hs_profile_manual(GString *text);

/* The table of figures for scenarios/README.md. */
void hs_figure_manual(GString *text);

#endif
