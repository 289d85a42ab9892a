/* A simulation by the wall clock.
 *
 * Events run when their time has come on the monotonic clock, and between them
 * the process sleeps until a watched file descriptor has something. All of it
 * is one thread: whoever is called, is called between two events, and may use
 * the engine as from an event. No lock, and no rule of threads to break.
 *
 * A computer can be late: busy, stopped, suspended. How late each wake-up was
 * is measured against what was due; beyond a limit the run has fallen behind,
 * and what waited outside meanwhile has an age that nobody knows. */

#ifndef HS_ENGINE_REALTIME_H
#define HS_ENGINE_REALTIME_H

#include "sim/engine/ns3_shim.h"

G_BEGIN_DECLS

typedef struct HsRealtime HsRealtime;

typedef struct {
    HsDuration limit; /* a wake-up later than this has fallen behind */
    /* It has, by LAG; once for each time. May be NULL. */
    void (*fell_behind)(void *user_data, HsDuration lag);
    void *user_data; /* borrowed */
} HsRealtimeConfig;

/* SIM is borrowed and outlives it. */
HsRealtime *hs_realtime_new(HsSim *sim, const HsRealtimeConfig *config);
void hs_realtime_free(HsRealtime *realtime); /* NULL is fine */

/* READY is called while FD can be read. One watch for each FD, which stays the
 * caller's; unwatch before closing it. Also from READY. */
void hs_realtime_watch(HsRealtime *realtime, int fd,
                       void (*ready)(void *user_data), void *user_data);
void hs_realtime_unwatch(HsRealtime *realtime, int fd);

/* From now, which is the simulation's time too, until UNTIL or
 * hs_realtime_stop(). Once. */
void hs_realtime_run(HsRealtime *realtime, HsTime until);
void hs_realtime_stop(HsRealtime *realtime);

/* From READY: runs what is due by now, so that what was just read is handled at
 * its own time, and not all of a wake-up's at one. */
void hs_realtime_advance(HsRealtime *realtime);

/* From READY: this wake-up fell behind. */
bool hs_realtime_is_late(const HsRealtime *realtime);

/* How late wake-ups were for what was due. Percentiles are within 1/16. */
typedef struct {
    uint64_t wakeups;
    uint64_t behind; /* times at which it fell behind */
    HsDuration limit, median, p99, max;
} HsLag;

HsLag hs_realtime_lag(const HsRealtime *realtime);

G_END_DECLS

#endif
