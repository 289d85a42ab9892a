#include "config.h"

#include "tests/harness/net_env.h"

struct NetEnv {
    HsEnv env; /* first: an HsEnv is a NetEnv */
    HsTime now;
    uint64_t order;
    GPtrArray *alarms; /* of FakeAlarm, borrowed from who made them */
    GString *facts;
    char *told; /* what net_env_facts() gave */
};

typedef struct {
    HsEnvHandle handle; /* first */
    NetEnv *env;
    void (*fire)(void *user_data);
    void *user_data;
    HsTime due;
    uint64_t order;
} FakeAlarm;

static HsTime
now(HsEnv *env)
{
    return ((NetEnv *)env)->now;
}

static HsRng *
rng_new(HsEnv *env, const char *purpose)
{
    return hs_rng_new(1, env->node, purpose);
}

static void
fact(HsEnv *env, const HsFact *f)
{
    NetEnv *net = (NetEnv *)env;
    char text[HS_TIME_TEXT];

    g_string_append_printf(
        net->facts, "[%s] %s %s: %s -> %s (%s)\n",
        hs_time_format(net->now, text), hs_fact_kind_name(f->kind), f->subject,
        f->from != NULL ? f->from : "-", f->to != NULL ? f->to : "-", f->cause);
}

static const HsTrace *
trace_new(HsEnv *env, const char *protocol, const char *peer)
{
    (void)env;
    (void)protocol;
    (void)peer;
    return NULL;
}

static void
alarm_set(HsAlarm *alarm, HsTime due)
{
    FakeAlarm *fake = (FakeAlarm *)alarm;

    fake->due = due;
    fake->order = ++fake->env->order;
}

static HsAlarm *
alarm_new(HsEnv *env, void (*fire)(void *user_data), void *user_data)
{
    FakeAlarm *fake = g_new0(FakeAlarm, 1);

    fake->handle.ops = env->ops;
    fake->env = (NetEnv *)env;
    fake->fire = fire;
    fake->user_data = user_data;
    fake->due = HS_TIME_NEVER;
    g_ptr_array_add(fake->env->alarms, fake);
    return (HsAlarm *)fake;
}

static void
alarm_free(HsAlarm *alarm)
{
    FakeAlarm *fake = (FakeAlarm *)alarm;

    g_assert(g_ptr_array_remove(fake->env->alarms, fake));
    g_free(fake);
}

static const struct HsEnvOps ops = {
    .now = now,
    .rng_new = rng_new,
    .fact = fact,
    .trace_new = trace_new,
    .alarm_new = alarm_new,
    .alarm_set = alarm_set,
    .alarm_free = alarm_free,
};

NetEnv *
net_env_new(const char *node)
{
    NetEnv *env = g_new0(NetEnv, 1);

    env->env.ops = &ops;
    env->env.node = g_intern_string(node);
    env->alarms = g_ptr_array_new();
    env->facts = g_string_new(NULL);
    return env;
}

void
net_env_free(NetEnv *env)
{
    g_assert(env->alarms->len == 0);
    g_ptr_array_unref(env->alarms);
    g_string_free(env->facts, TRUE);
    g_free(env->told);
    g_free(env);
}

HsEnv *
net_env_env(NetEnv *env)
{
    return &env->env;
}

static FakeAlarm *
next_alarm(const NetEnv *env)
{
    FakeAlarm *next = NULL;

    for (unsigned i = 0; i < env->alarms->len; i++) {
        FakeAlarm *alarm = env->alarms->pdata[i];

        if (alarm->due != HS_TIME_NEVER &&
            (next == NULL || alarm->due < next->due ||
             (alarm->due == next->due && alarm->order < next->order)))
            next = alarm;
    }
    return next;
}

void
net_env_run(NetEnv *env, HsTime until)
{
    FakeAlarm *next;

    while ((next = next_alarm(env)) != NULL && next->due <= until) {
        env->now = hs_time_max(env->now, next->due);
        next->due = HS_TIME_NEVER;
        next->fire(next->user_data);
    }
    env->now = until;
}

const char *
net_env_facts(NetEnv *env)
{
    g_free(env->told);
    env->told = g_strdup(env->facts->str);
    g_string_truncate(env->facts, 0);
    return env->told;
}
