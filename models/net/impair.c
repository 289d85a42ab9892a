/* A packet comes in, may be lost, may be copied, and each copy draws its
 * jitter. What waits stands in one queue with one alarm: a packet is not due
 * before the one ahead of it, so jitter delays but does not reorder (as a queue
 * on the way would), and reordering is a choice of its own: such a packet
 * passes all that wait. The draws are made in a fixed order whatever their
 * outcome, so that one setting's probability does not shift another's chance.
 */

#include "config.h"

#include "models/net/impair.h"

#include <glib.h>
#include <math.h>

const char *
hs_jitter_kind_name(HsJitterKind kind)
{
    static const char *const names[] = {
#define X(name, text) [HS_JITTER_##name] = text,
        HS_JITTER_KINDS(X)
#undef X
    };

    g_assert((unsigned)kind < G_N_ELEMENTS(names));
    return names[kind];
}

/* mean = exp(mu + sigma^2 / 2), variance = (exp(sigma^2) - 1) mean^2. */
static double
lognormal(double mean, double deviation, HsRng *rng)
{
    double variance, ratio = deviation / mean;

    variance = log1p(ratio * ratio);
    return exp(log(mean) - variance / 2 + sqrt(variance) * hs_rng_normal(rng));
}

/* Pareto, type I: mean = a m / (a - 1), and deviation / mean = 1 / sqrt(a (a -
 * 2)), from which a = 1 + sqrt(1 + (mean / deviation)^2). */
static double
pareto(double mean, double deviation, HsRng *rng)
{
    double ratio = mean / deviation;
    double shape = 1 + sqrt(1 + ratio * ratio);
    double least = mean * (shape - 1) / shape;

    return least * pow(1 - hs_rng_unit(rng), -1 / shape);
}

HsDuration
hs_jitter_draw(const HsJitterConfig *config, HsRng *rng)
{
    double mean = (double)config->mean, spread = (double)config->spread;
    double most = config->max > 0 ? (double)config->max : (double)HS_SEC(3600);
    double draw = 0;

    switch (config->kind) {
    case HS_JITTER_NONE:
        return 0;
    case HS_JITTER_CONSTANT:
        draw = mean;
        break;
    case HS_JITTER_UNIFORM:
        draw = mean + spread * (2 * hs_rng_unit(rng) - 1);
        break;
    case HS_JITTER_NORMAL:
        draw = mean + spread * hs_rng_normal(rng);
        break;
    case HS_JITTER_LOGNORMAL:
        draw = mean > 0 ? lognormal(mean, spread, rng) : 0;
        break;
    case HS_JITTER_PARETO:
        draw = mean > 0 && spread > 0 ? pareto(mean, spread, rng) : mean;
        break;
    }
    return (HsDuration)llround(CLAMP(draw, 0, most));
}

bool
hs_loss_draw(HsLoss *loss, HsRng *rng)
{
    double move = hs_rng_unit(rng), lose = hs_rng_unit(rng);

    if (loss->bad)
        loss->bad = !(move < loss->config.leave);
    else
        loss->bad = move < loss->config.enter;
    return lose < (loss->bad ? loss->config.loss_bad : loss->config.loss_good);
}

typedef struct {
    HsTime due;
    HsPacket *packet; /* owned */
} Held;

struct HsImpair {
    HsEnv *env; /* borrowed: outlives us */
    HsImpairConfig config;
    HsLoss loss;
    HsRng *rng;     /* owned */
    HsAlarm *alarm; /* owned */
    GQueue held;    /* of Held, by due */
    void (*output)(void *user_data, HsPacket *packet);
    void *user_data; /* borrowed */
    HsImpairCounters counters;
};

static void
send(HsImpair *impair, HsPacket *packet)
{
    impair->counters.sent++;
    impair->output(impair->user_data, packet);
}

/* The head's time has come. */
static void
fire(void *user_data)
{
    HsImpair *impair = user_data;
    HsTime now = hs_env_now(impair->env);
    Held *head;

    while ((head = g_queue_peek_head(&impair->held)) != NULL &&
           head->due <= now) {
        HsPacket *packet = head->packet;

        g_queue_pop_head(&impair->held);
        g_free(head);
        send(impair, packet);
    }
    hs_alarm_set(impair->alarm, head != NULL ? head->due : HS_TIME_NEVER);
}

static void
hold(HsImpair *impair, HsPacket *packet, HsDuration jitter)
{
    HsTime now = hs_env_now(impair->env);
    Held *tail = g_queue_peek_tail(&impair->held), *held;
    HsTime due = hs_time_add(now, jitter);

    if (tail == NULL && due == now) {
        send(impair, packet);
        return;
    }
    held = g_new(Held, 1);
    held->packet = packet;
    held->due = tail != NULL ? hs_time_max(due, tail->due) : due;
    g_queue_push_tail(&impair->held, held);
    if (tail == NULL)
        hs_alarm_set(impair->alarm, held->due);
}

HsImpair *
hs_impair_new(HsEnv *env, const HsImpairConfig *config,
              void (*output)(void *user_data, HsPacket *packet),
              void *user_data)
{
    HsImpair *impair = g_new0(HsImpair, 1);
    g_autofree char *purpose = g_strdup_printf("impair/%s", config->name);

    impair->env = env;
    impair->rng = hs_env_rng_new(env, purpose);
    impair->alarm = hs_alarm_new(env, fire, impair);
    impair->output = output;
    impair->user_data = user_data;
    g_queue_init(&impair->held);
    hs_impair_set(impair, config);
    return impair;
}

void
hs_impair_free(HsImpair *impair)
{
    Held *held;

    if (impair == NULL)
        return;
    while ((held = g_queue_pop_head(&impair->held)) != NULL) {
        hs_packet_unref(held->packet);
        g_free(held);
    }
    hs_alarm_free(impair->alarm);
    hs_rng_free(impair->rng);
    g_free(impair);
}

void
hs_impair_set(HsImpair *impair, const HsImpairConfig *config)
{
    impair->config = *config;
    impair->loss.config = config->loss;
}

void
hs_impair_input(void *user_data, HsPacket *packet)
{
    HsImpair *impair = user_data;
    const HsImpairConfig *config = &impair->config;
    bool lost = hs_loss_draw(&impair->loss, impair->rng);
    bool twice = hs_rng_unit(impair->rng) < config->duplicate;
    bool ahead = hs_rng_unit(impair->rng) < config->reorder;
    HsDuration jitter = hs_jitter_draw(&config->jitter, impair->rng);

    impair->counters.received++;
    if (lost) {
        impair->counters.lost++;
        hs_packet_unref(packet);
        return;
    }
    if (twice) {
        impair->counters.duplicated++;
        hold(impair, hs_packet_ref(packet), jitter);
    }
    if (ahead && impair->held.head != NULL) {
        impair->counters.reordered++;
        send(impair, packet);
    } else {
        hold(impair, packet, jitter);
    }
}

HsImpairCounters
hs_impair_counters(const HsImpair *impair)
{
    HsImpairCounters counters = impair->counters;

    counters.held = impair->held.length;
    return counters;
}
