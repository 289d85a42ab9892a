/* Both VRFs of the router end in the NAPT: what comes from inside is routed to
 * a port that is no link but the translation, and goes on in the outside VRF as
 * if made here; what comes for the outside address is this node's own, and goes
 * on in the inside VRF. So every packet is in the router's books, and what the
 * NAPT drops in the NAPT's. */

#include "config.h"

#include "models/onprem/nat.h"

#define VRF_INSIDE 0

struct HsNatDevice {
    HsRouter *router; /* owned */
    HsNapt *napt;     /* owned */
    HsPrefix outside; /* its address */
    unsigned vrf_outside;
};

static void
go_out(void *user_data, HsPacket *packet)
{
    HsNatDevice *device = user_data;

    if (hs_napt_out(device->napt, &packet) == HS_NAPT_NONE)
        hs_router_originate(device->router, device->vrf_outside, packet);
    else
        hs_packet_unref(packet);
}

static void
come_in(void *user_data, unsigned port, HsPacket *packet)
{
    HsNatDevice *device = user_data;

    (void)port;
    if (hs_napt_in(device->napt, &packet) == HS_NAPT_NONE)
        hs_router_originate(device->router, VRF_INSIDE, packet);
    else
        hs_packet_unref(packet);
}

static void
route_all(HsNatDevice *device, unsigned vrf, unsigned port)
{
    HsPrefix all = {.addr = hs_addr_ipv4(0)};
    HsNexthop hop = {.port = port};

    hs_router_route_set(device->router, vrf, &all, &hop, 1, "static");
}

HsNatDevice *
hs_nat_device_new(HsEnv *env, const HsNatDeviceConfig *config)
{
    HsNatDevice *device = g_new0(HsNatDevice, 1);
    unsigned port;

    device->outside = hs_prefix_of(&config->napt.outside);
    device->napt = hs_napt_new(env, &config->napt);
    device->router = hs_router_new(
        env, &(HsRouterConfig){.name = config->name, .no_echo = true});
    device->vrf_outside = hs_router_add_vrf(device->router, "outside");
    port = hs_router_add_port(device->router,
                              &(HsPortConfig){.name = "translation",
                                              .mtu = UINT16_MAX,
                                              .output = go_out,
                                              .user_data = device});
    route_all(device, VRF_INSIDE, port);
    hs_router_set_local(device->router, come_in, device);
    return device;
}

void
hs_nat_device_free(HsNatDevice *device)
{
    if (device == NULL)
        return;
    hs_router_free(device->router);
    hs_napt_free(device->napt);
    g_free(device);
}

HsRouter *
hs_nat_device_router(HsNatDevice *device)
{
    return device->router;
}

HsNapt *
hs_nat_device_napt(HsNatDevice *device)
{
    return device->napt;
}

unsigned
hs_nat_device_add_inside(HsNatDevice *device, const HsPortConfig *port,
                         const HsAddr *address)
{
    HsPrefix host = hs_prefix_of(address);
    HsNexthop hop = {.port = hs_router_add_port(device->router, port)};

    hs_router_route_set(device->router, VRF_INSIDE, &host, &hop, 1, "static");
    return hop.port;
}

unsigned
hs_nat_device_add_outside(HsNatDevice *device, const HsPortConfig *given)
{
    HsPortConfig port = *given;
    unsigned number;

    port.vrf = device->vrf_outside;
    port.addresses = &device->outside;
    port.n_addresses = 1;
    number = hs_router_add_port(device->router, &port);
    route_all(device, device->vrf_outside, number);
    return number;
}
