/* A packet's way between a model and the engine: a router's port or a host's
 * stack gives it to a link's end; the link's tap shows it to the exposure and
 * the capture as it goes on the wire; the receiver at the far end sets the
 * evidence, so that every fact which the packet causes points at it, and hands
 * it to the router or stack there. */

#include "config.h"

#include "sim/world/private.h"

#include "models/net/ipv4.h"
#include "sim/observe/series.h"

#include <string.h>

#define PROGRESS_STEPS   500
#define ETHERNET_MINIMUM 84 /* with preamble, check sum and gap */

/* Not a router's: whoever shares a load between bundles must not have chosen
 * their members by it. */
#define BUNDLE_SEED 0x8021

/* Nodes */

static void
node_free(void *data)
{
    WorldNode *node = data;

    if (node->model_free != NULL)
        node->model_free(node->model);
    hs_sim_env_free(node->env);
    g_array_unref(node->tables);
    g_clear_pointer(&node->napts, g_array_unref);
    g_clear_pointer(&node->addresses, g_array_unref);
    g_free(node);
}

/* What the node's own stack sends belongs to the VRF in which its source
 * address is. */
static void
host_output(void *user_data, HsPacket *packet)
{
    WorldNode *node = user_data;
    HsIpv4 ip;
    HsAddr source;
    HsRoute route;
    unsigned vrf = 0;

    if (node->mute > 0 ||
        hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip) !=
            HS_DROP_NONE) {
        hs_packet_unref(packet);
        return;
    }
    source = hs_addr_ipv4(ip.source);
    for (unsigned i = 0; i < node->vrfs; i++)
        if (hs_router_lookup(node->router, i, &source, &route) &&
            route.n_hops == 0)
            vrf = i;
    hs_router_originate(node->router, vrf, packet);
}

static void
router_deliver(void *user_data, unsigned port, HsPacket *packet)
{
    WorldNode *node = user_data;

    (void)port;
    if (node->mute == 0) {
        hs_sim_host_input(node->host, packet);
        return;
    }
    node->unheard++;
    hs_packet_unref(packet);
}

WorldNode *
hs_world_add_node(HsWorld *world, const char *name, HsWorldRole role,
                  const HsElement *element, bool with_host, uint32_t mtu)
{
    WorldNode *node = g_new0(WorldNode, 1);

    node->world = world;
    node->name = g_intern_string(name);
    node->role = role;
    node->element = element;
    node->tables = g_array_new(FALSE, FALSE, sizeof(HsWorldTable));
    node->sim = hs_sim_node_new(world->sim, node->name);
    if (with_host)
        node->host = hs_sim_host_new(
            node->sim, &(HsSimHostConfig){.profile = HS_SIM_TCP_LINUX,
                                          .mtu = mtu,
                                          .name = node->name});
    node->env = hs_sim_env_new(&world->shared, node->name, node->host);
    g_ptr_array_add(world->nodes, node);
    return node;
}

void
hs_world_set_router(WorldNode *node, HsRouter *router, void *model,
                    GDestroyNotify model_free, unsigned vrfs)
{
    node->router = router;
    node->model = model;
    node->model_free = model_free;
    node->vrfs = vrfs;
    if (node->host == NULL)
        return;
    hs_sim_host_set_output(node->host, host_output, node);
    hs_router_set_local(router, router_deliver, node);
}

void
hs_world_add_table(WorldNode *node, const char *name, unsigned vrf,
                   const BgpSpeaker *speaker)
{
    HsWorldTable table = {
        .name = g_intern_string(name), .vrf = vrf, .speaker = speaker};

    g_array_append_val(node->tables, table);
}

void
hs_world_name_routes(WorldNode *node,
                     const char *(*name_route)(const void *user_data,
                                               const BgpRoute *route),
                     const void *user_data)
{
    HsWorldTable *table;

    g_assert(node->tables->len > 0);
    table = &g_array_index(node->tables, HsWorldTable, node->tables->len - 1);
    table->name_route = name_route;
    table->user_data = user_data;
}

void
hs_world_class_routes(WorldNode *node,
                      const char *(*class_route)(const BgpRoute *route))
{
    g_assert(node->tables->len > 0);
    g_array_index(node->tables, HsWorldTable, node->tables->len - 1)
        .class_route = class_route;
}

void
hs_world_add_napt(WorldNode *node, const char *name, HsNapt *napt)
{
    WorldNapt entry = {.name = name != NULL ? g_intern_string(name) : NULL,
                       .napt = napt};

    if (node->napts == NULL)
        node->napts = g_array_new(FALSE, FALSE, sizeof(WorldNapt));
    g_array_append_val(node->napts, entry);
}

