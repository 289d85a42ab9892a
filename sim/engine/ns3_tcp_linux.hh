/* The TCP profile "linux": ns-3's TCP, corrected to what Linux does.
 *
 * How long a database is out hangs on its TCP: the outage ends with the first
 * retransmission after the path is back, so every step of the back-off counts.
 * The socket made here is ns-3's with the parts replaced that decide it; what
 * was measured on Linux to check it lies in tests/golden/linux-tcp.
 *
 * C++, for the other files of sim/engine only. Accepted sockets inherit class
 * and configuration from their listener, but not the events: set them in the
 * listener's accept callback. */

#ifndef HS_ENGINE_NS3_TCP_LINUX_HH
#define HS_ENGINE_NS3_TCP_LINUX_HH

#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "sim/engine/ns3_shim.h"

#include <ns3/node.h>
#include <ns3/tcp-socket-base.h>

/* Of one host. The names behind the fields are Linux's. */
struct HsTcpLinuxConfig {
    HsRng *rng;          /* borrowed: outlives every socket; draws the ISNs */
    uint32_t mtu;        /* of the virtual device: MSS = mtu - 40 */
    uint32_t hz;         /* CONFIG_HZ */
    uint64_t tick_phase; /* age of the jiffies at time 0, in ns: the same
                          * for all sockets of a host */
    HsDuration rto_initial;  /* before the first RTT sample, and of a SYN */
    HsDuration rto_min;      /* tcp_rto_min */
    HsDuration rto_max;      /* TCP_RTO_MAX */
    HsDuration delack;       /* TCP_DELACK_MIN */
    HsDuration time_wait;    /* TIME_WAIT, and FIN_WAIT_2 of a closed socket */
    unsigned syn_linear;     /* tcp_syn_linear_timeouts; 0 before Linux 6.5 */
    unsigned syn_retries;    /* tcp_syn_retries */
    unsigned synack_retries; /* tcp_synack_retries */
    unsigned retries2;       /* tcp_retries2 */
    unsigned orphan_retries; /* of a closed socket: 8 where Linux says 0 */
    uint32_t initial_window; /* segments */
    uint32_t min_pmtu;       /* ip_rt_min_pmtu */
    uint32_t send_buffer;    /* bytes */
    uint32_t receive_buffer;
    bool timestamps; /* RFC 7323 */
    bool sack;       /* RFC 2018 */
    bool no_delay;   /* TCP_NODELAY, as every database driver sets it */
};

/* The values of the kernel that tests/golden/linux-tcp measured; tick_phase is
 * drawn from RNG. Once for each host, before its first socket. */
void
hs_tcp_linux_config_init(HsTcpLinuxConfig *config, uint32_t mtu, HsRng *rng);

/* A closed socket of NODE, which has an Internet stack. Then as any socket of
 * ns-3's: Bind(), Connect() or Listen(), Send(), Recv(), Close(). Unlike
 * ns-3's, Connect() keeps the address it was bound to. */
ns3::Ptr<ns3::TcpSocketBase>
hs_tcp_linux_new(ns3::Ptr<ns3::Node> node, const HsTcpLinuxConfig &config);

/* Each may be NULL. They come from inside ns-3's own work, where the socket
 * must not be closed or let go: take a note and act on it from an event.
 *
 * ENDED comes once and is the last; ns-3's own close callbacks tell nothing
 * that it does not. A FIN from the peer is HS_SIM_TCP_END_CLOSED, told when all
 * data before it can be read. After hs_tcp_linux_abort() it does not come.
 * RETRANSMITTED is also told of the tail-loss probe; ATTEMPT counts from 1 and
 * starts again when something new is acknowledged; RTO is what the timer was
 * set to thereafter, before Linux's rounding. */
struct HsTcpLinuxEvents {
    void (*retransmitted)(void *user_data, unsigned attempt, HsDuration rto);
    void (*acked)(void *user_data, uint64_t total);
    void (*state_changed)(void *user_data, const char *from, const char *to);
    void (*ended)(void *user_data, HsSimTcpEnd why);
};

/* EVENTS is copied. NULL: none. All functions below take only sockets of
 * hs_tcp_linux_new() and those that their listeners accepted. */
void hs_tcp_linux_set_events(ns3::Ptr<ns3::TcpSocketBase> socket,
                             const HsTcpLinuxEvents *events, void *user_data);
void
hs_tcp_linux_info(ns3::Ptr<ns3::TcpSocketBase> socket, HsSimTcpInfo *ret_info);

/* Before the connection is established, or at once when it is accepted. */
void hs_tcp_linux_set_limits(ns3::Ptr<ns3::TcpSocketBase> socket,
                             const HsSimTcpLimits *limits);

/* RST, if there is a peer, and closed at once. */
void hs_tcp_linux_abort(ns3::Ptr<ns3::TcpSocketBase> socket);

/* A checked segment, without its IP header. True if it is of SOCKET's
 * connection, to which it then went; false: ns-3 is to find whose it is. */
bool hs_tcp_linux_receive(const ns3::Ptr<ns3::TcpSocketBase> &socket,
                          uint32_t source, uint32_t destination,
                          const uint8_t *segment, size_t length);

/* RFC 9293's name: "SYN-SENT", "ESTABLISHED". */
const char *hs_tcp_linux_state_name(ns3::TcpSocket::TcpStates_t state);

/* What a Linux host's IP layer does to a packet that leaves it and ns-3's does
 * not: Don't Fragment on TCP. Call it for every packet from the virtual device,
 * in place, before it goes on; others than IPv4 with TCP are left alone. */
void hs_tcp_linux_outgoing(uint8_t *packet, size_t length);

#endif
