/* What bench_forward compares with: the same chain, all of it in ns-3, each
 * node with an Internet stack that forwards. Nothing is traced; checksums are
 * on, as for our packets, whose checksums the models keep right. */

#include "tests/bench/ns3_comparator_forward.h"

#include <ns3/boolean.h>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/global-value.h>
#include <ns3/inet-socket-address.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-interface-address.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4.h>
#include <ns3/node.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-channel.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/pointer.h>
#include <ns3/simulator.h>
#include <ns3/udp-socket-factory.h>
#include <ns3/uinteger.h>

#include <time.h>
#include <vector>

using namespace ns3;

static uint64_t arrived;

static void
received(Ptr<Socket> socket)
{
    while (socket->Recv())
        arrived++;
}

static void
add_interface(Ptr<Node> node, Ptr<NetDevice> device, Ipv4Address address)
{
    Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
    uint32_t interface = ipv4->AddInterface(device);

    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask("/30")));
    ipv4->SetUp(interface);
}

static Ptr<PointToPointNetDevice>
add_device(Ptr<Node> node, Ptr<PointToPointChannel> channel, uint64_t rate)
{
    Ptr<PointToPointNetDevice> device = CreateObject<PointToPointNetDevice>();

    device->SetAddress(Mac48Address::Allocate());
    device->SetDataRate(DataRate(rate));
    device->SetQueue(CreateObject<DropTailQueue<Packet>>());
    node->AddDevice(device);
    device->Attach(channel);
    return device;
}

static void
send_next(Ptr<Socket> socket, unsigned left, uint32_t payload, int64_t gap)
{
    socket->Send(Create<Packet>(payload));
    if (left > 1)
        Simulator::Schedule(NanoSeconds(gap), &send_next, socket, left - 1,
                            payload, gap);
}

uint64_t
ns3_comparator_forward(const ForwardBench *bench, double *ret_cpu_seconds)
{
    std::vector<Ptr<Node>> nodes;
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    Ptr<Socket> sink, source;
    struct timespec before, after;

    GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    for (unsigned i = 0; i <= bench->links; i++) {
        nodes.push_back(CreateObject<Node>());
        stack.Install(nodes[i]);
    }
    for (unsigned i = 0; i < bench->links; i++) {
        Ptr<PointToPointChannel> channel = CreateObject<PointToPointChannel>();
        uint32_t net = 0x0a000000 + (i << 8);
        Ptr<Ipv4> ipv4 = nodes[i]->GetObject<Ipv4>();

        channel->SetAttribute("Delay", TimeValue(NanoSeconds(bench->delay)));
        add_interface(nodes[i], add_device(nodes[i], channel, bench->rate),
                      Ipv4Address(net + 1));
        add_interface(nodes[i + 1],
                      add_device(nodes[i + 1], channel, bench->rate),
                      Ipv4Address(net + 2));
        routing.GetStaticRouting(ipv4)->SetDefaultRoute(
            Ipv4Address(net + 2), ipv4->GetNInterfaces() - 1);
    }
    sink = Socket::CreateSocket(nodes.back(), UdpSocketFactory::GetTypeId());
    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), 9));
    sink->SetRecvCallback(MakeCallback(&received));
    source = Socket::CreateSocket(nodes.front(), UdpSocketFactory::GetTypeId());
    source->Connect(InetSocketAddress(
        Ipv4Address(0x0a000000 + ((bench->links - 1) << 8) + 2), 9));

    arrived = 0;
    Simulator::Schedule(NanoSeconds(0), &send_next, source, bench->packets,
                        bench->length - 28, bench->gap);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    Simulator::Run();
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    *ret_cpu_seconds = (double)(after.tv_sec - before.tv_sec) +
                       (double)(after.tv_nsec - before.tv_nsec) / 1e9;
    sink = nullptr;
    source = nullptr;
    nodes.clear();
    Simulator::Destroy();
    return arrived;
}
