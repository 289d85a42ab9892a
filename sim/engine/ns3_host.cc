/* A host: an ns-3 Internet stack behind one VirtualNetDevice, used as a program
 * uses a TUN device. What the stack sends comes out as bytes, what the network
 * delivers goes in as bytes, and in between ns-3 may do as it likes.
 *
 *   socket ─► TCP/UDP ─► IP ─► VirtualNetDevice ─► send() ─► output, an
 * HsPacket socket ◄─ TCP/UDP ◄─ IP ◄─ VirtualNetDevice ◄─ validate ◄─
 * hs_sim_host_input
 *
 * The host does not forward, and every packet leaves by the one device, by a
 * default route; so any mix of addresses works and no ARP is needed.
 *
 * A model that answers an outgoing packet at once (an ICMP error, a reply from
 * a node in the same function) would call into the stack while the stack is
 * still sending. Such input waits for an event of its own at the same time. */

#include "config.h"

#include "sim/engine/ns3_private.hh"

#include <ns3/boolean.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-interface-address.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4-static-routing.h>
#include <ns3/mac48-address.h>
#include <ns3/packet.h>

#include <algorithm>

using namespace ns3;

static const uint16_t ETHERTYPE_IPV4 = 0x0800;

/* The stack hands out a packet. */
static bool
send(HsSimHost *host, Ptr<Packet> packet, const Address &, const Address &,
     uint16_t protocol)
{
    HsPacket *bytes;

    if (protocol != ETHERTYPE_IPV4 || host->output == nullptr)
        return false;
    bytes = hs_packet_new(nullptr, packet->GetSize());
    packet->CopyData(hs_packet_bytes(bytes), packet->GetSize());
    if (host->profile == HS_SIM_TCP_LINUX)
        hs_tcp_linux_outgoing(hs_packet_bytes(bytes), hs_packet_length(bytes));
    host->sending++;
    host->output(host->output_data, bytes);
    host->sending--;
    return true;
}

static void
install_stack(HsSimHost *host)
{
    Ptr<Node> node = host->node->node;
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;

    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    stack.Install(node);
    host->ipv4 = node->GetObject<Ipv4>();
    host->ipv4->SetAttribute("IpForward", BooleanValue(false));
    host->tcp_protocol = node->GetObject<TcpL4Protocol>();

    host->device = CreateObject<VirtualNetDevice>();
    host->device->SetAddress(Mac48Address("02:00:00:00:00:01"));
    host->device->SetNeedsArp(false);
    host->device->SetIsPointToPoint(true);
    host->device->SetMtu((uint16_t)host->mtu);
    host->device->SetSendCallback(MakeBoundCallback(&send, host));
    node->AddDevice(host->device);

    host->interface = host->ipv4->AddInterface(host->device);
    host->ipv4->SetMetric(host->interface, 1);
    host->ipv4->SetUp(host->interface);
    routing.GetStaticRouting(host->ipv4)
        ->SetDefaultRoute(Ipv4Address::GetZero(), host->interface);
}

HsSimHost *
hs_sim_host_new(HsSimNode *node, const HsSimHostConfig *config)
{
    HsSimHost *host;

    g_assert(node->host == nullptr && config->name != nullptr &&
             config->mtu >= 68 && config->mtu <= UINT16_MAX);
    host = new HsSimHost{};
    host->node = node;
    host->profile = config->profile;
    host->name = config->name;
    host->mtu = config->mtu;
    host->rng = hs_rng_new(node->sim->seed, config->name, "tcp");
    hs_tcp_linux_config_init(&host->linux_tcp, config->mtu, host->rng);
    install_stack(host);
    node->host = host;
    node->sim->hosts.push_back(host);
    return host;
}

void
hs_host_destroy(HsSimHost *host)
{
    host->device->SetSendCallback(VirtualNetDevice::SendCallback());
    while (!host->tcps.empty())
        hs_tcp_destroy(host->tcps.back());
    while (!host->listeners.empty())
        hs_tcp_listener_destroy(host->listeners.back());
    while (!host->udps.empty())
        hs_udp_destroy(host->udps.back());
    hs_rng_free(host->rng);
    delete host;
}

void
hs_sim_host_add_address(HsSimHost *host, const HsPrefix *address)
{
    static const uint32_t all = 0xffffffff;
    uint32_t value = hs_addr_to_ipv4(&address->addr);

    g_assert(address->addr.family == HS_FAMILY_IPV4 && address->length <= 32);
    host->ipv4->AddAddress(
        host->interface,
        Ipv4InterfaceAddress(Ipv4Address(value),
                             Ipv4Mask(address->length == 0
                                          ? 0
                                          : all << (32 - address->length))));
    host->addresses.push_back(value);
}

void
hs_sim_host_set_output(HsSimHost *host, HsSimReceiveFunc output,
                       void *user_data)
{
    host->output = output;
    host->output_data = user_data;
}

static bool
is_own(const HsSimHost *host, const uint8_t *address)
{
    uint32_t value = (uint32_t)address[0] << 24 | (uint32_t)address[1] << 16 |
                     (uint32_t)address[2] << 8 | address[3];

    return std::find(host->addresses.begin(), host->addresses.end(), value) !=
           host->addresses.end();
}

static void
into_stack(HsSimHost *host, const uint8_t *bytes, size_t length)
{
    static const Address nobody = Mac48Address("02:00:00:00:00:02");

    host->device->Receive(Create<Packet>(bytes, (uint32_t)length),
                          ETHERTYPE_IPV4, nobody, host->device->GetAddress(),
                          NetDevice::PACKET_HOST);
}

class LateInput final : public EventImpl
{
  public:
    LateInput(HsSimHost *host_, HsPacket *packet_)
        : host(host_), packet(packet_)
    {
    }
    ~LateInput() override
    {
        hs_packet_unref(packet);
    }

  protected:
    void Notify() override
    {
        hs_sim_host_input(host, packet);
        packet = nullptr;
    }

  private:
    HsSimHost *host;
    HsPacket *packet; /* owned */
};

void
hs_sim_host_input(HsSimHost *host, HsPacket *packet)
{
    const uint8_t *bytes = hs_packet_data(packet);
    size_t length = 0;
    HsRefusal refusal;

    if (host->sending > 0) {
        Simulator::GetImplementation()->Schedule(Time(0),
                                                 new LateInput(host, packet));
        return;
    }
    refusal = hs_validate(bytes, hs_packet_length(packet), &length);
    if (refusal == HS_REFUSE_NONE && is_own(host, bytes + 12))
        refusal = HS_REFUSE_IP_SOURCE;
    if (refusal == HS_REFUSE_NONE && !is_own(host, bytes + 16))
        refusal = HS_REFUSE_IP_DESTINATION;
    host->refused.count[refusal]++;
    if (refusal == HS_REFUSE_NONE)
        into_stack(host, bytes, length);
    hs_packet_unref(packet);
}

uint64_t
hs_sim_host_refused(HsSimHost *host, unsigned index, const char **ret_name)
{
    unsigned refusal = index + 1; /* past NONE, "accepted" */

    if (refusal >= HS_REFUSE_COUNT) {
        *ret_name = nullptr;
        return 0;
    }
    *ret_name = hs_refusal_name((HsRefusal)refusal);
    return host->refused.count[refusal];
}
