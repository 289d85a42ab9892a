/* A real strongSwan charon and one of our IKEv2 sessions with its ESP, met over
 * UDP on a veth pair between two network namespaces.
 *
 * charon runs with kernel-libipsec, which does ESP in user space, always in
 * UDP; behind it is 10.2.0.1, behind us 10.1.0.1. Time is the machine's, so
 * nothing but the order of events can be asked of a meeting. */

#ifndef HS_TESTS_HARNESS_CHARON_H
#define HS_TESTS_HARNESS_CHARON_H

#include "models/esp/esp.h"
#include "models/ikev2/ikev2.h"

#include <sys/types.h>

#define CHARON_OURS   "192.0.2.1"
#define CHARON_THEIRS "192.0.2.2"

typedef struct {
    char *folder; /* owned */
    pid_t charon;
    int sockets[2]; /* 500, 4500 */
    IkeConfig config;
    HsRng *rng;          /* owned */
    IkeSession *session; /* owned */
    HsTrace trace;
    GString *log;     /* owned */
    EspSad *in;       /* owned */
    GArray *children; /* of struct CharonChild */
    unsigned sending; /* number, or 0 */
    unsigned added;   /* children in all */
    unsigned replies; /* to our pings */
    uint16_t last_notify;
    IkeCause last_cause;
    uint64_t fragments; /* that were sent, to come */
} Charon;

/* False, and the reason is printed: charon or namespaces are missing. */
bool charon_possible(void);

/* SWAN: proposals and further lines of its connection, see charon.c. The
 * caller then changes m->config and calls charon_meet(). */
typedef struct {
    const char *ike, *esp;            /* proposals */
    const char *psk;                  /* NULL: ours */
    const char *options;              /* in the connection, or NULL */
    const char *daemon;               /* in charon's own section, or NULL */
    const char *local_id, *remote_id; /* NULL: the addresses */
} CharonSwan;

void charon_start(Charon *m, const CharonSwan *swan);
void charon_meet(Charon *m);
void charon_stop(Charon *m);

/* One round of waiting and working. */
void charon_turn(Charon *m);

/* Turns until DONE holds; the test fails, with both logs, after 20 s. */
void charon_until(Charon *m, bool (*done)(Charon *m), const char *what);

/* Turns while `swanctl ARGUMENTS` runs; its status. */
int charon_control(Charon *m, const char *arguments);

/* Whether charon's log has TEXT. */
bool charon_said(const Charon *m, const char *text);

/* An echo request through the tunnel must be answered through it. */
void charon_ping(Charon *m);

HsTime charon_now(void);

#endif
