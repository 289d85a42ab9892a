/* The TCP profile "linux": a subclass of ns-3's socket.
 *
 * ns-3 keeps what it does well: buffers, scoreboard, states, CUBIC, PRR. What
 * is replaced here is what an outage shows, and what ns-3 gets wrong:
 *
 *   timers     The base class schedules its retransmission timer in four
 *              places. Each of them is forestalled: before the base could do
 *              it, m_retxEvent already runs, set by arm(). So there is one
 *              timer, as in Linux, and m_pending tells whether it stands for
 *              the RTO or for the tail-loss probe (RFC 8985 section 7).
 *   m_rto      is written only by new_rtt() and back_off(); the base's own
 *              computations are undone where they happen.
 *   segments   m_sent lists what is in flight, a segment an entry, FIN
 *              included: for RTT samples (Karn's rule), for "anything left to
 *              time?", and for a congestion window in packets, as Linux has it.
 *   SYN        is built here, because ns-3 neither sends nor reads MSS, and
 *              because Linux's first retries come a second apart.
 *   FIN, RST   Arriving segments pass forward_up() first, which turns what
 *              the base would mishandle into what it handles well.
 *
 *   forward_up ─► DoForwardUp ┬─ RST ─► on_reset()
 *                             ├─ SYN ─► read_syn() ─► base
 *                             ├─ FIN ─► base with the data, base with the FIN
 *                             └─ base ─► EstimateRtt, ReceivedAck ─► NewAck
 *   timer ─► on_timer() ─┬─ probe()
 *                        └─ time_out() ─► base's ReTxTimeout ─► SendDataPacket
 *
 * Of Linux 6.x, from its documentation, the RFCs it follows and measurements:
 * RFC 6298 (RTO), 8985 (tail-loss probe only), 5681, 6675, 6937 and 9438
 * through ns-3, 5961 (RST and challenge ACK), 6928 (initial window), 7323,
 * 1191.
 *
 * Departure: of RACK (RFC 8985 section 6) only the comparison of send times is
 * here, not its timer: losses within a quarter of a round trip, and of a
 * retransmission, are found by three duplicate ACKs (RFC 6675) or by the RTO.
 * Departure: a probe that mended a loss does not shrink the window (RFC 8985
 * section 7.4).
 * Departure: no F-RTO and no undo. After a time-out that was not needed Linux
 * returns to its old window; here the window grows again from one segment.
 * Departure: no PAWS check (RFC 7323 section 5) and no RFC 6069: an ICMP
 * unreachable for an established connection does not shorten the back-off.
 * Departure: the receive buffer has a fixed size, Linux's grows by need.
 * Departure: initial sequence numbers are drawn below 2^30, because ns-3's send
 * buffer takes 0 for "none" and does not expect to wrap; a connection of less
 * than 3 GiB does not notice. PSH is never set.
 * Departure: small segments that are lost together go again merged by twos and
 * fours, where Linux fills a whole segment; a backlog of a hundred bytes a
 * request is out a round trip or two later.
 * Departure: a FIN that arrives out of order is forgotten and must come again.
 * Departure: the path MTU is learnt by each connection for itself and does not
 * expire; in Linux it is the host's, for 10 minutes. */

#include "config.h"

#include "sim/engine/ns3_tcp_linux_socket.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4-end-point.h>
#include <ns3/rtt-estimator.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-prr-recovery.h>

#include <algorithm>

