/* What goes out, and when again: segments, the list of those in flight, what an
 * ACK does to it, and the one timer, which is the RTO's or the probe's. */

#include "config.h"

#include "sim/engine/ns3_tcp_linux_socket.hh"

#include <ns3/tcp-option-sack.h>
#include <ns3/tcp-option-ts.h>

#include <algorithm>

namespace hs_tcp_linux
{

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
    /* What goes again is one from now on: small ones are joined, and one of
     * which a part goes is cut, because the rest is as old as it was. */
    size_t first = 0, last;

    while (first < m_sent.size() && m_sent[first].end <= seq)
        first++;
    if (first < m_sent.size() && m_sent[first].start < seq) {
        Sent before = m_sent[first];

        before.end = seq;
        m_sent[first].start = seq;
        m_sent.insert(m_sent.begin() + first, before);
        first++;
    }
    for (last = first; last < m_sent.size() && m_sent[last].start < end;
         last++) {
        if (m_sent[last].end > end) {
            Sent behind = m_sent[last];

            behind.start = end;
            m_sent[last].end = end;
            m_sent.insert(m_sent.begin() + last + 1, behind);
        }
        m_sent[last].at = now;
        m_sent[last].again = true;
    }
    if (last - first > 1) {
        m_sent[first].end = m_sent[last - 1].end;
        m_sent.erase(m_sent.begin() + first + 1, m_sent.begin() + last);
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

/* When what arrived last, of what HEADER's SACK blocks name, was sent; -1: they
 * name nothing. What was sent more than once counts if its last transmission is
 * old enough to be the one that arrived (RFC 8985 section 6.2, step 1). */
HsTime
TcpLinux::newest_arrived(const TcpHeader &header) const
{
    Ptr<const TcpOptionSack> sack =
        DynamicCast<const TcpOptionSack>(header.GetOption(TcpOption::SACK));
    HsTime newest = -1;

    for (const TcpOptionSack::SackBlock &block : sack->GetSackList())
        for (const Sent &sent : m_sent)
            if (sent.start >= block.first && sent.end <= block.second &&
                (!sent.again ||
                 now_ns() - sent.at >= m_tcb->m_minRtt.GetTimeStep()))
                newest = std::max(newest, sent.at);
    return newest;
}

/* RFC 8985 section 6.2, the part that needs no timer: the oldest segment in
 * flight is lost when something arrived that was sent well after it. */
bool
TcpLinux::overtaken(const TcpHeader &header) const
{
    HsDuration window = m_tcb->m_minRtt.GetTimeStep() / 4;

    return !m_sent.empty() &&
           newest_arrived(header) > m_sent.front().at + window;
}

/* Two more duplicate ACKs need not be waited for then. So what a probe finds is
 * mended in a round trip. */
void
TcpLinux::judge_reordering(const TcpHeader &header)
{
    uint32_t threshold = overtaken(header) ? 1 : DUP_ACKS;

    if (threshold == m_retxThresh)
        return;
    SetRetxThresh(threshold);
    m_dupAckCount = std::min(m_dupAckCount, threshold - 1);
}

/* The same after a time-out, where the base waits for the next one: what went
 * again and was overtaken is lost once more, and goes at once. */
void
TcpLinux::mend_lost_again(const TcpHeader &header)
{
    if (m_tcb->m_congState != TcpSocketState::CA_LOSS ||
        m_endPoint == nullptr || m_txBuffer->Size() == 0 || !overtaken(header))
        return;
    SendDataPacket(m_txBuffer->HeadSequence(), m_tcb->m_segmentSize,
                   m_connected);
    arm_rto();
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
    if (m_sackEnabled && header.HasOption(TcpOption::SACK))
        mend_lost_again(header);
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
    /* Small segments that were sent again as one are acknowledged as one: a
     * part of it advances the window and leaves the timer running
     * (FLAG_SET_XMIT_TIMER in Linux). */
    else if (m_just_acked == 0 && m_retxEvent.IsRunning())
        return;
    else if (!arm_probe(true))
        arm_rto();
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
    /* Of the last segment, what is not acknowledged yet; perhaps only its FIN.
     */
    SequenceNumber32 last =
        std::max(m_sent.back().start, m_txBuffer->HeadSequence());

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
        if (last >= m_txBuffer->TailSequence())
            SendEmptyPacket(TcpHeader::FIN);
        else
            SendDataPacket(last, m_tcb->m_segmentSize, m_connected);
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
        end(m_limits.user_timeout > 0 ? HS_SIM_TCP_END_USER_TIMEOUT
                                      : HS_SIM_TCP_END_TIMEOUT);
        return;
    }
    if (m_timed_out_at == HS_TIME_NEVER)
        m_timed_out_at = now_ns();
    m_probe_out = false;
    m_loss_at = now_ns();
    m_backoff++;
    m_attempt++;
    arm(PENDING_RTO,
        hs_tcp_ticks(&m_ticks, clamped_to_user_timeout(next.GetTimeStep())));
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
        m_persistEvent = Simulator::Schedule(m_persistTimeout,
                                             &TcpLinux::PersistTimeout, this);
}

void
TcpLinux::LastAckTimeout()
{
    /* The base would send FINs by a clock of its own; time_out() does. */
}

} // namespace hs_tcp_linux
