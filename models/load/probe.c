/* A probe is
 *
 *     magic  number  sent-at  filler...
 *       4       8       8     the rest
 *
 * where the filler is a function of number and sent-at, so that a change of any
 * octet is seen: of the filler because it differs, of the numbers because the
 * filler is then another. */

#include "config.h"

#include "models/load/probe.h"

#include "models/base/wire.h"
#include "models/load/db_wire.h"

#define PROBE_MAGIC  0x48535042u /* "HSPB" */
#define PROBE_HEADER 20

struct HsProbe {
    HsEnv *sender;   /* borrowed: outlives us */
    HsEnv *receiver; /* the same */
    HsProbeConfig config;
    HsUdp *out;     /* owned */
    HsUdp *in;      /* owned */
    HsAlarm *alarm; /* owned */
    HsTime next;
    GByteArray *arrived; /* owned: one octet a number, from 1 on */
    uint64_t highest;
    HsProbeCounters counters;
};

static uint64_t
filler_seed(uint64_t number, HsTime sent)
{
    return number * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)sent;
}

static void
probe_fact(HsEnv *env, HsFactKind kind, const HsProbe *probe, uint64_t number,
           HsDuration value)
{
    const HsFact fact = {
        .kind = kind,
        .subject = probe->config.name,
        .peer = probe->config.apart,
        .id = number,
        .value = value,
    };

    hs_env_fact(env, &fact);
}

static void
send_probe(void *user_data)
{
    HsProbe *probe = user_data;
    HsTime now = hs_env_now(probe->sender);
    uint64_t number = ++probe->counters.sent;
    uint64_t seed = filler_seed(number, now);
    g_auto(HsWriter) w = {0};

    hs_writer_init(&w);
    hs_writer_u32(&w, PROBE_MAGIC);
    hs_writer_u64(&w, number);
    hs_writer_u64(&w, (uint64_t)now);
    for (uint32_t i = 0; i + PROBE_HEADER < probe->config.size; i++)
        hs_writer_u8(&w, db_payload_octet(seed, i));
    g_byte_array_append(probe->arrived, (const guint8 *)"", 1);
    probe_fact(probe->sender, HS_FACT_PROBE_SENT, probe, number, 0);
    hs_udp_send(probe->out, &probe->config.to, probe->config.port,
                w.bytes->data, w.bytes->len);
    probe->next = hs_time_add(probe->next, probe->config.interval);
    hs_alarm_set(probe->alarm, probe->next < probe->config.stop
                                   ? probe->next
                                   : HS_TIME_NEVER);
}

/* False if any octet is not the sender's. */
static bool
read_probe(const HsProbe *probe, const uint8_t *data, size_t length,
           uint64_t *ret_number, HsTime *ret_sent)
{
    HsReader r = hs_reader_of(data, length);
    uint32_t magic = hs_reader_u32(&r);
    uint64_t number = hs_reader_u64(&r);
    HsTime sent = (HsTime)hs_reader_u64(&r);
    uint64_t seed = filler_seed(number, sent);

    if (length != probe->config.size || magic != PROBE_MAGIC || number == 0 ||
        number > probe->counters.sent)
        return false;
    for (uint64_t i = 0; hs_reader_left(&r) > 0; i++)
        if (hs_reader_u8(&r) != db_payload_octet(seed, i))
            return false;
    *ret_number = number;
    *ret_sent = sent;
    return true;
}

static void
received(void *user_data, const HsAddr *from, uint16_t from_port,
         const uint8_t *data, size_t length)
{
    HsProbe *probe = user_data;
    uint64_t number;
    HsTime sent;

    (void)from;
    (void)from_port;
    if (!read_probe(probe, data, length, &number, &sent)) {
        probe->counters.corrupt++;
        return;
    }
    if (probe->arrived->data[number - 1] != 0) {
        probe->counters.duplicates++;
        return;
    }
    probe->arrived->data[number - 1] = 1;
    if (number < probe->highest)
        probe->counters.reordered++;
    probe->highest = MAX(probe->highest, number);
    probe->counters.received++;
    probe_fact(probe->receiver, HS_FACT_PROBE_RECEIVED, probe, number,
               hs_env_now(probe->receiver) - sent);
}

/* The sender's port: nobody answers a probe. */
static void
ignored(void *user_data, const HsAddr *from, uint16_t from_port,
        const uint8_t *data, size_t length)
{
    (void)user_data;
    (void)from;
    (void)from_port;
    (void)data;
    (void)length;
}

HsProbe *
hs_probe_new(HsEnv *sender, HsEnv *receiver, const HsProbeConfig *config)
{
    HsProbe *probe = g_new0(HsProbe, 1);
    HsProbeConfig *c = &probe->config;
    g_autofree char *purpose = g_strdup_printf("probe %s", config->name);
    g_autoptr(HsRng) rng = hs_env_rng_new(sender, purpose);

    probe->sender = sender;
    probe->receiver = receiver;
    *c = *config;
    c->name = g_intern_string(config->name); /* goes into facts */
    if (c->port == 0)
        c->port = HS_PROBE_PORT;
    if (c->interval == 0)
        c->interval = HS_MSEC(10);
    if (c->size == 0)
        c->size = 64;
    c->size = MAX(c->size, HS_PROBE_MIN_SIZE);
    probe->arrived = g_byte_array_new();
    probe->in = hs_udp_open(receiver, &c->to, c->port, received, probe);
    probe->out = hs_udp_open(sender, hs_addr_is_set(&c->from) ? &c->from : NULL,
                             (uint16_t)(c->port + 1), ignored, NULL);
    probe->alarm = hs_alarm_new(sender, send_probe, probe);
    probe->next =
        hs_time_add(c->start, hs_rng_uniform(rng, 0, c->interval - 1));
    hs_alarm_set(probe->alarm,
                 probe->next < c->stop ? probe->next : HS_TIME_NEVER);
    return probe;
}

void
hs_probe_free(HsProbe *probe)
{
    if (probe == NULL)
        return;
    hs_alarm_free(probe->alarm);
    hs_udp_free(probe->out);
    hs_udp_free(probe->in);
    g_byte_array_unref(probe->arrived);
    g_free(probe);
}

const HsProbeCounters *
hs_probe_counters(const HsProbe *probe)
{
    return &probe->counters;
}
