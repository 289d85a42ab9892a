/* TCP MSS clamping: a router that knows a smaller MTU behind it lowers the MSS
 * option of the SYNs that pass, so that the ends never need path-MTU
 * discovery. */

#ifndef HS_NET_MSS_H
#define HS_NET_MSS_H

#include "models/net/ipv4.h"

/* Whether the packet at DATA, whole and checked and read into IP, carries a SYN
 * whose MSS option exceeds MSS. So a caller need not make a packet writable in
 * vain. */
bool hs_mss_exceeds(const uint8_t *data, const HsIpv4 *ip, uint16_t mss);

/* Lowers it, and corrects the TCP checksum. */
void hs_mss_clamp(uint8_t *data, const HsIpv4 *ip, uint16_t mss);

#endif
