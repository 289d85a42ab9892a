/* Why this route: the tables of a world at the instant where it stands, and
 * the way that a packet takes by them.
 *
 * A table is what a router's hardware holds for one VRF, joined with the
 * choice behind it: each candidate, and the step of the decision that beat it.
 * A way is followed from a host's router on, table by table, through links and
 * tunnels, until it ends at a host, in a hole or where it has been before; and
 * back, since each direction is decided on its own.
 *
 * Both are plain data, made by hs_routes_new() and printed by hs_routes_text()
 * and hs_routes_json(). */

#ifndef HS_ROUTES_ROUTES_H
#define HS_ROUTES_ROUTES_H

#include "sim/world/view.h"

#include <glib.h>

typedef struct {
    const char *name;   /* interned: the session, or what told the route */
    const char *source; /* literal: what kind it is to who chooses */
    bool stale;         /* its session is gone: graceful restart keeps it */
    bool has_attrs;
    char *as_path; /* owned, as communities */
    char *communities;
    bool has_local_preference, has_med;
    uint32_t local_preference, med;
    HsPrefix prefix; /* in a hop: may be shorter than the one that is used */
    bool best, used; /* used: it carries traffic, as one of equals too */
    const char *lost_by; /* literal: the step that beat it; NULL: used */
} HsRoutesCandidate;

typedef struct {
    HsPrefix prefix;
    const char *origin;    /* interned; NULL: not (yet) in the hardware */
    GPtrArray *via;        /* const char *: ports, "blackhole", "reject" */
    const char *step;      /* that decided; NULL: nobody had to choose */
    GPtrArray *candidates; /* HsRoutesCandidate *, the best first */
} HsRoutesEntry;

typedef struct {
    const char *node, *name; /* interned */
    bool forwards;           /* false: it only decides */
    GPtrArray *entries;      /* HsRoutesEntry *, by prefix */
} HsRoutesTable;

#define HS_ROUTES_ENDS(X)                                                      \
    X(DELIVERED, "delivered")                                                  \
    X(NO_ROUTE, "no route")                                                    \
    X(BLACKHOLE, "black hole route")                                           \
    X(PORT_DOWN, "port down")                                                  \
    X(LOOP, "loop")                                                            \
    X(NOTHING, "nothing is behind the port")

typedef enum {
#define X(name, text) HS_ROUTES_##name,
    HS_ROUTES_ENDS(X)
#undef X
} HsRoutesEnd;

const char *hs_routes_end_name(HsRoutesEnd end);

typedef struct {
    const char *node, *table; /* interned */
    HsRoutesEntry *entry;     /* owned; NULL: no route */
    const char *through;      /* interned: link or tunnel that it leaves by */
    bool tunnel;
    /* const char *: the links that its outer packets take now, those of equal
     * ways too; NULL: it is no tunnel. */
    GPtrArray *over;
} HsRoutesHop;

/* One way; a packet whose flow is spread over equals may take another. */
typedef struct {
    GPtrArray *hops; /* HsRoutesHop * */
    HsRoutesEnd end;
    const char *at; /* interned: the node where it ends */
} HsRoutesWay;

typedef struct {
    HsAddr from, to;
    GPtrArray *ways; /* HsRoutesWay * */
} HsRoutesPath;

typedef struct {
    HsTime at;
    GPtrArray *tables; /* HsRoutesTable * */
    /* HsRoutesPath *: forth and back of each pair; NULL: none was asked for */
    GPtrArray *paths;
} HsRoutes;

/* Every table of WORLD, which stands at AT. */
HsRoutes *hs_routes_new(const HsWorld *world, HsTime at);
/* Without any table, for ways alone. */
HsRoutes *hs_routes_bare_new(HsTime at);
void hs_routes_free(HsRoutes *routes); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsRoutes, hs_routes_free)

/* The ways between two addresses, both directions. False: no host's router is
 * known for *RET_LOST, one of the two. */
bool
hs_routes_add_pair(HsRoutes *routes, const HsWorld *world, const HsAddr *from,
                   const HsAddr *to, const HsAddr **ret_lost);

/* The links and tunnels that one direction of the pair PATH, PATH + 1 takes
 * and the other does not (transfer container, const char *): FORTH and BACK.
 * Both empty: the pair is symmetric. */
void hs_routes_asymmetry(const HsRoutes *routes, guint path, GPtrArray *forth,
                         GPtrArray *back);

/* What TABLE of NODE holds for PREFIX (transfer full); NULL: nothing. */
HsRoutesEntry *
hs_routes_entry(const HsWorld *world, unsigned node, const HsWorldTable *table,
                const HsPrefix *prefix);
void hs_routes_entry_free(HsRoutesEntry *entry); /* NULL is fine */

/* PREFIX's candidates in SPEAKER, best first, added to CANDIDATES. BEATEN: the
 * literal why none of them is used, or NULL. */
void hs_routes_add_candidates(const HsWorldTable *table, const HsPrefix *prefix,
                              const char *beaten, GPtrArray *candidates);

/* As text, or as a JSON document; appended. */
void hs_routes_text(const HsRoutes *routes, GString *text);
void
hs_routes_json(const HsRoutes *routes, const char *scenario, GString *text);

#endif
