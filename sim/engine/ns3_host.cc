/* A host: an ns-3 Internet stack behind one VirtualNetDevice, used as a program
 * uses a TUN device. What the stack sends comes out as bytes, what the network
 * delivers goes in as bytes, and in between ns-3 may do as it likes.
 *
 *   socket ─► TCP/UDP ─► IP ─► VirtualNetDevice ─► send() ─► output
 *   socket ◄─ TCP/UDP ◄─ IP ◄─ VirtualNetDevice ◄─ validate ◄─ input
 *
 * With the profile "linux" ns-3's IP and device have nothing to add to a TCP
 * segment of a connection, and cost more than its TCP does. So an arriving one
 * goes from the validator to its socket, and one that leaves gets its IP header
 * here, byte for byte as ns-3 would write it:
 *
 *   socket ─► TCP ─► send_segment() ─► output
 *   socket ◄─ hs_tcp_receive() ◄─ validate ◄─ input
 *
 * What is for no connection (a SYN for a listener, a stray segment), UDP and
 * ICMP take the whole way.
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
#include <ns3/ipv4-route.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4-static-routing.h>
#include <ns3/mac48-address.h>
#include <ns3/packet.h>
#include <ns3/socket.h>

#include <algorithm>

using namespace ns3;

static const uint16_t ETHERTYPE_IPV4 = 0x0800;
static const uint32_t IP_HEADER = 20;
static const uint8_t DEFAULT_TTL = 64;

static void
hand_out(HsSimHost *host, HsPacket *packet)
{
    host->sending++;
    host->output(host->output_data, packet);
    host->sending--;
}

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
    hand_out(host, bytes);
    return true;
}

static void
put_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value >> 16);
    put_u16(at + 2, value);
}

/* The header that ns-3's Ipv4L3Protocol would make, with DF as Linux has it. */
static void
write_ip_header(uint8_t *ip, uint32_t length, uint8_t tos, uint16_t id,
                uint32_t source, uint32_t destination)
{
    uint32_t sum = 0;

    ip[0] = 0x45;
    ip[1] = tos;
    put_u16(ip + 2, length);
    put_u16(ip + 4, id);
    put_u16(ip + 6, 0x4000); /* DF */
    ip[8] = DEFAULT_TTL;
    ip[9] = TcpL4Protocol::PROT_NUMBER;
    put_u16(ip + 10, 0);
    put_u32(ip + 12, source);
    put_u32(ip + 16, destination);
    for (unsigned i = 0; i < IP_HEADER; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    put_u16(ip + 10, ~(sum + (sum >> 16)));
}

/* TCP hands out a segment, in place of Ipv4::Send(). */
static void
send_segment(HsSimHost *host, Ptr<Packet> segment, Ipv4Address source,
             Ipv4Address destination, uint8_t protocol, Ptr<Ipv4Route> route)
{
    uint32_t length = segment->GetSize() + IP_HEADER;
    SocketIpTosTag tos;
    HsPacket *packet;
    uint16_t id;

    if (!route || route->GetOutputDevice() != host->device ||
        length > host->mtu) {
        host->ipv4->Send(segment, source, destination, protocol, route);
        return;
    }
    id = host->identification[(uint64_t)source.Get() << 32 |
                              destination.Get()]++;
    if (host->output == nullptr)
        return;
    packet = hs_packet_new(nullptr, length);
    write_ip_header(hs_packet_bytes(packet), length,
                    segment->PeekPacketTag(tos) ? tos.GetTos() : 0, id,
                    source.Get(), destination.Get());
    segment->CopyData(hs_packet_bytes(packet) + IP_HEADER, segment->GetSize());
    hand_out(host, packet);
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
    if (host->profile == HS_SIM_TCP_LINUX)
        host->tcp_protocol->SetDownTarget(
            MakeBoundCallback(&send_segment, host));

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

static uint32_t
read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

static bool
is_own(const HsSimHost *host, const uint8_t *address)
{
    uint32_t value = read_u32(address);

    return std::find(host->addresses.begin(), host->addresses.end(), value) !=
           host->addresses.end();
}

static void
into_stack(HsSimHost *host, const uint8_t *bytes, size_t length)
{
    static const Address nobody = Mac48Address("02:00:00:00:00:02");
    size_t header = (size_t)(bytes[0] & 0x0f) * 4;

    if (bytes[9] == TcpL4Protocol::PROT_NUMBER &&
        hs_tcp_receive(host, read_u32(bytes + 12), read_u32(bytes + 16),
                       bytes + header, length - header))
        return;
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
