/* The TCP profile "ns3": ns-3's own socket with its own timing, to compare
 * with.
 *
 * Nothing that decides *when* a segment is sent is changed: factory RTO, six
 * retries, no tail-loss probe, timestamps and all. What is added is what the
 * shim's contract needs and the stock socket keeps to itself or gets wrong:
 *
 * - Connect() replaces the address that the socket is bound to by the route's.
 * - A RST is told apart from a FIN. In SYN-SENT, where ns-3 ignores RST with
 *   ACK, it means "connection refused" (RFC 9293 3.10.7.3). With timestamps
 *   on, ns-3 drops every segment without them, and resets have none (RFC 7323
 *   3.2 exempts them).
 * - A closed window while there is nothing to send is survived.
 * - Abort(): ns-3 has SendRST() but nobody may call it.
 *
 * How a connection ended is read off the state before and after each entry
 * point (a packet, a timer), in Settle(), and nowhere else. */

#include "config.h"

#include "sim/engine/ns3_private.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4-end-point.h>
#include <ns3/rtt-estimator.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-prr-recovery.h>
#include <ns3/tcp-tx-buffer.h>
#include <ns3/uinteger.h>

#include <algorithm>

using namespace ns3;

/* RFC 9293 3.3.2, in the order of TcpSocket::TcpStates_t. */
static const char *const state_names[] = {
    "CLOSED",      "LISTEN",     "SYN-SENT",  "SYN-RECEIVED",
    "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK",  "FIN-WAIT-1",
    "FIN-WAIT-2",  "CLOSING",    "TIME-WAIT",
};
static_assert(G_N_ELEMENTS(state_names) == TcpSocket::LAST_STATE);

class StockTcp final : public TcpSocketBase
{
  public:
    StockTcp() = default;
    StockTcp(const StockTcp &) = default;

    int Connect(const Address &address) override;
    void SetHooks(const HsTcpHooks *hooks, void *user_data);
    void Info(HsSimTcpInfo *ret_info) const;
    void Abort();

  protected:
    Ptr<TcpSocketBase> Fork() override;
    void DoForwardUp(Ptr<Packet> packet, const Address &from,
                     const Address &to) override;
    void ReTxTimeout() override;
    void LastAckTimeout() override;
    void PersistTimeout() override;
    void SendEmptyPacket(uint8_t flags) override;
    uint32_t SendDataPacket(SequenceNumber32 seq, uint32_t max_size,
                            bool with_ack) override;
    void NewAck(const SequenceNumber32 &seq, bool reset_rto) override;

  private:
    void OnState(TcpStates_t from, TcpStates_t to);
    bool Refuses(const TcpHeader &header) const;
    void End(HsSimTcpEnd why);
    void Settle(TcpStates_t before, bool reset);

    HsTcpHooks m_hooks{};
    void *m_user_data = nullptr;
    bool m_ended = false;
    bool m_counting = false; /* acknowledged bytes, from m_counted on */
    SequenceNumber32 m_counted{0};
    uint64_t m_acked_total = 0, m_retransmissions = 0;
};

Ptr<TcpSocketBase>
StockTcp::Fork()
{
    Ptr<StockTcp> copy = CopyObject<StockTcp>(this);

    copy->m_hooks = HsTcpHooks{};
    copy->m_user_data = nullptr;
    return copy;
}

int
StockTcp::Connect(const Address &address)
{
    InetSocketAddress peer = InetSocketAddress::ConvertFrom(address);

    if (m_endPoint == nullptr && Bind() == -1)
        return -1;
    m_endPoint->SetPeer(peer.GetIpv4(), peer.GetPort());
    if (m_endPoint->GetLocalAddress() == Ipv4Address::GetAny() &&
        SetupEndpoint() != 0)
        return -1;
    m_rtt->Reset();
    m_synCount = m_synRetries;
    m_dataRetrCount = m_dataRetries;
    return DoConnect();
}

void
StockTcp::SetHooks(const HsTcpHooks *hooks, void *user_data)
{
    auto on_state = MakeCallback(&StockTcp::OnState, this);

    TraceDisconnectWithoutContext("State", on_state);
    m_hooks = hooks != nullptr ? *hooks : HsTcpHooks{};
    m_user_data = user_data;
    if (m_hooks.state_changed != nullptr)
        TraceConnectWithoutContext("State", on_state);
}