HsEnv *
hs_world_env(WorldNode *node)
{
    return hs_sim_env_face(node->env);
}

WorldNode *
hs_world_find_node(const HsWorld *world, const char *name)
{
    const char *wanted = g_intern_string(name);

    for (guint i = 0; i < world->nodes->len; i++) {
        WorldNode *node = world->nodes->pdata[i];

        if (node->name == wanted)
            return node;
    }
    return NULL;
}

/* Links */

static void
link_free(void *data)
{
    WorldLink *link = data;

    hs_rng_free(link->jitter_rng[0]);
    hs_rng_free(link->jitter_rng[1]);
    hs_world_burst_free(link->burst[0]);
    hs_world_burst_free(link->burst[1]);
    g_free(link);
}

void
hs_world_send(WorldEnd *end, HsPacket *packet)
{
    /* What models send while they are taken down is not of the run. */
    if (end->link->world->over)
        hs_packet_unref(packet);
    else
        hs_sim_link_send(end->link->sim, end->number, packet);
}

static void
link_output(void *user_data, HsPacket *packet)
{
    hs_world_send(user_data, packet);
}

void
hs_world_arrive(WorldEnd *end, HsPacket *packet)
{
    WorldNode *node = end->node;
    HsEvidence evidence = {.link = end->link->name,
                           .packet = hs_sim_link_arriving(end->link->sim)};

    hs_sim_env_handling(node->env, &evidence);
    if (node->router != NULL)
        hs_router_receive(node->router, end->port, packet);
    else
        hs_sim_host_input(node->host, packet);
    hs_sim_env_handling(node->env, NULL);
}

static void
link_receive(void *user_data, HsPacket *packet)
{
    hs_world_arrive(user_data, packet);
}

static void
link_carrier(void *user_data, bool up)
{
    WorldEnd *end = user_data;

    if (end->peer != NULL)
        hs_control_carrier(end->peer, up);
    else if (end->node->router != NULL && end->port != HS_PORT_NONE)
        hs_router_port_set_up(end->node->router, end->port, up);
}

static uint64_t
link_departed(void *user_data, unsigned end, HsPacket *packet)
{
    WorldLink *link = user_data;
    HsWorld *world = link->world;
    HsTime now = hs_sim_now(world->sim);
    const uint8_t *data = hs_packet_data(packet);
    size_t length = hs_packet_length(packet);
    uint64_t number = 0;

    if (link->captured)
        number = capture_writer_packet(world->options.capture, link->capture_id,
                                       now, end == 0 ? CAPTURE_OUT : CAPTURE_IN,
                                       data, length);
    hs_exposure_packet(world->exposure, link->exposure_id, end, now, number,
                       data, length);
    return number;
}

static bool
is_captured(const HsWorld *world, const char *name)
{
    const HsCapture *capture = hs_scenario_capture(world->scenario, 0);

    return world->options.capture != NULL &&
           (capture->links == NULL ||
            g_strv_contains((const gchar *const *)capture->links, name));
}

/* What stays on one member of a bundle: as routers do it, by addresses and
 * ports, so that an IPsec tunnel is one flow. */
static uint32_t
flow_of(const HsPacket *packet)
{
    const uint8_t *data = hs_packet_data(packet);
    HsIpv4 ip;

    if (hs_ipv4_parse(data, hs_packet_length(packet), &ip) != HS_DROP_NONE)
        return 0;
    return hs_ipv4_flow_hash(&ip, data + ip.header_length,
                             (size_t)(ip.total_length - ip.header_length),
                             BUNDLE_SEED);
}

static HsSimLink *
make_link(HsWorld *world, const WorldLinkConfig *config, WorldNode *a,
          WorldNode *b)
{
    const HsLinkSettings *settings = &config->settings;

    if (config->trunk != NULL)
        return hs_sim_link_new_lane(config->trunk->sim, config->name,
                                    settings->mtu, a->sim, b->sim);
    return hs_sim_link_new(world->sim,
                           &(HsSimLinkConfig){
                               .name = config->name,
                               .rate = settings->rate,
                               .delay = settings->delay,
                               .mtu = settings->mtu,
                               .queue_packets = settings->queue,
                               .overhead = settings->overhead,
                               .min_frame = ETHERNET_MINIMUM,
                               .members = config->members,
                               .least = config->least,
                               .flow = flow_of,
                           },
                           a->sim, b->sim);
}

