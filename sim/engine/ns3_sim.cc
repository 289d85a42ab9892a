/* The simulation, its clock and its events, on ns-3's default simulator.
 *
 * An HsSimEvent is itself the ns-3 event, so scheduling allocates once and
 * binds nothing. ns-3 runs equal times in the order of scheduling; its map
 * scheduler is named explicitly, because the order must not depend on what an
 * ns-3 build has as default. Cancelling removes the event from the queue at
 * once: BGP and TCP restart far-off timers all the time, and ns-3's Cancel()
 * would keep each of them until it was due.
 *
 * hs_sim_run(until) ends with a sentinel at UNTIL. Events may still be added
 * at that very instant, behind the sentinel; so it goes to the end of the line
 * again until a round passes in which nothing else ran. */

#include "config.h"

#include "sim/engine/ns3_private.hh"

#include <ns3/boolean.h>
#include <ns3/config.h>
#include <ns3/global-value.h>
#include <ns3/map-scheduler.h>
#include <ns3/node-list.h>
#include <ns3/object-factory.h>
#include <ns3/rng-seed-manager.h>

using namespace ns3;

static HsSim *the_sim; /* ns-3's simulator is one per process */

/* ns-3's map scheduler, which tells when the next event is due: ns-3 has no way
 * to ask, and who runs a simulation by the wall clock must know how long to
 * wait. There is one scheduler, as there is one simulator. */
class PeekScheduler final : public MapScheduler
{
  public:
    static TypeId GetTypeId()
    {
        static TypeId id = TypeId("hybridsim::PeekScheduler")
                               .SetParent<MapScheduler>()
                               .AddConstructor<PeekScheduler>();

        return id;
    }
    PeekScheduler()
    {
        the_scheduler = this;
    }
    ~PeekScheduler() override
    {
        if (the_scheduler == this)
            the_scheduler = nullptr;
    }
    static const PeekScheduler *the_scheduler;
};

const PeekScheduler *PeekScheduler::the_scheduler;

struct HsSimEvent final : public EventImpl {
    HsSim *sim;
    HsSimEvent *next, *previous; /* of sim->pending */
    bool is_pending;
    void (*fire)(void *user_data);
    void *user_data;
    GDestroyNotify destroy;
    uint64_t ts;
    uint32_t context, uid;

    void Unlink()
    {
        is_pending = false;
        if (next != nullptr)
            next->previous = previous;
        if (previous != nullptr)
            previous->next = next;
        else
            sim->pending = next;
    }

    void Release()
    {
        if (destroy != nullptr)
            destroy(user_data);
    }

  protected:
    void Notify() override
    {
        Unlink();
        fire(user_data);
        Release();
    }
};

/* The end of a run: see above. */
class Sentinel final : public EventImpl
{
  public:
    explicit Sentinel(HsSim *sim_) : sim(sim_)
    {
    }
    EventId id;

  protected:
    void Notify() override
    {
        uint64_t executed = Simulator::GetEventCount();

        sim->own_events++;
        if (seen && executed == last + 1) {
            Simulator::Stop();
            return;
        }
        seen = true;
        last = executed;
        Ref(); /* the queue's */
        id = Simulator::GetImplementation()->Schedule(Time(0), this);
    }

  private:
    HsSim *sim;
    bool seen = false;
    uint64_t last = 0;
};

const char *
hs_sim_engine_version(void)
{
    return "3.37";
}

HsSim *
hs_sim_new(uint64_t seed)
{
    HsSim *sim;
    ObjectFactory scheduler;

    g_assert(the_sim == nullptr);
    sim = new HsSim{};
    sim->seed = seed;
    the_sim = sim;

    /* Our own randomness comes from HsRng; this is for whatever ns-3 draws.
     * Its seed is a 32-bit number that may not be 0, its run a number below
     * 2^63. Both outlive Simulator::Destroy(): set at every start. */
    RngSeedManager::SetSeed((uint32_t)(seed % 4294944442u) + 1);
    RngSeedManager::SetRun(seed / 4294944442u + 1);
    GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    scheduler.SetTypeId(PeekScheduler::GetTypeId());
    Simulator::SetScheduler(scheduler);
    return sim;
}

