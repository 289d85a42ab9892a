/* Faults of tunnels: another pre-shared key at AWS, SAs that AWS deletes, and
 * AWS's maintenance, which takes one endpoint after the other.
 *
 * The session of IKE does the rest: what follows from a key that is wrong, or
 * from a peer that is gone, is what the two ends make of it. */

#include "config.h"

#include "sim/world/fault.h"

static WorldSession *
session_at(const WorldFault *fault, guint i)
{
    return fault->sessions->pdata[i];
}

/* AWS deletes the IKE SA, and with it ESP's; the customer may come again. */
static void
delete_sas(IkeSession *session, HsTime now)
{
    ike_session_stop(session, now);
    ike_session_listen(session, now);
}

/* Another key. Keys matter to the next authentication only, and AWS makes one
 * necessary: a tunnel's options change by making the tunnel anew (VPN user
 * guide, "Modify tunnel options"). */

static void
set_wrong_psk(WorldFault *fault, bool wrong)
{
    for (guint i = 0; i < fault->sessions->len; i++) {
        const WorldSession *session = session_at(fault, i);
        g_autofree char *other = g_strdup_printf("%s.rotated", session->psk);

        if (session->aws == NULL ||
            !hs_fault_hold(hs_fault_holders(fault, session->aws, "psk"), wrong))
            continue;
        hs_ike_tunnel_set_psk(session->aws, wrong ? other : session->psk);
        if (wrong)
            hs_ike_tunnel_order(session->aws, delete_sas);
    }
}

static void
rotate(WorldFault *fault)
{
    set_wrong_psk(fault, true);
}

static void
rotate_back(WorldFault *fault)
{
    set_wrong_psk(fault, false);
}

const WorldAction hs_fault_ike_psk_mismatch = {rotate, rotate_back, NULL};

/* Deletion: over at once; the fault's end changes nothing more. */

static void
delete_all(WorldFault *fault)
{
    for (guint i = 0; i < fault->sessions->len; i++)
        if (session_at(fault, i)->aws != NULL)
            hs_ike_tunnel_order(session_at(fault, i)->aws, delete_sas);
}

static void
nothing(WorldFault *fault)
{
    (void)fault;
}

const WorldAction hs_fault_sa_delete = {delete_all, nothing, NULL};

/* Replacement. The fault's time is shared by the tunnels:
 *
 *     |-- hint --|------ endpoint away ------|-- back --| next tunnel ...
 *
 * The hint: the other tunnel's MED falls below all others, so that a customer
 * who has not said otherwise sends by that one (VPN user guide, "Site-to-Site
 * VPN routing options"). Departure: AWS publishes no times; these are assumed,
 * a minute for each tunnel where the fault has no length. */

#define SLOT HS_SEC(60)
#define HINT HS_SEC(5)

typedef struct {
    guint index; /* of the session whose endpoint it is */
    HsDuration slot;
    HsTime begin; /* of its slot */
    bool hinted, away;
} Replace;

static uint32_t
least_med(const GPtrArray *sessions, uint32_t least)
{
    for (guint i = 0; i < sessions->len; i++) {
        const WorldSession *session = sessions->pdata[i];

        if (session->tunnel != NULL)
            least = MIN(least, session->tunnel->med);
    }
    return least;
}

static void
set_med(const WorldSession *session, bool hinted, uint32_t least)
{
    if (session->peer[1] != NULL)
        hs_control_set_med(session->peer[1], !hinted     ? session->tunnel->med
                                             : least > 0 ? least - 1
                                                         : 0);
}

/* On every tunnel of the connection but the one that is to go. */
static void
set_hint(WorldFault *fault, bool on)
{
    Replace *replace = fault->state;
    uint32_t least =
        least_med(fault->siblings, least_med(fault->sessions, UINT32_MAX));

    replace->hinted = on;
    for (guint i = 0; i < fault->sessions->len; i++)
        if (i != replace->index)
            set_med(session_at(fault, i), on, least);
    for (guint i = 0; i < fault->siblings->len; i++)
        set_med(fault->siblings->pdata[i], on, least);
}

static void
set_away(WorldFault *fault, bool away)
{
    Replace *replace = fault->state;
    WorldNode *endpoint = session_at(fault, replace->index)->endpoint;

    replace->away = away;
    if (endpoint != NULL)
        hs_fault_crash(fault, endpoint, away);
}

static void hint(WorldFault *fault);

static void
next_tunnel(WorldFault *fault)
{
    Replace *replace = fault->state;

    set_hint(fault, false);
    if (++replace->index == fault->sessions->len)
        hs_fault_over(fault);
    else
        hint(fault);
}

static void
bring_back(WorldFault *fault)
{
    const Replace *replace = fault->state;

    hs_fault_report_phase(fault, false);
    set_away(fault, false);
    hs_fault_step(fault, replace->begin + replace->slot, next_tunnel);
}

static void
take_away(WorldFault *fault)
{
    const Replace *replace = fault->state;

    hs_fault_report_phase(fault, true);
    set_away(fault, true);
    hs_fault_step(fault, replace->begin + replace->slot * 3 / 4, bring_back);
}

static void
hint(WorldFault *fault)
{
    Replace *replace = fault->state;

    replace->begin = hs_sim_now(fault->world->sim);
    set_hint(fault, true);
    hs_fault_step(fault, replace->begin + MIN(HINT, replace->slot / 4),
                  take_away);
}

static void
begin_replacing(WorldFault *fault)
{
    Replace *replace = g_new0(Replace, 1);
    guint tunnels = fault->sessions->len;

    fault->state = replace;
    fault->state_free = g_free;
    replace->slot = fault->config.length == HS_TIME_NEVER
                        ? SLOT
                        : fault->config.length / MAX(tunnels, 1);
    if (tunnels > 0)
        hint(fault);
}

static void
end_replacing(WorldFault *fault)
{
    const Replace *replace = fault->state;

    if (replace->away)
        set_away(fault, false);
    if (replace->hinted)
        set_hint(fault, false);
}

static uint64_t
lost(const WorldFault *fault)
{
    return hs_fault_lost(fault->links);
}

const WorldAction hs_fault_endpoint_replace = {begin_replacing, end_replacing,
                                               lost};
