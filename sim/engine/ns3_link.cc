/* Links: ns-3's point-to-point device and channel, with what a leased line has
 * and they have not.
 *
 * The device does what it is good at: it holds a queue, and keeps one packet at
 * a time on the wire for as long as its size and the rate demand. What goes
 * through it is only the packet's *size* (an ns-3 packet of that many virtual
 * zero bytes, which costs no memory): IP bytes and the medium's overhead, or
 * the least frame, less the two bytes of PPP that the device puts in front.
 * The bytes themselves, an HsPacket, walk beside it in `waiting`, which is in
 * step with the device's queue because both are first in, first out.
 *
 *   hs_sim_link_send ── limits, MTU, carrier ──► waiting + device's queue
 *                                                     │ the transmitter is free
 *   Channel::TransmitStart ◄──────────────────────────┘
 *      tap: departed · black hole? · random loss? · delay + jitter
 *        └─► Arrival, an event ──► carrier or hole since? ──► receiver
 *
 * The channel subclass is where a packet's first bit leaves. From there no copy
 * and no PPP: the arrival is an event of ours that owns the HsPacket.
 *
 * A fault must hit what is in flight, and only that. Each arrival remembers how
 * often the carrier had gone, and the hole had opened, when it departed; if
 * either count has moved by the time it arrives, it was on the wire then and is
 * lost. (Asking whether the link is down *now* would let through what was sent
 * during a short outage and arrives after it.) */

#include "config.h"

#include "models/base/rng.h"
#include "sim/engine/ns3_private.hh"

#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>

#include <algorithm>
#include <deque>

using namespace ns3;

static const uint32_t PPP_HEADER = 2; /* of PointToPointNetDevice::Send */

static const char *const fate_names[] = {
#define X(name, text) text,
    HS_SIM_LINK_FATES(X)
#undef X
};

struct LinkEnd {
    HsSimLink *link; /* borrowed */
    unsigned index;
    Ptr<PointToPointNetDevice> device;
    uint32_t peer_context; /* ns-3 node at the other end */

    std::deque<HsPacket *> waiting; /* owned; handed over, not departed */
    uint64_t waiting_bytes;
    HsTime busy_until; /* the transmitter's */
    HsSimLinkCounters counters;

    bool hole;
    uint32_t holes; /* how often one opened */
    double loss;
    HsRng *rng; /* owned; the random loss */
    HsDuration (*extra)(void *user_data);
    void *extra_data;
    bool reorder;
    HsTime last_steady, last_arrival; /* of the packets that departed */

    HsSimReceiveFunc receive; /* what arrives at this end */
    void *receive_data;
    HsSimCarrierFunc changed;
    void *changed_data;
};

class LinkChannel;

struct HsSimLink {
    HsSim *sim; /* borrowed */
    std::string name;
    HsSimLinkConfig config; /* .name is not kept */
    Ptr<LinkChannel> channel;
    HsDuration delay;
    bool carrier;
    uint32_t cuts; /* how often the carrier went */
    HsSimLinkTap tap;
    void *tap_data;
    uint64_t arriving;
    LinkEnd ends[2];
};

static void depart(LinkEnd *end, HsDuration serialisation);

class LinkChannel final : public PointToPointChannel
{
  public:
    HsSimLink *link = nullptr; /* borrowed */

    bool TransmitStart(Ptr<const Packet>, Ptr<PointToPointNetDevice> source,
                       Time serialisation) override
    {
        depart(&link->ends[source == link->ends[1].device],
               serialisation.GetTimeStep());
        return true;
    }
};

class Arrival final : public EventImpl
{
  public:
    Arrival(LinkEnd *from_, HsPacket *packet_, uint64_t number_)
        : from(from_), packet(packet_), number(number_),
          cuts(from_->link->cuts), holes(from_->holes)
    {
    }
    ~Arrival() override
    {
        hs_packet_unref(packet);
    }

  protected:
    void Notify() override;

  private:
    LinkEnd *from;
    HsPacket *packet; /* owned */
    uint64_t number;
    uint32_t cuts, holes;
};

class CarrierNews final : public EventImpl
{
  public:
    CarrierNews(LinkEnd *end_, bool up_) : end(end_), up(up_)
    {
    }

  protected:
    void Notify() override
    {
        if (end->changed != nullptr)
            end->changed(end->changed_data, up);
    }

  private:
    LinkEnd *end;
    bool up;
};

const char *
hs_sim_link_fate_name(HsSimLinkFate fate)
{
    g_assert((unsigned)fate < HS_SIM_LINK_FATE_COUNT);
    return fate_names[fate];
}

static void
count(LinkEnd *end, HsSimLinkFate fate, size_t length)
{
    end->counters.packets[fate]++;
    end->counters.bytes[fate] += length;
}

