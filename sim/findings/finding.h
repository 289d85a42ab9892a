/* Design errors by name.
 *
 * A finding is something that AWS takes, and that its users regret: each has
 * an id that stays, the page that explains the rule behind it, and the
 * evidence. static.c finds what the scenario alone shows, observed.c what
 * a run shows. A scenario with findings runs; --strict makes them failures. */

#ifndef HS_FINDINGS_FINDING_H
#define HS_FINDINGS_FINDING_H

#include "sim/scenario/pages.h"
#include "sim/scenario/scenario.h"

#define HS_SEVERITIES(X)                                                       \
    X(ADVICE, "advice")   /* know it */                                        \
    X(WARNING, "warning") /* it will cost you */                               \
    X(SERIOUS, "serious") /* it breaks what the design is for */

typedef enum {
#define X(name, text) HS_SEVERITY_##name,
    HS_SEVERITIES(X)
#undef X
} HsSeverity;

const char *hs_severity_name(HsSeverity severity);

/* Enumerator, id, severity, title, rule. */
#define HS_FINDINGS(X)                                                         \
    X(DX_IN_CLEAR, "DX-IN-CLEAR", SERIOUS,                                     \
      "the database's traffic is in clear on Direct Connect while tunnels "    \
      "are up",                                                                \
      VPN_ROUTES)                                                              \
    X(MACSEC_MAY_OPEN, "MACSEC-MAY-OPEN", WARNING,                             \
      "should_encrypt lets frames pass in clear", DX_MACSEC)                   \
    X(PREPEND_IN_VAIN, "PREPEND-IN-VAIN", WARNING,                             \
      "prepending decides nothing between Direct Connect and VPN", VPN_ROUTES) \
    X(NO_BACKUP, "NO-BACKUP", SERIOUS,                                         \
      "a prefix is announced on one path only, so the other is no backup",     \
      "AWS Knowledge Center, \"Configure VPN as a backup to Direct "           \
      "Connect\"")                                                             \
    X(SINGLE_PATH, "SINGLE-PATH", WARNING, "one failure cuts the site off",    \
      DX_RESILIENCE)                                                           \
    X(SINGLE_TUNNEL, "SINGLE-TUNNEL", WARNING,                                 \
      "one tunnel of the two is configured", VPN_REPLACE)                      \
    X(BFD_OFF, "BFD-OFF", WARNING,                                             \
      "without BFD a silent failure lasts as long as the hold time", DX_BFD)   \
    X(BFD_WITH_GR, "BFD-WITH-GRACEFUL-RESTART", SERIOUS,                       \
      "with graceful restart what BFD detects is taken for a restart",         \
      "AWS Knowledge Center, \"BFD for Direct Connect\"")                      \
    X(ONE_DEVICE, "ONE-DEVICE", WARNING,                                       \
      "all connections end on one AWS device", DX_RESILIENCE)                  \
    X(ONE_LOCATION, "ONE-LOCATION", WARNING,                                   \
      "all connections are at one location", DX_RESILIENCE)                    \
    X(ONE_ROUTER, "ONE-ROUTER", ADVICE,                                        \
      "all paths end on one customer gateway", DX_RESILIENCE)                  \
    X(ASYMMETRIC, "ASYMMETRIC-ROUTING", WARNING,                               \
      "the two directions prefer different paths", VPN_ROUTES)                 \
    X(MTU_SHRINKS, "MTU-SHRINKS", SERIOUS,                                     \
      "packets are too large after failover, and nothing clamps the MSS",      \
      VPN_CGW)                                                                 \
    X(BACKUP_TOO_SLOW, "BACKUP-TOO-SLOW", SERIOUS,                             \
      "the backup is slower than the load it must take", VPN_QUOTAS)           \
    X(BACKUP_SLOWER, "BACKUP-SLOWER", ADVICE,                                  \
      "the backup has a fraction of the capacity", VPN_QUOTAS)                 \
    X(PREFIX_LIMIT_NEAR, "PREFIX-LIMIT-NEAR", WARNING,                         \
      "a few prefixes more, and AWS closes the session", DX_QUOTAS)            \
    X(CRYPTO_PERMISSIVE, "CRYPTO-PERMISSIVE", WARNING,                         \
      "AWS takes whatever the customer gateway proposes, weak suites too",     \
      VPN_TUNNEL)                                                              \
    X(UNEQUAL_TUNNELS, "UNEQUAL-TUNNELS", WARNING,                             \
      "a preference among the tunnels defeats AWS's hint before maintenance",  \
      VPN_REPLACE)                                                             \
    X(EQUAL_TUNNELS, "EQUAL-TUNNELS", WARNING,                                 \
      "a virtual private gateway answers in one tunnel, whatever is equal",    \
      VPN_ROUTES)                                                              \
    X(ASN_CONTRADICTION, "ASN-CONTRADICTION", SERIOUS,                         \
      "AS numbers contradict each other", DX_VIF)                              \
    X(PINNED_TUNNELS, "PINNED-TUNNELS", ADVICE,                                \
      "the tunnels die with the one interface that has their address",         \
      "AWS Networking blog, \"Optimize Failover Times for Overlay Tunnels "    \
      "on Direct Connect\"")                                                   \
    X(PEERING_WITHOUT_ROUTE, "PEERING-WITHOUT-ROUTE", WARNING,                 \
      "no route leads into the peering", VPC_PEERING)

typedef enum {
#define X(name, id, severity, title, rule) HS_FINDING_##name,
    HS_FINDINGS(X)
#undef X
        HS_FINDING_COUNT
} HsFindingKind;

const char *hs_finding_id(HsFindingKind kind);
const char *hs_finding_title(HsFindingKind kind);
const char *hs_finding_rule(HsFindingKind kind); /* the page */
HsSeverity hs_finding_severity(HsFindingKind kind);

typedef struct {
    HsFindingKind kind;
    char *where;    /* "dx primary", "dx primary.bfd"; owned */
    unsigned line;  /* of the file; 0: not written there */
    char *evidence; /* one or more sentences; owned */
} HsFinding;

/* HsFinding *, freed with the array. */
GPtrArray *hs_findings_new(void);

/* KEY may be NULL: the element as a whole. */
void hs_findings_add(GPtrArray *findings, HsFindingKind kind,
                     const HsElement *element, const char *key,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

/* What SCENARIO alone shows. */
void hs_findings_static(const HsScenario *scenario, GPtrArray *findings);

/* Serious ones first, then by line; the same in every run. */
void hs_findings_sort(GPtrArray *findings);

/* For people: a few lines each, with PATH for the places. */
void
hs_findings_text(const GPtrArray *findings, const char *path, GString *text);

/* The table of all for scenarios/README.md. */
void hs_findings_manual(GString *text);

#endif
