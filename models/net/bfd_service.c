/* What RFC 5881 asks around a session: packets go to port 3784 from a port of
 * the session's own in 49152 to 65535, with TTL 255, and are taken only with
 * TTL 255, from the neighbour, on the interface that the session is about. With
 * one session a port of the router, interface and source address choose the
 * session for a packet without our discriminator as for one with it (RFC 5880
 * 6.8.6); the session itself refuses another's discriminator.
 *
 * The source port of what arrives is not looked at: RFC 5881 4 binds the
 * sender, and BIRD 2.0 sends from any. */

#include "config.h"

#include "models/net/bfd_service.h"

#include "models/net/ipv4.h"
#include "models/net/udp.h"

#define TOS_CONTROL 0xc0 /* CS6: RFC 2474's class for network control */

struct HsBfdService {
    HsEnv *env;         /* borrowed */
    HsRouter *router;   /* borrowed */
    HsRng *rng;         /* owned */
    GPtrArray *watches; /* HsBfdWatch *, owned */
    uint64_t drops[HS_BFD_DROP_COUNT];
};

struct HsBfdWatch {
    HsBfdService *service; /* borrowed */
    HsBfdWatchConfig config;
    uint16_t source_port;
    uint16_t ip_id;
    HsRng *rng;          /* owned */
    BfdSession *session; /* owned */
    bool down;           /* with the control plane */
    HsAlarm *alarm;      /* owned */
    HsEvidence last;     /* the last packet from the neighbour */
};

/* The evidence is the packet heard last: a detection is a silence, and this is
 * where it began. */
static void
report_state(HsBfdWatch *watch, const BfdOutput *output)
{
    HsTime now = hs_env_now(watch->service->env);
    HsFact fact = {
        .kind = HS_FACT_BFD,
        .subject = watch->config.name,
        .from = bfd_state_name(output->from),
        .to = bfd_state_name(output->to),
        .cause = bfd_cause_name(output->cause),
        .evidence = watch->last,
    };

    if (output->last_packet != HS_TIME_NEVER)
        fact.value = now - output->last_packet;
    hs_env_fact(watch->service->env, &fact);
    if (watch->config.changed != NULL)
        watch->config.changed(watch->config.user_data, output->from, output->to,
                              output->cause);
}

static void
send_packet(HsBfdWatch *watch, GBytes *payload)
{
    HsUdpDatagram datagram = {
        .source_port = watch->source_port,
        .destination_port = BFD_PORT,
        .payload = g_bytes_get_data(payload, NULL),
        .length = g_bytes_get_size(payload),
    };
    HsIpv4 ip = {
        .tos = TOS_CONTROL,
        .id = watch->ip_id++,
        .ttl = BFD_TTL, /* RFC 5881 5 */
        .protocol = HS_IP_UDP,
        .source = hs_addr_to_ipv4(&watch->config.local),
        .destination = hs_addr_to_ipv4(&watch->config.remote),
    };

    hs_router_output_on(watch->service->router, watch->config.port,
                        hs_udp_packet_new(&ip, &datagram));
}

static void
settle(HsBfdWatch *watch)
{
    BfdOutput output;

    while (bfd_session_poll(watch->session, &output)) {
        switch (output.kind) {
        case BFD_OUTPUT_SEND:
            send_packet(watch, output.packet);
            break;
        case BFD_OUTPUT_STATE:
            report_state(watch, &output);
            break;
        }
        bfd_output_clear(&output);
    }
    hs_alarm_set(watch->alarm, bfd_session_next_expiry(watch->session));
}

static void
alarm_fired(void *user_data)
{
    HsBfdWatch *watch = user_data;

    bfd_session_expire(watch->session, hs_env_now(watch->service->env));
    settle(watch);
}

static HsBfdWatch *
watch_on(HsBfdService *service, unsigned port)
{
    for (guint i = 0; i < service->watches->len; i++) {
        HsBfdWatch *watch = service->watches->pdata[i];

        if (watch->config.port == port)
            return watch;
    }
    return NULL;
}

const char *
hs_bfd_drop_name(HsBfdDrop drop)
{
    static const char *const names[] = {
#define X(name, text) text,
        HS_BFD_DROPS(X)
#undef X
    };

    g_assert((unsigned)drop < HS_BFD_DROP_COUNT);
    return names[drop];
}

/* HS_BFD_DROP_COUNT if PACKET is for WATCH, with *RET_DATAGRAM in it. */
static HsBfdDrop
check(const HsBfdWatch *watch, const HsPacket *packet,
      HsUdpDatagram *ret_datagram)
{
    HsIpv4 ip;

    if (watch == NULL || watch->down)
        return HS_BFD_DROP_NO_SESSION;
    if (hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet), &ip) !=
        HS_DROP_NONE)
        return HS_BFD_DROP_HEADER;
    if (ip.ttl != BFD_TTL) /* RFC 5881 5 */
        return HS_BFD_DROP_TTL;
    if (ip.source != hs_addr_to_ipv4(&watch->config.remote))
        return HS_BFD_DROP_SOURCE;
    if (!hs_udp_parse(packet, &ip, ret_datagram))
        return HS_BFD_DROP_DATAGRAM;
    return HS_BFD_DROP_COUNT;
}

static void
input(void *user_data, unsigned port, HsPacket *packet)
{
    HsBfdService *service = user_data;
    HsBfdWatch *watch = watch_on(service, port);
    g_autoptr(GBytes) payload = NULL;
    HsUdpDatagram datagram;
    HsBfdDrop why = check(watch, packet, &datagram);

    if (why != HS_BFD_DROP_COUNT) {
        service->drops[why]++;
        hs_packet_unref(packet);
        return;
    }
    /* A state change that this packet causes shows it as evidence. */
    watch->last = hs_env_evidence(service->env);
    payload = g_bytes_new(datagram.payload, datagram.length);
    hs_packet_unref(packet);
    bfd_session_receive(watch->session, hs_env_now(service->env), payload);
    settle(watch);
}

