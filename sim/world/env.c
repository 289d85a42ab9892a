#include "config.h"

#include "sim/world/env.h"

struct HsSimEnv {
    HsEnv face; /* first: a model's HsEnv * is this struct */
    const HsSimEnvShared *shared;
    HsSimHost *host;     /* borrowed; may be NULL */
    GPtrArray *traces;   /* of Trace, owned */
    HsEvidence handling; /* all zero: none */
    HsEvidence recent;   /* the last one handled, */
    HsTime recent_at;    /* and when */
};

static HsSimEnv *
of(HsEnv *face)
{
    return (HsSimEnv *)face;
}

/* Time, chance, observation */

static HsTime
env_now(HsEnv *face)
{
    return hs_sim_now(of(face)->shared->sim);
}

static HsRng *
env_rng_new(HsEnv *face, const char *purpose)
{
    return hs_rng_new(of(face)->shared->seed, face->node, purpose);
}

/* TCP tells its news from events of their own, at the instant of the packet
 * that brought them: that packet is still the evidence. */
static HsEvidence
env_evidence(HsEnv *face)
{
    const HsSimEnv *env = of(face);

    if (env->handling.link != NULL)
        return env->handling;
    if (env->recent.link != NULL && env->recent_at == env_now(face))
        return env->recent;
    return (HsEvidence){0};
}

static void
env_fact(HsEnv *face, const HsFact *given)
{
    HsSimEnv *env = of(face);
    HsFact fact = *given;

    fact.at = env_now(face);
    fact.node = face->node;
    if (fact.evidence.packet == 0)
        fact.evidence = env_evidence(face);
    env->shared->fact(env->shared->user_data, &fact);
}

static const HsTrace *
env_trace_new(HsEnv *face, const char *protocol, const char *peer)
{
    HsSimEnv *env = of(face);
    HsTrace *trace;

    if (env->shared->trace == NULL)
        return NULL;
    trace = g_new0(HsTrace, 1);
    trace->line = env->shared->trace;
    trace->user_data = env->shared->user_data;
    trace->node = face->node;
    trace->protocol = g_intern_string(protocol);
    trace->peer = g_intern_string(peer);
    g_ptr_array_add(env->traces, trace);
    return trace;
}

/* Alarms. One that is put off, which is what most timers live on, keeps its
 * event and looks again when that fires: an event a second beats a cancelled
 * event a packet. */

struct HsAlarm {
    HsEnvHandle handle;
    HsSim *sim;
    void (*fire)(void *user_data);
    void *user_data;
    HsTime due;
    HsTime event_at; /* of the pending event */
    HsSimEvent *event;
};

static void alarm_fired(void *user_data);

static void
alarm_schedule(HsAlarm *alarm)
{
    alarm->event_at = hs_time_max(alarm->due, hs_sim_now(alarm->sim));
    alarm->event =
        hs_sim_schedule(alarm->sim, alarm->event_at, alarm_fired, alarm, NULL);
}

static void
alarm_fired(void *user_data)
{
    HsAlarm *alarm = user_data;

    alarm->event = NULL;
    if (alarm->due == HS_TIME_NEVER)
        return;
    if (alarm->due > hs_sim_now(alarm->sim)) {
        alarm_schedule(alarm);
        return;
    }
    alarm->due = HS_TIME_NEVER;
    alarm->fire(alarm->user_data);
}

static HsAlarm *
alarm_new(HsEnv *face, void (*fire)(void *user_data), void *user_data)
{
    HsAlarm *alarm = g_new0(HsAlarm, 1);

    alarm->handle.ops = face->ops;
    alarm->sim = of(face)->shared->sim;
    alarm->fire = fire;
    alarm->user_data = user_data;
    alarm->due = HS_TIME_NEVER;
    return alarm;
}

static void
alarm_set(HsAlarm *alarm, HsTime due)
{
    alarm->due = due;
    if (due == HS_TIME_NEVER)
        return;
    if (alarm->event != NULL && alarm->event_at <= due)
        return;
    if (alarm->event != NULL)
        hs_sim_cancel(alarm->event);
    alarm_schedule(alarm);
}

