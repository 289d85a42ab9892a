/* A chain of ns-3 nodes, each with an Internet stack, what the comparators run
 * on: static routes, no queue discipline, nothing traced. Checksums are on, as
 * for our packets, whose checksums the models keep right. */

#ifndef HS_TESTS_BENCH_NS3_CHAIN_HH
#define HS_TESTS_BENCH_NS3_CHAIN_HH

#include <ns3/ipv4-address.h>
#include <ns3/node.h>
#include <ns3/point-to-point-net-device.h>
#include <ns3/ptr.h>

#include <cstdint>
#include <vector>

struct Ns3Chain {
    std::vector<ns3::Ptr<ns3::Node>> nodes; /* one more than links */
    /* Two a link: of its near end, of its far end. */
    std::vector<ns3::Ptr<ns3::PointToPointNetDevice>> devices;
};

/* Every node has a way to the last node's address and to the first node's. */
Ns3Chain ns3_chain_new(unsigned links, uint64_t rate, int64_t delay);

ns3::Ipv4Address ns3_chain_last_address(unsigned links);

#endif
