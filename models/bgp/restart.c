/* Graceful restart of a speaker (RFC 4724), in both roles.
 *
 * The one that helps keeps the routes of a peer whose session was lost in a way
 * that may be a restart. They are marked stale, and count like any other:
 *
 *     session lost ──► stale ──► announced again: fresh
 *                        │
 *                        ├─ restart time over, or the peer's forwarding is
 *                        │  known to be gone: removed
 *                        ├─ session back without the family, or without its
 *                        │  F bit: removed
 *                        └─ session back: removed at End-of-RIB, or when the
 *                           stale time is over
 *
 * The one that restarts has lost its sessions and what it learned, while the
 * packets still follow its old choice. It says so in its OPENs and chooses
 * nothing until every peer that speaks graceful restart has told its table, or
 * the selection deferral timer runs out; so nobody hears a withdrawal only
 * because one peer came back before another.
 *
 * Departure: the choice is deferred for all families together, until the last
 * one is complete (4.1 allows each its own moment). */

#include "config.h"

#include "models/bgp/speaker_private.h"

static const HsFamily families[] = {HS_FAMILY_IPV4, HS_FAMILY_IPV6};

/* The helper */

static void
say_stale(BgpPeer *peer, bool kept, unsigned count, const char *why)
{
    BgpSpeakerOutput *output;

    if (count == 0)
        return;
    hs_trace(peer->config.session.trace, peer->speaker->now,
             "graceful restart: %u routes %s (%s)", count,
             kept ? "stale" : "removed", why);
    output = bgp_speaker_queue(peer->speaker, BGP_SPEAKER_STALE, peer);
    output->announce = kept;
    output->paths = count;
    output->cause = why;
}

/* Removes the stale routes of FAMILY, or with HS_FAMILY_NONE of every one. */
static void
remove_stale(BgpPeer *peer, HsFamily family, const char *why)
{
    unsigned removed = 0;

    if (peer->stale == 0)
        return;
    for (GList *link = peer->routes.head, *next; link != NULL; link = next) {
        BgpRoute *route = link->data;

        next = link->next;
        if (!route->stale || (family != HS_FAMILY_NONE &&
                              route->prefix.addr.family != (uint8_t)family))
            continue;
        bgp_speaker_forget(peer, route);
        removed++;
    }
    if (peer->stale == 0)
        peer->stale_until = HS_TIME_NEVER;
    say_stale(peer, false, removed, why);
}

/* RFC 4724 4.2: what was stale already has outlived two sessions, and goes. */
void
bgp_restart_lost(BgpPeer *peer, bool graceful)
{
    const BgpNegotiated *n = &peer->negotiated;

    remove_stale(peer, HS_FAMILY_NONE, "session lost again");
    peer->told_all[0] = peer->told_all[1] = false;
    for (GList *link = peer->routes.head, *next; link != NULL; link = next) {
        BgpRoute *route = link->data;

        next = link->next;
        if (!graceful ||
            !(route->prefix.addr.family == HS_FAMILY_IPV6 ? n->restart_ipv6
                                                          : n->restart_ipv4)) {
            bgp_speaker_forget(peer, route);
            continue;
        }
        route->stale = true;
        peer->stale++;
    }
    if (peer->stale == 0)
        return;
    peer->stale_until = hs_time_add(peer->speaker->now, n->restart_time);
    say_stale(peer, true, peer->stale, "the peer may be restarting");
}

void
bgp_restart_back(BgpPeer *peer)
{
    const BgpNegotiated *n = &peer->negotiated;
    HsDuration limit = peer->config.session.restart.stale_time;

    if (!n->restart_ipv4 || !n->forwards_ipv4)
        remove_stale(peer, HS_FAMILY_IPV4, "forwarding was not preserved");
    if (!n->restart_ipv6 || !n->forwards_ipv6)
        remove_stale(peer, HS_FAMILY_IPV6, "forwarding was not preserved");
    if (peer->stale > 0)
        peer->stale_until =
            limit > 0 ? hs_time_add(peer->speaker->now, limit) : HS_TIME_NEVER;
    peer->owes_end = n->graceful_restart;
}

