/* The simulation engine, as the C code sees it.
 *
 * ns-3 stands behind this header: its event queue, its links and queues, and
 * the TCP and UDP of every host. Nothing of it is visible here: no ns-3 type,
 * no exception, no abort. A bad argument is a programming error and asserts;
 * what the user caused is a GError.
 *
 * There is one simulation at a time (ns-3's is one per process); several may
 * follow one another. All callbacks run inside hs_sim_run(), from the event
 * that caused them, with equal times in the order they were scheduled. */

#ifndef HS_ENGINE_NS3_SHIM_H
#define HS_ENGINE_NS3_SHIM_H

#include "models/base/addr.h"
#include "models/base/packet.h"
#include "models/base/simtime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct HsSim HsSim;
typedef struct HsSimEvent HsSimEvent;
typedef struct HsSimNode HsSimNode;
typedef struct HsSimLink HsSimLink;
typedef struct HsSimHarm HsSimHarm;
typedef struct HsSimHost HsSimHost;
typedef struct HsSimTcp HsSimTcp;
typedef struct HsSimTcpListener HsSimTcpListener;
typedef struct HsSimUdp HsSimUdp;

/* The simulation, its clock and its events */

HsSim *hs_sim_new(uint64_t seed);

/* Drops pending events (their DESTROY runs) and frees every node, link, host,
 * socket and event that is left. */
void hs_sim_free(HsSim *sim);

/* The version of ns-3 that runs: "3.37". */
const char *hs_sim_engine_version(void);

HsTime hs_sim_now(HsSim *sim);

/* Runs events up to and including UNTIL, or until hs_sim_stop(); the clock then
 * stands at UNTIL. May be called again with a later time. */
void hs_sim_run(HsSim *sim, HsTime until);
void hs_sim_stop(HsSim *sim);

/* When the next event is due: HS_TIME_NEVER if none is. Between runs only. */
HsTime hs_sim_next_event(HsSim *sim);

/* Events executed so far: what a benchmark divides by. */
uint64_t hs_sim_events(HsSim *sim);

/* Calls FIRE once at AT (not before now). The event frees itself after it
 * fired, so a pointer to it is good until then; DESTROY, if given, runs on
 * USER_DATA after FIRE, or when the event is cancelled or dropped. */
HsSimEvent *
hs_sim_schedule(HsSim *sim, HsTime at, void (*fire)(void *user_data),
                void *user_data, GDestroyNotify destroy);
void hs_sim_cancel(HsSimEvent *event);

HsSimNode *hs_sim_node_new(HsSim *sim, const char *name);
const char *hs_sim_node_name(HsSimNode *node);

/* Links: two ends, 0 and 1, full duplex */

typedef struct {
    const char *name;
    uint64_t rate;    /* bits per second, > 0 */
    HsDuration delay; /* one way */
    uint32_t mtu;     /* of the IP packet; larger ones are dropped, counted */
    uint32_t queue_packets; /* limit of each end's queue; 0: no limit */
    uint32_t queue_bytes;   /* likewise; both may be given */
    uint32_t overhead;      /* bytes of the medium around each IP packet: 38 for
                             * Ethernet with preamble and gap, 42 with a VLAN tag */
    uint32_t min_frame; /* least bytes on the wire including overhead: 84 for
                         * Ethernet; 0: none */
    /* A bundle (IEEE 802.1AX): so many wires, each with the rate and the queue
     * above; carrier while LEAST of them (and one) have it. 0 and 1: one wire.
     * FLOW: what packets of one flow have in common, and others likely not. */
    unsigned members, least;
    uint32_t (*flow)(const HsPacket *packet);
} HsSimLinkConfig;

/* What became of a packet handed to a link. */
#define HS_SIM_LINK_FATES(X)                                                   \
    X(DELIVERED, "delivered")                                                  \
    X(QUEUE_FULL, "queue full")                                                \
    X(TOO_BIG, "larger than the link's MTU")                                   \
    X(NO_CARRIER, "no carrier") /* link down: at send, or in flight */         \
    X(BLACK_HOLE, "black hole") /* lost without a sign, in this direction */   \
    X(LOSS, "random loss")

typedef enum {
#define X(name, text) HS_SIM_LINK_##name,
    HS_SIM_LINK_FATES(X)
#undef X
        HS_SIM_LINK_FATE_COUNT
} HsSimLinkFate;

