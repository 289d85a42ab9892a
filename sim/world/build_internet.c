/* The internet: its two edges, with what happens to packets between them. */

#include "config.h"

#include "sim/world/private.h"

static HsDuration
draw_jitter(void *user_data)
{
    WorldEnd *end = user_data;

    return hs_distribution_draw(end->link->jitter,
                                end->link->jitter_rng[end->number]);
}

static void
set_jitter(HsWorld *world, const HsInternet *internet)
{
    WorldLink *link = hs_world_find_link(world, internet->element.name);

    link->jitter = &internet->jitter;
    for (unsigned i = 0; i < 2; i++) {
        hs_sim_link_set_loss(link->sim, i, internet->loss);
        if (internet->jitter.shape == HS_DISTRIBUTION_NONE)
            continue;
        link->jitter_rng[i] =
            hs_rng_new(world->seed, link->name,
                       i == 0 ? "jitter to AWS" : "jitter to on-premises");
        hs_sim_link_set_jitter(link->sim, i, draw_jitter, &link->end[i],
                               internet->reorder);
    }
}

/* The internet's two edges are routers with a host route for each outside
 * address; sites hang on the near one, AWS's endpoints on the far one. */
void
hs_world_build_internet(HsWorld *world, const HsInternet *internet)
{
    g_autofree char *far_name = hs_world_name_of(&internet->element, "aws");
    const char *names[] = {internet->element.name, far_name};
    WorldNode *nodes[2];
    WorldLink *link;

    for (unsigned i = 0; i < 2; i++) {
        HsRouter *router;

        nodes[i] = hs_world_add_node(world, names[i], false, 0);
        router = hs_router_new(hs_world_env(nodes[i]),
                               &(HsRouterConfig){.name = nodes[i]->name});
        hs_world_set_router(nodes[i], router, router,
                            (GDestroyNotify)hs_router_free, 1);
    }
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = internet->element.name,
                                                .settings = internet->link,
                                                .kind = HS_LINK_INTERNET},
                             nodes[0], nodes[1]);
    for (unsigned i = 0; i < 2; i++) {
        HsPortConfig port = hs_world_port(link, i);

        link->end[i].port = hs_router_add_port(nodes[i]->router, &port);
    }
    set_jitter(world, internet);
}
