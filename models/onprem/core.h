/* The core of a site with two customer gateways: the layer-3 switch on which
 * the LAN hangs.
 *
 *     LAN ── core ──┬── gateway  ── AWS
 *                   └── gateway2 ── AWS
 *
 * It tells the gateways by iBGP that the LAN is here, and learns from them what
 * is elsewhere; among equals in local preference and path it takes the lower
 * BGP identifier. The gateways have a link and a session of their own besides.
 * Each session goes by its own link, so a gateway that dies is noticed by the
 * carrier of the links that go dark with it, or by BFD or the hold time.
 *
 * A gateway tells the others its own best way out even while it uses another's,
 * so that the core knows of both.
 *
 * Departure: there is no interior gateway protocol. A session does not survive
 * its link by a way around, so a gateway that has lost its link to the core
 * withdraws the LAN from AWS, although the other gateway could reach it; and a
 * way to AWS that only it has is lost to the site. */

#ifndef HS_ONPREM_CORE_H
#define HS_ONPREM_CORE_H

#include "models/base/env.h"
#include "models/net/control.h"
#include "models/net/router.h"

typedef struct HsCore HsCore;

typedef struct {
    const char *name; /* interned */
    uint32_t asn;
    HsAddr router_id;
    BgpPreset preset;
    HsPrefix prefix; /* of the LAN */
    HsDuration fib_delay;
    HsDuration carrier_delay;
} HsCoreConfig;

/* ENV is borrowed and outlives it. */
HsCore *hs_core_new(HsEnv *env, const HsCoreConfig *config);
void hs_core_free(HsCore *core); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsCore, hs_core_free)

HsRouter *hs_core_router(HsCore *core);

/* PORT gives name, MTU and output; ADDRESS is the core's own. Each returns the
 * port's number. MSS_CLAMP of the LAN: see hs_customer_gateway_mss_clamp(). */
unsigned hs_core_add_lan(HsCore *core, const HsPortConfig *port,
                         const HsPrefix *address, uint16_t mss_clamp);

/* Of SESSION name, addresses, timers and BFD count. */
HsControlPeer *
hs_core_add_gateway(HsCore *core, const HsPortConfig *port,
                    const HsPrefix *address, const HsControlPeerConfig *session,
                    unsigned *ret_port);

/* Starts its sessions. */
void hs_core_start(HsCore *core);

/* Its control plane dies and comes back: see hs_control_crash(). */
void hs_core_crash(HsCore *core, bool forwarding_lost);
void hs_core_boot(HsCore *core);

const BgpSpeaker *hs_core_speaker(const HsCore *core);

#endif
