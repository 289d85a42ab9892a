/* Harm: what faults do to single packets of a link. Each has its own stream of
 * chance, so that one fault does not shift the draws of another, and its own
 * counters, so that each can say what it touched. */

#include "config.h"

#include "sim/engine/ns3_harm.hh"

#include <algorithm>

using namespace ns3;

/* A packet that is kept back goes when so many have passed it, which is what
 * makes TCP send it again (RFC 5681 3.2), or after this long where hardly
 * anything passes. */
static const unsigned PASSED_BY = 3;
static const HsDuration HELD_AT_MOST = HS_MSEC(100);

/* More than the largest replay window that AWS takes (2048), so that some are
 * behind any. */
static const size_t REMEMBERED = 4096;

namespace
{

class Timeout final : public EventImpl
{
  public:
    Timeout(HsSimHarm *harm_, EventImpl *arrival_)
        : harm(harm_), arrival(arrival_)
    {
    }

  protected:
    void Notify() override
    {
        harm->let_go(arrival);
    }

  private:
    HsSimHarm *harm;    /* borrowed: it cancels us before it goes */
    EventImpl *arrival; /* likewise */
};

} // namespace

HsSimHarm::HsSimHarm(HsSimLink *link_, unsigned end_, HsRng *rng_,
                     const HsSimHarmConfig *config_)
    : link(link_), end(end_), config(*config_), counters(), rng(rng_)
{
}

HsSimHarm::~HsSimHarm()
{
    for (Held &one : held) {
        one.timeout.Cancel();
        one.arrival->Unref();
    }
    for (Old &old : past)
        hs_packet_unref(old.packet);
    hs_rng_free(rng);
}

static bool
happens(HsRng *rng, double probability)
{
    return probability > 0 && hs_rng_unit(rng) < probability;
}

HsSimLinkFate
HsSimHarm::fate(const HsPacket *packet)
{
    if (config.largest > 0 && hs_packet_length(packet) > config.largest) {
        counters.lost++;
        return HS_SIM_LINK_BLACK_HOLE;
    }
    if (happens(rng, config.loss) ||
        (config.lose != nullptr && config.lose(config.lose_data))) {
        counters.lost++;
        return HS_SIM_LINK_LOSS;
    }
    return HS_SIM_LINK_DELIVERED;
}

HsDuration
HsSimHarm::late()
{
    HsDuration delay = config.delay;

    if (config.jitter != nullptr)
        delay += std::max<HsDuration>(config.jitter(config.jitter_data), 0);
    if (delay > 0)
        counters.late++;
    return delay;
}

HsPacket *
HsSimHarm::damaged(HsPacket *packet)
{
    HsPacket *copy;
    uint32_t bit;

    if (hs_packet_length(packet) == 0 || !happens(rng, config.corrupt))
        return packet;
    counters.corrupted++;
    bit = hs_rng_below(rng, (uint32_t)hs_packet_length(packet) * 8);
    copy = hs_packet_new(hs_packet_data(packet), hs_packet_length(packet));
    hs_packet_bytes(copy)[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    hs_packet_unref(packet);
    return copy;
}

bool
HsSimHarm::duplicates()
{
    if (!happens(rng, config.duplicate))
        return false;
    counters.duplicated++;
    return true;
}

bool
HsSimHarm::holds(EventImpl *arrival, uint32_t context, HsTime at)
{
    Held one = {arrival, context, at, 0, EventId()};
    HsDuration wait = at - now_ns() + HELD_AT_MOST;

    if (!happens(rng, config.reorder))
        return false;
    one.timeout =
        Simulator::Schedule(TimeStep((uint64_t)wait),
                            Ptr<EventImpl>(new Timeout(this, arrival), false));
    held.push_back(one);
    return true;
}

void
HsSimHarm::let_go(EventImpl *arrival)
{
    for (auto one = held.begin(); one != held.end(); ++one)
        if (one->arrival == arrival) {
            Simulator::GetImplementation()->ScheduleWithContext(
                one->context,
                TimeStep((uint64_t)std::max<HsTime>(one->at - now_ns(), 0)),
                arrival);
            held.erase(one);
            return;
        }
}

void
HsSimHarm::let_all_go()
{
    while (!held.empty()) {
        held.front().timeout.Cancel();
        let_go(held.front().arrival);
    }
}

void
HsSimHarm::passed(HsTime at)
{
    for (auto one = held.begin(); one != held.end();) {
        if (++one->passed < PASSED_BY) {
            ++one;
            continue;
        }
        one->timeout.Cancel();
        counters.reordered++;
        Simulator::GetImplementation()->ScheduleWithContext(
            one->context, TimeStep((uint64_t)(at - now_ns())), one->arrival);
        one = held.erase(one);
    }
}

bool
HsSimHarm::replays(HsPacket *packet, uint64_t number, Old *ret_old)
{
    bool again = !past.empty() && happens(rng, config.replay);

    if (config.replay <= 0)
        return false;
    if (again) {
        *ret_old = past[hs_rng_below(rng, (uint32_t)past.size())];
        counters.replayed++;
    }
    past.push_back({hs_packet_ref(packet), number});
    if (past.size() > REMEMBERED) {
        hs_packet_unref(past.front().packet);
        past.pop_front();
    }
    return again;
}