const char *hs_sim_link_fate_name(HsSimLinkFate fate);

/* Of one direction, named by the end that sends. sent = sum of all fates once
 * nothing is queued or in flight. */
typedef struct {
    uint64_t sent_packets, sent_bytes; /* IP bytes handed to the link, and */
    uint64_t copies; /* packets among them that it made itself: see harm */
    uint64_t packets[HS_SIM_LINK_FATE_COUNT];
    uint64_t bytes[HS_SIM_LINK_FATE_COUNT];
    uint32_t queued_packets_max;
} HsSimLinkCounters;

HsSimLink *hs_sim_link_new(HsSim *sim, const HsSimLinkConfig *config,
                           HsSimNode *end0, HsSimNode *end1);

/* A lane of TRUNK, as a VLAN is one of a line: a link with ends, taps and
 * counters of its own whose packets share the trunk's wires and queues.
 * Carrier, rate, delay and members are the trunk's, whichever of the two is
 * asked; black hole, loss and jitter add up; the trunk's counters count its
 * lanes' packets. */
HsSimLink *hs_sim_link_new_lane(HsSimLink *trunk, const char *name,
                                uint32_t mtu, HsSimNode *end0, HsSimNode *end1);
const char *hs_sim_link_name(HsSimLink *link);

/* PACKET (transfer full) arrived at END. */
typedef void (*HsSimReceiveFunc)(void *user_data, HsPacket *packet);
void hs_sim_link_set_receiver(HsSimLink *link, unsigned end,
                              HsSimReceiveFunc receive, void *user_data);

/* Carrier at END went or came back. Only hs_sim_link_set_carrier() causes it;
 * a black hole does not. */
typedef void (*HsSimCarrierFunc)(void *user_data, bool up);
void hs_sim_link_set_carrier_watch(HsSimLink *link, unsigned end,
                                   HsSimCarrierFunc changed, void *user_data);

/* The wire, as a tap sees it: each packet once, when its first bit leaves END
 * (so the capture is ordered by time), lost ones too if they got on the wire;
 * and again with its fate when that is decided: on arrival, or at once if it
 * departs into a black hole or a random loss. What never got on the wire (queue
 * full, too big, no carrier) is only in the counters.
 * PACKET is borrowed. NUMBER is the tap's own: what the first call returned is
 * passed to the second and to hs_sim_link_arriving(). */
typedef struct {
    uint64_t (*departed)(void *user_data, unsigned end, HsPacket *packet);
    void (*decided)(void *user_data, unsigned end, uint64_t number,
                    HsPacket *packet, HsSimLinkFate fate);
} HsSimLinkTap;
void
hs_sim_link_set_tap(HsSimLink *link, const HsSimLinkTap *tap, void *user_data);

/* While a receiver runs: the tap's number of the packet being delivered; else
 * 0. */
uint64_t hs_sim_link_arriving(HsSimLink *link);

/* Sends PACKET (transfer full) from END. False if it was dropped at once. */
bool hs_sim_link_send(HsSimLink *link, unsigned end, HsPacket *packet);

/* Both ends know: queues are flushed, what is in flight is lost, packets sent
 * meanwhile too, and the watches are told from an event of their own. */
void hs_sim_link_set_carrier(HsSimLink *link, bool up);
bool hs_sim_link_carrier(const HsSimLink *link);

/* One wire of a bundle: what is on it is lost, and flows move to the others; or
 * the whole link goes, if too few are left. */
void hs_sim_link_set_member(HsSimLink *link, unsigned member, bool up);
unsigned hs_sim_link_members(const HsSimLink *link);
unsigned hs_sim_link_members_up(const HsSimLink *link);

/* What leaves END vanishes, and nobody is told. A packet that was on the wire
 * when the hole opened is lost, one that departed into it stays lost; one that
 * still waits in END's queue when it closes goes through. */
void hs_sim_link_set_black_hole(HsSimLink *link, unsigned end, bool on);

/* Independent random loss from END, 0..1. */
void hs_sim_link_set_loss(HsSimLink *link, unsigned end, double probability);
void hs_sim_link_set_rate(HsSimLink *link, uint64_t rate);

/* Of this lane alone, if it is one; for packets still to be sent. */
void hs_sim_link_set_mtu(HsSimLink *link, uint32_t mtu);

