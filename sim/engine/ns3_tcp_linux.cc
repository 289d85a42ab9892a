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
 * Departure: initial sequence numbers are drawn below 2^30 and PSH is never
 * set, because ns-3's send buffer takes 0 for "none"; no segment of a
 * connection of less than 1 GiB is touched by that. Departure: the path MTU is
 * learnt by each connection for itself and does not expire; in Linux it is the
 * host's, for 10 minutes. */

#include "config.h"

#include "sim/engine/ns3_tcp_linux.hh"
#include "sim/engine/ns3_tcp_linux_timing.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4-end-point.h>
#include <ns3/rtt-estimator.h>
#include <ns3/simulator.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-header.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-option-rfc793.h>
#include <ns3/tcp-option-sack.h>
#include <ns3/tcp-option-ts.h>
#include <ns3/tcp-prr-recovery.h>
#include <ns3/tcp-rx-buffer.h>
#include <ns3/tcp-tx-buffer.h>
#include <ns3/uinteger.h>

#include <algorithm>
#include <deque>

using namespace ns3;

namespace
{

constexpr uint32_t IP_TCP_HEADERS = 40;
constexpr uint32_t TIMESTAMP_BYTES = 12; /* with its padding */
constexpr uint32_t MSS_DEFAULT = 536;    /* RFC 9293 3.7.1 */
constexpr uint32_t MSS_MIN = 88;         /* TCP_MIN_MSS */
constexpr uint32_t DUP_ACKS = 3;
constexpr uint32_t QUICK_ACKS = 16; /* TCP_MAX_QUICKACKS */
constexpr uint32_t ISN_LIMIT = UINT32_C(1) << 30;
constexpr uint8_t ICMP_UNREACHABLE = 3, ICMP_FRAGMENTATION_NEEDED = 4;

/* CUBIC that counts packets, as Linux does, and does not open a window which is
 * not used (RFC 7661; in Linux tcp_is_cwnd_limited()): without it a day of
 * small requests would end in a burst of a thousand segments. */
class Cubic final : public TcpCubic
{
  public:
    /* Set by the socket before each ACK. */
    bool limited = true;
    uint32_t packets = 0; /* acknowledged, however small */

    static TypeId GetTypeId()
    {
        static TypeId id = TypeId("hs::TcpCubic")
                               .SetParent<TcpCubic>()
                               .AddConstructor<Cubic>();
        return id;
    }
    TypeId GetInstanceTypeId() const override
    {
        return GetTypeId();
    }
    void IncreaseWindow(Ptr<TcpSocketState> tcb, uint32_t) override
    {
        if (limited)
            TcpCubic::IncreaseWindow(tcb, packets);
    }
    Ptr<TcpCongestionOps> Fork() override
    {
        return CopyObject<Cubic>(this);
    }
};

/* A segment in flight: [start, end), FIN counts one. */
struct Sent {
    SequenceNumber32 start, end;
    HsTime at; /* last transmission */
    bool again;
};

enum Pending { PENDING_NONE, PENDING_RTO, PENDING_PROBE };

HsTime
now_ns()
{
    return Simulator::Now().GetTimeStep();
}

class TcpLinux final : public TcpSocketBase
{
  public:
    static TypeId GetTypeId();
    TcpLinux();
    TcpLinux(const TcpLinux &from);
    TypeId GetInstanceTypeId() const override;

    void configure(const HsTcpLinuxConfig &config);
    void set_events(const HsTcpLinuxEvents *events, void *user_data);
    void info(HsSimTcpInfo *ret_info) const;
    void abort();

    int Bind() override;
    int Bind(const Address &address) override;
    int Connect(const Address &address) override;
    int Close() override;
    int Send(Ptr<Packet> packet, uint32_t flags) override;

  protected:
    Ptr<TcpSocketBase> Fork() override;
    void CompleteFork(Ptr<Packet> packet, const TcpHeader &header,
                      const Address &from, const Address &to) override;
    void DoForwardUp(Ptr<Packet> packet, const Address &from,
                     const Address &to) override;
    void SendEmptyPacket(uint8_t flags) override;
    uint32_t SendDataPacket(SequenceNumber32 seq, uint32_t max_size,
                            bool with_ack) override;
    uint32_t AvailableWindow() const override;
    void ReceivedAck(Ptr<Packet> packet, const TcpHeader &header) override;
    void ReceivedData(Ptr<Packet> packet, const TcpHeader &header) override;
    void EstimateRtt(const TcpHeader &header) override;
    void UpdateRttHistory(const SequenceNumber32 &seq, uint32_t size,
                          bool again) override;
    void NewAck(const SequenceNumber32 &ack, bool reset) override;
    void LastAckTimeout() override;
    void PersistTimeout() override;

  private:
    void start();
    void begin_connection();
    void set_segment_size(uint32_t size);
    void set_segment_size_for(uint32_t mss);