void
StockTcp::OnState(TcpStates_t from, TcpStates_t to)
{
    m_hooks.state_changed(m_user_data, state_names[from], state_names[to]);
}

void
StockTcp::End(HsSimTcpEnd why)
{
    if (m_ended)
        return;
    m_ended = true;
    if (m_hooks.ended != nullptr)
        m_hooks.ended(m_user_data, why);
}

/* BEFORE is the state when ns-3 took over. */
void
StockTcp::Settle(TcpStates_t before, bool reset)
{
    TcpStates_t after = m_state;

    if (before == LISTEN)
        return;
    if (after == CLOSED && before != CLOSED) {
        if (before == SYN_SENT)
            End(reset ? HS_SIM_TCP_END_REFUSED
                      : HS_SIM_TCP_END_CONNECT_TIMEOUT);
        else
            End(reset ? HS_SIM_TCP_END_RESET : HS_SIM_TCP_END_CLOSED);
    } else if (after != CLOSED && after != TIME_WAIT && m_endPoint == nullptr) {
        /* Given up (or reset by itself after flags that make no sense): ns-3
         * takes the end point away and leaves the state as it was. */
        End(reset ? HS_SIM_TCP_END_RESET : HS_SIM_TCP_END_TIMEOUT);
        m_state = CLOSED;
    } else if (after == CLOSE_WAIT || after == CLOSING || after == TIME_WAIT) {
        End(HS_SIM_TCP_END_CLOSED);
    }
}

/* RFC 9293 3.10.7.3: a reset that acknowledges our SYN. */
bool
StockTcp::Refuses(const TcpHeader &header) const
{
    return m_state == SYN_SENT && (header.GetFlags() & TcpHeader::RST) &&
           (header.GetFlags() & TcpHeader::ACK) &&
           header.GetAckNumber() ==
               m_tcb->m_nextTxSequence.Get() + SequenceNumber32(1);
}

void
StockTcp::DoForwardUp(Ptr<Packet> packet, const Address &from,
                      const Address &to)
{
    Ptr<StockTcp> keep = this;
    TcpStates_t before = m_state;
    bool timestamps = m_timestampEnabled, reset;
    TcpHeader header;

    packet->PeekHeader(header);
    reset = header.GetFlags() & TcpHeader::RST;
    if (Refuses(header)) {
        CancelAllTimers();
        m_state = CLOSED;
        DeallocateEndPoint();
    } else if (before == SYN_SENT && reset) {
        return; /* not for this SYN */
    } else {
        if (reset)
            m_timestampEnabled = false;
        TcpSocketBase::DoForwardUp(packet, from, to);
        if (reset)
            m_timestampEnabled = timestamps;
    }
    if (!m_counting && m_connected) { /* past the SYN, nothing sent yet */
        m_counting = true;
        m_counted = m_txBuffer->HeadSequence();
    }
    Settle(before, reset || (m_endPoint == nullptr && m_state != TIME_WAIT &&
                             m_state != CLOSED));
}

void
StockTcp::ReTxTimeout()
{
    Ptr<StockTcp> keep = this;
    TcpStates_t before = m_state;
    uint32_t left = m_dataRetrCount;

    TcpSocketBase::ReTxTimeout();
    if (m_dataRetrCount < left && m_hooks.retransmitted != nullptr)
        m_hooks.retransmitted(m_user_data, m_dataRetries - m_dataRetrCount,
                              m_rto.Get().GetTimeStep());
    Settle(before, false);
}

void
StockTcp::LastAckTimeout()
{
    Ptr<StockTcp> keep = this;
    TcpStates_t before = m_state;

    TcpSocketBase::LastAckTimeout();
    Settle(before, false);
}

/* ns-3 probes a closed window with the next byte, also if there is none, and
 * follows a null pointer. Found by fuzzing; any peer can cause it. */
void
StockTcp::PersistTimeout()
{
    if (m_endPoint != nullptr &&
        m_txBuffer->SizeFromSequence(m_tcb->m_nextTxSequence) > 0)
        TcpSocketBase::PersistTimeout();
    else if (m_rWnd.Get() == 0 &&
             (m_state == ESTABLISHED || m_state == CLOSE_WAIT))
        m_persistEvent = Simulator::Schedule(m_persistTimeout,
                                             &StockTcp::PersistTimeout, this);
}

