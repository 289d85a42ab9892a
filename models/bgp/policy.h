/* Import and export policy: an ordered list of rules.
 *
 * The first rule whose conditions all hold decides: it permits the route,
 * after its changes, or denies it; with `next` set it changes the route and
 * goes on. A route that no rule decides is permitted, or denied if
 * bgp_policy_set_default() says so. */

#ifndef HS_BGP_POLICY_H
#define HS_BGP_POLICY_H

#include "models/base/addr.h"
#include "models/bgp/attrs.h"
#include "models/bgp/decide.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    BGP_POLICY_PERMIT,
    BGP_POLICY_DENY,
    BGP_POLICY_NEXT, /* change, then go on with the next rule */
} BgpPolicyAction;

/* A rule of zeros permits everything unchanged. */
typedef struct {
    /* Conditions. A prefix matches PREFIX exactly, or with ge or le every
     * prefix inside it whose length is in [ge, le]; an absent bound is the
     * prefix's own length (ge) or the family's (le). */
    bool match_prefix;
    HsPrefix prefix;
    uint8_t ge, le; /* 0: absent */
    bool match_community;
    uint32_t community;
    bool match_as; /* somewhere in the AS_PATH */
    uint32_t as;
    bool match_tag;
    int tag;
    bool match_source;
    BgpSource source;

    BgpPolicyAction action;

    /* Changes */
    bool set_local_pref, set_med, clear_med, set_next_hop;
    uint32_t local_pref, med;
    HsAddr next_hop;
    uint32_t prepend_as;    /* 0: the speaker's own */
    unsigned prepend;       /* times */
    bool strip_communities; /* before adding */
    bool add_community, remove_community;
    uint32_t added, removed;
} BgpPolicyRule;

typedef struct BgpPolicy BgpPolicy;

BgpPolicy *bgp_policy_new(void);
BgpPolicy *bgp_policy_ref(BgpPolicy *policy);
void bgp_policy_unref(BgpPolicy *policy); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpPolicy, bgp_policy_unref)

void bgp_policy_add(BgpPolicy *policy, const BgpPolicyRule *rule); /* copied */
void bgp_policy_set_default(BgpPolicy *policy, BgpPolicyAction action);

/* The attributes of ROUTE after POLICY (transfer full), or NULL: denied.
 * ATTRS is what the route has so far (borrowed). POLICY NULL permits. */
BgpAttrs *bgp_policy_apply(const BgpPolicy *policy, const BgpRoute *route,
                           BgpAttrs *attrs, uint32_t local_as);

bool bgp_policy_matches(const BgpPolicyRule *rule, const BgpRoute *route,
                        const BgpAttrs *attrs);

#endif
