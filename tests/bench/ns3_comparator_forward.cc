/* What bench_forward compares with: the same chain, all of it in ns-3, each
 * node with an Internet stack that forwards. */

#include "tests/bench/ns3_comparator_forward.h"

#include "tests/bench/measure.h"
#include "tests/bench/ns3_chain.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/simulator.h>
#include <ns3/socket.h>
#include <ns3/udp-socket-factory.h>

using namespace ns3;

static uint64_t arrived;

static void
received(Ptr<Socket> socket)
{
    while (socket->Recv())
        arrived++;
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
    Ns3Chain chain = ns3_chain_new(bench->links, bench->rate, bench->delay);
    TypeId udp = UdpSocketFactory::GetTypeId();
    Ptr<Socket> sink = Socket::CreateSocket(chain.nodes.back(), udp);
    Ptr<Socket> source = Socket::CreateSocket(chain.nodes.front(), udp);
    double start;

    sink->Bind(InetSocketAddress(Ipv4Address::GetAny(), 9));
    sink->SetRecvCallback(MakeCallback(&received));
    source->Connect(InetSocketAddress(ns3_chain_last_address(bench->links), 9));
    arrived = 0;
    Simulator::Schedule(NanoSeconds(0), &send_next, source, bench->packets,
                        bench->length - 28, bench->gap);
    start = bench_cpu_seconds();
    Simulator::Run();
    *ret_cpu_seconds = bench_cpu_seconds() - start;
    sink = nullptr;
    source = nullptr;
    chain = Ns3Chain();
    Simulator::Destroy();
    return arrived;
}
