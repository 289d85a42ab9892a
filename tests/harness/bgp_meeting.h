/* Our speaker and a real BGP daemon, over TCP on the loopback device of a
 * network namespace of their own. We connect, the daemon waits for us. Time is
 * the machine's; tests wait for a condition and assert no duration. */

#ifndef HS_TESTS_HARNESS_BGP_MEETING_H
#define HS_TESTS_HARNESS_BGP_MEETING_H

#include "models/bgp/speaker.h"

#include <sys/types.h>

#define BGP_MEETING_OURS   "192.0.2.1"
#define BGP_MEETING_THEIRS "192.0.2.2"

/* How one daemon is spoken to. In every text @ is the meeting's folder. */
typedef struct {
    const char *name, *program;
    bool own_run; /* needs a /run of its own, with this home in it */
    const char *home;
    const char *const arguments[16];
    const char *again; /* one more argument after a restart; may be NULL */
    /* # is the AS; GLOBAL, PEER and LIMIT stand for what a test adds there, in
     * this order. NULL in front: the daemon cannot. */
    const char *config;
    const char *limit[3], *old[3], *restart[3];
    const char *ready; /* succeeds when the daemon can be asked */
    /* Commands; what they print is the answer. */
    const char *route; /* to 172.16.0.0/24, as it has it */
    const char *peer;  /* what it knows of our session */
    const char *refresh, *shutdown;
} BgpDaemon;

typedef struct {
    const BgpDaemon *daemon;
    char *folder;
    pid_t pid;
    HsRng *rng;
    BgpSpeaker *speaker;
    BgpPeer *peer;
    int socket; /* -1: none */
    bool connecting;
    unsigned connection;
    GString *log; /* a line for each state and each change of stale routes */
} BgpMeeting;

/* False, with the reason printed, if DAEMON or namespaces are not to be had. */
bool bgp_meeting_begin(BgpMeeting *m, const BgpDaemon *daemon);
void bgp_meeting_end(BgpMeeting *m);

/* The daemon in AS ASN, with what a test ADDS to its configuration (may be
 * NULL). */
void
bgp_meeting_start_daemon(BgpMeeting *m, uint32_t asn, const char *const *adds);

/* It dies at once (the kernel closes its connections) and is started anew. */
void bgp_meeting_kill_daemon(BgpMeeting *m);
void bgp_meeting_restart_daemon(BgpMeeting *m);

/* A speaker in AS 65001 with one peer; CONFIG may be NULL. It announces
 * 172.16.0.0/24 with MED 77, community 7224:7100 and two prepends. */
void bgp_meeting_start_speaker(BgpMeeting *m, uint32_t peer_as,
                               const BgpPeerConfig *config);
BgpPeerConfig bgp_meeting_peer_config(uint32_t peer_as);

/* Runs both until REACHED says so; false after half a minute. */
bool bgp_meeting_until(BgpMeeting *m, bool (*reached)(BgpMeeting *m));

/* What COMMAND prints (transfer full). */
char *bgp_meeting_ask(BgpMeeting *m, const char *command);
bool bgp_meeting_hears(BgpMeeting *m, const char *command, const char *text);

/* Takes the outputs of an input that a test made. */
void bgp_meeting_drain(BgpMeeting *m);
HsTime bgp_meeting_now(void);

/* The connection is gone, as by a crash of ours. */
void bgp_meeting_cut(BgpMeeting *m);

#endif