namespace hs_tcp_linux
{

NS_OBJECT_ENSURE_REGISTERED(TcpLinux);
NS_OBJECT_ENSURE_REGISTERED(Cubic);

/* Life */

TypeId
TcpLinux::GetTypeId()
{
    static TypeId id = TypeId("hs::TcpLinux")
                           .SetParent<TcpSocketBase>()
                           .AddConstructor<TcpLinux>();
    return id;
}

TypeId
TcpLinux::GetInstanceTypeId() const
{
    return GetTypeId();
}

TcpLinux::TcpLinux()
{
    start();
}

/* The base's copy constructor does not copy everything, and what belongs to a
 * connection must not be copied. */
TcpLinux::TcpLinux(const TcpLinux &from)
    : TcpSocketBase(from), m_config(from.m_config), m_ticks(from.m_ticks),
      m_peer_mss(from.m_peer_mss), m_path_mtu(from.m_path_mtu)
{
    start();
}

/* Neither holds a reference: both live in the socket itself. */
void
TcpLinux::start()
{
    m_state.ConnectWithoutContext(MakeCallback(&TcpLinux::on_state, this));
    m_icmpCallback = MakeCallback(&TcpLinux::on_icmp, this);
}

void
TcpLinux::configure(const HsTcpLinuxConfig &config)
{
    m_config = config;
    /* CreateObject() sets each attribute to its default after start(). */
    m_icmpCallback = MakeCallback(&TcpLinux::on_icmp, this);
    m_ticks.tick = HS_SEC(1) / config.hz;
    m_ticks.phase = static_cast<int64_t>(config.tick_phase);
    m_path_mtu = config.mtu;
    m_timestampEnabled = config.timestamps;
    m_sackEnabled = config.sack;
    m_noDelay = config.no_delay;
    m_delAckMaxCount = 2;
    m_delAckTimeout = NanoSeconds(config.delack);
    m_msl = static_cast<double>(config.time_wait) / 2e9;
    m_persistTimeout = NanoSeconds(config.rto_min);
    m_dataRetries = UINT32_MAX; /* time_out() decides */
    m_tcb->m_initialCWnd = config.initial_window;
    SetSndBufSize(config.send_buffer);
    SetRcvBufSize(config.receive_buffer);
    m_txBuffer->SetSackEnabled(config.sack);
    set_segment_size_for(config.mtu - IP_TCP_HEADERS);
}

/* What a connection starts from, on either side. The next segment is SYN. */
void
TcpLinux::begin_connection()
{
    SequenceNumber32 isn(
        1 + static_cast<uint32_t>(hs_rng_below(m_config.rng, ISN_LIMIT)));

    m_tcb->m_nextTxSequence = isn;
    m_tcb->m_highTxMark = isn;
    m_txBuffer->SetHeadSequence(isn);
    m_highRxAckMark = isn;
    m_recover = isn;
    m_una = isn + 1;
    m_most_sent_end = isn;
    m_dataRetrCount = UINT32_MAX;
    m_rtt->Reset();
    m_base_rto = m_config.rto_initial;
    m_rto = NanoSeconds(m_base_rto);
    m_quick = QUICK_ACKS;
}

void
TcpLinux::set_segment_size(uint32_t size)
{
    m_tcb->m_segmentSize = size;
    m_txBuffer->SetSegmentSize(size);
}

/* RFC 6691: the option does not count the options, the segment does. */
void
TcpLinux::set_segment_size_for(uint32_t mss)
{
    mss = std::max(std::min(mss, m_path_mtu - IP_TCP_HEADERS), MSS_MIN);
    set_segment_size(mss - (m_timestampEnabled ? TIMESTAMP_BYTES : 0));
}

Ptr<TcpSocketBase>
TcpLinux::Fork()
{
    return CopyObject<TcpLinux>(this);
}

void
TcpLinux::CompleteFork(Ptr<Packet> packet, const TcpHeader &header,
                       const Address &from, const Address &to)
{
    begin_connection();
    m_highRxMark = header.GetSequenceNumber();
    m_highTxAck = header.GetSequenceNumber();
    TcpSocketBase::CompleteFork(packet, header, from, to);
    take_segments();
}

int
TcpLinux::Bind()
{
    int result = TcpSocketBase::Bind();

    take_segments();
    return result;
}

int
TcpLinux::Bind(const Address &address)
{
    int result = TcpSocketBase::Bind(address);

    take_segments();
    return result;
}

/* The base's ForwardUp() cannot be overridden, only not be asked. */
void
TcpLinux::take_segments()
{
    if (m_endPoint != nullptr)
        m_endPoint->SetRxCallback(
            MakeCallback(&TcpLinux::forward_up, Ptr<TcpLinux>(this)));
}

int
TcpLinux::Connect(const Address &address)
{
    InetSocketAddress peer = InetSocketAddress::ConvertFrom(address);

    if (m_state != CLOSED || (m_endPoint == nullptr && Bind() != 0))
        return -1;
    m_endPoint->SetPeer(peer.GetIpv4(), peer.GetPort());
    if (m_endPoint->GetLocalAddress() == Ipv4Address::GetAny() &&
        SetupEndpoint() != 0)
        return -1;
    begin_connection();
    m_tcb->m_ecnState = TcpSocketState::ECN_DISABLED;
    m_state = SYN_SENT;
    SendEmptyPacket(TcpHeader::SYN);
    return 0;
}

/* A SYN that nobody answered yet is not worth an RST. */
int
TcpLinux::Close()
{
    Ptr<TcpLinux> self(this);
    int result = 0;

    m_orphan = true;
    if (m_state == SYN_SENT) {
        abort();
        return 0;
    }
    result = TcpSocketBase::Close();
    if (m_endPoint == nullptr)
        m_state = CLOSED;
    return result;
}

void
TcpLinux::abort()
{
    Ptr<TcpLinux> self(this);

    m_ended = true;
    switch (m_state.Get()) {
    case SYN_RCVD:
    case ESTABLISHED:
    case CLOSE_WAIT:
    case FIN_WAIT_1:
    case FIN_WAIT_2:
        SendEmptyPacket(TcpHeader::RST);
        break;
    case CLOSED:
    case LISTEN:
    case SYN_SENT:
    case LAST_ACK:
    case CLOSING:
    case TIME_WAIT:
    case LAST_STATE:
        break;
    }
    disarm();
    m_keepalive_event.Cancel();
    CancelAllTimers();
    m_state = CLOSED;
    DeallocateEndPoint();
}

/* The connection is no more; WHY is told, if nothing was told before. */
void
TcpLinux::end(HsSimTcpEnd why)
{
    Ptr<TcpLinux> self(this);
    bool connecting = m_state == SYN_SENT;

    disarm();
    m_keepalive_event.Cancel();
    CancelAllTimers();
    m_sent.clear();
    m_state = CLOSED;
    if (!m_ended && m_events.ended != nullptr)
        m_events.ended(m_user_data, why);
    m_ended = true;
    if (connecting)
        NotifyConnectionFailed();
    else if (!m_closeNotified)
        NotifyErrorClose();
    m_closeNotified = true;
    DeallocateEndPoint();
}

void
TcpLinux::on_state(TcpStates_t from, TcpStates_t to)
{
    if (from == to)
        return;
    /* RFC 9293 has no time limit here, Linux has one. */
    if (to == ESTABLISHED) {
        m_timed_out_at = HS_TIME_NEVER;
        note_heard();
        keepalive_in(m_limits.keepalive_idle);
    }
    if (to == CLOSED || to == TIME_WAIT)
        m_keepalive_event.Cancel();
    if (to == FIN_WAIT_2 && m_orphan)
        m_timewaitEvent = Simulator::Schedule(NanoSeconds(m_config.time_wait),
                                              &TcpLinux::fin_wait_over, this);
    if (m_events.state_changed != nullptr)
        m_events.state_changed(m_user_data, hs_tcp_linux_state_name(from),
                               hs_tcp_linux_state_name(to));
}

void
TcpLinux::fin_wait_over()
{
    Ptr<TcpLinux> self(this);

    CloseAndNotify();
}

void
TcpLinux::set_events(const HsTcpLinuxEvents *events, void *user_data)
{
    m_events = events != nullptr ? *events : HsTcpLinuxEvents{};
    m_user_data = user_data;
}

void
TcpLinux::info(HsSimTcpInfo *ret_info) const
{
    SequenceNumber32 head = m_txBuffer->HeadSequence();

    *ret_info = {};
    ret_info->state = hs_tcp_linux_state_name(m_state);
    ret_info->srtt = m_estimate.srtt;
    ret_info->rttvar = m_estimate.variation / 4;
    ret_info->rto = m_rto.Get().GetTimeStep();
    ret_info->mss = m_tcb->m_segmentSize;
    ret_info->cwnd = m_tcb->m_cWnd;
    ret_info->acked = m_acked;
    ret_info->unsent =
        m_txBuffer->SizeFromSequence(std::max(m_tcb->m_highTxMark.Get(), head));
    ret_info->unacked = m_txBuffer->Size() - ret_info->unsent;
    ret_info->retransmissions = m_retransmissions;
    ret_info->probes = m_probes;
    ret_info->backoff = m_backoff;
}

} // namespace hs_tcp_linux

