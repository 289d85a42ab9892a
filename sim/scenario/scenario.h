/* A scenario: what a file like scenarios/dx-cut.ini says, typed and checked.
 *
 * Loading reads the file strictly, applies the --set overrides, fills in every
 * default, derives what follows from the rest (addresses, router ids) and
 * holds the whole against AWS's and the RFCs' rules. What comes out is
 * complete: the world builder finds no field unset and no reference dangling.
 * Every value remembers where it came from (hs_scenario_values).
 *
 * Units are those of the models: nanoseconds, bits per second, bytes. What the
 * seed has to draw (the instant of a fault) stays a range here; the world
 * draws it. */

#ifndef HS_SCENARIO_SCENARIO_H
#define HS_SCENARIO_SCENARIO_H

#include "sim/scenario/elements.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HsScenario HsScenario;

/* What a result can be held against. */

typedef enum {
    HS_UNIT_NONE,     /* words */
    HS_UNIT_DURATION, /* ns */
    HS_UNIT_BYTES,
    HS_UNIT_COUNT,
    HS_UNIT_NUMBER, /* millionths */
} HsUnit;

const char *hs_unit_name(HsUnit unit); /* "duration" */

/* A figure of the result ("failover.pool"), by its number. Unqualified, one of
 * the clients' is the worse client's, or the sum where requests are counted.
 * sim/observe gives the readings under the same names. */
typedef unsigned HsFigure;

unsigned hs_figure_count(void);
bool hs_figure_find(const char *name, HsFigure *ret_figure);
const char *hs_figure_name(HsFigure figure); /* interned */
HsUnit hs_figure_unit(HsFigure figure);

#define HS_COMPARISONS(X)                                                      \
    X(MAX, "max")       /* holds if figure <= limit */                         \
    X(MIN, "min")       /* holds if figure >= limit */                         \
    X(EQUALS, "equals") /* holds if figure = limit */                          \
    X(WITHIN, "within") /* holds if limit <= figure <= upper */                \
    X(WORDS, "words")   /* holds if it is one of some words; has no suffix */

typedef enum {
#define X(name, text) HS_COMPARISON_##name,
    HS_COMPARISONS(X)
#undef X
        HS_COMPARISON_COUNT
} HsComparison;

const char *hs_comparison_name(HsComparison comparison); /* "max" */

typedef struct {
    const char *name;    /* interned: the figure's, or a path of result.json */
    struct HsPath *path; /* owned (path.h); NULL: a figure */
    HsUnit unit;
    HsComparison comparison;
    int64_t limit, upper; /* in that unit; upper: WITHIN only */
    char **words;         /* WORDS only; owned */
    char *text;           /* as written: "2s" */
    unsigned line;        /* 0: from --set */
} HsExpectation;

/* As [expect] has it: "failover.max" (interned). */
const char *hs_expectation_key(const HsExpectation *expectation);

/* The names of ENTRIES of a kind of object in a result, by the field KEY that
 * names one, as far as the design decides them (transfer full: char *, with a
 * free function), or NULL. */
typedef GPtrArray *(*HsEntryNames)(const void *user_data, const char *kind,
                                   const char *key);

/* Holds the names in the paths of [expect] against NAMES, whose answer NULL is
 * anything goes. What the scenario itself names was checked when it was loaded.
 */
bool hs_scenario_check_paths(const HsScenario *scenario, HsEntryNames names,
                             const void *user_data, GError **error);

/* Appends every figure and path that [expect] of SCENARIO can name, one a line
 * with its unit and meaning. */
void hs_scenario_figures(const HsScenario *scenario, HsEntryNames names,
                         const void *user_data, GString *text);

/* What every tunnel must have negotiated, whatever was configured. */
#define HS_CRYPTO_RULES(X)                                                     \
    X(SUITE, "crypto.suite", "ESP: a cipher, or a CBC cipher and its HMAC")    \
    X(IKE_SUITE, "crypto.ike.suite", "the same of IKE")                        \
    X(GROUP, "crypto.group", "Diffie-Hellman groups, of IKE and of PFS")       \
    X(PFS, "crypto.pfs", "yes: child SAs have a Diffie-Hellman of their own")  \
    X(LIFETIME, "crypto.lifetime.max", "of an ESP SA, until it is replaced")   \
    X(MODE, "crypto.mode", "tunnel or transport")

typedef enum {
#define X(name, key, help) HS_CRYPTO_##name,
    HS_CRYPTO_RULES(X)
#undef X
        HS_CRYPTO_RULE_COUNT
} HsCryptoRule;

const char *hs_crypto_rule_name(HsCryptoRule rule); /* "crypto.suite" */

typedef struct {
    HsCryptoRule rule;
    char **words;     /* owned: what is allowed; NULL for a lifetime */
    HsDuration limit; /* of a lifetime */
    char *text;       /* as written */
    unsigned line;    /* 0: from --set */
} HsCryptoExpectation;

typedef struct {
    HsElement element;
    GPtrArray *expectations; /* HsExpectation *, in the file's order */
    GPtrArray *crypto;       /* HsCryptoExpectation *, likewise */
} HsExpect;

/* Loading */

#define HS_SCENARIO_ERROR hs_scenario_error_quark()
GQuark hs_scenario_error_quark(void);

typedef enum {
    HS_SCENARIO_ERROR_READ,    /* the file cannot be read */
    HS_SCENARIO_ERROR_INVALID, /* one or more lines of complaints */
} HsScenarioError;

