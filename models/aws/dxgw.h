/* The Direct Connect gateway: a route reflector between the customer's virtual
 * interfaces and gateways of AWS's in any region, outside the path of the
 * packets.
 *
 *     customer ══ endpoint ──────── data ───────── VGW or TGW
 *                     └── session ── DXGW ── routes ──┘
 *
 * Its sessions, with its own AS, live on the Direct Connect endpoints. What it
 * learns there it hands to each associated gateway, which is an attachment of
 * its own there (attachment.h): for each prefix the best virtual interface, or
 * several equal ones, as seen from that gateway's region (dx_routes.h). What it
 * tells the customers comes from the associations alone ("Allowed prefixes
 * interactions"):
 *
 *     VGW   a filter: the VPC's CIDR if an allowed prefix is equal or wider
 *     TGW   the origin: the allowed prefixes themselves, whatever is behind
 *
 * So there is no way from one virtual interface to another, and what a customer
 * announces no other customer hears. */

#ifndef HS_AWS_DXGW_H
#define HS_AWS_DXGW_H

#include "models/aws/attachment.h"
#include "models/net/control.h"

/* Direct Connect quotas, for private and transit virtual interfaces. */
#define HS_DXGW_ROUTES_ACCEPTED 100

typedef struct HsDxGateway HsDxGateway;
typedef struct HsDxAssociation HsDxAssociation;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    /* From a change at an endpoint until the associated gateways know; they add
     * their own. AWS publishes neither. */
    HsDuration convergence;
} HsDxGatewayConfig;

/* ENV is borrowed and outlives it, as do the gateways that are associated. */
HsDxGateway *hs_dxgw_new(HsEnv *env, const HsDxGatewayConfig *config);
void hs_dxgw_free(HsDxGateway *dxgw); /* NULL is fine */
const BgpSpeaker *hs_dxgw_speaker(const HsDxGateway *dxgw);

typedef struct {
    HsAttachment *attachment; /* of the gateway; borrowed */
    const char *region;       /* of the gateway; interned */
    bool originates;          /* a TGW; otherwise a VGW */
    const HsPrefix *allowed;  /* copied; of a VGW, none: everything */
    unsigned n_allowed;
} HsDxAssociationConfig;

/* The association is the DX gateway's. */
HsDxAssociation *
hs_dxgw_associate(HsDxGateway *dxgw, const HsDxAssociationConfig *config);

/* A CIDR of the VPC behind a VGW. True: it is announced; false: no allowed
 * prefix covers it. Never for a TGW. */
bool hs_dxgw_association_add_cidr(HsDxAssociation *association,
                                  const HsPrefix *cidr);

/* What the association announces: number INDEX, NULL past the last. Packets
 * from the customers to it go to its gateway, and no others do. */
const HsPrefix *
hs_dxgw_association_announces(const HsDxAssociation *association,
                              unsigned index);

/* A virtual interface at a location of REGION (interned); its number. */
unsigned hs_dxgw_add_vif(HsDxGateway *dxgw, const char *region);

/* The port of ASSOCIATION's gateway by which VIF is reached: the number from
 * hs_attachment_add_port(). Without it the gateway does not use VIF. */
void hs_dxgw_join(HsDxAssociation *association, unsigned vif, unsigned port);

/* VIF's session: SESSION names the endpoint's environment, router and port,
 * addresses, timers and remote AS. What AWS does the same everywhere is filled
 * in; max_prefixes 0: the quota. */
HsControlPeer *hs_dxgw_add_session(HsDxGateway *dxgw, unsigned vif,
                                   const HsControlPeerConfig *session);

/* Starts every session. */
void hs_dxgw_start(HsDxGateway *dxgw);

/* Its control plane dies and comes back: see hs_control_crash(). What the
 * gateways were told stays with them, unless FORWARDING_LOST, until it
 * has been back for some minutes; what it has not learned again then goes. */
void hs_dxgw_crash(HsDxGateway *dxgw, bool forwarding_lost);
void hs_dxgw_boot(HsDxGateway *dxgw);

#endif