using namespace ns3;
using hs_tcp_linux::Cubic;
using hs_tcp_linux::TcpLinux;

/* For ns3_host.cc and ns3_tcp.cc */

void
hs_tcp_linux_config_init(HsTcpLinuxConfig *config, uint32_t mtu, HsRng *rng)
{
    *config = {};
    config->rng = rng;
    config->mtu = mtu;
    config->hz = 250;
    /* The wheel's coarsest level that an RTO reaches has 512 ticks a slot. */
    config->tick_phase = hs_rng_below(rng, 8 * 512 * UINT64_C(4000000));
    config->rto_initial = HS_SEC(1);
    config->rto_min = HS_MSEC(200);
    config->rto_max = HS_SEC(120);
    config->delack = HS_MSEC(40);
    config->time_wait = HS_SEC(60);
    config->syn_linear = 4;
    config->syn_retries = 6;
    config->synack_retries = 5;
    config->retries2 = 15;
    config->orphan_retries = 8;
    config->initial_window = 10;
    config->min_pmtu = 552;
    config->send_buffer = 4 << 20;
    config->receive_buffer = 4 << 20;
    config->timestamps = true;
    config->sack = true;
    config->no_delay = true;
}

Ptr<TcpSocketBase>
hs_tcp_linux_new(Ptr<Node> node, const HsTcpLinuxConfig &config)
{
    Ptr<TcpLinux> socket = CreateObject<TcpLinux>();
    Ptr<TcpL4Protocol> tcp = node->GetObject<TcpL4Protocol>();

    socket->SetNode(node);
    socket->SetTcp(tcp);
    socket->SetRtt(CreateObject<RttMeanDeviation>());
    socket->configure(config);
    socket->SetCongestionControlAlgorithm(CreateObject<Cubic>());
    socket->SetRecoveryAlgorithm(CreateObject<TcpPrrRecovery>());
    return socket;
}

