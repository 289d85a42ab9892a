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
 * during a short outage and arrives after it.)
 *
 * A link can be shared by others, its lanes: VLANs on one line. A lane has what
 * belongs to a VLAN (ends, receivers, tap, MTU, black hole, loss, counters) and
 * no wire; the trunk has the wire (queue, rate, delay, carrier), and what is
 * done to the trunk is done to each lane. Beside a packet that waits walks the
 * lane that it is on. A plain link is a trunk on which packets of its own go.
 *
 * And it can have several members, a bundle (IEEE 802.1AX): each has the link's
 * rate, queue and transmitter; a flow stays on one, and the link has carrier as
 * long as enough of them have. Those that have not are passed over. */

#include "config.h"

#include "models/base/rng.h"
#include "sim/engine/ns3_harm.hh"
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
    uint32_t peer_context; /* ns-3 node at the other end */
    HsSimLinkCounters counters;

    bool hole;
    uint32_t holes; /* how often one opened */
    double loss;
    HsRng *rng; /* owned; the random loss */
    HsDuration (*extra)(void *user_data);
    void *extra_data;
    bool reorder;
    HsTime last_arrival;            /* of the packets that departed */
    std::vector<HsSimHarm *> harms; /* owned */

    HsSimReceiveFunc receive; /* what arrives at this end */
    void *receive_data;
    HsSimCarrierFunc changed;
    void *changed_data;
};

/* Handed over, not departed. */
struct Waiting {
    HsPacket *packet; /* owned */
    LinkEnd *end;     /* of the lane */
};

/* An end of a wire. */
struct Transmitter {
    Ptr<PointToPointNetDevice> device;
    std::deque<Waiting> waiting;
    uint64_t waiting_bytes;
    HsTime busy_until;
    HsTime last_steady; /* arrival, but for jitter, of what departed */
};

class LinkChannel;

/* A wire. */
struct Member {
    HsSimLink *trunk; /* borrowed */
    Ptr<LinkChannel> channel;
    bool up;
    uint32_t cuts; /* how often its carrier went */
    Transmitter ends[2];
};

struct HsSimLink {
    HsSim *sim; /* borrowed */
    std::string name;
    HsSimLinkConfig config; /* .name is not kept */
    HsSimLink *trunk;       /* borrowed; itself if it is no lane */
    HsSimLinkTap tap;
    void *tap_data;
    uint64_t arriving;
    LinkEnd ends[2];

    /* Of a trunk alone. */
    std::vector<HsSimLink *> lanes; /* borrowed */
    std::vector<Member *> members;  /* owned */
    HsDuration delay;
    bool lit;      /* nobody has cut it */
    bool carrier;  /* lit, and enough members are up */
    uint32_t cuts; /* how often the carrier went */
};

static void depart(Member *member, unsigned index, HsDuration serialisation);

class LinkChannel final : public PointToPointChannel
{
  public:
    Member *member = nullptr; /* borrowed */

    bool TransmitStart(Ptr<const Packet>, Ptr<PointToPointNetDevice> source,
                       Time serialisation) override
    {
        depart(member, source == member->ends[1].device,
               serialisation.GetTimeStep());
        return true;
    }
};

/* What a lane has of its trunk. */
static LinkEnd *
of_trunk(LinkEnd *end)
{
    return &end->link->trunk->ends[end->index];
}

static bool
is_lane(const HsSimLink *link)
{
    return link->trunk != link;
}

/* Black holes that opened on the way of a packet from END. */
static uint32_t
holes_before(LinkEnd *end)
{
    return end->holes + (is_lane(end->link) ? of_trunk(end)->holes : 0);
}

