/* UDP sockets: ns-3's, with addresses as the models have them. A datagram is
 * handed over from within the event in which it arrived; the stack is then done
 * with it, so the callback may send and may free the socket. */

#include "config.h"

#include "sim/engine/ns3_private.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/packet.h>
#include <ns3/udp-socket-factory.h>

using namespace ns3;

struct HsSimUdp {
    HsSimHost *host; /* borrowed */
    Ptr<Socket> socket;
    HsSimDatagramFunc received;
    void *user_data;
    bool in_callback, freed;

    ~HsSimUdp()
    {
        socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
        socket->Close();
    }
};

/* A socket that was freed while it delivered: ns-3 still stands in it. */
class Closer final : public EventImpl
{
  public:
    explicit Closer(HsSimUdp *udp_) : udp(udp_)
    {
    }
    ~Closer() override
    {
        delete udp;
    }

  protected:
    void Notify() override
    {
        delete udp;
        udp = nullptr;
    }

  private:
    HsSimUdp *udp; /* owned */
};

static void
deliver(HsSimUdp *udp, Ptr<Packet> packet, const InetSocketAddress &from)
{
    std::vector<uint8_t> data(packet->GetSize());
    HsAddr address = hs_addr_ipv4(from.GetIpv4().Get());

    packet->CopyData(data.data(), packet->GetSize());
    udp->received(udp->user_data, &address, from.GetPort(), data.data(),
                  data.size());
}

static void
on_received(HsSimUdp *udp, Ptr<Socket> socket)
{
    Address from;

    if (udp->in_callback || udp->freed)
        return;
    udp->in_callback = true;
    while (!udp->freed) {
        Ptr<Packet> packet = socket->RecvFrom(from);

        if (!packet)
            break;
        if (udp->received != nullptr)
            deliver(udp, packet, InetSocketAddress::ConvertFrom(from));
    }
    udp->in_callback = false;
    if (udp->freed)
        Simulator::GetImplementation()->Schedule(Time(0), new Closer(udp));
}

HsSimUdp *
hs_sim_udp_open(HsSimHost *host, const HsAddr *local, uint16_t port,
                HsSimDatagramFunc received, void *user_data)
{
    HsSimUdp *udp = new HsSimUdp{};
    int bound;

    udp->host = host;
    udp->received = received;
    udp->user_data = user_data;
    udp->socket =
        Socket::CreateSocket(host->node->node, UdpSocketFactory::GetTypeId());
    bound = udp->socket->Bind(InetSocketAddress(to_ns3(local), port));
    g_assert(bound == 0); /* the port is taken: two models disagree */
    udp->socket->SetRecvCallback(MakeBoundCallback(&on_received, udp));
    host->udps.push_back(udp);
    return udp;
}

void
hs_sim_udp_send(HsSimUdp *udp, const HsAddr *to, uint16_t to_port,
                const void *data, size_t length)
{
    g_assert(length <= 65507); /* RFC 768 in one IPv4 packet */
    udp->socket->SendTo(
        Create<Packet>(static_cast<const uint8_t *>(data), (uint32_t)length), 0,
        InetSocketAddress(to_ns3(to), to_port));
}

void
hs_udp_destroy(HsSimUdp *udp)
{
    remove_item(udp->host->udps, udp);
    delete udp;
}

void
hs_sim_udp_free(HsSimUdp *udp)
{
    if (udp == nullptr)
        return;
    if (udp->in_callback) {
        remove_item(udp->host->udps, udp);
        udp->freed = true;
    } else {
        hs_udp_destroy(udp);
    }
}