WorldLink *
hs_world_add_link(HsWorld *world, const WorldLinkConfig *config, WorldNode *a,
                  WorldNode *b)
{
    static const HsSimLinkTap tap = {.departed = link_departed};
    WorldLink *link = g_new0(WorldLink, 1);
    const HsLinkSettings *settings = &config->settings;

    link->world = world;
    link->name = g_intern_string(config->name);
    link->kind = config->kind;
    link->trusted = config->trusted;
    link->mtu = settings->mtu;
    link->rate = settings->rate;
    link->sim = make_link(world, config, a, b);
    link->exposure_id = hs_exposure_add_link(world->exposure, link->name,
                                             config->kind, config->trusted);
    if (config->encrypted)
        hs_exposure_set_encrypted(world->exposure, link->exposure_id);
    link->captured = is_captured(world, link->name);
    if (link->captured) {
        g_autofree char *ends = g_strdup_printf("%s to %s", a->name, b->name);

        link->capture_id = capture_writer_add_link(
            world->options.capture, link->name, ends, settings->rate);
    }
    for (unsigned i = 0; i < 2; i++) {
        WorldEnd *end = &link->end[i];

        end->link = link;
        end->number = i;
        end->node = i == 0 ? a : b;
        if (world->options.live != NULL &&
            hs_live_attach(world->options.live, end))
            continue;
        hs_sim_link_set_receiver(link->sim, i, link_receive, end);
        hs_sim_link_set_carrier_watch(link->sim, i, link_carrier, end);
    }
    hs_sim_link_set_tap(link->sim, &tap, link);
    g_ptr_array_add(world->links, link);
    return link;
}

WorldLink *
hs_world_find_link(const HsWorld *world, const char *name)
{
    const char *wanted = g_intern_string(name);

    for (guint i = 0; i < world->links->len; i++) {
        WorldLink *link = world->links->pdata[i];

        if (link->name == wanted)
            return link;
    }
    return NULL;
}

HsPortConfig
hs_world_port(WorldLink *link, unsigned end)
{
    return (HsPortConfig){
        .name = link->name,
        .mtu = link->mtu,
        .output = link_output,
        .user_data = &link->end[end],
    };
}

void
hs_world_attach_host(WorldLink *link, unsigned end)
{
    hs_sim_host_set_output(link->end[end].node->host, link_output,
                           &link->end[end]);
}

/* The world */

void
hs_world_fact(HsWorld *world, const HsFact *fact)
{
    hs_facts_append(world->facts, fact);
    if (world->options.fact != NULL)
        world->options.fact(world->options.user_data, fact);
}

static void
take_fact(void *user_data, const HsFact *fact)
{
    hs_world_fact(user_data, fact);
}

static void
take_trace(void *user_data, const char *line)
{
    HsWorld *world = user_data;

    world->options.trace(world->options.user_data, line);
}

static void
sa_free(void *data)
{
    WorldSa *sa = data;

    esp_keys_clear(&sa->config.keys);
    g_free(sa->name);
    g_free(sa);
}

static void
ike_sa_free(void *data)
{
    WorldIkeSa *sa = data;

    explicit_bzero(&sa->keys, sizeof sa->keys);
    g_free(sa->name);
    g_free(sa);
}

HsWorld *
hs_world_new(const HsScenario *scenario, const HsWorldOptions *options)
{
    HsWorld *world = g_new0(HsWorld, 1);

    world->scenario = scenario;
    world->options = *options;
    world->seed = hs_scenario_settings(scenario, 0)->seed;
    world->sim = hs_sim_new(world->seed);
    world->shared = (HsSimEnvShared){
        .sim = world->sim,
        .seed = world->seed,
        .fact = take_fact,
        .trace = options->trace != NULL ? take_trace : NULL,
        .user_data = world,
    };
    world->facts = hs_facts_new();
    world->exposure = hs_exposure_new(HS_SEC(1));
    world->nodes = g_ptr_array_new_with_free_func(node_free);
    world->links = g_ptr_array_new_with_free_func(link_free);
    world->faults = g_ptr_array_new_with_free_func(hs_world_fault_free);
    world->holders =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    world->clients =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_db_client_free);
    world->servers =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_db_server_free);
    world->probes =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_probe_free);
    world->bulks = g_ptr_array_new_with_free_func((GDestroyNotify)hs_bulk_free);
    world->sas = g_ptr_array_new_with_free_func(sa_free);
    world->ike_sas = g_ptr_array_new_with_free_func(ike_sa_free);
    world->associations = g_ptr_array_new_with_free_func(g_free);
    hs_world_build(world);
    hs_exposure_set_bin(
        world->exposure,
        hs_series_bucket(hs_scenario_settings(scenario, 0)->duration,
                         world->links->len));
    hs_world_add_workload(world);
    hs_world_schedule_faults(world);
    return world;
}