    void send_syn(uint8_t flags);
    void syn_timer();
    void take_segments();
    void forward_up(Ptr<Packet> packet, Ipv4Header ip, uint16_t port,
                    Ptr<Ipv4Interface> interface);
    void echo_timestamp(Ptr<Packet> packet);
    bool read_syn(Ptr<Packet> packet, const Address &from, const Address &to);
    void send_reset_for(const TcpHeader &header, const Address &from,
                        const Address &to);
    void on_reset(const TcpHeader &header);
    void on_fin(Ptr<Packet> packet, const Address &from, const Address &to);
    bool acks_fin(SequenceNumber32 ack) const;
    void on_icmp(Ipv4Address from, uint8_t ttl, uint8_t type, uint8_t code,
                 uint32_t info);
    void on_path_mtu(uint32_t mtu);

    void arm(Pending pending, int64_t ticks);
    void disarm();
    void arm_rto();
    bool arm_probe(bool advancing);
    int64_t rto_left() const;
    void on_timer();
    void probe();
    void time_out();
    bool gave_up() const;
    void new_rtt(HsDuration sample);
    void judge_reordering(const TcpHeader &header);

    void note_sent(SequenceNumber32 seq, uint32_t size, bool fresh);
    void restart_idle();
    void after_segment();
    void end(HsSimTcpEnd why);
    void on_state(TcpStates_t from, TcpStates_t to);
    void fin_wait_over();

    HsTcpLinuxConfig m_config{};
    HsTcpTicks m_ticks{};
    HsTcpLinuxEvents m_events{};
    void *m_user_data = nullptr;
    bool m_ended = false;
    bool m_orphan = false; /* closed by its application */

    uint32_t m_peer_mss = MSS_DEFAULT;
    uint32_t m_path_mtu = 0;

    unsigned m_syn_sent = 0; /* transmissions of SYN or SYN-ACK */
    HsTime m_syn_at = 0;     /* of the first */

    HsTcpRtt m_estimate{};
    HsDuration m_base_rto = 0; /* not backed off */
    unsigned m_backoff = 0;
    unsigned m_attempt = 0;
    HsTime m_timed_out_at = HS_TIME_NEVER; /* first retransmission by RTO */
    Pending m_pending = PENDING_NONE;
    bool m_probe_out = false; /* one probe for each tail */
    SequenceNumber32 m_probe_end;

    std::deque<Sent> m_sent;
    uint32_t m_just_acked = 0; /* packets, by the ACK being dealt with */
    HsTime m_loss_at = 0;      /* of the last time-out */
    uint32_t m_most_sent = 0;  /* largest m_sent of this window */
    SequenceNumber32 m_most_sent_end;
    SequenceNumber32 m_una; /* as far as `acked` was counted */
    HsTime m_data_sent_at = 0, m_data_received_at = 0;

    unsigned m_quick = 0; /* ACKs still to be sent at once */
    bool m_interactive = false;
    uint32_t m_receive_mss = MSS_DEFAULT;

