/* What the files of the shim share. C++ and ns-3 end here: nothing outside
 * sim/engine/ns3_*.cc includes this.
 *
 * Ownership is a tree under HsSim, and hs_sim_free() takes it down from the
 * leaves: pending events, sockets, hosts, links, then ns-3 itself, which drops
 * what is still in its queue without running it. Whatever waits in that queue
 * therefore owns its memory through a destructor (the classes here that derive
 * from ns3::EventImpl), never through a bare pointer. */

#ifndef HS_ENGINE_NS3_PRIVATE_HH
#define HS_ENGINE_NS3_PRIVATE_HH

#include "sim/engine/ns3_shim.h"
#include "sim/engine/ns3_tcp_linux.hh"
#include "sim/engine/validate.h"

#include <ns3/event-id.h>
#include <ns3/event-impl.h>
#include <ns3/ipv4.h>
#include <ns3/node.h>
#include <ns3/ptr.h>
#include <ns3/simulator-impl.h>
#include <ns3/simulator.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-socket-base.h>
#include <ns3/virtual-net-device.h>

#include <map>
#include <string>
#include <vector>

struct HsSim {
    uint64_t seed;
    bool running;
    uint64_t own_events; /* executed for the engine itself, not the models */
    struct HsSimEvent *pending;     /* list; each owned by ns-3's queue */
    std::vector<HsSimNode *> nodes; /* owned, in order of creation */
    std::vector<HsSimLink *> links; /* owned */
    std::vector<HsSimHost *> hosts; /* owned */
};

struct HsSimNode {
    HsSim *sim; /* borrowed */
    std::string name;
    ns3::Ptr<ns3::Node> node;
    HsSimHost *host; /* borrowed: the one stack that a node may have */
};

struct HsSimHost {
    HsSimNode *node; /* borrowed */
    HsSimTcpProfile profile;
    HsTcpLinuxConfig linux_tcp; /* for that profile */
    HsRng *rng;                 /* owned */
    std::string name;
    uint32_t mtu;
    ns3::Ptr<ns3::VirtualNetDevice> device;
    ns3::Ptr<ns3::Ipv4> ipv4;
    ns3::Ptr<ns3::TcpL4Protocol> tcp_protocol;
    uint32_t interface;
    std::vector<uint32_t> addresses; /* host order */
    HsSimReceiveFunc output;
    void *output_data;
    /* Of TCP's packets, by source and destination. */
    std::map<uint64_t, uint16_t> identification;
    unsigned sending; /* depth: > 0 while the stack is handing a packet out */
    HsValidateCounters refused;
    std::vector<HsSimTcp *> tcps;              /* owned */
    std::vector<HsSimTcpListener *> listeners; /* owned */
    std::vector<HsSimUdp *> udps;              /* owned */
};

/* What a TCP socket of either profile tells ns3_tcp.cc. The hooks only take
 * notes there, so they may be called from anywhere inside ns-3. */
struct HsTcpHooks {
    void (*retransmitted)(void *user_data, unsigned attempt, HsDuration rto);
    void (*acked)(void *user_data, uint64_t total);
    void (*state_changed)(void *user_data, const char *from, const char *to);
    void (*ended)(void *user_data, HsSimTcpEnd why);
};

struct HsTcpProfile {
    ns3::Ptr<ns3::TcpSocketBase> (*create)(HsSimHost *host);
    void (*set_hooks)(ns3::Ptr<ns3::TcpSocketBase> socket,
                      const HsTcpHooks *hooks, void *user_data);
    void (*info)(ns3::Ptr<ns3::TcpSocketBase> socket, HsSimTcpInfo *ret_info);
    void (*abort)(ns3::Ptr<ns3::TcpSocketBase> socket);
    void (*set_limits)(ns3::Ptr<ns3::TcpSocketBase> socket,
                       const HsSimTcpLimits *limits);
};

extern const HsTcpProfile hs_tcp_profile_ns3;

static inline HsTime
now_ns()
{
    return ns3::Simulator::Now().GetTimeStep();
}

static inline ns3::Ipv4Address
to_ns3(const HsAddr *addr)
{
    return addr != nullptr && hs_addr_is_set(addr)
               ? ns3::Ipv4Address(hs_addr_to_ipv4(addr))
               : ns3::Ipv4Address::GetAny();
}

/* Takes ITEM out of ITEMS, where it is. */
template <typename T>
void
remove_item(std::vector<T *> &items, T *item)
{
    for (auto i = items.begin(); i != items.end(); ++i) {
        if (*i == item) {
            items.erase(i);
            return;
        }
    }
}

/* A checked TCP segment without its IP header, for a connection of HOST. False:
 * there is none, or none of the profile "linux"; it is for the stack then. */
bool hs_tcp_receive(HsSimHost *host, uint32_t source, uint32_t destination,
                    const uint8_t *segment, size_t length);

/* For hs_sim_free(): frees what is left, without a word on any wire. */
void hs_link_destroy(HsSimLink *link);
void hs_host_destroy(HsSimHost *host);
void hs_tcp_destroy(HsSimTcp *tcp);
void hs_tcp_listener_destroy(HsSimTcpListener *listener);
void hs_udp_destroy(HsSimUdp *udp);

#endif
