#include "tests/bench/ns3_chain.hh"

#include <ns3/boolean.h>
#include <ns3/data-rate.h>
#include <ns3/drop-tail-queue.h>
#include <ns3/global-value.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/ipv4-interface-address.h>
#include <ns3/ipv4-static-routing-helper.h>
#include <ns3/ipv4.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/point-to-point-channel.h>

using namespace ns3;

static const uint32_t first_net = 0x0a000000; /* 10.0.0.0, a /30 a link */

static uint32_t
add_interface(Ptr<Node> node, Ptr<NetDevice> device, Ipv4Address address)
{
    Ptr<Ipv4> ipv4 = node->GetObject<Ipv4>();
    uint32_t interface = ipv4->AddInterface(device);

    ipv4->AddAddress(interface, Ipv4InterfaceAddress(address, Ipv4Mask("/30")));
    ipv4->SetUp(interface);
    return interface;
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

static Ptr<Ipv4StaticRouting>
routes_of(Ptr<Node> node)
{
    return Ipv4StaticRoutingHelper().GetStaticRouting(node->GetObject<Ipv4>());
}

Ns3Chain
ns3_chain_new(unsigned links, uint64_t rate, int64_t delay)
{
    Ns3Chain chain;
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;

    GlobalValue::Bind("ChecksumEnabled", BooleanValue(true));
    stack.SetRoutingHelper(routing);
    stack.SetIpv6StackInstall(false);
    for (unsigned i = 0; i <= links; i++) {
        chain.nodes.push_back(CreateObject<Node>());
        stack.Install(chain.nodes[i]);
    }
    for (unsigned i = 0; i < links; i++) {
        Ptr<PointToPointChannel> channel = CreateObject<PointToPointChannel>();
        Ptr<Node> ends[2] = {chain.nodes[i], chain.nodes[i + 1]};
        uint32_t net = first_net + (i << 8);

        channel->SetAttribute("Delay", TimeValue(NanoSeconds(delay)));
        for (unsigned end = 0; end < 2; end++) {
            Ptr<PointToPointNetDevice> device =
                add_device(ends[end], channel, rate);
            uint32_t interface =
                add_interface(ends[end], device, Ipv4Address(net + 1 + end));
            Ipv4Address other(net + 2 - end);

            chain.devices.push_back(device);
            if (end == 0)
                routes_of(ends[end])->SetDefaultRoute(other, interface);
            else if (i > 0)
                routes_of(ends[end])->AddNetworkRouteTo(
                    Ipv4Address(first_net), Ipv4Mask("/30"), other, interface);
        }
    }
    return chain;
}

Ipv4Address
ns3_chain_last_address(unsigned links)
{
    return Ipv4Address(first_net + ((links - 1) << 8) + 2);
}
