/* Faults of BGP sessions: AWS's failover test, a customer who withdraws or
 * announces too much, and a change of a virtual interface's MTU.
 *
 * AWS's end of a session is wherever AWS decides (a VGW, a TGW, a Direct
 * Connect gateway); the customer's is on one of its gateways. A session that is
 * real there is left alone. */

#include "config.h"

#include "sim/world/fault.h"

/* Direct Connect user guide, "Set network MTU": a change can interrupt all
 * virtual interfaces of the connection for up to 30 seconds. Departure: how
 * long is not published; it is drawn from this. */
#define BOUNCE_MIN HS_SEC(5)
#define BOUNCE_MAX HS_SEC(30)

enum { CUSTOMER, AWS };

static WorldSession *
session_at(const WorldFault *fault, guint i)
{
    return fault->sessions->pdata[i];
}

static void
set_shut(WorldFault *fault, const WorldSession *session, const char *reason)
{
    HsControlPeer *aws = session->peer[AWS];

    if (aws == NULL)
        return;
    if (!hs_fault_hold(hs_fault_holders(fault, aws, "shut"), reason != NULL))
        return;
    if (reason != NULL)
        hs_control_shut(aws, reason);
    else
        hs_control_open(aws);
}

static void
shut(WorldFault *fault)
{
    for (guint i = 0; i < fault->sessions->len; i++)
        set_shut(fault, session_at(fault, i), "failover test");
}

static void
open_again(WorldFault *fault)
{
    for (guint i = 0; i < fault->sessions->len; i++)
        set_shut(fault, session_at(fault, i), NULL);
}

const WorldAction hs_fault_bgp_admin_down = {shut, open_again, NULL};

/* Withdraw */

static void
set_silent(WorldFault *fault, bool on)
{
    for (guint i = 0; i < fault->sessions->len; i++) {
        HsControlPeer *peer = session_at(fault, i)->peer[CUSTOMER];

        if (peer != NULL &&
            hs_fault_hold(hs_fault_holders(fault, peer, "silent"), on))
            hs_control_announce(peer, !on);
    }
}

static void
withdraw(WorldFault *fault)
{
    set_silent(fault, true);
}

static void
announce(WorldFault *fault)
{
    set_silent(fault, false);
}

const WorldAction hs_fault_withdraw = {withdraw, announce, NULL};

/* Too many prefixes. AWS's end stays Idle until the customer has withdrawn
 * them; then AWS opens it again. */

static unsigned
extra_of(const WorldFault *fault, const WorldSession *session)
{
    unsigned limit = hs_control_peer_config(session->peer[AWS])->max_prefixes;
    unsigned now = bgp_peer_prefixes(hs_control_peer_bgp(session->peer[AWS]));
    unsigned wanted = fault->config.count > 0 ? fault->config.count : limit + 1;

    return wanted > now ? wanted - now : 0;
}

static void
flood(WorldFault *fault)
{
    for (guint i = 0; i < fault->sessions->len; i++) {
        const WorldSession *session = session_at(fault, i);

        if (session->peer[CUSTOMER] != NULL && session->peer[AWS] != NULL)
            hs_control_flood(session->peer[CUSTOMER], extra_of(fault, session));
    }
}

static void
drain(WorldFault *fault)
{
    for (guint i = 0; i < fault->sessions->len; i++) {
        const WorldSession *session = session_at(fault, i);

        if (session->peer[CUSTOMER] == NULL || session->peer[AWS] == NULL)
            continue;
        hs_control_flood(session->peer[CUSTOMER], 0);
        if (*hs_fault_holders(fault, session->peer[AWS], "shut") == 0)
            hs_control_open(session->peer[AWS]);
    }
}

const WorldAction hs_fault_prefix_limit = {flood, drain, NULL};

/* Another MTU: all interfaces of the connection go down, and come back with the
 * target's changed. It takes both ends: AWS's, and the customer's who asked for
 * it. */

typedef struct {
    size_t mtu; /* that the target will have; 0: what it had */
    bool down;  /* the bounce goes on */
} Bounce;

static void
set_bouncing(WorldFault *fault, bool on)
{
    Bounce *bounce = fault->state;

    bounce->down = on;
    for (guint i = 0; i < fault->sessions->len; i++) {
        const WorldSession *session = session_at(fault, i);

        set_shut(fault, session, on ? "MTU change" : NULL);
        for (unsigned end = 0; end < 2 && session->link != NULL; end++)
            hs_fault_set_black_hole(session->link, end, on);
    }
}

static void
set_mtu(WorldLink *link, size_t mtu)
{
    if (mtu == 0)
        mtu = link->mtu;
    hs_sim_link_set_mtu(link->sim, (uint32_t)mtu);
    for (unsigned end = 0; end < 2; end++)
        if (link->end[end].node->router != NULL)
            hs_router_port_set_mtu(link->end[end].node->router,
                                   link->end[end].port, mtu);
}

/* The first sessions are the target's own: an interface, or all of those on the
 * connection that it is. */
static guint
changed_of(const WorldFault *fault)
{
    return fault->config.target->kind == HS_KIND_DX
               ? MIN(fault->sessions->len, 1)
               : fault->sessions->len;
}

static void
bounced(WorldFault *fault)
{
    const Bounce *bounce = fault->state;

    for (guint i = 0; i < changed_of(fault); i++)
        if (session_at(fault, i)->link != NULL)
            set_mtu(session_at(fault, i)->link, bounce->mtu);
    set_bouncing(fault, false);
}

static void
bounce(WorldFault *fault, size_t mtu, const char *purpose)
{
    HsTime now = hs_sim_now(fault->world->sim);
    g_autoptr(HsRng) rng = hs_rng_new(fault->world->seed, fault->name, purpose);
    Bounce *state = fault->state;

    state->mtu = mtu;
    if (!state->down)
        set_bouncing(fault, true);
    hs_fault_step(fault, now + hs_rng_uniform(rng, BOUNCE_MIN, BOUNCE_MAX),
                  bounced);
}

static void
change_mtu(WorldFault *fault)
{
    fault->state = g_new0(Bounce, 1);
    fault->state_free = g_free;
    bounce(fault, fault->config.mtu, "bounce");
}

/* Back to what it was, which bounces them once more. */
static void
restore_mtu(WorldFault *fault)
{
    bounce(fault, 0, "bounce back");
}

static uint64_t
lost(const WorldFault *fault)
{
    return hs_fault_lost(fault->links);
}

const WorldAction hs_fault_mtu_change = {change_mtu, restore_mtu, lost};