void
hs_sim_free(HsSim *sim)
{
    if (sim == nullptr)
        return;
    g_assert(!sim->running && sim == the_sim);
    while (sim->pending != nullptr)
        hs_sim_cancel(sim->pending);
    for (HsSimHost *host : sim->hosts)
        hs_host_destroy(host);
    for (HsSimLink *link : sim->links)
        hs_link_destroy(link);
    for (HsSimNode *node : sim->nodes)
        delete node;
    Simulator::Destroy();
    delete sim;
    the_sim = nullptr;
}

HsTime
hs_sim_now(HsSim *sim)
{
    g_assert(sim == the_sim);
    return now_ns();
}

void
hs_sim_run(HsSim *sim, HsTime until)
{
    Ptr<Sentinel> sentinel;

    g_assert(sim == the_sim && !sim->running && until >= now_ns() &&
             until < HS_TIME_NEVER);
    sentinel = Create<Sentinel>(sim);
    sentinel->Ref(); /* the queue's */
    sentinel->id = Simulator::GetImplementation()->Schedule(
        TimeStep((uint64_t)(until - now_ns())), PeekPointer(sentinel));
    sim->running = true;
    Simulator::Run();
    sim->running = false;
    Simulator::Remove(sentinel->id); /* if hs_sim_stop() came before it */
    sentinel->id = EventId();        /* breaks the cycle */
}

void
hs_sim_stop(HsSim *sim)
{
    g_assert(sim == the_sim);
    Simulator::Stop();
}

HsTime
hs_sim_next_event(HsSim *sim)
{
    const PeekScheduler *scheduler = PeekScheduler::the_scheduler;

    g_assert(sim == the_sim && scheduler != nullptr);
    if (scheduler->IsEmpty())
        return HS_TIME_NEVER;
    return (HsTime)scheduler->PeekNext().key.m_ts;
}

uint64_t
hs_sim_events(HsSim *sim)
{
    return Simulator::GetEventCount() - sim->own_events;
}

HsSimEvent *
hs_sim_schedule(HsSim *sim, HsTime at, void (*fire)(void *user_data),
                void *user_data, GDestroyNotify destroy)
{
    HsSimEvent *event;
    EventId id;

    g_assert(sim == the_sim && fire != nullptr && at >= now_ns() &&
             at < HS_TIME_NEVER);
    event = new HsSimEvent;
    event->sim = sim;
    event->fire = fire;
    event->user_data = user_data;
    event->destroy = destroy;
    event->is_pending = true;
    event->previous = nullptr;
    event->next = sim->pending;
    if (event->next != nullptr)
        event->next->previous = event;
    sim->pending = event;
    /* The queue takes over the reference that `new` gave. */
    id = Simulator::GetImplementation()->Schedule(
        TimeStep((uint64_t)(at - now_ns())), event);
    event->ts = id.GetTs();
    event->context = id.GetContext();
    event->uid = id.GetUid();
    return event;
}

void
hs_sim_cancel(HsSimEvent *event)
{
    g_return_if_fail(event != nullptr);
    if (!event->is_pending)
        return; /* from its own FIRE */

    EventId id(Ptr<EventImpl>(event), event->ts, event->context, event->uid);
    event->Unlink();
    Simulator::Remove(id);
    event->Release(); /* ID still holds it */
}

HsSimNode *
hs_sim_node_new(HsSim *sim, const char *name)
{
    HsSimNode *node;

    g_assert(sim == the_sim && name != nullptr);
    node = new HsSimNode{sim, name, CreateObject<Node>(), nullptr};
    sim->nodes.push_back(node);
    return node;
}

const char *
hs_sim_node_name(HsSimNode *node)
{
    return node->name.c_str();
}