/* SETS: NULL, or a NULL-terminated array of "group.key=value" ("fault
 * cut.action=link-down"). The message of an error has a line for each of the
 * first ten complaints, each starting with file and line. */
HsScenario *
hs_scenario_load(const char *path, const char *const *sets, GError **error);

/* The same from memory; NAME stands for the path in messages. */
HsScenario *
hs_scenario_load_data(const char *name, const char *data, size_t length,
                      const char *const *sets, GError **error);
void hs_scenario_free(HsScenario *scenario); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsScenario, hs_scenario_free)

/* As given to hs_scenario_load(). */
const char *hs_scenario_path(const HsScenario *scenario);

/* "dx-cut": the path without folder and ".ini"; names the results' folder. */
const char *hs_scenario_name(const HsScenario *scenario);

/* Of the file's bytes, in hex. */
const char *hs_scenario_sha256(const HsScenario *scenario);

/* What it holds */

/* The element number INDEX of a kind, in the file's order, or NULL past the
 * last: `for (i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)`. There
 * is always exactly one HsSettings, HsCapture and HsExpect, and a
 * HsProbing if there is a HsDatabase. Borrowed. */
HsElement *
hs_scenario_element(const HsScenario *scenario, HsKind kind, unsigned index);

#define X(NAME, type, field, text)                                             \
    static inline const type *hs_scenario_##field(const HsScenario *scenario,  \
                                                  unsigned index)              \
    {                                                                          \
        return (const type *)hs_scenario_element(scenario, HS_KIND_##NAME,     \
                                                 index);                       \
    }
HS_SCENARIO_KINDS(X)
#undef X

/* Nothing of it is set that changes when the two clients send, wait, give up
 * and come back: one request in an open loop, and the generic patience. */
bool hs_database_is_plain(const HsScenario *scenario);

/* Bytes of requests and of replies of one transaction, the mean of the mix. */
void hs_database_bytes(const HsScenario *scenario, uint64_t *ret_requests,
                       uint64_t *ret_replies);

/* The [table] that decides what ATTACHMENT (a HsVpc, HsVpn, HsDxgw or
 * HsPeering) sends into GATEWAY, a TGW; for a HsVpc with GATEWAY NULL the one
 * of its subnet. NULL: the one that is there without being written. */
const HsTable *
hs_scenario_table_for(const HsScenario *scenario, const HsGateway *gateway,
                      const HsElement *attachment);

/* The TGW's attachments (transfer container: HsElement *): its VPCs, the VPNs
 * that end on it, the DXGWs associated with it, its peerings. */
GPtrArray *
hs_scenario_attachments(const HsScenario *scenario, const HsGateway *gateway);

/* By name, over all kinds; NULL if there is none. Names are unique. */
HsElement *hs_scenario_find(const HsScenario *scenario, const char *name);

/* The line of the file that gave ELEMENT's value for KEY, or else that of its
 * group; KEY may be NULL. 0: neither is in the file. */
unsigned hs_scenario_line(const HsElement *element, const char *key);

/* The file or --set gave it; it is no default and not derived. */
bool hs_scenario_is_given(const HsElement *element, const char *key);

/* Whether its action can act on its target; and on what it can, for people. */
bool hs_fault_acts_on(const HsFault *fault);
char *hs_fault_targets(HsFaultAction action); /* transfer full */

/* --seed: replaces the file's seed, as if by --set. */
void hs_scenario_set_seed(HsScenario *scenario, uint64_t seed);

/* Where values came from */

#define HS_ORIGINS(X)                                                          \
    X(FILE, "file")                                                            \
    X(SET, "--set")                                                            \
    X(AWS, "AWS default")                                                      \
    X(RFC, "RFC default")                                                      \
    X(IEEE, "IEEE default")                                                    \
    X(ASSUMED, "assumed") /* nobody publishes it: may move the result */       \
    X(DEFAULT, "default") /* of hybridsim: says nothing about the world */     \
    X(DERIVED, "derived") /* follows from other values */                      \
    X(SEED, "drawn from the seed")

typedef enum {
#define X(name, text) HS_ORIGIN_##name,
    HS_ORIGINS(X)
#undef X
} HsOrigin;

const char *hs_origin_name(HsOrigin origin);

typedef struct {
    HsKind kind;
    const char *element; /* interned; NULL for a kind without names */
    const char *key;     /* interned */
    char *value;         /* owned, as a scenario would write it */
    HsOrigin origin;
    unsigned line;      /* for HS_ORIGIN_FILE */
    const char *source; /* what vouches for a default: "RFC 4271 10" */
    bool random;        /* the value is what the seed draws from */
} HsValue;

void hs_value_free(HsValue *value); /* NULL is fine */

/* Every effective value, by kind, element and key in a stable order (transfer
 * full: HsValue *, freed with the array). Those with HS_ORIGIN_ASSUMED are the
 * assumptions that a result has to name. */
GPtrArray *hs_scenario_values(const HsScenario *scenario);

/* `hybridsim explain`: the same as a table, appended to TEXT. */
void hs_scenario_explain(const HsScenario *scenario, GString *text);

/* The tables of scenarios/README.md: every kind and key. */
void hs_scenario_manual(GString *text);

/* The same as hybridsim-scenario(5), for man. */
void hs_scenario_page(GString *text);

#endif
