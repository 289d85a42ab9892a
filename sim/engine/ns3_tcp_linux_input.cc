/* What comes in: SYN and its answers, segments, resets, ICMP, and when to
 * acknowledge. Segments take the way that ns3_tcp_linux.cc draws. */

#include "config.h"

#include "sim/engine/ns3_tcp_linux_socket.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/ipv4-end-point.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-option-rfc793.h>
#include <ns3/tcp-option-ts.h>

#include <algorithm>

namespace hs_tcp_linux
{

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
                hs_tcp_ticks(&m_ticks, clamped_to_user_timeout(
                                           m_rto.Get().GetTimeStep())))),
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
    if (m_attempt == 0)
        m_timed_out_at = m_syn_at; /* measured: unlike that of data */
    else if (syn && user_timeout_over()) {
        end(HS_SIM_TCP_END_USER_TIMEOUT);
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

/* From the IP layer. */
void
TcpLinux::forward_up(Ptr<Packet> packet, Ipv4Header ip, uint16_t port,
                     Ptr<Ipv4Interface>)
{
    take_segment(packet, ip.GetSource(), port, ip.GetDestination());
}

/* From the host, past the IP layer: the same, if all four of the connection's
 * addresses and ports match, for then ns-3 would find this socket too. */
bool
TcpLinux::receive(Ipv4Address source, Ipv4Address destination,
                  const uint8_t *segment, uint32_t length)
{
    uint16_t port = static_cast<uint16_t>(segment[0] << 8 | segment[1]);

    if (m_endPoint == nullptr || !m_endPoint->IsRxEnabled() ||
        m_endPoint->GetPeerPort() != port ||
        m_endPoint->GetLocalPort() != (segment[2] << 8 | segment[3]) ||
        m_endPoint->GetPeerAddress() != source ||
        m_endPoint->GetLocalAddress() != destination)
        return false;
    take_segment(Create<Packet>(segment, length), source, port, destination);
    return true;
}

/* Peeks at the bytes, because taking a header apart is dear, and the base will
 * do it again. */
void
TcpLinux::take_segment(Ptr<Packet> packet, Ipv4Address source, uint16_t port,
                       Ipv4Address destination)
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
    note_heard();
    if (m_connected && !(raw[13] & (TcpHeader::SYN | TcpHeader::RST))) {
        if (answers_keepalive(seq, end))
            return;
        if (m_timestampEnabled && seq < next && seq <= m_highTxAck)
            echo_timestamp(packet);
        if (end > seq && OutOfRange(seq, end)) {
            SendEmptyPacket(TcpHeader::ACK); /* RFC 9293 3.10.7.4 */
            return;
        }
    }
    DoForwardUp(packet, InetSocketAddress(source, port),
                InetSocketAddress(destination, m_endPoint->GetLocalPort()));
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

} // namespace hs_tcp_linux
