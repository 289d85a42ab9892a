/* What a fault does to the packets of one direction of a link; see
 * HsSimHarmConfig in the shim. ns3_link.cc asks each harm, in the order in
 * which they were done, as a packet departs:
 *
 *     fate() ── lost? ──► late() ──► damaged() ──► holds()? ──► on its way
 *                                                    │             │
 *                               passed() ◄───────────┴─────────────┘
 *                                 a held packet goes when others have passed
 *
 * An arrival is an event of the link that owns its packet; here it is only
 * kept back. */

#ifndef HS_ENGINE_NS3_HARM_HH
#define HS_ENGINE_NS3_HARM_HH

#include "models/base/rng.h"
#include "sim/engine/ns3_private.hh"

#include <deque>

struct HsSimHarm {
    HsSimLink *link; /* borrowed, owns us */
    unsigned end;
    HsSimHarmConfig config;
    HsSimHarmCounters counters;
    HsRng *rng; /* owned */

    struct Held {
        ns3::EventImpl *arrival; /* a reference of ours */
        uint32_t context;
        HsTime at; /* when it would have arrived */
        unsigned passed;
        ns3::EventId timeout;
    };
    struct Old {
        HsPacket *packet; /* owned */
        uint64_t number;
    };
    std::deque<Held> held; /* in the order in which they departed */
    std::deque<Old> past;  /* that a replay can choose from */

    HsSimHarm(HsSimLink *link, unsigned end, HsRng *rng,
              const HsSimHarmConfig *config);
    ~HsSimHarm(); /* what is held is dropped: let it go first */
    HsSimHarm(const HsSimHarm &) = delete;
    HsSimHarm &operator=(const HsSimHarm &) = delete;

    HsSimLinkFate fate(const HsPacket *packet);
    HsDuration late();

    /* PACKET (transfer full), or a damaged copy of it. */
    HsPacket *damaged(HsPacket *packet);
    bool duplicates();

    /* True: ARRIVAL (transfer full), which is due at AT, is kept back. */
    bool holds(ns3::EventImpl *arrival, uint32_t context, HsTime at);

    /* Another one arrives at AT. */
    void passed(HsTime at);
    void let_go(ns3::EventImpl *arrival);
    void let_all_go();

    /* Remembers PACKET; true if an old one (borrowed) comes along with it. */
    bool replays(HsPacket *packet, uint64_t number, Old *ret_old);
};

#endif
