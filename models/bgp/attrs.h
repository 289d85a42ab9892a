/* The path attributes of a route, as one immutable value.
 *
 * A BgpAttrs is made with bgp_attrs_new(), filled in by its maker while nobody
 * else has it, and from then on shared by reference and never written. A
 * speaker interns what it keeps (bgp_attrs_intern), so that equal attributes
 * are one object: ten thousand routes of one UPDATE hold one set, and "did the
 * route change?" is a comparison of pointers.
 *
 * AS_PATH, communities and unknown attributes are kept in a canonical wire
 * form as GBytes: AS_PATH always with four-octet numbers (RFC 6793); NULL is
 * empty. The bgp_as_path_* functions read and build that form. */

#ifndef HS_BGP_ATTRS_H
#define HS_BGP_ATTRS_H

#include "models/base/addr.h"
#include "models/base/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    BGP_ORIGIN_IGP = 0,
    BGP_ORIGIN_EGP = 1,
    BGP_ORIGIN_INCOMPLETE = 2,
} BgpOrigin;

const char *bgp_origin_name(BgpOrigin origin);

typedef struct BgpAttrTable BgpAttrTable;

typedef struct {
    BgpOrigin origin;
    bool has_med, has_local_pref;
    bool atomic_aggregate;
    bool has_aggregator;
    uint32_t med;
    uint32_t local_pref;
    uint32_t aggregator_as;
    HsAddr aggregator;   /* IPv4 */
    HsAddr next_hop;     /* not set: the speaker that sends it */
    GBytes *as_path;     /* owned, may be NULL */
    GBytes *communities; /* owned, may be NULL: four octets each, ascending */
    /* Optional transitive attributes that we do not read, as they came, and
     * those that we do not even know with the partial bit set; ascending by
     * type (RFC 4271 5). Owned or NULL. */
    GBytes *unknown;

    /* Kept by attrs.c. */
    gint references;
    guint hash;
    BgpAttrTable *table; /* borrowed; NULL when not interned */
} BgpAttrs;

/* ORIGIN IGP, empty path, nothing else. */
BgpAttrs *bgp_attrs_new(void);

/* A private copy to change. */
BgpAttrs *bgp_attrs_copy(const BgpAttrs *attrs);
BgpAttrs *bgp_attrs_ref(BgpAttrs *attrs);
void bgp_attrs_unref(BgpAttrs *attrs); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BgpAttrs, bgp_attrs_unref)

bool bgp_attrs_equal(const BgpAttrs *a, const BgpAttrs *b);

BgpAttrTable *bgp_attr_table_new(void);
void bgp_attr_table_free(BgpAttrTable *table);
guint bgp_attr_table_size(const BgpAttrTable *table);

/* The one object that equals ATTRS (transfer full, both ways). */
BgpAttrs *bgp_attrs_intern(BgpAttrTable *table, BgpAttrs *attrs);

/* "65001 65002 {64512,64513}"; "" for the empty path. */
char *bgp_as_path_format(GBytes *path);

/* The same, read. NULL if TEXT is not a path; *RET_PATH may become NULL. */
bool bgp_as_path_parse(const char *text, GBytes **ret_path);

/* RFC 4271 9.1.2.2 a: an AS_SET counts as one, confederation segments as
 * none (RFC 5065 5.3). */
unsigned bgp_as_path_length(GBytes *path);
bool bgp_as_path_contains(GBytes *path, uint32_t asn);
unsigned bgp_as_path_count(GBytes *path, uint32_t asn);

/* The neighbour AS: the leftmost of a leading AS_SEQUENCE; 0 if there is
 * none. */
uint32_t bgp_as_path_first(GBytes *path);

/* The AS that originated the route; 0 if the path does not tell. */
uint32_t bgp_as_path_last(GBytes *path);

/* RFC 4271 5.1.2 b: ASN put in front COUNT times (transfer full). */
GBytes *bgp_as_path_prepend(GBytes *path, uint32_t asn, unsigned count);

bool bgp_communities_contain(GBytes *communities, uint32_t community);

/* The numbers in VALUE, each once and ascending. */
GBytes *bgp_communities_read(HsReader *value);

/* New sets (transfer full), NULL when empty. */
GBytes *bgp_communities_add(GBytes *communities, uint32_t community);
GBytes *bgp_communities_remove(GBytes *communities, uint32_t community);

/* "7224:7300 no-export" */
char *bgp_communities_format(GBytes *communities);

/* "7224:7300", "no-export", "no-advertise". */
bool bgp_community_parse(const char *text, uint32_t *ret_community);

/* One line for a trace: "origin IGP path 65001 next-hop 192.0.2.1 med 10". */
char *bgp_attrs_format(const BgpAttrs *attrs);

#endif