/* Takes effect with the next packet; never reorders: a packet does not arrive
 * before an earlier one. */
void hs_sim_link_set_delay(HsSimLink *link, HsDuration delay);

/* Extra delay of each packet from END, drawn by EXTRA when it departs (jitter);
 * order is kept unless REORDER. NULL: none. */
void hs_sim_link_set_jitter(HsSimLink *link, unsigned end,
                            HsDuration (*extra)(void *user_data),
                            void *user_data, bool reorder);

void hs_sim_link_counters(HsSimLink *link, unsigned end,
                          HsSimLinkCounters *ret_counters);

/* Harm: what a fault does to single packets that depart from an end. Several
 * may be done to one end, each with chance and counters of its own; what is
 * done to a trunk is done to its lanes. The tap sees packets as they departed;
 * copies have the number of their original.
 *
 * Departure: copies take no room on the wire. */
typedef struct {
    uint32_t largest; /* larger packets vanish: a black hole; 0: none do */
    double loss;      /* probabilities, 0..1, as the four below */
    bool (*lose)(void *lose_data); /* asked for each packet; may be NULL */
    void *lose_data;               /* borrowed */
    HsDuration delay;              /* more of it; order is kept */
    HsDuration (*jitter)(void *user_data); /* likewise, drawn; may be NULL */
    void *jitter_data;                     /* borrowed */
    double corrupt;                        /* one bit of it is turned */
    double duplicate;                      /* it arrives twice */
    double reorder; /* three later ones arrive before it; or, where there are
                     * none, it is 100 ms late */
    double replay;  /* one of the last 4096 arrives again behind it */
} HsSimHarmConfig;

/* Packets that it happened to. */
typedef struct {
    uint64_t lost, late, corrupted, duplicated, reordered, replayed;
} HsSimHarmCounters;

/* NAME and the link's name the stream of chance. It is the link's, and is gone
 * with it. */
HsSimHarm *hs_sim_harm_new(HsSimLink *link, unsigned end, const char *name,
                           const HsSimHarmConfig *config);

/* For packets still to depart. All zero: nothing more is done to them, and what
 * is kept back goes at once. */
void hs_sim_harm_set(HsSimHarm *harm, const HsSimHarmConfig *config);
HsSimHarmCounters hs_sim_harm_counters(const HsSimHarm *harm);

/* Host stacks: IP packets out, IP packets in, as with a TUN device */

#define HS_SIM_TCP_PROFILES(X)                                                 \
    X(LINUX, "linux") /* Linux 6.x, as measured: tests/golden/linux-tcp */     \
    X(NS3, "ns3")     /* ns-3's own, uncorrected: for comparison */

typedef enum {
#define X(name, text) HS_SIM_TCP_##name,
    HS_SIM_TCP_PROFILES(X)
#undef X
} HsSimTcpProfile;

typedef struct {
    HsSimTcpProfile profile;
    uint32_t mtu;     /* of the virtual device: MSS = mtu - 40 */
    const char *name; /* with the simulation's seed: the host's randomness */
} HsSimHostConfig;

HsSimHost *hs_sim_host_new(HsSimNode *node, const HsSimHostConfig *config);
void hs_sim_host_add_address(HsSimHost *host, const HsPrefix *address);

/* PACKET (transfer full) leaves the host. */
void hs_sim_host_set_output(HsSimHost *host, HsSimReceiveFunc output,
                            void *user_data);

/* PACKET (transfer full) comes from the network. May be called from within the
 * output function: it then waits until the stack is done with what it sends. A
 * host does not reassemble: fragments are refused. It is validated first; what
 * the validator refuses is counted by name and never reaches the stack. */
void hs_sim_host_input(HsSimHost *host, HsPacket *packet);

/* What the validator refused so far, by name: NAME is NULL past the end. */
uint64_t
hs_sim_host_refused(HsSimHost *host, unsigned index, const char **ret_name);

/* TCP */

typedef enum {
    HS_SIM_TCP_END_CLOSED,          /* FIN from the peer, all data delivered */
    HS_SIM_TCP_END_RESET,           /* RST */
    HS_SIM_TCP_END_REFUSED,         /* RST to our SYN */
    HS_SIM_TCP_END_CONNECT_TIMEOUT, /* SYN retries used up */
    HS_SIM_TCP_END_TIMEOUT,         /* data retries used up */
    HS_SIM_TCP_END_UNREACHABLE,     /* ICMP unreachable while connecting */
    HS_SIM_TCP_END_USER_TIMEOUT,    /* HsSimTcpLimits */
    HS_SIM_TCP_END_KEEPALIVE,       /* likewise */
} HsSimTcpEnd;