void
bgp_restart_told_all(BgpPeer *peer, HsFamily family)
{
    peer->told_all[family == HS_FAMILY_IPV6] = true;
    remove_stale(peer, family, "End-of-RIB");
}

void
bgp_restart_not_viable(BgpPeer *peer, const char *why)
{
    if (!peer->established)
        remove_stale(peer, HS_FAMILY_NONE, why);
}

void
bgp_restart_expire(BgpPeer *peer)
{
    if (peer->stale_until > peer->speaker->now)
        return;
    /* The last stale route may have been told again meanwhile. */
    peer->stale_until = HS_TIME_NEVER;
    remove_stale(peer, HS_FAMILY_NONE,
                 peer->established ? "stale time over" : "restart time over");
}

void
bgp_restart_send_end(BgpPeer *peer)
{
    const BgpNegotiated *n = &peer->negotiated;

    if (!peer->owes_end)
        return;
    peer->owes_end = false;
    for (unsigned i = 0; i < G_N_ELEMENTS(families); i++)
        if (families[i] == HS_FAMILY_IPV6 ? n->ipv6 : n->ipv4)
            bgp_session_send_update(peer->session, peer->speaker->now,
                                    bgp_end_of_rib_encode(families[i]));
}

/* The restarting speaker */

/* RFC 4724 4.1: one that speaks no graceful restart, or restarts itself, is not
 * waited for; one that is not there yet is. */
static bool
is_waited_for(const BgpPeer *peer)
{
    const BgpNegotiated *n = &peer->negotiated;

    if (!peer->wanted)
        return false;
    if (!peer->established)
        return true;
    return n->graceful_restart && !n->peer_restarted &&
           ((n->ipv4 && !peer->told_all[0]) || (n->ipv6 && !peer->told_all[1]));
}

static bool
still_waits(const BgpSpeaker *speaker)
{
    if (speaker->down)
        return true;
    if (speaker->now >= speaker->deferral_until)
        return false;
    for (guint i = 0; i < speaker->peers->len; i++)
        if (is_waited_for(g_ptr_array_index(speaker->peers, i)))
            return true;
    return false;
}

static void
set_restarting(BgpSpeaker *speaker, bool restarting)
{
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        bgp_session_set_restarting(peer->session, restarting,
                                   restarting && speaker->forwarding_lost);
    }
}

bool
bgp_restart_defers(BgpSpeaker *speaker)
{
    if (!speaker->deferring)
        return false;
    if (still_waits(speaker))
        return true;
    speaker->deferring = false;
    set_restarting(speaker, false);
    for (GList *link = speaker->rib.order.head; link != NULL; link = link->next)
        bgp_rib_mark(&speaker->rib, link->data);
    return false;
}

HsTime
bgp_restart_due(const BgpSpeaker *speaker)
{
    return speaker->deferring && !speaker->down ? speaker->deferral_until
                                                : HS_TIME_NEVER;
}

void
bgp_speaker_crash(BgpSpeaker *speaker, HsTime now, bool forwarding_lost)
{
    speaker->now = now;
    speaker->down = speaker->deferring = true;
    speaker->forwarding_lost = forwarding_lost;
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        bgp_session_crash(peer->session, now);
        bgp_speaker_drain(peer);
        remove_stale(peer, HS_FAMILY_NONE, "restart");
    }
    if (forwarding_lost)
        bgp_speaker_forget_choice(speaker, "restart");
    bgp_speaker_settle(speaker);
}

void
bgp_speaker_boot(BgpSpeaker *speaker, HsTime now)
{
    bool graceful = false;

    g_assert(speaker->down);
    speaker->now = now;
    speaker->down = false;
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        graceful = graceful || peer->config.session.restart.enabled;
    }
    speaker->deferral_until =
        graceful ? hs_time_add(now, speaker->config.selection_deferral) : now;
    set_restarting(speaker, true);
    for (guint i = 0; i < speaker->peers->len; i++) {
        BgpPeer *peer = g_ptr_array_index(speaker->peers, i);

        if (peer->wanted)
            bgp_session_start(peer->session, now);
        bgp_speaker_drain(peer);
    }
    bgp_speaker_settle(speaker);
}
