#include "config.h"

#include "tests/harness/aws_sites.h"

#include "tests/harness/hybrid.h"

void
aws_sites_init(AwsSites *sites)
{
    *sites = (AwsSites){.world = fake_world_new(1)};
}

void
aws_sites_clear(AwsSites *sites)
{
    for (unsigned i = 0; i < sites->n; i++) {
        AwsSite *site = &sites->site[i];

        hs_control_free(site->control);
        hs_router_free(site->router);
        hs_router_free(site->aws_router);
    }
    fake_world_free(sites->world);
}

static void
nothing_changes(void *user_data, const HsPrefix *prefix,
                HsControlPeer *const *peers, unsigned n)
{
    (void)user_data;
    (void)prefix;
    (void)peers;
    (void)n;
}

static unsigned
add_port(HsRouter *router, const char *name, const HsAddr *address)
{
    HsPrefix subnet = {.addr = *address, .length = 30};

    return hs_router_add_port(
        router,
        &(HsPortConfig){.name = name, .addresses = &subnet, .n_addresses = 1});
}

HsControlPeerConfig
aws_sites_add(AwsSites *sites, const char *name, uint32_t asn, uint32_t aws_asn,
              const HsControlPeerConfig *policy)
{
    unsigned number = sites->n++;
    AwsSite *site = &sites->site[number];
    g_autofree char *own = g_strdup_printf("169.254.%u.2", number);
    g_autofree char *aws = g_strdup_printf("169.254.%u.1", number);
    g_autofree char *aws_name = g_strdup_printf("%s.aws", name);
    HsControlPeerConfig customer =
        policy != NULL ? *policy : (HsControlPeerConfig){0};
    HsControlPeerConfig session = {.passive = true};

    g_assert(number < AWS_SITES);
    site->env = fake_world_node(sites->world, g_intern_string(name), own);
    site->aws_env =
        fake_world_node(sites->world, g_intern_string(aws_name), aws);
    site->router = hs_router_new(
        site->env, &(HsRouterConfig){.name = g_intern_string(name)});
    site->aws_router = hs_router_new(
        site->aws_env, &(HsRouterConfig){.name = g_intern_string(aws_name)});
    site->control = hs_control_new(
        site->env,
        &(HsControlConfig){.speaker = {.asn = asn, .router_id = 100 + number},
                           .best_changed = nothing_changes});

    customer.name = session.name = g_intern_string(name);
    customer.env = site->env;
    customer.router = site->router;
    customer.local = session.remote = addr_of(own);
    customer.remote = session.local = addr_of(aws);
    customer.port = add_port(site->router, name, &customer.local);
    customer.remote_as = aws_asn;
    customer.preset = BGP_PRESET_FRR;
    session.hold = HS_SEC(90);
    customer.hold = customer.hold == 0 ? HS_SEC(90) : MAX(customer.hold, 0);
    site->peer = hs_control_add_peer(site->control, &customer);

    session.env = site->aws_env;
    session.router = site->aws_router;
    session.port = add_port(site->aws_router, name, &session.local);
    session.remote_as = asn;
    session.preset = BGP_PRESET_AWS;
    return session;
}

void
aws_site_announce(AwsSites *sites, unsigned site, const char *text)
{
    HsPrefix prefix = prefix_of(text);

    hs_control_originate(sites->site[site].control, &prefix);
}

void
aws_site_withdraw(AwsSites *sites, unsigned site, const char *text)
{
    HsPrefix prefix = prefix_of(text);

    hs_control_withdraw(sites->site[site].control, &prefix);
}

void
aws_sites_start(AwsSites *sites)
{
    for (unsigned i = 0; i < sites->n; i++)
        hs_control_start(sites->site[i].control);
}

void
aws_sites_run(AwsSites *sites, unsigned seconds)
{
    fake_world_run(sites->world,
                   fake_world_now(sites->world) + HS_SEC(seconds));
}

char *
aws_site_path(const AwsSites *sites, unsigned site, const char *text)
{
    const BgpSpeaker *speaker = hs_control_speaker(sites->site[site].control);
    HsPrefix prefix = prefix_of(text);
    const BgpRoute *best = bgp_speaker_best(speaker, &prefix, NULL);

    return best != NULL && best->peer != NULL
               ? bgp_as_path_format(best->attrs->as_path)
               : g_strdup("none");
}

char *
aws_ways(const HsRouter *router, const char *text)
{
    HsPrefix prefix = prefix_of(text);
    GString *ways = g_string_new(NULL);
    HsRoute route;

    if (!hs_router_lookup(router, 0, &prefix.addr, &route) ||
        route.prefix.length == 0)
        g_string_append(ways, "none");
    else
        for (unsigned i = 0; i < route.n_hops; i++)
            g_string_append_printf(
                ways, "%s%s", i > 0 ? ", " : "",
                hs_router_port_name(router, route.hops[i].port));
    return g_string_free(ways, FALSE);
}