/* The fate of a packet that was on the wire. */
static void
decide(LinkEnd *end, HsPacket *packet, uint64_t number, HsSimLinkFate fate)
{
    HsSimLink *link = end->link;

    count(end, fate, hs_packet_length(packet));
    if (link->tap.decided != nullptr)
        link->tap.decided(link->tap_data, end->index, number, packet, fate);
}

static void
depart(LinkEnd *end, HsDuration serialisation)
{
    HsSimLink *link = end->link;
    HsPacket *packet = end->waiting.front();
    HsTime now = now_ns(), arrival;
    uint64_t number = 0;

    end->waiting.pop_front();
    end->waiting_bytes -= hs_packet_length(packet);
    end->busy_until = now + serialisation;
    if (link->tap.departed != nullptr)
        number = link->tap.departed(link->tap_data, end->index, packet);

    if (end->hole || (end->loss > 0 && hs_rng_unit(end->rng) < end->loss)) {
        decide(end, packet, number,
               end->hole ? HS_SIM_LINK_BLACK_HOLE : HS_SIM_LINK_LOSS);
        hs_packet_unref(packet);
        return;
    }

    /* Without jitter a packet never overtakes, whatever became of the delay
     * meanwhile; jitter comes on top and may or may not. */
    arrival = std::max(now + serialisation + link->delay, end->last_steady);
    end->last_steady = arrival;
    if (end->extra != nullptr)
        arrival += std::max<HsDuration>(end->extra(end->extra_data), 0);
    if (!end->reorder)
        arrival = std::max(arrival, end->last_arrival);
    end->last_arrival = std::max(arrival, end->last_arrival);
    Simulator::GetImplementation()->ScheduleWithContext(
        end->peer_context, TimeStep((uint64_t)(arrival - now)),
        new Arrival(end, packet, number));
}

void
Arrival::Notify()
{
    HsSimLink *link = from->link;
    LinkEnd *to = &link->ends[1 - from->index];
    HsPacket *arrived;

    if (cuts != link->cuts) {
        decide(from, packet, number, HS_SIM_LINK_NO_CARRIER);
        return;
    }
    if (holes != from->holes) {
        decide(from, packet, number, HS_SIM_LINK_BLACK_HOLE);
        return;
    }
    decide(from, packet, number, HS_SIM_LINK_DELIVERED);
    if (to->receive == nullptr)
        return;
    arrived = packet;
    packet = nullptr;
    link->arriving = number;
    to->receive(to->receive_data, arrived);
    link->arriving = 0;
}

static void
set_up_end(HsSimLink *link, unsigned index, HsSimNode *node, HsSimNode *peer)
{
    LinkEnd *end = &link->ends[index];
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();

    end->link = link;
    end->index = index;
    end->peer_context = peer->node->GetId();
    end->rng = hs_rng_new(link->sim->seed, link->name.c_str(),
                          index == 0 ? "loss 0" : "loss 1");
    /* The limits are ours: ns-3's counts one of packets and bytes, not both,
     * and the bytes of the frame, not of the packet. */
    queue->SetMaxSize(QueueSize(QueueSizeUnit::PACKETS, UINT32_MAX));
    end->device = CreateObject<PointToPointNetDevice>();
    end->device->SetDataRate(DataRate(link->config.rate));
    end->device->SetQueue(queue);
    node->node->AddDevice(end->device);
    end->device->Attach(link->channel);
}

HsSimLink *
hs_sim_link_new(HsSim *sim, const HsSimLinkConfig *config, HsSimNode *end0,
                HsSimNode *end1)
{
    HsSimLink *link;

    g_assert(config->name != nullptr && config->rate > 0 &&
             config->delay >= 0 && config->mtu > 0 && end0 != end1);
    link = new HsSimLink{};
    link->sim = sim;
    link->name = config->name;
    link->config = *config;
    link->config.name = nullptr;
    link->delay = config->delay;
    link->carrier = true;
    link->channel = CreateObject<LinkChannel>();
    link->channel->link = link;
    set_up_end(link, 0, end0, end1);
    set_up_end(link, 1, end1, end0);
    sim->links.push_back(link);
    return link;
}

void
hs_link_destroy(HsSimLink *link)
{
    for (LinkEnd &end : link->ends) {
        for (HsPacket *packet : end.waiting)
            hs_packet_unref(packet);
        hs_rng_free(end.rng);
    }
    delete link;
}

const char *
hs_sim_link_name(HsSimLink *link)
{
    return link->name.c_str();
}

void
hs_sim_link_set_receiver(HsSimLink *link, unsigned end,
                         HsSimReceiveFunc receive, void *user_data)
{
    g_assert(end < 2);
    link->ends[end].receive = receive;
    link->ends[end].receive_data = user_data;
}

