/* The device in front of a customer gateway that translates its address, as an
 * internet access often has one: a router of two ports with a NAPT between.
 *
 *     gateway ── inside ─▷ hs_napt_out() ─▷ outside ── internet
 *                inside ◁─ hs_napt_in()  ◁─ outside
 *
 * ESP has no ports and does not get through, so that IKE, which notices the
 * NAT, puts it into UDP (RFC 3948). When the device forgets a mapping, what
 * comes from AWS is lost until the gateway sends again, by another port. */

#ifndef HS_ONPREM_NAT_H
#define HS_ONPREM_NAT_H

#include "models/base/env.h"
#include "models/net/napt.h"
#include "models/net/router.h"

typedef struct HsNatDevice HsNatDevice;

typedef struct {
    const char *name; /* interned */
    HsNaptConfig napt;
} HsNatDeviceConfig;

/* ENV is borrowed and outlives it. */
HsNatDevice *hs_nat_device_new(HsEnv *env, const HsNatDeviceConfig *config);
void hs_nat_device_free(HsNatDevice *device); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsNatDevice, hs_nat_device_free)

HsRouter *hs_nat_device_router(HsNatDevice *device);
HsNapt *hs_nat_device_napt(HsNatDevice *device);

/* PORT gives name, MTU and output; the number is returned. Towards the customer
 * gateway, which has ADDRESS; and towards the internet. */
unsigned hs_nat_device_add_inside(HsNatDevice *device, const HsPortConfig *port,
                                  const HsAddr *address);
unsigned
hs_nat_device_add_outside(HsNatDevice *device, const HsPortConfig *port);

#endif
