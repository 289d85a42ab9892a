/* When a connection is given up on which nothing comes back: tcp(7).
 *
 *   tcp_retries2      the system's patience with data that is not acknowledged
 *   TCP_USER_TIMEOUT  the application's: a time instead of those retries, from
 *                     the first retransmission on; of a SYN, from the SYN. The
 *                     timer is set to its end: no back-off step delays it
 *   keepalive         where nothing is under way: after IDLE of silence an
 * empty segment with the number before the next, which any peer answers; every
 * INTERVAL again; after COUNT unanswered ones an RST, and the end.
 * TCP_USER_TIMEOUT stands in for COUNT
 *
 * What was measured on Linux to check it: tests/golden/linux-tcp/limits.csv.
 *
 * Departure: a peer that keeps its window closed is probed for ever; in Linux
 * TCP_USER_TIMEOUT ends that, too. */

#include "config.h"

#include "sim/engine/ns3_tcp_linux_socket.hh"

#include <ns3/ipv4-end-point.h>
#include <ns3/tcp-l4-protocol.h>

#include <algorithm>

namespace hs_tcp_linux
{

/* tcp_retries2 is not a count but stands for the time that so many retries
 * would take with the smallest RTO, from the first one on: 924.6 s for 15. */
HsDuration
TcpLinux::retries_limit() const
{
    unsigned retries = m_orphan ? m_config.orphan_retries : m_config.retries2;
    HsDuration limit = 0, step = m_config.rto_min;

    for (unsigned i = 0; i <= retries; i++) {
        limit += std::min(step, m_config.rto_max);
        step = std::min(2 * step, m_config.rto_max);
    }
    return limit;
}

bool
TcpLinux::user_timeout_over() const
{
    return m_limits.user_timeout > 0 && m_timed_out_at != HS_TIME_NEVER &&
           now_ns() - m_timed_out_at >= m_limits.user_timeout;
}

bool
TcpLinux::gave_up() const
{
    if (m_limits.user_timeout > 0)
        return user_timeout_over();
    return m_timed_out_at != HS_TIME_NEVER &&
           now_ns() - m_timed_out_at >= retries_limit();
}

HsDuration
TcpLinux::clamped_to_user_timeout(HsDuration rto) const
{
    if (m_limits.user_timeout == 0 || m_timed_out_at == HS_TIME_NEVER)
        return rto;
    return std::max<HsDuration>(
        std::min(rto, m_timed_out_at + m_limits.user_timeout - now_ns()), 1);
}

void
TcpLinux::set_limits(const HsSimTcpLimits *limits)
{
    m_limits = *limits;
    if (m_state == ESTABLISHED) {
        note_heard();
        keepalive_in(m_limits.keepalive_idle);
    }
}

/* Keepalive */

void
TcpLinux::note_heard()
{
    m_heard_at = now_ns();
    m_keepalives = 0;
}

void
TcpLinux::keepalive_in(HsDuration span)
{
    m_keepalive_event.Cancel();
    if (m_limits.keepalive_idle > 0)
        m_keepalive_event = Simulator::Schedule(
            NanoSeconds(hs_tcp_ticks_delay(&m_ticks, now_ns(),
                                           hs_tcp_ticks(&m_ticks, span))),
            &TcpLinux::keepalive_timer, this);
}

/* Set for a whole IDLE and not moved by what comes meanwhile; it looks again
 * when it fires. While something is under way the RTO judges. */
void
TcpLinux::keepalive_timer()
{
    Ptr<TcpLinux> self(this);
    HsDuration silence = now_ns() - m_heard_at;
    bool over = m_limits.user_timeout > 0
                    ? silence >= m_limits.user_timeout && m_keepalives > 0
                    : m_keepalives >= m_limits.keepalive_count;

    if (m_endPoint == nullptr)
        return;
    if (m_txBuffer->Size() > 0 || !m_sent.empty()) {
        keepalive_in(m_limits.keepalive_idle);
        return;
    }
    if (silence < m_limits.keepalive_idle) {
        keepalive_in(m_limits.keepalive_idle - silence);
        return;
    }
    if (over) {
        SendEmptyPacket(TcpHeader::RST);
        end(HS_SIM_TCP_END_KEEPALIVE);
        return;
    }
    m_keepalives++;
    send_keepalive();
    keepalive_in(m_limits.keepalive_interval);
}

void
TcpLinux::send_keepalive()
{
    TcpHeader header;

    header.SetFlags(TcpHeader::ACK);
    header.SetSequenceNumber(m_tcb->m_highTxMark.Get() - 1);
    header.SetAckNumber(m_tcb->m_rxBuffer->NextRxSequence());
    header.SetSourcePort(m_endPoint->GetLocalPort());
    header.SetDestinationPort(m_endPoint->GetPeerPort());
    header.SetWindowSize(AdvertisedWindowSize());
    AddOptions(header);
    m_tcp->SendPacket(Create<Packet>(), header, m_endPoint->GetLocalAddress(),
                      m_endPoint->GetPeerAddress(), m_boundnetdevice);
}

/* RFC 9293 3.8.4: a segment whose number we have, and nothing in it. An ACK
 * that was overtaken by the only byte sent after it would look the same, and is
 * answered as Linux would, too. */
bool
TcpLinux::answers_keepalive(SequenceNumber32 seq, SequenceNumber32 end)
{
    if (m_state != ESTABLISHED || end != seq ||
        seq + 1 != m_tcb->m_rxBuffer->NextRxSequence())
        return false;
    SendEmptyPacket(TcpHeader::ACK);
    return true;
}

} // namespace hs_tcp_linux