/* Each may be NULL. They run from an event of their own, at the time of what
 * they tell and in its order; from any of them the socket may be used or freed.
 * ENDED comes once. After CLOSED the other direction is still open: send what
 * is left and hs_sim_tcp_close(). It does not come after hs_sim_tcp_reset(),
 * whose caller knows. ACKED gives bytes, without SYN and FIN. */
typedef struct {
    void (*connected)(void *user_data);
    void (*received)(void *user_data, const uint8_t *data, size_t length);
    void (*retransmitted)(void *user_data, unsigned attempt, HsDuration rto);
    void (*acked)(void *user_data, uint64_t total);
    void (*state_changed)(void *user_data, const char *from, const char *to);
    void (*ended)(void *user_data, HsSimTcpEnd why);
} HsSimTcpEvents;

typedef struct {
    const char *state; /* "ESTABLISHED": RFC 9293's names */
    HsDuration srtt, rttvar, rto;
    uint32_t mss, cwnd; /* bytes */
    uint64_t acked, unacked, unsent;
    uint64_t retransmissions, probes; /* probes: tail-loss probes among them */
    unsigned backoff;
} HsSimTcpInfo;

/* Linux's socket options, tcp(7). 0: off. A user timeout counts from the first
 * retransmission; with keepalive it stands in for the count, as in Linux. */
typedef struct {
    HsDuration user_timeout;       /* TCP_USER_TIMEOUT */
    HsDuration keepalive_idle;     /* TCP_KEEPIDLE, if SO_KEEPALIVE */
    HsDuration keepalive_interval; /* TCP_KEEPINTVL */
    unsigned keepalive_count;      /* TCP_KEEPCNT */
} HsSimTcpLimits;

/* May be called at any time, also before the run; nothing happens before
 * hs_sim_run(). LOCAL may be NULL. */
HsSimTcp *hs_sim_tcp_connect(HsSimHost *host, const HsAddr *local,
                             const HsAddr *remote, uint16_t remote_port,
                             const HsSimTcpEvents *events, void *user_data);
void hs_sim_tcp_set_events(HsSimTcp *tcp, const HsSimTcpEvents *events,
                           void *user_data);

/* Right after connecting or accepting. The profile "ns3" knows no such options
 * and ignores them. */
void hs_sim_tcp_set_limits(HsSimTcp *tcp, const HsSimTcpLimits *limits);

/* Queues all of DATA (copied), however much. */
void hs_sim_tcp_send(HsSimTcp *tcp, const void *data, size_t length);

/* Sends what is queued, then FIN. */
void hs_sim_tcp_close(HsSimTcp *tcp);

/* RST now. */
void hs_sim_tcp_reset(HsSimTcp *tcp);
void hs_sim_tcp_info(HsSimTcp *tcp, HsSimTcpInfo *ret_info);

/* No callback after it. An open connection is reset, one that is closing goes
 * on closing by itself. NULL is fine. */
void hs_sim_tcp_free(HsSimTcp *tcp);

/* TCP (transfer full) is a new connection: set its events at once. */
typedef void (*HsSimAcceptFunc)(void *user_data, HsSimTcp *tcp,
                                const HsAddr *peer, uint16_t peer_port);
HsSimTcpListener *
hs_sim_tcp_listen(HsSimHost *host, const HsAddr *local, uint16_t port,
                  HsSimAcceptFunc accept, void *user_data);
void hs_sim_tcp_listener_free(HsSimTcpListener *listener);

/* UDP */

typedef void (*HsSimDatagramFunc)(void *user_data, const HsAddr *from,
                                  uint16_t from_port, const uint8_t *data,
                                  size_t length);
HsSimUdp *hs_sim_udp_open(HsSimHost *host, const HsAddr *local, uint16_t port,
                          HsSimDatagramFunc received, void *user_data);
void hs_sim_udp_send(HsSimUdp *udp, const HsAddr *to, uint16_t to_port,
                     const void *data, size_t length);
void hs_sim_udp_free(HsSimUdp *udp);

G_END_DECLS

#endif
