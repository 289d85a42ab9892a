/* The socket behind the TCP profile "linux": what its four files share.
 *
 *   ns3_tcp_linux.cc         its life, and what ns3_host.cc and ns3_tcp.cc use
 *   ns3_tcp_linux_input.cc   handshake, arriving segments, ICMP, ACKs it owes
 *   ns3_tcp_linux_output.cc  segments it sends, ACKs it gets, the timer
 *   ns3_tcp_linux_limits.cc  when it gives up: retries, user timeout, keepalive
 *
 * Methods with ns-3's spelling override the base's; the others are ours. */

#ifndef HS_ENGINE_NS3_TCP_LINUX_SOCKET_HH
#define HS_ENGINE_NS3_TCP_LINUX_SOCKET_HH

#include "sim/engine/ns3_tcp_linux.hh"
#include "sim/engine/ns3_tcp_linux_timing.hh"

#include <ns3/ipv4-header.h>
#include <ns3/simulator.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-header.h>
#include <ns3/tcp-rx-buffer.h>
#include <ns3/tcp-tx-buffer.h>

#include <deque>

namespace hs_tcp_linux
{

using namespace ns3;

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

inline HsTime
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
    void set_limits(const HsSimTcpLimits *limits);
    void info(HsSimTcpInfo *ret_info) const;
    void abort();
    bool receive(Ipv4Address source, Ipv4Address destination,
                 const uint8_t *segment, uint32_t length);

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
    void take_segment(Ptr<Packet> packet, Ipv4Address source, uint16_t port,
                      Ipv4Address destination);
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
    HsDuration retries_limit() const;
    bool user_timeout_over() const;
    HsDuration clamped_to_user_timeout(HsDuration rto) const;
    void note_heard();
    void keepalive_in(HsDuration span);
    void keepalive_timer();
    void send_keepalive();
    bool answers_keepalive(SequenceNumber32 seq, SequenceNumber32 end);
    void new_rtt(HsDuration sample);
    HsTime newest_arrived(const TcpHeader &header) const;
    bool overtaken(const TcpHeader &header) const;
    void judge_reordering(const TcpHeader &header);
    void mend_lost_again(const TcpHeader &header);

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
    HsSimTcpLimits m_limits{};
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

    HsTime m_heard_at = 0;     /* the last segment that came */
    unsigned m_keepalives = 0; /* unanswered */
    EventId m_keepalive_event;

    uint64_t m_acked = 0, m_acked_told = 0;
    uint64_t m_retransmissions = 0, m_probes = 0;
};

} // namespace hs_tcp_linux

#endif
