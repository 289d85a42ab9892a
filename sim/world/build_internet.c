/* The internet: its two edges, with what happens to packets between them. */

#include "config.h"

#include "sim/world/private.h"

#include "models/net/loss.h"

/* Where others take everything, a packet still gets through now and then. */
#define LEAST_RATE UINT64_C(1000)

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

/* Loss that comes in bursts: a state of the path, which each packet may change
 * (Gilbert, Elliott). */
struct WorldBurst {
    HsLoss loss;
    HsRng *rng; /* owned */
};

static bool
draw_burst(void *user_data)
{
    WorldBurst *burst = user_data;

    return hs_loss_draw(&burst->loss, burst->rng);
}

void
hs_world_burst_free(WorldBurst *burst)
{
    if (burst == NULL)
        return;
    hs_rng_free(burst->rng);
    g_free(burst);
}

static WorldBurst *
new_burst(const HsWorld *world, const HsInternet *internet, unsigned end)
{
    WorldBurst *burst = g_new0(WorldBurst, 1);

    burst->loss.config = (HsLossConfig){.loss_bad = internet->burst_loss,
                                        .enter = internet->burst_enter,
                                        .leave = internet->burst_leave};
    burst->rng =
        hs_rng_new(world->seed, internet->element.name,
                   end == 0 ? "bursts to AWS" : "bursts to on-premises");
    return burst;
}

static void
set_harm(const HsWorld *world, const HsInternet *internet)
{
    WorldLink *link = hs_world_find_link(world, internet->element.name);

    for (unsigned i = 0; i < 2; i++) {
        HsSimHarmConfig harm = {.duplicate = internet->duplicate,
                                .reorder = internet->reorder_probability};

        if (internet->burst_enter > 0) {
            link->burst[i] = new_burst(world, internet, i);
            harm.lose = draw_burst;
            harm.lose_data = link->burst[i];
        }
        if (harm.lose != NULL || harm.duplicate > 0 || harm.reorder > 0)
            hs_sim_harm_new(link->sim, i, "internet", &harm);
    }
}

/* What others leave of it.
 * Departure: their packets do not queue with ours; how much longer that takes
 * is in the jitter. */
static HsLinkSettings
shared_link(const HsInternet *internet)
{
    HsLinkSettings link = internet->link;

    link.rate =
        MAX((uint64_t)((double)link.rate * (1 - internet->load)), LEAST_RATE);
    return link;
}

/* The internet's two edges are routers with a host route for each outside
 * address; sites hang on the near one, AWS's endpoints on the far one. */
void
hs_world_build_internet(HsWorld *world, const HsInternet *internet)
{
    g_autofree char *far_name = hs_world_name_of(&internet->element, "aws");
    const char *names[] = {internet->element.name, far_name};
    HsLinkSettings settings = shared_link(internet);
    WorldNode *nodes[2];
    WorldLink *link;

    for (unsigned i = 0; i < 2; i++) {
        HsRouter *router;

        nodes[i] = hs_world_add_node(world, names[i], HS_WORLD_INTERNET,
                                     &internet->element, false, 0);
        router = hs_router_new(hs_world_env(nodes[i]),
                               &(HsRouterConfig){.name = nodes[i]->name});
        hs_world_set_router(nodes[i], router, router,
                            (GDestroyNotify)hs_router_free, 1);
    }
    link = hs_world_add_link(world,
                             &(WorldLinkConfig){.name = internet->element.name,
                                                .settings = settings,
                                                .kind = HS_LINK_INTERNET},
                             nodes[0], nodes[1]);
    for (unsigned i = 0; i < 2; i++) {
        HsPortConfig port = hs_world_port(link, i);

        link->end[i].port = hs_router_add_port(nodes[i]->router, &port);
    }
    set_jitter(world, internet);
    set_harm(world, internet);
}