/* Also what the timer of an unanswered SYN or FIN calls. */
void
StockTcp::SendEmptyPacket(uint8_t flags)
{
    TcpStates_t before = m_state;
    bool given_up = m_synCount == 0 && (flags & TcpHeader::SYN);

    TcpSocketBase::SendEmptyPacket(flags);
    if (given_up)
        Settle(before, false);
}

uint32_t
StockTcp::SendDataPacket(SequenceNumber32 seq, uint32_t max_size, bool with_ack)
{
    if (seq < m_tcb->m_highTxMark.Get())
        m_retransmissions++;
    return TcpSocketBase::SendDataPacket(seq, max_size, with_ack);
}

void
StockTcp::NewAck(const SequenceNumber32 &seq, bool reset_rto)
{
    TcpSocketBase::NewAck(seq, reset_rto);
    if (m_counting && m_txBuffer->HeadSequence() > m_counted) {
        m_acked_total += (uint32_t)(m_txBuffer->HeadSequence() - m_counted);
        m_counted = m_txBuffer->HeadSequence();
        if (m_hooks.acked != nullptr)
            m_hooks.acked(m_user_data, m_acked_total);
    }
}

void
StockTcp::Info(HsSimTcpInfo *ret_info) const
{
    SequenceNumber32 head = m_txBuffer->HeadSequence();
    SequenceNumber32 sent_to = m_tcb->m_highTxMark;
    uint32_t sent = sent_to > head ? (uint32_t)(sent_to - head) : 0;

    sent = std::min(sent, m_txBuffer->Size()); /* a FIN is no byte */
    *ret_info = HsSimTcpInfo{};
    ret_info->state = state_names[m_state];
    if (m_rtt->GetNSamples() > 0) {
        ret_info->srtt = m_rtt->GetEstimate().GetTimeStep();
        ret_info->rttvar = m_rtt->GetVariation().GetTimeStep();
    }
    ret_info->rto = m_rto.Get().GetTimeStep();
    ret_info->mss = m_tcb->m_segmentSize;
    ret_info->cwnd = m_tcb->m_cWnd;
    ret_info->acked = m_acked_total;
    ret_info->unacked = sent;
    ret_info->unsent = m_txBuffer->Size() - sent;
    ret_info->retransmissions = m_retransmissions;
    ret_info->backoff = m_dataRetries - m_dataRetrCount;
}

void
StockTcp::Abort()
{
    Ptr<StockTcp> keep = this;

    m_ended = true; /* who aborts knows */
    if (m_endPoint != nullptr) {
        if (m_state != SYN_SENT && m_state != LISTEN && m_state != CLOSED &&
            m_state != TIME_WAIT)
            SendRST();
        CancelAllTimers();
        DeallocateEndPoint();
    }
    m_state = CLOSED;
}

static Ptr<TcpSocketBase>
create(HsSimHost *host)
{
    Ptr<StockTcp> socket = CreateObject<StockTcp>();

    socket->SetNode(host->node->node);
    socket->SetTcp(host->tcp_protocol);
    socket->SetRtt(CreateObject<RttMeanDeviation>());
    socket->SetCongestionControlAlgorithm(CreateObject<TcpCubic>());
    socket->SetRecoveryAlgorithm(CreateObject<TcpPrrRecovery>());
    /* ns-3 reads no MSS option and never learns the path's; without this its
     * segments would be of 536 bytes. */
    socket->SetAttribute("SegmentSize", UintegerValue(host->mtu - 52));
    host->tcp_protocol->AddSocket(socket);
    return socket;
}

static Ptr<StockTcp>
stock(Ptr<TcpSocketBase> socket)
{
    return StaticCast<StockTcp>(socket);
}

const HsTcpProfile hs_tcp_profile_ns3 = {
    create,
    [](Ptr<TcpSocketBase> socket, const HsTcpHooks *hooks, void *user_data) {
        stock(socket)->SetHooks(hooks, user_data);
    },
    [](Ptr<TcpSocketBase> socket, HsSimTcpInfo *ret_info) {
        stock(socket)->Info(ret_info);
    },
    [](Ptr<TcpSocketBase> socket) { stock(socket)->Abort(); },
    [](Ptr<TcpSocketBase>, const HsSimTcpLimits *) {},
};
