/* A VPC as its traffic sees it: the router that is in every subnet.
 *
 * By which way a packet came in decides what it may do, as each port is in a
 * VRF of its kind:
 *
 *     subnet       the host's own        its route table
 *     edge         VGW, peering,         the VPC's CIDR and nothing else: no
 *                  internet gateway      edge-to-edge routing, and a peering
 *                                        is not transitive
 *     attachment   transit gateway       the CIDR, and what the route table
 *                                        leads to a NAT gateway: the interface
 *                                        of an attachment is in a subnet
 *
 * A NAT gateway stands in a subnet with a table of its own. The tables are
 * vpc_table.h's; what they choose is programmed into the VRFs here. */

#ifndef HS_AWS_VPC_H
#define HS_AWS_VPC_H

#include "models/aws/nat_gateway.h"
#include "models/aws/vpc_table.h"
#include "models/base/env.h"
#include "models/net/router.h"

typedef struct HsVpcRouter HsVpcRouter;

typedef struct {
    const char *name; /* interned */
    HsPrefix cidr;
    unsigned static_max; /* routes of a table; 0: HS_VPC_STATIC_MAX */
    /* From a gateway's news to the VPC's traffic taking the new way. */
    HsDuration fib_delay;
} HsVpcConfig;

/* ENV is borrowed and outlives it. */
HsVpcRouter *hs_vpc_new(HsEnv *env, const HsVpcConfig *config);
void hs_vpc_free(HsVpcRouter *vpc); /* NULL is fine */
HsRouter *hs_vpc_router(HsVpcRouter *vpc);

/* The ports: PORT gives name, MTU and output. The hosts are behind one port,
 * on which the router has the first address of the CIDR, as AWS reserves it. */
unsigned hs_vpc_add_subnet(HsVpcRouter *vpc, const HsPortConfig *port);

/* A gateway or a peering: KIND is GATEWAY, TRANSIT, PEERING or INTERNET. It is
 * the VPC's. An internet gateway lets nothing out with a private address, be it
 * source or destination: hosts of a VPC have no public ones here, so what
 * passes comes from a NAT gateway. */
typedef struct HsVpcEdge HsVpcEdge;

HsVpcEdge *hs_vpc_add_edge(HsVpcRouter *vpc, HsVpcTargetKind kind,
                           const HsPortConfig *port);

/* For routes that lead to it; by NAME (interned), that of its port, or NULL. */
const HsVpcTarget *hs_vpc_edge_target(const HsVpcEdge *edge);
HsVpcEdge *hs_vpc_find_edge(HsVpcRouter *vpc, const char *name);

/* Route propagation: TABLE takes what EDGE, a virtual private gateway, tells
 * from now on; once. EDGE is an HsVpcEdge, so that this function can be the
 * gateway's HsPropagateFunc (attachment.h). */
void hs_vpc_edge_propagate_into(HsVpcEdge *edge, HsVpcTable *table);
void hs_vpc_edge_propagate(void *edge, const HsPrefix *prefix, bool present);

/* A NAT gateway, which is the VPC's; routes find it by the name of DEVICE, as
 * an edge. Its subnet has a table of its own, named as it is, into which the
 * virtual private gateway propagates; if it is public, all else goes to
 * INTERNET. What comes for its address by an edge has a mapping or is dropped.
 * Before the routes. */
HsAwsNat *hs_vpc_add_nat(HsVpcRouter *vpc, const HsAwsNatConfig *device,
                         const HsVpcTarget *internet);

/* The table of the NAT gateway number INDEX, and its VRF; NULL past the last.
 */
HsVpcTable *
hs_vpc_nat_table(HsVpcRouter *vpc, unsigned index, unsigned *ret_vrf);

/* The table of the subnet with the hosts. */
HsVpcTable *hs_vpc_main_table(HsVpcRouter *vpc);

#endif
