/* Where real hosts meet the simulated network: network namespaces and TUN
 * devices of Linux.
 *
 * What is made here is removed here: a device goes with the last reference to
 * it, and with the device its address and its routes; a namespace only if it
 * was made here. Nothing is configured outside the named namespace. IPv4 only,
 * so far, and the kernel's own IPv6 chatter is switched off on the device. */

#ifndef HS_ENGINE_TUN_H
#define HS_ENGINE_TUN_H

#include "models/base/addr.h"
#include "models/base/packet.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

G_BEGIN_DECLS

#define HS_TUN_ERROR hs_tun_error_quark()
GQuark hs_tun_error_quark(void);

typedef enum {
    HS_TUN_ERROR_RIGHTS,    /* this process may not */
    HS_TUN_ERROR_MISSING,   /* the machine has no TUN devices */
    HS_TUN_ERROR_NAMESPACE, /* it cannot be opened or made */
    HS_TUN_ERROR_DEVICE,    /* the device cannot be made or set up */
} HsTunError;

/* Whether this process and machine can do what follows. OTHER_NAMESPACES: also
 * in other namespaces than its own. Makes nothing. */
bool hs_tun_possible(bool other_namespaces, GError **error);

/* Namespaces */

typedef struct HsNetns HsNetns;

/* A name as of `ip netns`, which is made if there is none; or the path of a
 * namespace that exists, "/proc/1234/ns/net". */
HsNetns *hs_netns_open(const char *name, GError **error);

/* NULL is fine. After its devices. */
void hs_netns_free(HsNetns *netns);
const char *hs_netns_name(const HsNetns *netns);
bool hs_netns_is_ours(const HsNetns *netns); /* made by hs_netns_open() */

/* Devices */

typedef struct HsTun HsTun;

typedef struct {
    const char *name; /* 1 to 15 characters; must not exist */
    HsPrefix address; /* its own, with the length of its network */
    uint32_t mtu;
    const HsPrefix *routes; /* networks that are reached by it; borrowed */
    unsigned n_routes;
    bool forward; /* who has it is a router: in a namespace of ours, let it
                   * forward packets */
} HsTunConfig;

/* A TUN device in NETNS (borrowed, outlives it), up, without IPv6. */
HsTun *hs_tun_new(HsNetns *netns, const HsTunConfig *config, GError **error);
void hs_tun_free(HsTun *tun); /* NULL is fine */

/* For poll(): readable when a packet waits. */
int hs_tun_fd(const HsTun *tun);

/* The next packet that the real side sent (transfer full), or NULL: none waits.
 * Any bytes: nothing is checked. */
HsPacket *hs_tun_read(HsTun *tun);

/* After a read: the device was deleted from outside, and poll() would report
 * its descriptor for ever. */
bool hs_tun_is_gone(const HsTun *tun);

/* PACKET (borrowed) goes to the real side. False: it did not take it. */
bool hs_tun_write(HsTun *tun, const HsPacket *packet);

/* What the real side's programs see as the state of the line. */
void hs_tun_set_carrier(HsTun *tun, bool up);

/* Packets from the real side that the kernel dropped because they were not read
 * in time: its queue was full. */
uint64_t hs_tun_overruns(const HsTun *tun);

G_END_DECLS

#endif
