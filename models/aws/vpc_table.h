/* A route table of a VPC: which routes it holds and which of them is used.
 *
 * Routes to one prefix compete as candidates of a BGP RIB with AWS's order
 * (VPC user guide, "Route priority"): the local route, then static ones, then
 * what a virtual private gateway propagates. Over all prefixes the longest
 * wins, but for one rule that no RIB has: what is propagated for a part of the
 * VPC's own CIDR is not used, however specific. */

#ifndef HS_AWS_VPC_TABLE_H
#define HS_AWS_VPC_TABLE_H

#include "models/base/env.h"
#include "models/bgp/speaker.h"

/* Amazon VPC quotas, per route table. AWS raises the first to a thousand. */
#define HS_VPC_STATIC_MAX     50
#define HS_VPC_PROPAGATED_MAX 100

/* In AWS's order. */
typedef enum {
    HS_VPC_LOCAL,
    HS_VPC_STATIC,
    HS_VPC_PROPAGATED,
} HsVpcRouteClass;

#define HS_VPC_STEP_LOCAL  "the VPC's own"
#define HS_VPC_STEP_STATIC "static before propagated"
#define HS_VPC_STEP_FIRST  "the target that was there first"

/* Why a propagated route that is the best for its prefix is not used. */
#define HS_VPC_STEP_LOCAL_WINS "the local route wins, however specific"

/* A BgpCompareFunc. */
int hs_vpc_compare(const BgpRoute *a, const BgpRoute *b, const void *user_data,
                   BgpVerdict *ret_verdict);

/* What a route leads to. */
#define HS_VPC_TARGETS(X)                                                      \
    X(LOCAL, "local")                                                          \
    X(GATEWAY, "virtual private gateway")                                      \
    X(TRANSIT, "transit gateway")                                              \
    X(PEERING, "peering")                                                      \
    X(NAT, "NAT gateway")                                                      \
    X(INTERNET, "internet gateway")                                            \
    X(BLACKHOLE, "blackhole")

typedef enum {
#define X(name, text) HS_VPC_TARGET_##name,
    HS_VPC_TARGETS(X)
#undef X
        HS_VPC_TARGET_COUNT
} HsVpcTargetKind;

const char *hs_vpc_target_name(HsVpcTargetKind kind);

typedef struct {
    HsVpcTargetKind kind;
    const char *name; /* interned: "vgw.app", "local" */
    unsigned port;    /* of the VPC's router; LOCAL and BLACKHOLE have none */
} HsVpcTarget;

/* Why AWS refuses a static route. */
#define HS_VPC_REFUSALS(X)                                                     \
    X(NONE, "accepted")                                                        \
    X(LOCAL, "the local route of a VPC stays")                                 \
    X(MORE_SPECIFIC,                                                           \
      "a route to a part of the VPC leads to a NAT gateway or an interface")   \
    X(TWICE, "the table has a static route to this prefix")                    \
    X(FULL, "the table has as many static routes as it may")

typedef enum {
#define X(name, text) HS_VPC_REFUSAL_##name,
    HS_VPC_REFUSALS(X)
#undef X
        HS_VPC_REFUSAL_COUNT
} HsVpcRefusal;

const char *hs_vpc_refusal_text(HsVpcRefusal refusal);

typedef struct HsVpcTable HsVpcTable;

typedef struct {
    const char *name;    /* interned */
    HsPrefix cidr;       /* of the VPC */
    unsigned static_max; /* 0: HS_VPC_STATIC_MAX */
    /* From now on the table leads PREFIX to TARGET; NULL: nowhere. */
    void (*changed)(void *user_data, const HsPrefix *prefix,
                    HsVpcRouteClass class, const HsVpcTarget *target);
    void *user_data; /* borrowed */
} HsVpcTableConfig;

/* With its local route, which is not told. ENV is borrowed and outlives it. */
HsVpcTable *hs_vpc_table_new(HsEnv *env, const HsVpcTableConfig *config);
void hs_vpc_table_free(HsVpcTable *table); /* NULL is fine */

/* TARGET is copied. */
HsVpcRefusal hs_vpc_table_add_static(HsVpcTable *table, const HsPrefix *prefix,
                                     const HsVpcTarget *target);
void hs_vpc_table_remove_static(HsVpcTable *table, const HsPrefix *prefix);

/* TARGET, a gateway, has a route to PREFIX, or has none any more. Above the
 * hundredth a route waits until one of the others goes. */
void hs_vpc_table_propagate(HsVpcTable *table, const HsPrefix *prefix,
                            const HsVpcTarget *target, bool present);

/* Queries */

const char *hs_vpc_table_name(const HsVpcTable *table);
unsigned hs_vpc_table_static(const HsVpcTable *table);     /* how many */
unsigned hs_vpc_table_propagated(const HsVpcTable *table); /* in the table */
unsigned hs_vpc_table_waiting(const HsVpcTable *table);    /* not in it */

/* The target and class of a candidate. Borrowed. */
const HsVpcTarget *
hs_vpc_table_target(const HsVpcTable *table, const BgpRoute *route);
HsVpcRouteClass hs_vpc_route_class(const BgpRoute *route);

/* True if the best route to its prefix is not used, see above. */
bool hs_vpc_table_shadowed(const HsVpcTable *table, const BgpRoute *best);

/* All candidates. */
const BgpSpeaker *hs_vpc_table_speaker(const HsVpcTable *table);

#endif