static void
alarm_free(HsAlarm *alarm)
{
    if (alarm->event != NULL)
        hs_sim_cancel(alarm->event);
    g_free(alarm);
}

/* Streams: the model's events behind the engine's */

struct HsStream {
    HsEnvHandle handle;
    HsSimTcp *tcp; /* owned */
    HsStreamEvents events;
    void *user_data;
};

static void
stream_connected(void *user_data)
{
    HsStream *stream = user_data;

    if (stream->events.connected != NULL)
        stream->events.connected(stream->user_data);
}

static void
stream_received(void *user_data, const uint8_t *data, size_t length)
{
    HsStream *stream = user_data;

    if (stream->events.received != NULL)
        stream->events.received(stream->user_data, data, length);
}

static void
stream_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    HsStream *stream = user_data;

    if (stream->events.retransmitted != NULL)
        stream->events.retransmitted(stream->user_data, attempt, rto);
}

static void
stream_acked(void *user_data, uint64_t total)
{
    HsStream *stream = user_data;

    if (stream->events.acked != NULL)
        stream->events.acked(stream->user_data, total);
}

static HsStreamEnd
end_of(HsSimTcpEnd end)
{
    switch (end) {
    case HS_SIM_TCP_END_CLOSED:
        return HS_STREAM_CLOSED;
    case HS_SIM_TCP_END_RESET:
        return HS_STREAM_RESET;
    case HS_SIM_TCP_END_REFUSED:
        return HS_STREAM_REFUSED;
    case HS_SIM_TCP_END_CONNECT_TIMEOUT:
        return HS_STREAM_CONNECT_TIMEOUT;
    case HS_SIM_TCP_END_TIMEOUT:
        return HS_STREAM_TIMEOUT;
    case HS_SIM_TCP_END_UNREACHABLE:
        return HS_STREAM_UNREACHABLE;
    case HS_SIM_TCP_END_USER_TIMEOUT:
        return HS_STREAM_USER_TIMEOUT;
    case HS_SIM_TCP_END_KEEPALIVE:
        return HS_STREAM_KEEPALIVE;
    }
    g_assert_not_reached();
}

static void
stream_ended(void *user_data, HsSimTcpEnd why)
{
    HsStream *stream = user_data;

    if (stream->events.ended != NULL)
        stream->events.ended(stream->user_data, end_of(why));
}

static const HsSimTcpEvents tcp_events = {
    .connected = stream_connected,
    .received = stream_received,
    .retransmitted = stream_retransmitted,
    .acked = stream_acked,
    .ended = stream_ended,
};

static HsStream *
stream_connect(HsEnv *face, const HsAddr *local, const HsAddr *remote,
               uint16_t remote_port, const HsStreamEvents *events,
               void *user_data)
{
    HsStream *stream = g_new0(HsStream, 1);

    g_assert(of(face)->host != NULL);
    stream->handle.ops = face->ops;
    stream->events = *events;
    stream->user_data = user_data;
    stream->tcp = hs_sim_tcp_connect(of(face)->host, local, remote, remote_port,
                                     &tcp_events, stream);
    return stream;
}

static void
stream_set_events(HsStream *stream, const HsStreamEvents *events,
                  void *user_data)
{
    stream->events = *events;
    stream->user_data = user_data;
}

static void
stream_set_limits(HsStream *stream, const HsStreamLimits *limits)
{
    const HsSimTcpLimits tcp = {
        .user_timeout = limits->user_timeout,
        .keepalive_idle = limits->keepalive_idle,
        .keepalive_interval = limits->keepalive_interval,
        .keepalive_count = limits->keepalive_count,
    };

    hs_sim_tcp_set_limits(stream->tcp, &tcp);
}

static void
stream_send(HsStream *stream, const void *data, size_t length)
{
    hs_sim_tcp_send(stream->tcp, data, length);
}

static void
stream_close(HsStream *stream)
{
    hs_sim_tcp_close(stream->tcp);
}

