/* A session of ours and a real daemon (FRR's bfdd, BIRD), over UDP between two
 * network namespaces that are joined by a veth link and end with the test.
 *
 * Ours is at 192.0.2.1, the daemon at 192.0.2.2, both start with 100 ms x 3.
 * Instants are the kernel's, taken when a packet arrived. */

#ifndef HS_TESTS_HARNESS_BFD_MEETING_H
#define HS_TESTS_HARNESS_BFD_MEETING_H

#include "models/bfd/bfd.h"

#include <sys/types.h>

typedef enum {
    BFD_DAEMON_FRR,
    BFD_DAEMON_BIRD,
    BFD_DAEMON_COUNT,
} BfdDaemon;

/* What the daemon's operator does. */
typedef enum {
    BFD_ORDER_SLOWER, /* sends every 400 ms, wants a packet every 300 */
    BFD_ORDER_SHUT,
    BFD_ORDER_OPEN, /* the reverse of SHUT */
    BFD_ORDER_COUNT,
} BfdOrder;

typedef struct {
    BfdDaemon which;
    char *folder; /* owned */
    pid_t daemon; /* 0: none */
    HsRng *rng;   /* owned */
    BfdSession *session;
    int in, out;            /* sockets */
    bool mute;              /* what we would send is not sent */
    HsTime sent;            /* the last packet that was */
    HsTime heard;           /* the last packet that arrived */
    BfdPacket said;         /* and what it was */
    unsigned polls, finals; /* that arrived */
    BfdOutput change;       /* the last change of our state */
    HsTime changed;         /* and when */
    void (*arrived)(void *user_data, HsTime at, const BfdPacket *packet);
    void *user_data; /* borrowed */
} BfdMeeting;

const char *bfd_daemon_name(BfdDaemon which);

/* False, with the reason printed, where the daemon or namespaces are missing.
 * The calling process is in another network namespace afterwards. */
bool bfd_meeting_open(BfdMeeting *m, BfdDaemon which);
void bfd_meeting_close(BfdMeeting *m);

HsTime bfd_meeting_now(void);

/* Waits for a packet or a timer, for a few milliseconds at most. */
void bfd_meeting_turn(BfdMeeting *m);

/* Turns until IS_SO or, which is false, for half a minute. */
bool bfd_meeting_until(BfdMeeting *m, bool (*is_so)(BfdMeeting *m));
bool bfd_meeting_is_up(BfdMeeting *m); /* both sides */

/* Packets that calls on the session asked for. */
void bfd_meeting_settle(BfdMeeting *m);

void bfd_meeting_order(BfdMeeting *m, BfdOrder order);

/* The daemon's own words on the session; the caller frees them. */
char *bfd_meeting_shown(BfdMeeting *m);

/* The daemon stops in its tracks (true), goes on (false). */
void bfd_meeting_freeze(BfdMeeting *m, bool frozen);

#endif
