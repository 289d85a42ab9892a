/* BFD on a router: its single-hop sessions (RFC 5881) on UDP port 3784.
 *
 * A session watches the neighbour at the other end of one port. The service
 * moves packets between the sessions and the router and checks what RFC 5881
 * asks of the IP header; what a change of state means is the caller's
 * decision. */

#ifndef HS_NET_BFD_SERVICE_H
#define HS_NET_BFD_SERVICE_H

#include "models/base/env.h"
#include "models/bfd/bfd.h"
#include "models/net/router.h"

typedef struct HsBfdService HsBfdService;
typedef struct HsBfdWatch HsBfdWatch;

/* Both are borrowed and outlive it. */
HsBfdService *hs_bfd_service_new(HsEnv *env, HsRouter *router);
void hs_bfd_service_free(HsBfdService *service); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsBfdService, hs_bfd_service_free)

typedef struct {
    const char *name; /* interned: "primary bfd", the subject of its facts */
    unsigned port;    /* of the router; one session a port */
    HsAddr local, remote;
    HsDuration interval; /* both desired to send and required to receive */
    uint8_t multiplier;
    BfdJitter jitter;
    bool passive;     /* RFC 5880 6.1: silent until the other side is heard */
    bool independent; /* the C bit */
    /* After each change of state, which is in the run's facts already. May be
     * NULL. */
    void (*changed)(void *user_data, BfdState from, BfdState to,
                    BfdCause cause);
    void *user_data; /* borrowed */
} HsBfdWatchConfig;

/* Freed with the service. */
HsBfdWatch *
hs_bfd_service_watch(HsBfdService *service, const HsBfdWatchConfig *config);
const BfdSession *hs_bfd_watch_session(const HsBfdWatch *watch);

/* The port lost its carrier. */
void hs_bfd_watch_path_down(HsBfdWatch *watch);

/* The control plane dies, or is back. An independent session does not care; any
 * other falls silent, and begins anew. */
void hs_bfd_watch_crash(HsBfdWatch *watch);
void hs_bfd_watch_boot(HsBfdWatch *watch);

/* The operator shuts the session down, opens it again (RFC 5880 6.8.16). */
void hs_bfd_watch_set_enabled(HsBfdWatch *watch, bool enabled);

/* Why a packet is dropped before a session sees it. What a session drops, it
 * counts itself. */
#define HS_BFD_DROPS(X)                                                        \
    X(NO_SESSION, "no session on this port")                                   \
    X(HEADER, "bad IP header")                                                 \
    X(TTL, "TTL is not 255")                                                   \
    X(SOURCE, "not from the neighbour")                                        \
    X(DATAGRAM, "bad UDP datagram")

typedef enum {
#define X(name, text) HS_BFD_DROP_##name,
    HS_BFD_DROPS(X)
#undef X
        HS_BFD_DROP_COUNT
} HsBfdDrop;

const char *hs_bfd_drop_name(HsBfdDrop drop);
uint64_t hs_bfd_service_drops(const HsBfdService *service, HsBfdDrop why);

/* All of them. */
uint64_t hs_bfd_service_dropped(const HsBfdService *service);

#endif