/* The workload before the nodes, the nodes before what they stand on. */
void
hs_world_free(HsWorld *world)
{
    if (world == NULL)
        return;
    hs_replay_free(world->replay);
    g_ptr_array_unref(world->bulks);
    g_ptr_array_unref(world->probes);
    g_ptr_array_unref(world->clients);
    g_ptr_array_unref(world->servers);
    g_ptr_array_unref(world->faults);
    g_hash_table_unref(world->holders);
    /* A gateway's sessions live on its endpoints' nodes, which were made
     * later: the last made goes last. */
    g_ptr_array_unref(world->nodes);
    hs_sim_free(world->sim);
    g_ptr_array_unref(world->links);
    g_ptr_array_unref(world->sas);
    g_ptr_array_unref(world->ike_sas);
    g_ptr_array_unref(world->associations);
    hs_exposure_free(world->exposure);
    hs_facts_free(world->facts);
    g_free(world);
}

bool
hs_world_is_real(const HsWorld *world, const HsPort *port)
{
    return world->options.live != NULL && hs_port_is_real(port);
}

static void
run_simulated(HsWorld *world, HsTime end)
{
    for (unsigned i = 1; i <= PROGRESS_STEPS; i++) {
        HsTime until = end / PROGRESS_STEPS * i;

        hs_sim_run(world->sim, i == PROGRESS_STEPS ? end : until);
        if (world->options.progress != NULL)
            world->options.progress(world->options.user_data, until, end);
        if (world->options.stop != NULL &&
            world->options.stop(world->options.user_data))
            return;
    }
}

void
hs_world_run_to(HsWorld *world, HsTime until)
{
    g_assert(!world->ran && world->options.live == NULL);
    hs_sim_run(world->sim, until);
}

void
hs_world_run(HsWorld *world)
{
    HsTime end = hs_scenario_settings(world->scenario, 0)->duration;

    g_assert(!world->ran);
    world->ran = true;
    if (world->options.live != NULL)
        hs_live_run(world->options.live, world, end);
    else
        run_simulated(world, end);
    world->end = hs_sim_now(world->sim);
    world->over = true;
    /* What was under way when somebody stopped a live run is not unanswered. */
    for (guint i = 0; i < world->clients->len && world->end == end; i++)
        hs_db_client_finish(world->clients->pdata[i]);
    if (world->replay != NULL && world->end == end)
        hs_replay_finish(world->replay);
    hs_world_finish_faults(world);
}

HsTime
hs_world_end(const HsWorld *world)
{
    return world->end;
}

/* Reports */

const HsFacts *
hs_world_facts(const HsWorld *world)
{
    return world->facts;
}

const HsExposure *
hs_world_exposure(const HsWorld *world)
{
    return world->exposure;
}

unsigned
hs_world_links(const HsWorld *world)
{
    return world->links->len;
}

HsWorldLinkReport
hs_world_link_report(const HsWorld *world, unsigned index)
{
    const WorldLink *link = world->links->pdata[index];
    HsWorldLinkReport report = {
        .name = link->name,
        .from = link->end[0].node->name,
        .to = link->end[1].node->name,
        .kind = link->kind,
        .trusted = link->trusted,
    };

    for (unsigned end = 0; end < 2; end++)
        hs_sim_link_counters(link->sim, end, &report.direction[end]);
    return report;
}

static void
add_drop(GArray *drops, const WorldNode *node, const char *reason,
         uint64_t packets)
{
    HsWorldDrop drop = {
        .node = node->name, .reason = reason, .packets = packets};

    g_array_append_val(drops, drop);
}

/* A NAT keep-alive or IKE on ESP's port is where it should be. */
static void
add_esp_drops(GArray *drops, const WorldNode *node)
{
    for (unsigned i = 0; i < ESP_DROP_COUNT; i++) {
        EspDrop reason = (EspDrop)i;
        g_autofree char *text =
            g_strdup_printf("ESP: %s", esp_drop_name(reason));

        if (reason != ESP_DROP_IKE && reason != ESP_DROP_KEEPALIVE)
            add_drop(drops, node, g_intern_string(text),
                     hs_ipsec_dropped(node->ipsec, reason));
    }
}