static TcpLinux *
linux_socket(const Ptr<TcpSocketBase> &socket)
{
    return static_cast<TcpLinux *>(PeekPointer(socket));
}

void
hs_tcp_linux_set_events(Ptr<TcpSocketBase> socket,
                        const HsTcpLinuxEvents *events, void *user_data)
{
    linux_socket(socket)->set_events(events, user_data);
}

void
hs_tcp_linux_set_limits(Ptr<TcpSocketBase> socket, const HsSimTcpLimits *limits)
{
    linux_socket(socket)->set_limits(limits);
}

void
hs_tcp_linux_info(Ptr<TcpSocketBase> socket, HsSimTcpInfo *ret_info)
{
    linux_socket(socket)->info(ret_info);
}

void
hs_tcp_linux_abort(Ptr<TcpSocketBase> socket)
{
    linux_socket(socket)->abort();
}

bool
hs_tcp_linux_receive(const Ptr<TcpSocketBase> &socket, uint32_t source,
                     uint32_t destination, const uint8_t *segment,
                     size_t length)
{
    return linux_socket(socket)->receive(Ipv4Address(source),
                                         Ipv4Address(destination), segment,
                                         static_cast<uint32_t>(length));
}

const char *
hs_tcp_linux_state_name(TcpSocket::TcpStates_t state)
{
    switch (state) {
    case TcpSocket::CLOSED:
        return "CLOSED";
    case TcpSocket::LISTEN:
        return "LISTEN";
    case TcpSocket::SYN_SENT:
        return "SYN-SENT";
    case TcpSocket::SYN_RCVD:
        return "SYN-RECEIVED";
    case TcpSocket::ESTABLISHED:
        return "ESTABLISHED";
    case TcpSocket::CLOSE_WAIT:
        return "CLOSE-WAIT";
    case TcpSocket::LAST_ACK:
        return "LAST-ACK";
    case TcpSocket::FIN_WAIT_1:
        return "FIN-WAIT-1";
    case TcpSocket::FIN_WAIT_2:
        return "FIN-WAIT-2";
    case TcpSocket::CLOSING:
        return "CLOSING";
    case TcpSocket::TIME_WAIT:
        return "TIME-WAIT";
    case TcpSocket::LAST_STATE:
        break;
    }
    return "UNKNOWN";
}

void
hs_tcp_linux_outgoing(uint8_t *packet, size_t length)
{
    constexpr uint8_t DONT_FRAGMENT = 0x40;
    uint32_t sum;

    if (length < 20 || packet[0] >> 4 != 4 || packet[9] != 6 ||
        (packet[6] & DONT_FRAGMENT))
        return;
    packet[6] |= DONT_FRAGMENT;
    /* RFC 1624: HC' = ~(~HC + ~m + m') */
    sum = (uint32_t)packet[10] << 8 | packet[11];
    sum = (~sum & 0xffff) + (DONT_FRAGMENT << 8);
    sum = ~(sum + (sum >> 16)) & 0xffff;
    packet[10] = (uint8_t)(sum >> 8);
    packet[11] = (uint8_t)sum;
}
