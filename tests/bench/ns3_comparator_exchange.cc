/* What bench_exchange compares with: the same exchange, all of it in ns-3.
 *
 * ns-3's own TCP, set to what the profile "linux" has as far as its attributes
 * go. The payload is bytes that arrive, as in ours, but nobody looks at them.
 */

#include "tests/bench/ns3_comparator_exchange.h"

#include "tests/bench/measure.h"
#include "tests/bench/ns3_chain.hh"

#include <ns3/boolean.h>
#include <ns3/inet-socket-address.h>
#include <ns3/nstime.h>
#include <ns3/packet.h>
#include <ns3/queue.h>
#include <ns3/simulator.h>
#include <ns3/tcp-cubic.h>
#include <ns3/tcp-l4-protocol.h>
#include <ns3/tcp-prr-recovery.h>
#include <ns3/tcp-socket-factory.h>
#include <ns3/uinteger.h>

using namespace ns3;

static const uint16_t PORT = 5432;
static const uint32_t HEADERS = 40;          /* IP and TCP */
static const uint32_t TIMESTAMP_OPTION = 12; /* with its padding */
static const uint32_t BUFFER = 4 << 20;

static const ExchangeBench *the_bench;
static const uint8_t payload[65536] = {1};
static uint64_t asked_bytes, answered_bytes; /* of what is not yet whole */
static uint64_t replies;

static Ptr<Socket>
new_socket(Ptr<Node> node)
{
    Ptr<TcpL4Protocol> tcp = node->GetObject<TcpL4Protocol>();
    Ptr<Socket> socket;

    tcp->SetAttribute("SocketType", TypeIdValue(TcpCubic::GetTypeId()));
    tcp->SetAttribute("RecoveryType", TypeIdValue(TcpPrrRecovery::GetTypeId()));
    socket = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    socket->SetAttribute("SegmentSize", UintegerValue(the_bench->mtu - HEADERS -
                                                      TIMESTAMP_OPTION));
    socket->SetAttribute("InitialCwnd", UintegerValue(10));
    socket->SetAttribute("DelAckCount", UintegerValue(2));
    socket->SetAttribute("DelAckTimeout", TimeValue(MilliSeconds(40)));
    socket->SetAttribute("MinRto", TimeValue(MilliSeconds(200)));
    socket->SetAttribute("ConnTimeout", TimeValue(Seconds(1)));
    socket->SetAttribute("TcpNoDelay", BooleanValue(true));
    socket->SetAttribute("Sack", BooleanValue(true));
    socket->SetAttribute("Timestamp", BooleanValue(true));
    socket->SetAttribute("SndBufSize", UintegerValue(BUFFER));
    socket->SetAttribute("RcvBufSize", UintegerValue(BUFFER));
    return socket;
}

/* How many whole messages of SIZE have come with what SOCKET holds now. */
static unsigned
take(Ptr<Socket> socket, uint64_t &bytes, uint32_t size)
{
    unsigned whole;

    for (Ptr<Packet> packet = socket->Recv(); packet; packet = socket->Recv())
        bytes += packet->GetSize();
    whole = (unsigned)(bytes / size);
    bytes %= size;
    return whole;
}

static void
server_received(Ptr<Socket> socket)
{
    unsigned whole = take(socket, asked_bytes, the_bench->request_size);

    for (unsigned i = 0; i < whole; i++)
        socket->Send(Create<Packet>(payload, the_bench->reply_size));
}

static void
server_accepted(Ptr<Socket> socket, const Address &)
{
    socket->SetRecvCallback(MakeCallback(&server_received));
}

static void
client_received(Ptr<Socket> socket)
{
    replies += take(socket, answered_bytes, the_bench->reply_size);
}

static void
ask(Ptr<Socket> socket, unsigned left)
{
    socket->Send(Create<Packet>(payload, the_bench->request_size));
    if (left > 1)
        Simulator::Schedule(NanoSeconds(the_bench->gap), &ask, socket,
                            left - 1);
}

static void
start(Ptr<Socket> socket)
{
    socket->Connect(
        InetSocketAddress(ns3_chain_last_address(the_bench->links), PORT));
    Simulator::Schedule(NanoSeconds(the_bench->gap), &ask, socket,
                        the_bench->requests);
}

ExchangeResult
ns3_comparator_exchange(const ExchangeBench *bench)
{
    ExchangeResult result = {};
    Ns3Chain chain = ns3_chain_new(bench->links, bench->rate, bench->delay);
    Ptr<Socket> client, server;
    double before;

    the_bench = bench;
    asked_bytes = answered_bytes = replies = 0;
    server = new_socket(chain.nodes.back());
    server->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    server->Listen();
    server->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
        MakeCallback(&server_accepted));
    client = new_socket(chain.nodes.front());
    client->SetRecvCallback(MakeCallback(&client_received));
    Simulator::Schedule(NanoSeconds(0), &start, client);
    Simulator::Stop(NanoSeconds(bench->gap * (bench->requests + 1)) +
                    Seconds(1));
    before = bench_cpu_seconds();
    Simulator::Run();
    result.cpu_seconds = bench_cpu_seconds() - before;
    result.replies = replies;
    for (unsigned end = 0; end < 2; end++)
        result.packets +=
            chain.devices[end]->GetQueue()->GetTotalReceivedPackets();
    client = nullptr;
    server = nullptr;
    chain = Ns3Chain();
    Simulator::Destroy();
    return result;
}
