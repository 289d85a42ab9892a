/* Attachments: what a gateway of AWS's, virtual private gateway or transit
 * gateway, offers to whatever hangs on it.
 *
 * A VPC, a Direct Connect gateway, a VPN connection and a peering each attach
 * themselves once, give the gateway the ports by which it reaches them, and
 * then its routes: by sessions of BGP that the gateway decides about, or by
 * telling it. What the gateway makes of them (one best route, or tables with
 * association and propagation) is its own; who attaches need not know which
 * gateway it is.
 *
 *     attachment = hs_aws_gateway_attach(gateway, &config);
 *     port = hs_attachment_add_port(attachment, &port_config);
 *     session.egress = port;
 *     peer = hs_attachment_add_session(attachment, &session);   (BGP)
 *     hs_attachment_set_route(attachment, &prefix, NULL, &port, 1);   (told) */

#ifndef HS_AWS_ATTACHMENT_H
#define HS_AWS_ATTACHMENT_H

#include "models/net/control.h"
#include "models/net/router.h"

typedef struct HsAwsGateway HsAwsGateway;
typedef struct HsAttachment HsAttachment;

/* In the order in which a transit gateway prefers the routes that they
 * propagate. */
typedef enum {
    HS_ATTACHMENT_VPC,
    HS_ATTACHMENT_DX,          /* a private virtual interface on a VGW */
    HS_ATTACHMENT_DXGW,        /* all virtual interfaces of a DX gateway */
    HS_ATTACHMENT_VPN_PRIVATE, /* VPN over a transit virtual interface */
    HS_ATTACHMENT_VPN,
    HS_ATTACHMENT_PEERING,
} HsAttachmentKind;

typedef struct {
    const char *name; /* interned: of the VPC, VPN, DX gateway or peering */
    HsAttachmentKind kind;
} HsAttachmentConfig;

/* The attachment is the gateway's. A name is attached once. */
HsAttachment *
hs_aws_gateway_attach(HsAwsGateway *gateway, const HsAttachmentConfig *config);

/* The attachment NAME, or NULL. */
HsAttachment *
hs_aws_gateway_attachment(HsAwsGateway *gateway, const char *name);
const HsAttachmentConfig *hs_attachment_config(const HsAttachment *attachment);
HsAwsGateway *hs_attachment_gateway(HsAttachment *attachment);

/* The port of the gateway's router by which the attachment is reached: PORT
 * gives name, MTU (or 0) and output, and ADDRESSES if it needs any; the gateway
 * chooses the VRF and what AWS does to packets there. A VPC and a peering have
 * one, a VPN one for each tunnel, a DX gateway one for each of its virtual
 * interfaces. */
unsigned
hs_attachment_add_port(HsAttachment *attachment, const HsPortConfig *port);

/* A session on an endpoint of AWS's: SESSION names the endpoint's environment,
 * router and port, addresses, timers and remote AS; its egress is the number
 * from hs_attachment_add_port(). What the gateway does the same for all, its
 * tag, limits and policy, is filled in. Not on VPC, DX gateway and peering. */
HsControlPeer *hs_attachment_add_session(HsAttachment *attachment,
                                         const HsControlPeerConfig *session);

/* A route that reaches the gateway without BGP: a VPC's CIDR, a static VPN's
 * prefix, what a DX gateway has learned. It goes by any of PORTS (N of them, at
 * least one; several: their flows are spread). ATTRS (borrowed) may be NULL:
 * empty path, no MED. Again for the same prefix: replaces it. */
void
hs_attachment_set_route(HsAttachment *attachment, const HsPrefix *prefix,
                        BgpAttrs *attrs, const unsigned *ports, unsigned n);
void
hs_attachment_remove_route(HsAttachment *attachment, const HsPrefix *prefix);

/* The health of what is behind PORT, which outranks all else (VPN user guide,
 * "Route priority"): while it is down, routes set by hs_attachment_set_route()
 * do not go by it, and are none if they have no other. Up to begin with. For
 * static VPN: a tunnel. A BGP session knows for itself. */
void hs_attachment_port_up(HsAttachment *attachment, unsigned port, bool up);

/* What the gateway would have the attached VPC route to it: each prefix at the
 * time of the call and each change after it. A transit gateway has nothing to
 * say: its VPCs have static routes. */
typedef void (*HsPropagateFunc)(void *user_data, const HsPrefix *prefix,
                                bool present);
void hs_attachment_set_propagation(HsAttachment *attachment,
                                   HsPropagateFunc propagate, void *user_data);

/* Starts every session of the gateway. */
void hs_aws_gateway_start(HsAwsGateway *gateway);

/* Its control plane dies and comes back: see hs_control_crash(). */
void hs_aws_gateway_crash(HsAwsGateway *gateway, bool forwarding_lost);
void hs_aws_gateway_boot(HsAwsGateway *gateway);

uint32_t hs_aws_gateway_asn(const HsAwsGateway *gateway);

/* For those who make a gateway: HsAwsGateway is the first member of theirs,
 * HsAttachment that of its attachments. */

typedef struct {
    HsAttachment *(*attach)(HsAwsGateway *gateway,
                            const HsAttachmentConfig *config);
    unsigned (*add_port)(HsAttachment *attachment, const HsPortConfig *port);
    HsControlPeer *(*add_session)(HsAttachment *attachment,
                                  const HsControlPeerConfig *session);
    void (*set_route)(HsAttachment *attachment, const HsPrefix *prefix,
                      BgpAttrs *attrs, const unsigned *ports, unsigned n);
    void (*remove_route)(HsAttachment *attachment, const HsPrefix *prefix);
    void (*port_up)(HsAttachment *attachment, unsigned port, bool up);
    void (*set_propagation)(HsAttachment *attachment, HsPropagateFunc propagate,
                            void *user_data); /* NULL: says nothing */
    void (*start)(HsAwsGateway *gateway);
    void (*crash)(HsAwsGateway *gateway, bool forwarding_lost);
    void (*boot)(HsAwsGateway *gateway);
} HsAwsGatewayClass;

struct HsAttachment {
    HsAwsGateway *gateway; /* borrowed */
    HsAttachmentConfig config;
};

struct HsAwsGateway {
    const HsAwsGatewayClass *class;
    uint32_t asn;
    GPtrArray *attachments; /* HsAttachment *, borrowed from the gateway */
};

void hs_aws_gateway_init(HsAwsGateway *gateway, const HsAwsGatewayClass *class,
                         uint32_t asn);
void hs_aws_gateway_clear(HsAwsGateway *gateway);

#endif