static void
watch_free(void *data)
{
    HsBfdWatch *watch = data;

    hs_alarm_free(watch->alarm);
    bfd_session_free(watch->session);
    hs_rng_free(watch->rng);
    g_free(watch);
}

HsBfdService *
hs_bfd_service_new(HsEnv *env, HsRouter *router)
{
    HsBfdService *service = g_new0(HsBfdService, 1);

    service->env = env;
    service->router = router;
    service->rng = hs_env_rng_new(env, "bfd discriminators");
    service->watches = g_ptr_array_new_with_free_func(watch_free);
    hs_router_set_protocol(router, HS_IP_UDP, BFD_PORT, input, service);
    return service;
}

void
hs_bfd_service_free(HsBfdService *service)
{
    if (service == NULL)
        return;
    hs_router_set_protocol(service->router, HS_IP_UDP, BFD_PORT, NULL, NULL);
    g_ptr_array_unref(service->watches);
    hs_rng_free(service->rng);
    g_free(service);
}

/* RFC 5880 6.8.1: unique on this system, not zero. */
static uint32_t
new_discriminator(HsBfdService *service)
{
    for (;;) {
        uint32_t draw = hs_rng_u32(service->rng);
        bool taken = draw == 0;

        for (guint i = 0; i < service->watches->len; i++) {
            HsBfdWatch *watch = service->watches->pdata[i];

            taken |= watch->session != NULL &&
                     bfd_session_discriminator(watch->session) == draw;
        }
        if (!taken)
            return draw;
    }
}

/* RFC 5881 4: in the upper range, and no other session's. */
static uint16_t
new_source_port(const HsBfdService *service, HsRng *rng)
{
    for (;;) {
        uint16_t draw = (uint16_t)(BFD_PORT_FIRST +
                                   hs_rng_below(rng, 65536 - BFD_PORT_FIRST));
        bool taken = false;

        for (guint i = 0; i < service->watches->len; i++) {
            const HsBfdWatch *watch = service->watches->pdata[i];

            taken |= watch->source_port == draw;
        }
        if (!taken)
            return draw;
    }
}

static BfdSession *
new_session(HsBfdWatch *watch)
{
    const HsBfdWatchConfig *config = &watch->config;
    HsEnv *env = watch->service->env;
    char remote[HS_ADDR_TEXT];
    BfdConfig session = {
        .discriminator = new_discriminator(watch->service),
        .desired_min_tx = config->interval,
        .required_min_rx = config->interval,
        .detect_mult = config->multiplier,
        .passive = config->passive,
        .independent = config->independent,
        .jitter = config->jitter,
        .trace = hs_env_trace_new(env, "bfd",
                                  hs_addr_format(&config->remote, remote)),
    };

    return bfd_session_new(&session, watch->rng, hs_env_now(env));
}

HsBfdWatch *
hs_bfd_service_watch(HsBfdService *service, const HsBfdWatchConfig *config)
{
    HsBfdWatch *watch = g_new0(HsBfdWatch, 1);

    g_assert(watch_on(service, config->port) == NULL);
    watch->service = service;
    watch->config = *config;
    watch->rng = hs_env_rng_new(service->env, config->name);
    watch->source_port = new_source_port(service, watch->rng);
    watch->ip_id = (uint16_t)hs_rng_below(watch->rng, 65536);
    watch->session = new_session(watch);
    watch->alarm = hs_alarm_new(service->env, alarm_fired, watch);
    g_ptr_array_add(service->watches, watch);
    settle(watch);
    return watch;
}

const BfdSession *
hs_bfd_watch_session(const HsBfdWatch *watch)
{
    return watch->session;
}

void
hs_bfd_watch_path_down(HsBfdWatch *watch)
{
    if (watch->down)
        return;
    bfd_session_path_down(watch->session, hs_env_now(watch->service->env));
    settle(watch);
}

void
hs_bfd_watch_crash(HsBfdWatch *watch)
{
    if (watch->config.independent || watch->down)
        return;
    watch->down = true;
    hs_alarm_set(watch->alarm, HS_TIME_NEVER);
    if (bfd_session_state(watch->session) == BFD_DOWN)
        return;
    hs_env_fact(
        watch->service->env,
        &(HsFact){.kind = HS_FACT_BFD,
                  .subject = watch->config.name,
                  .from = bfd_state_name(bfd_session_state(watch->session)),
                  .to = bfd_state_name(BFD_DOWN),
                  .cause = "restart"});
}

void
hs_bfd_watch_boot(HsBfdWatch *watch)
{
    if (!watch->down)
        return;
    watch->down = false;
    bfd_session_free(watch->session);
    watch->session = NULL;
    watch->session = new_session(watch);
    settle(watch);
}

void
hs_bfd_watch_set_enabled(HsBfdWatch *watch, bool enabled)
{
    if (watch->down)
        return;
    bfd_session_set_enabled(watch->session, hs_env_now(watch->service->env),
                            enabled);
    settle(watch);
}

uint64_t
hs_bfd_service_drops(const HsBfdService *service, HsBfdDrop why)
{
    return service->drops[why];
}

uint64_t
hs_bfd_service_dropped(const HsBfdService *service)
{
    uint64_t sum = 0;

    for (unsigned why = 0; why < HS_BFD_DROP_COUNT; why++)
        sum += service->drops[why];
    return sum;
}