    uint64_t m_acked = 0, m_acked_told = 0;
    uint64_t m_retransmissions = 0, m_probes = 0;
};

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

/* SYN and SYN-ACK */

void
TcpLinux::send_syn(uint8_t flags)
{
    Ptr<Packet> packet = Create<Packet>();
    Ptr<TcpOptionMSS> mss = CreateObject<TcpOptionMSS>();
    TcpHeader header;

    if (m_syn_sent++ == 0)
        m_syn_at = now_ns();
    header.SetFlags(flags);
    header.SetSequenceNumber(m_tcb->m_nextTxSequence);
    header.SetSourcePort(m_endPoint->GetLocalPort());
    header.SetDestinationPort(m_endPoint->GetPeerPort());
    header.SetWindowSize(AdvertisedWindowSize(false));
    mss->SetMSS(static_cast<uint16_t>(m_config.mtu - IP_TCP_HEADERS));
    header.AppendOption(mss);
    if (m_sackEnabled)
        AddOptionSackPermitted(header);
    if (m_timestampEnabled)
        AddOptionTimestamp(header);
    if (m_winScalingEnabled) {
        header.AppendOption(CreateObject<TcpOptionNOP>());
        AddOptionWScale(header);
    }
    if (flags & TcpHeader::ACK) {
        header.SetAckNumber(m_tcb->m_rxBuffer->NextRxSequence());
        m_highTxAck = header.GetAckNumber();
    }
    m_txTrace(packet, header, this);
    m_tcp->SendPacket(packet, header, m_endPoint->GetLocalAddress(),
                      m_endPoint->GetPeerAddress(), m_boundnetdevice);
    /* A SYN that comes again makes the SYN-ACK go again: that is no retry. */
    if (!m_retxEvent.IsRunning())
        m_retxEvent = Simulator::Schedule(
            NanoSeconds(hs_tcp_ticks_delay(
                &m_ticks, now_ns(),
                hs_tcp_ticks(&m_ticks, m_rto.Get().GetTimeStep()))),
            &TcpLinux::syn_timer, this);
}

/* Since Linux 6.5 the first tcp_syn_linear_timeouts retries of a SYN come a
 * second apart, and do not count; then as before the time doubles. */
void
TcpLinux::syn_timer()
{
    Ptr<TcpLinux> self(this);
    bool syn = m_state == SYN_SENT;
    unsigned linear = syn ? m_config.syn_linear : 0;
    unsigned limit =
        syn ? m_config.syn_retries + linear : m_config.synack_retries;

    if (m_attempt >= limit) {
        end(HS_SIM_TCP_END_CONNECT_TIMEOUT);
        return;
    }
    m_attempt++;
    m_retransmissions++;
    if (m_attempt > linear) {
        m_backoff++;
        m_rto = NanoSeconds(
            std::min(2 * m_rto.Get().GetTimeStep(), m_config.rto_max));
    }
    if (m_events.retransmitted != nullptr)
        m_events.retransmitted(m_user_data, m_attempt,
                               m_rto.Get().GetTimeStep());
    SendEmptyPacket(syn ? TcpHeader::SYN : TcpHeader::SYN | TcpHeader::ACK);
}

/* A SYN has come. False: it was dealt with. */
bool
TcpLinux::read_syn(Ptr<Packet> packet, const Address &from, const Address &to)
{
    TcpHeader header;
    uint32_t mss = MSS_DEFAULT;

    packet->PeekHeader(header);
    if (m_state == SYN_SENT && (header.GetFlags() & TcpHeader::ACK) &&
        header.GetAckNumber() != m_tcb->m_nextTxSequence.Get() + 1) {
        send_reset_for(header, from, to); /* RFC 9293 3.10.7.3 */
        return false;
    }
    if (m_state != LISTEN && m_state != SYN_SENT && m_state != SYN_RCVD) {
        /* RFC 5961 4.2: whoever it is learns what we think. It is also how a
         * SYN-ACK is answered whose ACK was lost. */
        if (m_state != TIME_WAIT && m_state != CLOSED)
            SendEmptyPacket(TcpHeader::ACK);
        return false;
    }
    if (m_state == SYN_RCVD)
        return true;
    if (header.HasOption(TcpOption::MSS))
        mss = DynamicCast<const TcpOptionMSS>(header.GetOption(TcpOption::MSS))
                  ->GetMSS();
    /* A listener keeps what the base read from the SYN before. */
    m_timestampEnabled = m_config.timestamps && header.HasOption(TcpOption::TS);
    m_sackEnabled = m_config.sack;
    m_txBuffer->SetSackEnabled(m_sackEnabled);
    m_winScalingEnabled = true;
    m_tcb->m_rcvTimestampValue = 0;
    m_peer_mss = mss;
    set_segment_size_for(mss);
    /* For the base's test whether to echo this timestamp. */
    m_tcb->m_rxBuffer->SetNextRxSequence(header.GetSequenceNumber());
    m_highTxAck = header.GetSequenceNumber();
    m_highRxMark = header.GetSequenceNumber();
    return true;
}

/* Arriving segments */

static uint32_t
read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/* From the IP layer. Peeks at the bytes, because taking a header apart is dear,
 * and the base will do it again. */
void
TcpLinux::forward_up(Ptr<Packet> packet, Ipv4Header ip, uint16_t port,
                     Ptr<Ipv4Interface>)
{
    Ptr<TcpLinux> self(this);
    uint8_t raw[20];
    uint32_t header_size;
    SequenceNumber32 seq, end, next = m_tcb->m_rxBuffer->NextRxSequence();

    if (packet->CopyData(raw, sizeof raw) < sizeof raw)
        return;
    header_size = (uint32_t)(raw[12] >> 4) * 4;
    if (header_size < sizeof raw || header_size > packet->GetSize())
        return;
    seq = SequenceNumber32(read_u32(raw + 4));
    end = seq + SequenceNumber32(packet->GetSize() - header_size);
    if (m_connected && !(raw[13] & (TcpHeader::SYN | TcpHeader::RST))) {
        if (m_timestampEnabled && seq < next && seq <= m_highTxAck)
            echo_timestamp(packet);
        if (end > seq && OutOfRange(seq, end)) {
            SendEmptyPacket(TcpHeader::ACK); /* RFC 9293 3.10.7.4 */
            return;
        }
    }
    DoForwardUp(
        packet, InetSocketAddress(ip.GetSource(), port),
        InetSocketAddress(ip.GetDestination(), m_endPoint->GetLocalPort()));
}

/* RFC 7323 4.3 (2): what is not beyond the last ACK sent is echoed, so also a
 * retransmission of what we have. Else the sender takes its back-off for the
 * round trip time. (The base knows the case of the next segment only.) */
void
TcpLinux::echo_timestamp(Ptr<Packet> packet)
{
    TcpHeader header;
    Ptr<const TcpOptionTS> ts;

    packet->PeekHeader(header);
    if (!header.HasOption(TcpOption::TS))
        return;
    ts = DynamicCast<const TcpOptionTS>(header.GetOption(TcpOption::TS));
    if (ts->GetTimestamp() >= m_tcb->m_rcvTimestampValue)
        m_timestampToEcho = ts->GetTimestamp();
}

void
TcpLinux::DoForwardUp(Ptr<Packet> packet, const Address &from,
                      const Address &to)
{
    uint8_t raw[20];
    uint8_t flags;
    SequenceNumber32 ack;
    TcpHeader header;

    packet->CopyData(raw, sizeof raw);
    flags = raw[13];
    ack = SequenceNumber32(read_u32(raw + 8));
    if (flags & TcpHeader::RST) {
        packet->PeekHeader(header);
        on_reset(header);
        return;
    }
    if (flags & TcpHeader::SYN) {
        if (read_syn(packet, from, to)) {
            TcpSocketBase::DoForwardUp(packet, from, to);
            after_segment();
        }
        return;
    }
    if (m_state == LISTEN) {
        packet->PeekHeader(header);
        send_reset_for(header, from, to);
        return;
    }
    if (flags & TcpHeader::FIN) {
        on_fin(packet, from, to);
    } else if ((m_state == LAST_ACK || m_state == CLOSING) && !acks_fin(ack)) {
        /* The base would take any ACK for that of the FIN. */
        packet->RemoveHeader(header);
        EstimateRtt(header);
        UpdateWindowSize(header);
        ReceivedAck(packet, header);
    } else {
        TcpSocketBase::DoForwardUp(packet, from, to);
    }
    after_segment();
}

bool
TcpLinux::acks_fin(SequenceNumber32 ack) const
{
    return ack > m_tcb->m_highTxMark.Get();
}

/* The base forgets the ACK of a segment with FIN, or its data, or puts the FIN
 * in the wrong place, by state. So it gets the segment in two pieces: first
 * without FIN, then the FIN alone; and this only when it is next in order,
 * because after a gap the base would go to the wrong state. (The peer sends it
 * again.) */
void
TcpLinux::on_fin(Ptr<Packet> packet, const Address &from, const Address &to)
{
    TcpHeader header;
    Ptr<Packet> fin = Create<Packet>();
    SequenceNumber32 end;

    packet->RemoveHeader(header);
    end = header.GetSequenceNumber() + packet->GetSize();
    header.SetFlags(header.GetFlags() & ~TcpHeader::FIN);
    if (m_state == TIME_WAIT || m_state == CLOSE_WAIT || m_state == LAST_ACK ||
        m_state == CLOSING) {
        /* We have it; our ACK was lost. */
        if (m_state != TIME_WAIT)
            ReceivedAck(Create<Packet>(), header);
        if (m_state != CLOSED)
            SendEmptyPacket(TcpHeader::ACK);
        if ((m_state == LAST_ACK || m_state == CLOSING) &&
            acks_fin(header.GetAckNumber())) {
            fin->AddHeader(header);
            TcpSocketBase::DoForwardUp(fin, from, to);
        }
        return;
    }
    packet->AddHeader(header);
    TcpSocketBase::DoForwardUp(packet, from, to);
    if (m_endPoint == nullptr)
        return;
    if (end != m_tcb->m_rxBuffer->NextRxSequence()) {
        SendEmptyPacket(TcpHeader::ACK);
        return;
    }
    header.SetSequenceNumber(end);
    header.SetFlags(header.GetFlags() | TcpHeader::FIN);
    fin->AddHeader(header);
    TcpSocketBase::DoForwardUp(fin, from, to);
}

/* RFC 5961 3.2, RFC 9293 3.10.7.3. Timestamps are not asked for. */
void
TcpLinux::on_reset(const TcpHeader &header)
{
    SequenceNumber32 seq = header.GetSequenceNumber();
    SequenceNumber32 next = m_tcb->m_rxBuffer->NextRxSequence();

    switch (m_state.Get()) {
    case CLOSED:
    case LISTEN:
    case TIME_WAIT: /* RFC 1337 */
    case LAST_STATE:
        return;
    case SYN_SENT:
        if ((header.GetFlags() & TcpHeader::ACK) &&
            header.GetAckNumber() == m_tcb->m_nextTxSequence.Get() + 1)
            end(HS_SIM_TCP_END_REFUSED);
        return;
    case SYN_RCVD:
    case ESTABLISHED:
    case CLOSE_WAIT:
    case LAST_ACK:
    case FIN_WAIT_1:
    case FIN_WAIT_2:
    case CLOSING:
        if (seq == next)
            end(HS_SIM_TCP_END_RESET);
        else if (!OutOfRange(seq, seq))
            SendEmptyPacket(TcpHeader::ACK);
        return;
    }
}

/* RFC 9293 3.10.7.1: a segment that belongs to nobody. */
void
TcpLinux::send_reset_for(const TcpHeader &header, const Address &from,
                         const Address &to)
{
    TcpHeader reset;

    if (!(header.GetFlags() & TcpHeader::ACK))
        return;
    reset.SetFlags(TcpHeader::RST);
    reset.SetSequenceNumber(header.GetAckNumber());
    reset.SetSourcePort(header.GetDestinationPort());
    reset.SetDestinationPort(header.GetSourcePort());
    m_tcp->SendPacket(Create<Packet>(), reset, to, from, m_boundnetdevice);
}

void
TcpLinux::after_segment()
{
    if (m_endPoint == nullptr)
        return;
    /* The base doubles it for good. */
    if (!m_persistEvent.IsRunning()) {
        m_persistTimeout = NanoSeconds(m_config.rto_min);
        /* And a closed window leaves what is in flight without a timer. */
        if (!m_sent.empty() && !m_retxEvent.IsRunning())
            arm_rto();
    }
    if (m_acked != m_acked_told) {
        m_acked_told = m_acked;
        if (m_events.acked != nullptr)
            m_events.acked(m_user_data, m_acked);
    }
    if (!m_ended && m_state != LISTEN && m_tcb->m_rxBuffer->Finished()) {
        m_ended = true;
        if (m_events.ended != nullptr)
            m_events.ended(m_user_data, HS_SIM_TCP_END_CLOSED);
    }
}

/* ICMP */

void
TcpLinux::on_icmp(Ipv4Address, uint8_t, uint8_t type, uint8_t code,
                  uint32_t info)
{
    if (type != ICMP_UNREACHABLE)
        return;
    if (code == ICMP_FRAGMENTATION_NEEDED)
        on_path_mtu(info);
    else if (m_state == SYN_SENT)
        end(HS_SIM_TCP_END_UNREACHABLE);
    /* else: a hint, not a verdict (RFC 1122 4.2.3.9) */
}

/* RFC 1191: what is in flight is sent again at once in smaller pieces, and the
 * congestion window keeps its segments. */
void
TcpLinux::on_path_mtu(uint32_t mtu)
{
    uint32_t old = m_tcb->m_segmentSize;

    mtu = std::max(mtu, m_config.min_pmtu);
    if (mtu >= m_path_mtu || m_state == LISTEN)
        return;
    m_path_mtu = mtu;
    set_segment_size_for(m_peer_mss);
    if (m_tcb->m_segmentSize >= old || m_sent.empty())
        return;
    m_tcb->m_cWnd =
        std::max<uint32_t>(m_tcb->m_cWnd / old, 1) * m_tcb->m_segmentSize;
    m_txBuffer->SetSentListLost(false);
    m_attempt++;
    SendPendingData(m_connected);
}

/* Sending */

void
TcpLinux::SendEmptyPacket(uint8_t flags)
{
    Time rto = m_rto;
    SequenceNumber32 next = m_tcb->m_nextTxSequence;
    SequenceNumber32 high = m_tcb->m_highTxMark;

    if (m_endPoint == nullptr)
        return;
    if (flags & TcpHeader::SYN) {
        send_syn(flags);
        return;
    }
    if (flags & TcpHeader::RST)
        flags |= TcpHeader::ACK;
    if (flags & TcpHeader::FIN) {
        note_sent(next, 1, m_sent.empty() || m_sent.back().end <= next);
        if (!m_retxEvent.IsRunning())
            arm_rto();
    } else if (next < high) {
        /* A time-out moved it back, but an ACK is sent with the highest. */
        m_tcb->m_nextTxSequence = high;
    }
    TcpSocketBase::SendEmptyPacket(flags);
    m_rto = rto;
    if (next < high)
        m_tcb->m_nextTxSequence = next;
}

uint32_t
TcpLinux::SendDataPacket(SequenceNumber32 seq, uint32_t max_size, bool with_ack)
{
    bool fresh = seq >= m_tcb->m_highTxMark.Get();
    bool was_empty = m_sent.empty();
    HsTime now = now_ns();
    uint32_t size;

    /* So that the base does not set it; its length is put right below. */
    if (!m_retxEvent.IsRunning())
        arm_rto();
    size = TcpSocketBase::SendDataPacket(seq, max_size, with_ack);
    if (m_closeOnEmpty &&
        m_txBuffer->SizeFromSequence(seq + SequenceNumber32(size)) == 0)
        note_sent(seq, size + 1, fresh);
    else
        note_sent(seq, size, fresh);
    if (with_ack)
        m_highTxAck = m_tcb->m_rxBuffer->NextRxSequence();
    /* Whoever answers soon need not acknowledge first. */
    if (now - m_data_received_at < m_config.delack)
        m_interactive = true;
    m_data_sent_at = now;
    if (!fresh)
        return size;
    if (!arm_probe(false) && (was_empty || m_pending == PENDING_PROBE))
        arm_rto();
    return size;
}

void
TcpLinux::note_sent(SequenceNumber32 seq, uint32_t size, bool fresh)
{
    SequenceNumber32 end = seq + SequenceNumber32(size);
    HsTime now = now_ns();

    if (fresh) {
        m_sent.push_back({seq, end, now, false});
        if (m_una > m_most_sent_end || m_sent.size() > m_most_sent) {
            m_most_sent = static_cast<uint32_t>(m_sent.size());
            m_most_sent_end = end;
        }
        return;
    }
    m_retransmissions++;
    /* Small ones that go again in one segment are one from now on. */
    auto first = std::find_if(m_sent.begin(), m_sent.end(),
                              [&](const Sent &s) { return s.end > seq; });
    auto last = first;

    while (last != m_sent.end() && last->start < end) {
        last->at = now;
        last->again = true;
        ++last;
    }
    if (last - first > 1 && first->start >= seq && (last - 1)->end <= end) {
        first->end = (last - 1)->end;
        m_sent.erase(first + 1, last);
    }
}

/* Linux counts the congestion window in packets: ten small requests fill it.
 * After a time-out only what was sent since then is in flight. */
uint32_t
TcpLinux::AvailableWindow() const
{
    uint32_t window = m_tcb->m_cWnd / m_tcb->m_segmentSize;
    size_t out = m_sent.size();

    if (m_tcb->m_congState == TcpSocketState::CA_LOSS)
        out = (size_t)std::count_if(
            m_sent.begin(), m_sent.end(),
            [this](const Sent &s) { return s.at >= m_loss_at; });
    else if (m_tcb->m_congState == TcpSocketState::CA_RECOVERY ||
             m_txBuffer->GetLost() > 0)
        out = 0; /* the base counts bytes */
    return out >= window ? 0 : TcpSocketBase::AvailableWindow();
}

int
TcpLinux::Send(Ptr<Packet> packet, uint32_t flags)
{
    if (m_sent.empty() && m_connected)
        restart_idle();
    return TcpSocketBase::Send(packet, flags);
}

/* RFC 5681 4.1, tcp_slow_start_after_idle: half for each RTO of silence. */
void
TcpLinux::restart_idle()
{
    HsDuration idle = now_ns() - m_data_sent_at;
    HsDuration rto = m_rto.Get().GetTimeStep();
    uint32_t cwnd = m_tcb->m_cWnd;
    uint32_t least =
        std::min(cwnd, m_config.initial_window * m_tcb->m_segmentSize);

    if (idle <= rto || cwnd <= least)
        return;
    m_tcb->m_ssThresh = std::max(m_tcb->m_ssThresh.Get(), cwnd / 4 * 3);
    for (; idle > rto && cwnd > least; idle -= rto)
        cwnd /= 2;
    m_tcb->m_cWnd = std::max(cwnd, least);
    m_tcb->m_cWndInfl = m_tcb->m_cWnd;
}

/* Acknowledgements */

void
TcpLinux::UpdateRttHistory(const SequenceNumber32 &, uint32_t, bool)
{
    /* m_sent does it */
}

/* Called for every ACK before anything else is done with it. */
void
TcpLinux::EstimateRtt(const TcpHeader &header)
{
    SequenceNumber32 ack = header.GetAckNumber();
    HsDuration sample = -1;
    bool again = false;

    m_just_acked = 0;
    if (m_state == LISTEN || m_state == CLOSED)
        return;
    if (m_state == SYN_SENT || m_state == SYN_RCVD) {
        if (ack != m_tcb->m_nextTxSequence.Get() + 1)
            return;
        again = m_syn_sent > 1;
        sample = now_ns() - m_syn_at;
        m_backoff = 0;
        m_attempt = 0;
    } else if (!m_sent.empty() && ack >= m_sent.front().end &&
               ack <= m_sent.back().end) {
        sample = now_ns() - m_sent.front().at;
    }
    while (!m_sent.empty() && m_sent.front().end <= ack) {
        again |= m_sent.front().again;
        m_sent.pop_front();
        m_just_acked++;
    }
    if (sample >= 0 && again) {
        /* Karn's rule; a timestamp tells which transmission it was. */
        Ptr<const TcpOptionTS> ts;

        sample = -1;
        if (m_timestampEnabled && header.HasOption(TcpOption::TS))
            ts =
                DynamicCast<const TcpOptionTS>(header.GetOption(TcpOption::TS));
        if (ts && ts->GetEcho() != 0)
            sample = std::max<int64_t>(
                TcpOptionTS::ElapsedTimeFromTsValue(ts->GetEcho())
                    .GetTimeStep(),
                HS_MSEC(1));
    }
    if (sample >= 0)
        new_rtt(sample);
    ack = std::min(ack, m_tcb->m_highTxMark.Get());
    if (m_state != SYN_SENT && m_state != SYN_RCVD && ack > m_una) {
        m_acked += static_cast<uint32_t>(ack - m_una);
        m_una = ack;
    }
}

void
TcpLinux::new_rtt(HsDuration sample)
{
    hs_tcp_rtt_sample(&m_estimate, sample, m_config.rto_min, m_una.GetValue(),
                      m_tcb->m_highTxMark.Get().GetValue());
    m_base_rto = std::min(
        hs_tcp_ticks(&m_ticks, m_estimate.srtt + m_estimate.variation) *
            m_ticks.tick,
        m_config.rto_max);
    m_rto = NanoSeconds(m_base_rto);
    m_backoff = 0;
    m_tcb->m_lastRtt = NanoSeconds(std::max<HsDuration>(sample, 1));
    m_tcb->m_minRtt = std::min(m_tcb->m_lastRtt.Get(), m_tcb->m_minRtt);
}

/* RFC 8985 section 6.2, the part that needs no timer: when something arrived
 * that was sent well after the oldest segment in flight, that one is lost, and
 * two more duplicate ACKs need not be waited for. So what a probe finds is
 * mended in a round trip. */
void
TcpLinux::judge_reordering(const TcpHeader &header)
{
    Ptr<const TcpOptionSack> sack =
        DynamicCast<const TcpOptionSack>(header.GetOption(TcpOption::SACK));
    HsDuration window = m_tcb->m_minRtt.GetTimeStep() / 4;
    HsTime newest = -1;
    uint32_t threshold = DUP_ACKS;

    for (const TcpOptionSack::SackBlock &block : sack->GetSackList())
        for (const Sent &sent : m_sent)
            if (sent.start >= block.first && sent.end <= block.second &&
                !sent.again)
                newest = std::max(newest, sent.at);
    if (!m_sent.empty() && newest > m_sent.front().at + window)
        threshold = 1;
    if (threshold == m_retxThresh)
        return;
    SetRetxThresh(threshold);
    m_dupAckCount = std::min(m_dupAckCount, threshold - 1);
}

void
TcpLinux::ReceivedAck(Ptr<Packet> packet, const TcpHeader &header)
{
    Ptr<Cubic> cubic = DynamicCast<Cubic>(m_congestionControl);
    uint32_t window = m_tcb->m_cWnd / m_tcb->m_segmentSize;

    if (m_sackEnabled && header.HasOption(TcpOption::SACK))
        judge_reordering(header);
    if (cubic) {
        cubic->packets = m_just_acked;
        cubic->limited = m_tcb->m_cWnd < m_tcb->m_ssThresh
                             ? window < 2 * m_most_sent
                             : window <= m_most_sent;
    }
    TcpSocketBase::ReceivedAck(packet, header);
}

void
TcpLinux::NewAck(const SequenceNumber32 &ack, bool)
{
    m_attempt = 0;
    m_timed_out_at = HS_TIME_NEVER;
    if (m_probe_out && ack >= m_probe_end)
        m_probe_out = false;
    TcpSocketBase::NewAck(ack, false);
    if (m_sent.empty())
        disarm();
    else if (!arm_probe(true))
        arm_rto();
}

/* Received data: when to acknowledge. At once while the connection is young
 * and one-sided, when more than a segment is owed, and when something is wrong;
 * else after 40 ms or with the answer. */
void
TcpLinux::ReceivedData(Ptr<Packet> packet, const TcpHeader &header)
{
    HsTime now = now_ns();
    uint32_t size = packet->GetSize();
    uint32_t owed = static_cast<uint32_t>(m_tcb->m_rxBuffer->NextRxSequence() -
                                          m_highTxAck) +
                    size;

    if (now - m_data_received_at > m_rto.Get().GetTimeStep())
        m_quick = QUICK_ACKS; /* the sender may be in slow start again */
    m_data_received_at = now;
    m_receive_mss = std::max(m_receive_mss, size);
    m_delAckCount = owed > m_receive_mss ? m_delAckMaxCount : 0;
    if (m_quick > 0 && !m_interactive) {
        m_quick--;
        m_delAckCount = m_delAckMaxCount;
    }
    m_delAckTimeout = NanoSeconds(hs_tcp_ticks_delay(
        &m_ticks, now, hs_tcp_ticks(&m_ticks, m_config.delack)));
    TcpSocketBase::ReceivedData(packet, header);
}

/* The timer */

void
TcpLinux::arm(Pending pending, int64_t ticks)
{
    m_retxEvent.Cancel();
    m_pending = pending;
    m_retxEvent = Simulator::Schedule(
        NanoSeconds(hs_tcp_ticks_delay(&m_ticks, now_ns(), ticks)),
        &TcpLinux::on_timer, this);
}

void
TcpLinux::disarm()
{
    m_retxEvent.Cancel();
    m_pending = PENDING_NONE;
}

/* Until the oldest segment in flight is one RTO old, in ns. */
int64_t
TcpLinux::rto_left() const
{
    HsTime since = m_sent.empty() ? now_ns() : m_sent.front().at;

    return since + m_rto.Get().GetTimeStep() - now_ns();
}

/* In place of a probe, what the probe has waited already counts. */
void
TcpLinux::arm_rto()
{
    int64_t wait = m_rto.Get().GetTimeStep();

    if (m_pending == PENDING_PROBE)
        wait = std::max<int64_t>(rto_left(), 1);
    arm(PENDING_RTO, hs_tcp_ticks(&m_ticks, wait));
}

/* RFC 8985 7.2, with Linux's numbers: after two round trips of silence the last
 * segment goes again, so that its loss shows in the ACK. With one segment in
 * flight its ACK may be delayed, so 200 ms more are left; in request/reply
 * traffic the probe therefore comes when else the RTO would, and costs the
 * back-off a step. */
bool
TcpLinux::arm_probe(bool advancing)
{
    HsDuration wait = m_config.rto_initial;
    int64_t left = advancing ? m_rto.Get().GetTimeStep() : rto_left();
    int64_t ticks;

    if (m_sent.empty() || !m_sackEnabled ||
        (m_tcb->m_congState != TcpSocketState::CA_OPEN &&
         m_tcb->m_congState != TcpSocketState::CA_CWR))
        return false;
    if (m_estimate.srtt != 0)
        wait = 2 * m_estimate.srtt +
               (m_sent.size() == 1 ? m_config.rto_min : 2 * m_ticks.tick);
    ticks = hs_tcp_ticks(&m_ticks, wait);
    if (left > 0)
        ticks = std::min(ticks, hs_tcp_ticks(&m_ticks, left));
    arm(PENDING_PROBE, ticks);
    return true;
}

void
TcpLinux::on_timer()
{
    Ptr<TcpLinux> self(this);

    if (m_sent.empty() || m_endPoint == nullptr)
        return;
    if (m_pending == PENDING_PROBE)
        probe();
    else
        time_out();
}

void
TcpLinux::probe()
{
    SequenceNumber32 high = m_tcb->m_highTxMark;
    uint32_t unsent = m_txBuffer->SizeFromSequence(high);
    uint32_t size = std::min(unsent, m_tcb->m_segmentSize);
    const Sent last = m_sent.back();

    /* One at a time; m_pending still says that this is a probe's turn. */
    if (m_probe_out) {
        arm_rto();
        return;
    }
    if (unsent > 0 && UnAckDataCount() + size <= m_rWnd) {
        m_tcb->m_nextTxSequence = high;
        SendDataPacket(high, size, m_connected);
        m_tcb->m_nextTxSequence = high + SequenceNumber32(size);
    } else {
        m_probes++;
        m_attempt++;
        if (last.start >= m_txBuffer->TailSequence())
            SendEmptyPacket(TcpHeader::FIN);
        else
            SendDataPacket(std::max(last.start, m_txBuffer->HeadSequence()),
                           m_tcb->m_segmentSize, m_connected);
        if (m_events.retransmitted != nullptr)
            m_events.retransmitted(m_user_data, m_attempt,
                                   m_rto.Get().GetTimeStep());
    }
    m_probe_out = true;
    m_probe_end = m_tcb->m_highTxMark;
    m_pending = PENDING_NONE; /* the RTO starts from now */
    arm_rto();
}

void
TcpLinux::time_out()
{
    Time next =
        NanoSeconds(std::min(2 * m_rto.Get().GetTimeStep(), m_config.rto_max));

    if (gave_up()) {
        end(HS_SIM_TCP_END_TIMEOUT);
        return;
    }
    if (m_timed_out_at == HS_TIME_NEVER)
        m_timed_out_at = now_ns();
    m_probe_out = false;
    m_loss_at = now_ns();
    m_backoff++;
    m_attempt++;
    arm(PENDING_RTO, hs_tcp_ticks(&m_ticks, next.GetTimeStep()));
    if (m_txBuffer->Size() == 0) {
        SendEmptyPacket(TcpHeader::FIN);
    } else {
        m_dataRetrCount = UINT32_MAX;
        TcpSocketBase::ReTxTimeout();
    }
    m_rto = next;
    if (m_events.retransmitted != nullptr)
        m_events.retransmitted(m_user_data, m_attempt, next.GetTimeStep());
}

/* tcp_retries2 is not a count but stands for the time that so many retries
 * would take with the smallest RTO, from the first one on: 924.6 s for 15. */
bool
TcpLinux::gave_up() const
{
    unsigned retries = m_orphan ? m_config.orphan_retries : m_config.retries2;
    HsDuration limit = 0, step = m_config.rto_min;

    if (m_timed_out_at == HS_TIME_NEVER)
        return false;
    for (unsigned i = 0; i <= retries; i++) {
        limit += std::min(step, m_config.rto_max);
        step = std::min(2 * step, m_config.rto_max);
    }
    return now_ns() - m_timed_out_at >= limit;
}

/* ns-3 probes a closed window with the next byte, also if there is none, and
 * follows a null pointer. Found by fuzzing; any peer can cause it. */
void
TcpLinux::PersistTimeout()
{
    if (m_endPoint != nullptr &&
        m_txBuffer->SizeFromSequence(m_tcb->m_nextTxSequence) > 0)
        TcpSocketBase::PersistTimeout();
    else if (m_rWnd.Get() == 0 &&
             (m_state == ESTABLISHED || m_state == CLOSE_WAIT))
        m_persistEvent = Simulator::Schedule(
            m_persistTimeout, &TcpLinux::PersistTimeout, this);
}

void
TcpLinux::LastAckTimeout()
{
    /* The base would send FINs by a clock of its own; time_out() does. */
}

} // namespace

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
hs_tcp_linux_info(Ptr<TcpSocketBase> socket, HsSimTcpInfo *ret_info)
{
    linux_socket(socket)->info(ret_info);
}

void
hs_tcp_linux_abort(Ptr<TcpSocketBase> socket)
{
    linux_socket(socket)->abort();
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