static void
add_napt_drops(GArray *drops, const WorldNode *node)
{
    for (guint i = 0; node->napts != NULL && i < node->napts->len; i++) {
        const WorldNapt *entry = &g_array_index(node->napts, WorldNapt, i);
        HsNaptCounters counters = hs_napt_counters(entry->napt);

        for (unsigned n = 0; n < HS_NAPT_DROP_COUNT; n++) {
            g_autofree char *text =
                g_strconcat(entry->name != NULL ? entry->name : "",
                            entry->name != NULL ? ": " : "",
                            hs_napt_drop_name((HsNaptDrop)n), NULL);

            add_drop(drops, node, g_intern_string(text), counters.drops[n]);
        }
    }
}

/* What a node's own stack was not given, because its bytes are wrong. A router
 * has delivered it by then. */
static void
add_refused(GArray *drops, const WorldNode *node)
{
    const char *reason;

    for (unsigned i = 0;; i++) {
        uint64_t packets = hs_sim_host_refused(node->host, i, &reason);
        g_autofree char *text = NULL;

        if (reason == NULL)
            return;
        text = g_strconcat("stack: ", reason, NULL);
        add_drop(drops, node, g_intern_string(text), packets);
    }
}

GArray *
hs_world_drop_counters(const HsWorld *world)
{
    GArray *drops = g_array_new(FALSE, FALSE, sizeof(HsWorldDrop));

    for (guint i = 0; i < world->nodes->len; i++) {
        const WorldNode *node = world->nodes->pdata[i];
        HsRouterCounters counters;

        if (node->host != NULL)
            add_refused(drops, node);
        if (node->router == NULL)
            continue;
        counters = hs_router_counters(node->router);
        for (unsigned reason = 0; reason < HS_DROP_COUNT; reason++)
            add_drop(drops, node, hs_drop_name((HsDrop)reason),
                     counters.drops[reason]);
        if (node->ipsec != NULL)
            add_esp_drops(drops, node);
        add_napt_drops(drops, node);
    }
    return drops;
}

GArray *
hs_world_drops(const HsWorld *world)
{
    g_autoptr(GArray) all = hs_world_drop_counters(world);
    GArray *drops = g_array_new(FALSE, FALSE, sizeof(HsWorldDrop));

    for (guint i = 0; i < all->len; i++)
        if (g_array_index(all, HsWorldDrop, i).packets > 0)
            g_array_append_vals(drops, &g_array_index(all, HsWorldDrop, i), 1);
    return drops;
}

GArray *
hs_world_routers(const HsWorld *world)
{
    GArray *routers = g_array_new(FALSE, FALSE, sizeof(HsWorldRouter));

    for (guint i = 0; i < world->nodes->len; i++) {
        const WorldNode *node = world->nodes->pdata[i];
        HsWorldRouter report = {.node = node->name};

        if (node->router == NULL)
            continue;
        report.packets = hs_router_counters(node->router);
        g_array_append_val(routers, report);
    }
    return routers;
}

unsigned
hs_world_sas(const HsWorld *world)
{
    return world->sas->len;
}

CaptureEspSa
hs_world_sa(const HsWorld *world, unsigned index)
{
    const WorldSa *sa = world->sas->pdata[index];
    const EspSuiteInfo *suite = esp_suite_info(sa->config.suite);

    return (CaptureEspSa){
        .name = sa->name,
        .source = sa->config.source,
        .destination = sa->config.destination,
        .spi = sa->config.spi,
        .encryption = suite->encryption,
        .key = sa->config.keys.key,
        .key_length = suite->key,
        .salt = sa->config.keys.salt,
        .salt_length = suite->salt,
        .integrity = suite->integrity,
        .integrity_key = sa->config.keys.integrity,
        .integrity_key_length = suite->integrity_key,
    };
}

unsigned
hs_world_ike_sas(const HsWorld *world)
{
    return world->ike_sas->len;
}

CaptureIkeSa
hs_world_ike_sa(const HsWorld *world, unsigned index)
{
    const WorldIkeSa *sa = world->ike_sas->pdata[index];
    const IkeKeys *keys = &sa->keys;

    return (CaptureIkeSa){
        .name = sa->name,
        .spi_initiator = keys->spi_i,
        .spi_responder = keys->spi_r,
        .encryption = keys->encryption,
        .sk_ei = keys->sk_ei,
        .sk_er = keys->sk_er,
        .sk_e_length = keys->sk_e_length,
        .integrity = keys->integrity,
        .sk_ai = keys->sk_ai,
        .sk_ar = keys->sk_ar,
        .sk_a_length = keys->sk_a_length,
    };
}

uint64_t
hs_world_events(const HsWorld *world)
{
    return hs_sim_events(world->sim);
}
