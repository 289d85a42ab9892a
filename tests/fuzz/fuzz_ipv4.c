/* A router fed with anything: IPv4, ICMP, UDP, TCP options, fragments.
 *
 * The input is a row of packets, each behind three bytes: what to do with it
 * (CONTROL_… below, and the port in the low two bits), and its length, high
 * byte first. Besides not crashing, everything that leaves must be a good IPv4
 * packet that fits the port, and the counters must add up. */

#include "config.h"

#include "models/base/wire.h"
#include "models/net/icmp.h"
#include "models/net/router.h"
#include "models/net/udp.h"
#include "tests/harness/fake_env.h"

#include <stdlib.h>

enum {
    CONTROL_PORT = 0x03,
    CONTROL_CHECKSUM = 0x04,  /* put the header's checksum right first */
    CONTROL_LATER = 0x08,     /* ten seconds after the one before */
    CONTROL_ORIGINATE = 0x10, /* as if made on the node */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t mtus[] = {68, 576, 1500, 65535};

/* A g_assert() that says nothing of the input, for the fuzzer's benefit. */
static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
check_output(void *user_data, HsPacket *packet)
{
    const size_t *mtu = user_data;
    HsIpv4 ip;

    must(hs_packet_length(packet) <= *mtu);
    must(hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip) ==
         HS_DROP_NONE);
    must(ip.total_length == hs_packet_length(packet));
    hs_packet_unref(packet);
}

static void
check_local(void *user_data, unsigned port, HsPacket *packet)
{
    HsIpv4 ip;
    HsUdpDatagram udp;
    HsIcmp icmp;

    (void)user_data;
    (void)port;
    must(hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip) ==
         HS_DROP_NONE);
    must(!hs_ipv4_is_fragment(&ip));
    if (hs_udp_parse(packet, &ip, &udp))
        must(udp.length <= hs_packet_length(packet));
    if (hs_icmp_parse(packet, &ip, &icmp))
        must(icmp.length <= hs_packet_length(packet));
    hs_packet_unref(packet);
}

/* 10.0.PORT.1/24 on each port; 10.9.0.0/16 by ports 0 and 1. */
static HsRouter *
router_of(HsEnv *env)
{
    HsRouter *router = hs_router_new(env, &(HsRouterConfig){.name = "r"});
    const HsNexthop hops[] = {{.port = 0}, {.port = 1}};
    const HsPrefix far = {hs_addr_ipv4(0x0a090000), 16};

    for (unsigned i = 0; i < G_N_ELEMENTS(mtus); i++) {
        const HsPrefix address = {hs_addr_ipv4(0x0a000001 | i << 8), 24};
        const HsPortConfig config = {
            .name = "p",
            .mtu = mtus[i],
            .addresses = &address,
            .n_addresses = 1,
            .mss_clamp = (uint16_t)(i == 1 ? 536 : 0),
            .ignore_df = i == 0,
            .output = check_output,
            .user_data = (void *)(uintptr_t)&mtus[i],
        };

        hs_router_add_port(router, &config);
    }
    hs_router_route_set(router, 0, &far, hops, G_N_ELEMENTS(hops), "far");
    hs_router_set_local(router, check_local, NULL);
    return router;
}

static void
check_balance(const HsRouter *router)
{
    HsRouterCounters c = hs_router_counters(router);
    uint64_t drops = 0;

    for (unsigned i = 0; i < HS_DROP_COUNT; i++)
        drops += c.drops[i];
    must(c.received + c.originated + c.fragments_made + c.reassembled ==
         c.delivered + c.sent + drops + c.fragmented + c.fragments_joined +
             c.fragments_held);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FakeWorld *world = fake_world_new(1);
    HsRouter *router = router_of(fake_world_node(world, "r", "10.0.0.1"));
    HsReader r = hs_reader_of(data, size);

    while (hs_reader_left(&r) > 3) {
        unsigned control = hs_reader_u8(&r);
        size_t length = MIN(hs_reader_u16(&r), hs_reader_left(&r));
        HsPacket *packet = hs_packet_new(hs_reader_bytes(&r, length), length);

        if ((control & CONTROL_CHECKSUM) && length >= HS_IPV4_HEADER &&
            (size_t)(hs_packet_data(packet)[0] & 0xf) * 4 <= length)
            hs_ipv4_set_checksum(hs_packet_bytes(packet));
        if (control & CONTROL_LATER)
            fake_world_run(world, fake_world_now(world) + HS_SEC(10));
        if (control & CONTROL_ORIGINATE)
            hs_router_originate(router, 0, packet);
        else
            hs_router_receive(router, control & CONTROL_PORT, packet);
        check_balance(router);
    }
    hs_router_free(router);
    fake_world_free(world);
    return 0;
}