static void
stream_free(HsStream *stream)
{
    hs_sim_tcp_free(stream->tcp);
    g_free(stream);
}

struct HsListener {
    HsEnvHandle handle;
    HsSimTcpListener *tcp; /* owned */
    HsAcceptFunc accept;
    void *user_data;
};

static void
listener_accepted(void *user_data, HsSimTcp *tcp, const HsAddr *peer,
                  uint16_t peer_port)
{
    HsListener *listener = user_data;
    HsStream *stream = g_new0(HsStream, 1);

    stream->handle.ops = listener->handle.ops;
    stream->tcp = tcp;
    hs_sim_tcp_set_events(tcp, &tcp_events, stream);
    listener->accept(listener->user_data, stream, peer, peer_port);
}

static HsListener *
env_listen(HsEnv *face, const HsAddr *local, uint16_t port, HsAcceptFunc accept,
           void *user_data)
{
    HsListener *listener = g_new0(HsListener, 1);

    g_assert(of(face)->host != NULL);
    listener->handle.ops = face->ops;
    listener->accept = accept;
    listener->user_data = user_data;
    listener->tcp = hs_sim_tcp_listen(of(face)->host, local, port,
                                      listener_accepted, listener);
    return listener;
}

static void
listener_free(HsListener *listener)
{
    hs_sim_tcp_listener_free(listener->tcp);
    g_free(listener);
}

/* Datagrams */

struct HsUdp {
    HsEnvHandle handle;
    HsSimUdp *udp; /* owned */
};

static HsUdp *
udp_open(HsEnv *face, const HsAddr *local, uint16_t port,
         HsDatagramFunc received, void *user_data)
{
    HsUdp *udp = g_new0(HsUdp, 1);

    g_assert(of(face)->host != NULL);
    udp->handle.ops = face->ops;
    udp->udp =
        hs_sim_udp_open(of(face)->host, local, port, received, user_data);
    return udp;
}

static void
udp_send(HsUdp *udp, const HsAddr *to, uint16_t to_port, const void *data,
         size_t length)
{
    hs_sim_udp_send(udp->udp, to, to_port, data, length);
}

static void
udp_free(HsUdp *udp)
{
    hs_sim_udp_free(udp->udp);
    g_free(udp);
}

static const struct HsEnvOps sim_env_ops = {
    .now = env_now,
    .rng_new = env_rng_new,
    .fact = env_fact,
    .evidence = env_evidence,
    .trace_new = env_trace_new,
    .alarm_new = alarm_new,
    .alarm_set = alarm_set,
    .alarm_free = alarm_free,
    .stream_connect = stream_connect,
    .stream_set_events = stream_set_events,
    .stream_set_limits = stream_set_limits,
    .stream_send = stream_send,
    .stream_close = stream_close,
    .stream_free = stream_free,
    .listen = env_listen,
    .listener_free = listener_free,
    .udp_open = udp_open,
    .udp_send = udp_send,
    .udp_free = udp_free,
};

HsSimEnv *
hs_sim_env_new(const HsSimEnvShared *shared, const char *node, HsSimHost *host)
{
    HsSimEnv *env = g_new0(HsSimEnv, 1);

    env->face.ops = &sim_env_ops;
    env->face.node = g_intern_string(node);
    env->shared = shared;
    env->host = host;
    env->traces = g_ptr_array_new_with_free_func(g_free);
    return env;
}

void
hs_sim_env_free(HsSimEnv *env)
{
    if (env == NULL)
        return;
    g_ptr_array_unref(env->traces);
    g_free(env);
}

HsEnv *
hs_sim_env_face(HsSimEnv *env)
{
    return &env->face;
}

void
hs_sim_env_handling(HsSimEnv *env, const HsEvidence *evidence)
{
    env->handling = evidence != NULL ? *evidence : (HsEvidence){0};
    if (evidence == NULL)
        return;
    env->recent = *evidence;
    env->recent_at = hs_sim_now(env->shared->sim);
}
