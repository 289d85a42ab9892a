/* One loop: run what is due, sleep until the next event or until a descriptor
 * has something, see how late that was, and again.
 *
 *   wake ─► lag = clock - due ─► run events up to the clock ─► READY of each
 *    ▲                                                          descriptor
 *    └──────────── ppoll() until the next event ◄───────────────────┘
 *
 * ns-3 has a real-time simulator of its own, which this is instead of: that one
 * follows the system clock, which NTP may step, reads its packets in threads
 * beside, whose every call into the simulation is restricted, ends the process
 * when it is late or does not tell, and cannot be run twice. The default
 * simulator, asked when its next event is, needs none of it.
 *
 * A long backlog is run in slices, so that a stop or a command gets through,
 * and packets are read, while the simulation catches up. When the work is more
 * than the machine can do, reading suffers with it: packets are then dropped
 * in the queue of the TUN device, where they are counted, and the backlog in
 * here stays bounded. */

#include "config.h"

#include "sim/engine/realtime.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <time.h>

/* A sleep is never longer: being stopped is noticed by oversleeping. */
#define HEARTBEAT HS_MSEC(5)
#define SLICE     HS_MSEC(5)

/* Lags by size: 16 classes for each power of two of nanoseconds. */
#define CLASSES_LOG 4
#define CLASSES     (1 << CLASSES_LOG)
#define BUCKETS     (64 * CLASSES)

typedef struct {
    void (*ready)(void *user_data);
    void *user_data;
} Watch;

struct HsRealtime {
    HsSim *sim; /* borrowed */
    HsRealtimeConfig config;
    GArray *fds;     /* struct pollfd, parallel to */
    GArray *watches; /* Watch */
    int64_t origin;  /* the clock at simulated time 0 */
    HsTime until;
    bool running, stopped, late;
    uint64_t wakeups, behind;
    HsDuration max;
    uint64_t lags[BUCKETS];
};

/* CLOCK_MONOTONIC: no step of NTP moves it, and while the machine is suspended
 * it stands, with the simulation. */
static int64_t
clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * HS_SEC(1) + t.tv_nsec;
}

static HsTime
now(const HsRealtime *realtime)
{
    return clock_now() - realtime->origin;
}

HsRealtime *
hs_realtime_new(HsSim *sim, const HsRealtimeConfig *config)
{
    HsRealtime *realtime = g_new0(HsRealtime, 1);

    g_assert(config->limit > 0);
    realtime->sim = sim;
    realtime->config = *config;
    realtime->fds = g_array_new(FALSE, TRUE, sizeof(struct pollfd));
    realtime->watches = g_array_new(FALSE, TRUE, sizeof(Watch));
    return realtime;
}

void
hs_realtime_free(HsRealtime *realtime)
{
    if (realtime == NULL)
        return;
    g_array_unref(realtime->fds);
    g_array_unref(realtime->watches);
    g_free(realtime);
}

void
hs_realtime_watch(HsRealtime *realtime, int fd, void (*ready)(void *user_data),
                  void *user_data)
{
    struct pollfd poll = {.fd = fd, .events = POLLIN};
    Watch watch = {ready, user_data};

    g_assert(fd >= 0);
    g_array_append_val(realtime->fds, poll);
    g_array_append_val(realtime->watches, watch);
}

/* Its row is only marked: rows go away where none is being walked. */
void
hs_realtime_unwatch(HsRealtime *realtime, int fd)
{
    for (guint i = 0; i < realtime->fds->len; i++) {
        struct pollfd *poll = &g_array_index(realtime->fds, struct pollfd, i);

        if (poll->fd == fd)
            *poll = (struct pollfd){.fd = -1};
    }
}

static void
forget_unwatched(HsRealtime *realtime)
{
    for (guint i = realtime->fds->len; i-- > 0;) {
        if (g_array_index(realtime->fds, struct pollfd, i).fd >= 0)
            continue;
        g_array_remove_index(realtime->fds, i);
        g_array_remove_index(realtime->watches, i);
    }
}

/* Lags */

static unsigned
bucket_of(HsDuration lag)
{
    uint64_t value = (uint64_t)lag;
    unsigned log;

    if (value < CLASSES)
        return (unsigned)value;
    log = 63 - (unsigned)__builtin_clzll(value);
    return (log - CLASSES_LOG + 1) * CLASSES +
           (unsigned)(value >> (log - CLASSES_LOG)) % CLASSES;
}

/* The largest lag of BUCKET. */
static HsDuration
bucket_top(unsigned bucket)
{
    unsigned power = bucket / CLASSES, class = bucket % CLASSES;

    if (power == 0)
        return class;
    return (HsDuration)(((uint64_t)(CLASSES + class + 1) << (power - 1)) - 1);
}