void
hs_sim_link_set_carrier_watch(HsSimLink *link, unsigned end,
                              HsSimCarrierFunc changed, void *user_data)
{
    g_assert(end < 2);
    link->ends[end].changed = changed;
    link->ends[end].changed_data = user_data;
}

void
hs_sim_link_set_tap(HsSimLink *link, const HsSimLinkTap *tap, void *user_data)
{
    link->tap = tap != nullptr ? *tap : HsSimLinkTap{};
    link->tap_data = user_data;
}

uint64_t
hs_sim_link_arriving(HsSimLink *link)
{
    return link->arriving;
}

/* Why the link does not take a packet of LENGTH from END now, or DELIVERED. */
static HsSimLinkFate
refusal(const LinkEnd *end, size_t length)
{
    const HsSimLinkConfig *config = &end->link->config;

    if (!end->link->carrier)
        return HS_SIM_LINK_NO_CARRIER;
    if (length > config->mtu)
        return HS_SIM_LINK_TOO_BIG;
    if (end->waiting.empty() && now_ns() >= end->busy_until)
        return HS_SIM_LINK_DELIVERED; /* goes out at once, needs no queue */
    if (config->queue_packets > 0 &&
        end->waiting.size() >= config->queue_packets)
        return HS_SIM_LINK_QUEUE_FULL;
    if (config->queue_bytes > 0 &&
        end->waiting_bytes + length > config->queue_bytes)
        return HS_SIM_LINK_QUEUE_FULL;
    return HS_SIM_LINK_DELIVERED;
}

bool
hs_sim_link_send(HsSimLink *link, unsigned index, HsPacket *packet)
{
    static const Address nobody; /* the device does not look at it */
    LinkEnd *end;
    HsSimLinkFate fate;
    size_t length = hs_packet_length(packet);
    uint32_t frame;

    g_assert(index < 2);
    end = &link->ends[index];
    end->counters.sent_packets++;
    end->counters.sent_bytes += length;
    fate = refusal(end, length);
    if (fate != HS_SIM_LINK_DELIVERED) {
        count(end, fate, length);
        hs_packet_unref(packet);
        return false;
    }

    frame = std::max({(uint32_t)length + link->config.overhead,
                      link->config.min_frame, PPP_HEADER});
    end->waiting.push_back(packet);
    end->waiting_bytes += length;
    end->device->Send(Create<Packet>(frame - PPP_HEADER), nobody, 0x0800);
    end->counters.queued_packets_max = std::max(
        end->counters.queued_packets_max, (uint32_t)end->waiting.size());
    return true;
}

static void
flush(LinkEnd *end)
{
    end->device->GetQueue()->Flush();
    for (HsPacket *packet : end->waiting) {
        count(end, HS_SIM_LINK_NO_CARRIER, hs_packet_length(packet));
        hs_packet_unref(packet);
    }
    end->waiting.clear();
    end->waiting_bytes = 0;
}

void
hs_sim_link_set_carrier(HsSimLink *link, bool up)
{
    if (link->carrier == up)
        return;
    link->carrier = up;
    if (!up)
        link->cuts++;
    for (LinkEnd &end : link->ends) {
        if (!up)
            flush(&end);
        Simulator::GetImplementation()->Schedule(Time(0),
                                                 new CarrierNews(&end, up));
    }
}

void
hs_sim_link_set_black_hole(HsSimLink *link, unsigned end, bool on)
{
    g_assert(end < 2);
    if (on && !link->ends[end].hole)
        link->ends[end].holes++;
    link->ends[end].hole = on;
}

void
hs_sim_link_set_loss(HsSimLink *link, unsigned end, double probability)
{
    g_assert(end < 2 && probability >= 0 && probability <= 1);
    link->ends[end].loss = probability;
}

void
hs_sim_link_set_rate(HsSimLink *link, uint64_t rate)
{
    g_assert(rate > 0);
    link->config.rate = rate;
    for (LinkEnd &end : link->ends)
        end.device->SetDataRate(DataRate(rate));
}

void
hs_sim_link_set_delay(HsSimLink *link, HsDuration delay)
{
    g_assert(delay >= 0);
    link->delay = delay;
}

void
hs_sim_link_set_jitter(HsSimLink *link, unsigned end,
                       HsDuration (*extra)(void *user_data), void *user_data,
                       bool reorder)
{
    g_assert(end < 2);
    link->ends[end].extra = extra;
    link->ends[end].extra_data = user_data;
    link->ends[end].reorder = reorder;
}

void
hs_sim_link_counters(HsSimLink *link, unsigned end,
                     HsSimLinkCounters *ret_counters)
{
    g_assert(end < 2);
    *ret_counters = link->ends[end].counters;
}
