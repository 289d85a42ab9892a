/* A NAT gateway: what its VPC sends out under an address of its own, and what
 * comes back (VPC user guide, "NAT gateways").
 *
 * It translates TCP, UDP and ICMP echo by ports, 55,000 to each destination.
 * A connection that is silent for 350 s is forgotten; whoever then goes on
 * gets a reset. Nothing that nobody inside asked for comes in. Where packets go
 * is the router's business (vpc.h): a gateway is two ports of it. */

#ifndef HS_AWS_NAT_GATEWAY_H
#define HS_AWS_NAT_GATEWAY_H

#include "models/base/addr.h"
#include "models/base/env.h"
#include "models/base/packet.h"
#include "models/net/napt.h"

typedef struct HsAwsNat HsAwsNat;

typedef struct {
    const char *name;        /* interned */
    HsAddr address;          /* the source of what it translates */
    unsigned ports;          /* connections to one destination; 0: 55,000 */
    HsDuration idle_timeout; /* 0: 350 s */
} HsAwsNatConfig;

/* ENV is borrowed and outlives it. */
HsAwsNat *hs_aws_nat_new(HsEnv *env, const HsAwsNatConfig *config);
void hs_aws_nat_free(HsAwsNat *nat); /* NULL is fine */

/* PACKET (transfer full) goes out. What is returned (transfer full) goes on, or
 * with RET_BACK true back where PACKET came from; NULL: it was dropped. */
HsPacket *hs_aws_nat_out(HsAwsNat *nat, HsPacket *packet, bool *ret_back);

/* PACKET (transfer full) came for the gateway's address: translated, or NULL.
 */
HsPacket *hs_aws_nat_in(HsAwsNat *nat, HsPacket *packet);

HsNapt *hs_aws_nat_napt(HsAwsNat *nat);

#endif