static HsDuration
percentile(const HsRealtime *realtime, uint64_t per_cent)
{
    uint64_t rank = (realtime->wakeups * per_cent + 99) / 100, seen = 0;

    if (realtime->wakeups == 0)
        return 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        seen += realtime->lags[i];
        if (seen >= rank)
            return MIN(bucket_top(i), realtime->max);
    }
    return realtime->max;
}

HsLag
hs_realtime_lag(const HsRealtime *realtime)
{
    return (HsLag){
        .wakeups = realtime->wakeups,
        .behind = realtime->behind,
        .limit = realtime->config.limit,
        .median = percentile(realtime, 50),
        .p99 = percentile(realtime, 99),
        .max = realtime->max,
    };
}

static void
note_lag(HsRealtime *realtime, HsDuration lag)
{
    bool was_late = realtime->late;

    realtime->wakeups++;
    realtime->lags[bucket_of(lag)]++;
    realtime->max = MAX(realtime->max, lag);
    realtime->late = lag > realtime->config.limit;
    if (!realtime->late || was_late)
        return;
    realtime->behind++;
    if (realtime->config.fell_behind != NULL)
        realtime->config.fell_behind(realtime->config.user_data, lag);
}

bool
hs_realtime_is_late(const HsRealtime *realtime)
{
    return realtime->late;
}

/* The loop */

/* Runs what is due by TO, a slice of it if that is much. */
static void
run_due(HsRealtime *realtime, HsTime to)
{
    HsTime first = hs_sim_next_event(realtime->sim);
    HsTime start = MAX(hs_sim_now(realtime->sim), MIN(first, to));

    hs_sim_run(realtime->sim, MIN(to, hs_time_add(start, SLICE)));
}

void
hs_realtime_advance(HsRealtime *realtime)
{
    HsTime to = now(realtime);

    g_assert(realtime->running);
    to = MIN(to, realtime->until);
    if (to > hs_sim_now(realtime->sim))
        run_due(realtime, to);
}

/* Sleeps until DUE; true if a descriptor has something. */
static bool
wait_until(HsRealtime *realtime, HsTime due)
{
    HsTime from = now(realtime);
    HsDuration left = MAX(due - from, 0);
    struct timespec timeout = {.tv_sec = left / HS_SEC(1),
                               .tv_nsec = left % HS_SEC(1)};
    int ready = ppoll((struct pollfd *)(void *)realtime->fds->data,
                      realtime->fds->len, &timeout, NULL);

    /* Anything else is a bad descriptor of a watcher's. */
    g_assert(ready >= 0 || errno == EINTR);
    return ready > 0;
}

static void
dispatch(HsRealtime *realtime)
{
    for (guint i = 0; i < realtime->fds->len && !realtime->stopped; i++) {
        struct pollfd *poll = &g_array_index(realtime->fds, struct pollfd, i);
        Watch *watch = &g_array_index(realtime->watches, Watch, i);
        bool ready = poll->revents != 0;

        poll->revents = 0;
        if (ready && poll->fd >= 0)
            watch->ready(watch->user_data);
    }
    forget_unwatched(realtime);
}

/* What makes Linux punctual for this thread. Timers to the nanosecond, where it
 * otherwise adds 50 us; and before whatever else wants the processor, if we
 * may. That is bounded: the kernel keeps 5 % of the time for the others. */
static void
hurry(bool on)
{
    struct sched_param param = {.sched_priority = on};

    prctl(PR_SET_TIMERSLACK, on ? 1UL : 0UL);
    if (sched_setscheduler(0,
                           (on ? SCHED_RR : SCHED_OTHER) | SCHED_RESET_ON_FORK,
                           &param) != 0)
        g_debug("real-time scheduling: %s", g_strerror(errno));
}

void
hs_realtime_run(HsRealtime *realtime, HsTime until)
{
    g_assert(!realtime->running && !realtime->stopped);
    hurry(true);
    realtime->origin = clock_now() - hs_sim_now(realtime->sim);
    realtime->until = until;
    realtime->running = true;
    while (!realtime->stopped && hs_sim_now(realtime->sim) < until) {
        HsTime next = hs_sim_next_event(realtime->sim);
        HsTime beat = now(realtime) + HEARTBEAT;
        HsTime due = MIN(MIN(next, beat), until);
        bool ready = wait_until(realtime, due);
        HsDuration lag = now(realtime) - due;

        if (lag >= 0)
            note_lag(realtime, lag);
        else
            realtime->late = false;
        hs_realtime_advance(realtime);
        if (ready)
            dispatch(realtime);
    }
    realtime->running = false;
    hurry(false);
}

void
hs_realtime_stop(HsRealtime *realtime)
{
    realtime->stopped = true;
}
