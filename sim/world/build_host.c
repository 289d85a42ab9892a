/* The hosts: one at each place that has something to say, on the LAN of its
 * VPC or site.
 *
 *     orders.client ─ app.lan ─ app          dc.gateway ─ dc.lan ─
 * orders.server
 *
 * It is named after what needs it first: the database's "orders.client", or
 * "app.host" where only probes do. What comes later finds it there, and brings
 * its address along if that is another. */

#include "config.h"

#include "sim/world/private.h"

static void
add_address(WorldNode *host, const HsAddr *address)
{
    HsPrefix own = hs_prefix_of(address);

    for (guint i = 0; i < host->addresses->len; i++)
        if (hs_addr_equal(&g_array_index(host->addresses, HsAddr, i), address))
            return;
    g_array_append_val(host->addresses, *address);
    hs_sim_host_add_address(host->host, &own);
    if (host->world->options.capture != NULL)
        capture_writer_add_name(host->world->options.capture, address,
                                host->name);
}

static void
join_vpc(HsWorld *world, const HsElement *place, const char *lan,
         WorldNode *host)
{
    WorldNode *vpc = hs_world_find_node(world, place->name);
    WorldLink *link =
        hs_world_add_link(world,
                          &(WorldLinkConfig){.name = lan,
                                             .settings = *hs_place_lan(place),
                                             .kind = HS_LINK_VPC,
                                             .trusted = true},
                          vpc, host);
    HsPortConfig port = hs_world_port(link, 0);

    link->end[0].port = hs_vpc_add_subnet(vpc->model, &port);
    hs_world_attach_host(link, 1);
}

static void
join_site(HsWorld *world, const HsOnprem *site, const char *lan,
          WorldNode *host)
{
    HsPrefix address = {.addr = hs_prefix_host(&site->prefix, 1),
                        .length = site->prefix.length};
    WorldLink *link =
        hs_world_add_link(world,
                          &(WorldLinkConfig){.name = lan,
                                             .settings = site->lan,
                                             .kind = HS_LINK_LAN,
                                             .trusted = true},
                          host, hs_world_site_router(world, site));

    hs_world_join_lan(world, site, link, 1, &address);
    hs_world_attach_host(link, 0);
}

WorldNode *
hs_world_host(HsWorld *world, const HsElement *place, const HsAddr *address,
              const HsElement *owner, const char *suffix, const HsPort *port)
{
    g_autofree char *lan = hs_world_name_of(place, "lan");
    g_autofree char *name = hs_world_name_of(owner, suffix);
    const WorldLink *link = hs_world_find_link(world, lan);
    WorldNode *host;

    if (link != NULL) {
        host = link->end[place->kind == HS_KIND_VPC ? 1 : 0].node;
        add_address(host, address);
        return host;
    }
    host = hs_world_add_node(world, name, HS_WORLD_HOST, place, true,
                             hs_place_lan(place)->mtu);
    /* The stack of a real one is there for the probe alone. */
    host->real = hs_world_is_real(world, port);
    host->addresses = g_array_new(FALSE, FALSE, sizeof(HsAddr));
    add_address(host, address);
    if (place->kind == HS_KIND_VPC)
        join_vpc(world, place, lan, host);
    else
        join_site(world, (const HsOnprem *)place, lan, host);
    return host;
}