class Arrival final : public EventImpl
{
  public:
    Arrival(LinkEnd *from_, const Member *member_, HsPacket *packet_,
            uint64_t number_)
        : from(from_), member(member_), packet(packet_), number(number_),
          cuts(member_->cuts), all_cuts(member_->trunk->cuts),
          holes(holes_before(from_))
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
    const Member *member;
    HsPacket *packet; /* owned */
    uint64_t number;
    uint32_t cuts, all_cuts, holes;
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
    if (is_lane(end->link))
        count(of_trunk(end), fate, length);
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

static bool
draws_loss(const LinkEnd *end)
{
    return end->loss > 0 && hs_rng_unit(end->rng) < end->loss;
}

/* Why PACKET from END is lost as it departs, or DELIVERED. */
static HsSimLinkFate
fate_of(LinkEnd *end, const HsPacket *packet)
{
    if (end->hole)
        return HS_SIM_LINK_BLACK_HOLE;
    if (draws_loss(end))
        return HS_SIM_LINK_LOSS;
    for (HsSimHarm *harm : end->harms) {
        HsSimLinkFate fate = harm->fate(packet);

        if (fate != HS_SIM_LINK_DELIVERED)
            return fate;
    }
    return is_lane(end->link) ? fate_of(of_trunk(end), packet)
                              : HS_SIM_LINK_DELIVERED;
}

/* Jitter comes on top, and may overtake or not. */
static HsTime
jittered(LinkEnd *end, HsTime arrival)
{
    if (is_lane(end->link))
        arrival = jittered(of_trunk(end), arrival);
    if (end->extra != nullptr)
        arrival += std::max<HsDuration>(end->extra(end->extra_data), 0);
    for (HsSimHarm *harm : end->harms)
        arrival += harm->late();
    if (!end->reorder)
        arrival = std::max(arrival, end->last_arrival);
    end->last_arrival = std::max(arrival, end->last_arrival);
    return arrival;
}

static void
count_sent(LinkEnd *end, size_t length, bool copy)
{
    end->counters.sent_packets++;
    end->counters.sent_bytes += length;
    end->counters.copies += copy;
    if (is_lane(end->link))
        count_sent(of_trunk(end), length, copy);
}

/* A copy of what departed, behind it. PACKET is borrowed. */
static void
launch_copy(LinkEnd *end, Member *member, HsPacket *packet, uint64_t number,
            HsTime at)
{
    count_sent(end, hs_packet_length(packet), true);
    Simulator::GetImplementation()->ScheduleWithContext(
        end->peer_context, TimeStep((uint64_t)(at - now_ns())),
        new Arrival(end, member, hs_packet_ref(packet), number));
}

/* What is done to packets of END, its trunk's included. */
static std::vector<HsSimHarm *>
harms_of(LinkEnd *end)
{
    std::vector<HsSimHarm *> harms = end->harms;

    if (is_lane(end->link))
        harms.insert(harms.end(), of_trunk(end)->harms.begin(),
                     of_trunk(end)->harms.end());
    return harms;
}

/* PACKET (transfer full) from END is on its way and arrives AT, unless it is
 * kept back. */
static void
launch(LinkEnd *end, Member *member, HsPacket *packet, uint64_t number,
       HsTime at)
{
    std::vector<HsSimHarm *> harms = harms_of(end);
    HsSimHarm::Old old;
    EventImpl *arrival;
    bool held = false;

    for (HsSimHarm *harm : harms)
        packet = harm->damaged(packet);
    arrival = new Arrival(end, member, packet, number);
    for (HsSimHarm *harm : harms)
        held = held || harm->holds(arrival, end->peer_context, at);
    if (!held)
        Simulator::GetImplementation()->ScheduleWithContext(
            end->peer_context, TimeStep((uint64_t)(at - now_ns())), arrival);
    for (HsSimHarm *harm : harms) {
        if (harm->duplicates())
            launch_copy(end, member, packet, number, at);
        if (harm->replays(packet, number, &old))
            launch_copy(end, member, old.packet, old.number, at);
        if (!held)
            harm->passed(at);
    }
}

static void
depart(Member *member, unsigned index, HsDuration serialisation)
{
    Transmitter *wire = &member->ends[index];
    HsPacket *packet = wire->waiting.front().packet;
    LinkEnd *end = wire->waiting.front().end;
    HsSimLink *link = end->link;
    HsTime now = now_ns();
    HsSimLinkFate fate;
    uint64_t number = 0;

    wire->waiting.pop_front();
    wire->waiting_bytes -= hs_packet_length(packet);
    wire->busy_until = now + serialisation;
    if (link->tap.departed != nullptr)
        number = link->tap.departed(link->tap_data, index, packet);

    fate = fate_of(end, packet);
    if (fate != HS_SIM_LINK_DELIVERED) {
        decide(end, packet, number, fate);
        hs_packet_unref(packet);
        return;
    }

    /* Without jitter a packet never overtakes on its wire, whatever became of
     * the delay meanwhile. */
    wire->last_steady =
        std::max(now + serialisation + link->trunk->delay, wire->last_steady);
    launch(end, member, packet, number, jittered(end, wire->last_steady));
}

void
Arrival::Notify()
{
    HsSimLink *link = from->link;
    LinkEnd *to = &link->ends[1 - from->index];
    HsPacket *arrived;

    if (cuts != member->cuts || all_cuts != member->trunk->cuts) {
        decide(from, packet, number, HS_SIM_LINK_NO_CARRIER);
        return;
    }
    if (holes != holes_before(from)) {
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
set_up_wire(Member *member, unsigned index, HsSimNode *node)
{
    const HsSimLinkConfig *config = &member->trunk->config;
    Ptr<DropTailQueue<Packet>> queue = CreateObject<DropTailQueue<Packet>>();
    Transmitter *wire = &member->ends[index];

    /* The limits are ours: ns-3's counts one of packets and bytes, not both,
     * and the bytes of the frame, not of the packet. */
    queue->SetMaxSize(QueueSize(QueueSizeUnit::PACKETS, UINT32_MAX));
    wire->device = CreateObject<PointToPointNetDevice>();
    wire->device->SetDataRate(DataRate(config->rate));
    wire->device->SetQueue(queue);
    node->node->AddDevice(wire->device);
    wire->device->Attach(member->channel);
}

static void
add_member(HsSimLink *link, HsSimNode *end0, HsSimNode *end1)
{
    Member *member = new Member{};

    member->trunk = link;
    member->up = true;
    member->channel = CreateObject<LinkChannel>();
    member->channel->member = member;
    set_up_wire(member, 0, end0);
    set_up_wire(member, 1, end1);
    link->members.push_back(member);
}

static void
set_up_end(HsSimLink *link, unsigned index, HsSimNode *peer)
{
    LinkEnd *end = &link->ends[index];

    end->link = link;
    end->index = index;
    end->peer_context = peer->node->GetId();
    end->rng = hs_rng_new(link->sim->seed, link->name.c_str(),
                          index == 0 ? "loss 0" : "loss 1");
}

static HsSimLink *
new_link(HsSim *sim, const char *name, HsSimNode *end0, HsSimNode *end1)
{
    HsSimLink *link = new HsSimLink{};

    link->sim = sim;
    link->name = name;
    set_up_end(link, 0, end1);
    set_up_end(link, 1, end0);
    sim->links.push_back(link);
    return link;
}

HsSimLink *
hs_sim_link_new(HsSim *sim, const HsSimLinkConfig *config, HsSimNode *end0,
                HsSimNode *end1)
{
    HsSimLink *link;

    g_assert(config->name != nullptr && config->rate > 0 &&
             config->delay >= 0 && config->mtu > 0 && end0 != end1);
    g_assert(config->members <= 1 || config->flow != nullptr);
    link = new_link(sim, config->name, end0, end1);
    link->trunk = link;
    link->config = *config;
    link->config.name = nullptr;
    link->delay = config->delay;
    link->lit = link->carrier = true;
    for (unsigned i = 0; i < std::max(config->members, 1U); i++)
        add_member(link, end0, end1);
    return link;
}

HsSimLink *
hs_sim_link_new_lane(HsSimLink *trunk, const char *name, uint32_t mtu,
                     HsSimNode *end0, HsSimNode *end1)
{
    HsSimLink *lane;

    g_assert(!is_lane(trunk) && name != nullptr && mtu > 0 && end0 != end1);
    lane = new_link(trunk->sim, name, end0, end1);
    lane->trunk = trunk;
    lane->config.mtu = mtu;
    trunk->lanes.push_back(lane);
    return lane;
}

void
hs_link_destroy(HsSimLink *link)
{
    for (Member *member : link->members) {
        for (Transmitter &wire : member->ends)
            for (Waiting &waiting : wire.waiting)
                hs_packet_unref(waiting.packet);
        delete member;
    }
    for (LinkEnd &end : link->ends) {
        for (HsSimHarm *harm : end.harms)
            delete harm;
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

/* The wire for PACKET, of a trunk that has carrier: one flow stays on one while
 * none goes or comes. */
static Member *
member_for(const HsSimLink *trunk, const HsPacket *packet)
{
    unsigned up = 0, wanted;

    if (trunk->members.size() == 1)
        return trunk->members[0];
    for (const Member *member : trunk->members)
        up += member->up;
    wanted = trunk->config.flow(packet) % up;
    for (Member *member : trunk->members)
        if (member->up && wanted-- == 0)
            return member;
    g_assert_not_reached();
}

/* Why WIRE does not take a packet of LENGTH now, or DELIVERED. */
static HsSimLinkFate
refusal(const HsSimLink *trunk, const Transmitter *wire, size_t length)
{
    const HsSimLinkConfig *config = &trunk->config;

    if (wire->waiting.empty() && now_ns() >= wire->busy_until)
        return HS_SIM_LINK_DELIVERED; /* goes out at once, needs no queue */
    if (config->queue_packets > 0 &&
        wire->waiting.size() >= config->queue_packets)
        return HS_SIM_LINK_QUEUE_FULL;
    if (config->queue_bytes > 0 &&
        wire->waiting_bytes + length > config->queue_bytes)
        return HS_SIM_LINK_QUEUE_FULL;
    return HS_SIM_LINK_DELIVERED;
}

static void
note_queue(LinkEnd *end, size_t waiting)
{
    end->counters.queued_packets_max =
        std::max(end->counters.queued_packets_max, (uint32_t)waiting);
    if (is_lane(end->link))
        note_queue(of_trunk(end), waiting);
}

bool
hs_sim_link_send(HsSimLink *link, unsigned index, HsPacket *packet)
{
    static const Address nobody; /* the device does not look at it */
    const HsSimLink *trunk = link->trunk;
    size_t length = hs_packet_length(packet);
    HsSimLinkFate fate = HS_SIM_LINK_DELIVERED;
    Transmitter *wire = nullptr;
    LinkEnd *end;
    uint32_t frame;

    g_assert(index < 2);
    end = &link->ends[index];
    count_sent(end, length, false);
    if (!trunk->carrier) {
        fate = HS_SIM_LINK_NO_CARRIER;
    } else if (length > link->config.mtu) {
        fate = HS_SIM_LINK_TOO_BIG;
    } else {
        wire = &member_for(trunk, packet)->ends[index];
        fate = refusal(trunk, wire, length);
    }
    if (fate != HS_SIM_LINK_DELIVERED) {
        count(end, fate, length);
        hs_packet_unref(packet);
        return false;
    }

    frame = std::max({(uint32_t)length + trunk->config.overhead,
                      trunk->config.min_frame, PPP_HEADER});
    wire->waiting.push_back({packet, end});
    wire->waiting_bytes += length;
    wire->device->Send(Create<Packet>(frame - PPP_HEADER), nobody, 0x0800);
    note_queue(end, wire->waiting.size());
    return true;
}

static void
flush(Transmitter *wire)
{
    wire->device->GetQueue()->Flush();
    for (Waiting &waiting : wire->waiting) {
        count(waiting.end, HS_SIM_LINK_NO_CARRIER,
              hs_packet_length(waiting.packet));
        hs_packet_unref(waiting.packet);
    }
    wire->waiting.clear();
    wire->waiting_bytes = 0;
}

static void
tell_carrier(HsSimLink *link, bool up)
{
    for (LinkEnd &end : link->ends)
        Simulator::GetImplementation()->Schedule(Time(0),
                                                 new CarrierNews(&end, up));
}

static void
cut(Member *member)
{
    for (Transmitter &wire : member->ends)
        flush(&wire);
}

/* After a member or the whole was cut or came back. */
static void
update_carrier(HsSimLink *trunk)
{
    unsigned members = hs_sim_link_members_up(trunk);
    bool up = trunk->lit && members >= std::max(trunk->config.least, 1U);

    if (trunk->carrier == up)
        return;
    trunk->carrier = up;
    if (!up) {
        trunk->cuts++;
        for (Member *member : trunk->members)
            cut(member);
    }
    tell_carrier(trunk, up);
    for (HsSimLink *lane : trunk->lanes)
        tell_carrier(lane, up);
}

void
hs_sim_link_set_carrier(HsSimLink *link, bool up)
{
    link->trunk->lit = up;
    update_carrier(link->trunk);
}

bool
hs_sim_link_carrier(const HsSimLink *link)
{
    return link->trunk->carrier;
}

void
hs_sim_link_set_member(HsSimLink *link, unsigned number, bool up)
{
    HsSimLink *trunk = link->trunk;
    Member *member;

    g_assert(number < trunk->members.size());
    member = trunk->members[number];
    if (member->up == up)
        return;
    member->up = up;
    if (!up) {
        member->cuts++;
        cut(member);
    }
    update_carrier(trunk);
}

unsigned
hs_sim_link_members(const HsSimLink *link)
{
    return (unsigned)link->trunk->members.size();
}

unsigned
hs_sim_link_members_up(const HsSimLink *link)
{
    unsigned up = 0;

    for (const Member *member : link->trunk->members)
        up += member->up;
    return up;
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
    HsSimLink *trunk = link->trunk;

    g_assert(rate > 0);
    trunk->config.rate = rate;
    for (Member *member : trunk->members)
        for (Transmitter &wire : member->ends)
            wire.device->SetDataRate(DataRate(rate));
}

void
hs_sim_link_set_mtu(HsSimLink *link, uint32_t mtu)
{
    g_assert(mtu > 0);
    link->config.mtu = mtu;
}

void
hs_sim_link_set_delay(HsSimLink *link, HsDuration delay)
{
    g_assert(delay >= 0);
    link->trunk->delay = delay;
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

static void
check_harm(const HsSimHarmConfig *config)
{
    const double probabilities[] = {config->loss, config->corrupt,
                                    config->duplicate, config->reorder,
                                    config->replay};

    g_assert(config->delay >= 0);
    for (double p : probabilities)
        g_assert(p >= 0 && p <= 1);
}

HsSimHarm *
hs_sim_harm_new(HsSimLink *link, unsigned end, const char *name,
                const HsSimHarmConfig *config)
{
    std::string purpose = link->name + (end == 0 ? " 0" : " 1");
    HsSimHarm *harm;

    g_assert(end < 2);
    check_harm(config);
    harm = new HsSimHarm(
        link, end, hs_rng_new(link->sim->seed, name, purpose.c_str()), config);
    link->ends[end].harms.push_back(harm);
    return harm;
}

void
hs_sim_harm_set(HsSimHarm *harm, const HsSimHarmConfig *config)
{
    check_harm(config);
    harm->config = *config;
    if (config->reorder <= 0)
        harm->let_all_go();
}

HsSimHarmCounters
hs_sim_harm_counters(const HsSimHarm *harm)
{
    return harm->counters;
}
