/* What tgw.c (attachments, ports and sessions) and tgw_table.c (tables and
 * what is chosen in them) share. */

#ifndef HS_AWS_TGW_PRIVATE_H
#define HS_AWS_TGW_PRIVATE_H

#include "models/aws/tgw.h"
#include "models/aws/tgw_routes.h"

typedef struct HsTgwAttachment HsTgwAttachment;

/* What can tell a route: an attachment for itself, or one of its sessions.
 * Number 0 is nobody's: the black hole. */
typedef struct {
    const char *name; /* interned */
    HsTgwAttachment *attachment;
    HsControlPeer *peer; /* NULL: the attachment itself */
    unsigned port;       /* of the session */
} HsTgwSource;

typedef struct {
    HsPrefix prefix;
    const char *attachment; /* interned; NULL: black hole */
} HsTgwStatic;

typedef struct {
    HsTgw *tgw; /* borrowed */
    const char *name;
    char **associate, **propagate; /* owned */
    bool associate_all, propagate_all;
    unsigned vrf;
    HsControl *control; /* owned: the choice; it has no sessions */
    GArray *statics;    /* HsTgwStatic */
} HsTgwTable;

/* A route that an attachment was told, and the ports that it goes by. */
typedef struct {
    HsPrefix prefix;
    BgpAttrs *attrs; /* owned; NULL: none */
    GArray *ports;   /* unsigned */
} HsTgwTold;

typedef struct {
    unsigned number;
    bool up;
    HsControlPeer *peer; /* of the session there, or NULL */
} HsTgwPort;

struct HsTgwAttachment {
    HsAttachment base;
    HsTgw *tgw;         /* borrowed */
    HsTgwTable *table;  /* borrowed: associated; NULL: none */
    unsigned source;    /* its own number */
    GArray *ports;      /* HsTgwPort */
    GPtrArray *told;    /* HsTgwTold * */
    HsControl *control; /* owned: a VPN's sessions; NULL: none */
    uint64_t alive;     /* ports in use when its static routes were set */
    /* Where private-IP VPNs' outer packets are looked up; 0: none. */
    unsigned transport_vrf;
};

struct HsTgw {
    HsAwsGateway base;
    HsEnv *env; /* borrowed */
    HsTgwConfig config;
    HsRouter *router;    /* owned */
    GPtrArray *tables;   /* HsTgwTable * */
    GPtrArray *sources;  /* HsTgwSource *, by number */
    GPtrArray *attached; /* HsTgwAttachment * */
    unsigned no_table;   /* the VRF of those without one: VRF 0, empty */
    HsTgwCompareOptions options;
};

static inline HsTgwSource *
hs_tgw_source(const HsTgw *tgw, unsigned number)
{
    return tgw->sources->pdata[number];
}

static inline bool
hs_tgw_is_vpn(const HsTgwAttachment *attachment)
{
    HsAttachmentKind kind = attachment->base.config.kind;

    return kind == HS_ATTACHMENT_VPN || kind == HS_ATTACHMENT_VPN_PRIVATE;
}

unsigned
hs_tgw_add_source(HsTgw *tgw, const char *name, HsTgwAttachment *attachment,
                  HsControlPeer *peer, unsigned port);

/* The ports of ATTACHMENT behind which all is well, as bits of their places. */
uint64_t hs_tgw_alive(const HsTgwAttachment *attachment);

/* tgw_table.c */

void hs_tgw_table_free(void *table);

/* The table in which what comes from NAME is looked up, or NULL. */
HsTgwTable *hs_tgw_table_of(const HsTgw *tgw, const char *name);

/* TOLD, or what it goes by, changed. */
void hs_tgw_tables_told(HsTgwAttachment *attachment, const HsTgwTold *told);
void hs_tgw_tables_forget(HsTgwAttachment *attachment, const HsPrefix *prefix);

/* The sessions of ATTACHMENT have other candidates for PREFIX. */
void hs_tgw_tables_learned(HsTgwAttachment *attachment, const HsPrefix *prefix);

/* The same for every prefix that any table has. */
void hs_tgw_tables_relearn(HsTgwAttachment *attachment);

/* Static routes by ATTACHMENT, after a change of what is alive. */
void hs_tgw_tables_statics(HsTgwAttachment *attachment);

/* Everything in its table, for an attachment that is new. */
void hs_tgw_table_tell_all(HsTgwAttachment *attachment);

#endif
