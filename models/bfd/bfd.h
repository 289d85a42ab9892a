/* One BFD session (RFC 5880 asynchronous mode, RFC 5881 single hop), without
 * I/O: bytes, events and a time go in; packets and state changes come out.
 *
 * After any call, take outputs with bfd_session_poll() until it returns false,
 * then arrange to be back at bfd_session_next_expiry(). expire() called early
 * does nothing; called late, it catches up. The caller owns the UDP port,
 * checks that packets arrive with TTL 255 (RFC 5881 5), and picks the session
 * of a packet: by bfd_packet_your_discriminator() or, where that is 0, by the
 * interface and source address. */

#ifndef HS_BFD_BFD_H
#define HS_BFD_BFD_H

#include "models/base/rng.h"
#include "models/base/simtime.h"
#include "models/base/trace.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BFD_PORT       3784  /* RFC 5881 4: destination of control packets */
#define BFD_PORT_FIRST 49152 /* and the range that a source port is from */
#define BFD_TTL        255   /* RFC 5881 5: sent with it, dropped without it */

/* RFC 5880 4.1; the values are those on the wire. */
#define BFD_STATES(X)                                                          \
    X(ADMIN_DOWN, 0, "AdminDown")                                              \
    X(DOWN, 1, "Down")                                                         \
    X(INIT, 2, "Init")                                                         \
    X(UP, 3, "Up")

typedef enum {
#define X(name, value, text) BFD_##name = value,
    BFD_STATES(X)
#undef X
} BfdState;

/* RFC 5880 4.1: why the sender's session last changed state. */
#define BFD_DIAGS(X)                                                           \
    X(NONE, 0, "No Diagnostic")                                                \
    X(DETECTION_EXPIRED, 1, "Control Detection Time Expired")                  \
    X(ECHO_FAILED, 2, "Echo Function Failed")                                  \
    X(NEIGHBOR_DOWN, 3, "Neighbor Signaled Session Down")                      \
    X(FORWARDING_RESET, 4, "Forwarding Plane Reset")                           \
    X(PATH_DOWN, 5, "Path Down")                                               \
    X(CONCATENATED_DOWN, 6, "Concatenated Path Down")                          \
    X(ADMIN_DOWN, 7, "Administratively Down")                                  \
    X(REVERSE_DOWN, 8, "Reverse Concatenated Path Down")

typedef enum {
#define X(name, value, text) BFD_DIAG_##name = value,
    BFD_DIAGS(X)
#undef X
} BfdDiag;

/* What made this session change its state. */
#define BFD_CAUSES(X)                                                          \
    X(RECEIVED_ADMIN_DOWN, "received AdminDown")                               \
    X(RECEIVED_DOWN, "received Down")                                          \
    X(RECEIVED_INIT, "received Init")                                          \
    X(RECEIVED_UP, "received Up")                                              \
    X(DETECTION_EXPIRED, "detection time expired")                             \
    X(PATH_DOWN, "path down")                                                  \
    X(FORWARDING_RESET, "forwarding plane reset")                              \
    X(DISABLED, "disabled")                                                    \
    X(ENABLED, "enabled")

typedef enum {
#define X(name, text) BFD_CAUSE_##name,
    BFD_CAUSES(X)
#undef X
} BfdCause;

/* Why a packet is discarded, in the order of RFC 5880 6.8.6. */
#define BFD_DROPS(X)                                                           \
    X(NONE, "accepted")                                                        \
    X(VERSION, "version is not 1")                                             \
    X(LENGTH, "length field below the minimum")                                \
    X(TRUNCATED, "length field beyond the payload")                            \
    X(DETECT_MULT, "detect mult is zero")                                      \
    X(MULTIPOINT, "multipoint bit set")                                        \
    X(MY_DISCRIMINATOR, "my discriminator is zero")                            \
    X(YOUR_DISCRIMINATOR, "your discriminator is not this session's")          \
    X(NO_DISCRIMINATOR, "your discriminator is zero in Init or Up")            \
    X(AUTHENTICATED, "authentication is not in use")                           \
    X(DISABLED, "session is AdminDown")

typedef enum {
#define X(name, text) BFD_DROP_##name,
    BFD_DROPS(X)
#undef X
        BFD_DROP_COUNT
} BfdDrop;

const char *bfd_state_name(BfdState state);
const char *bfd_diag_name(unsigned diag); /* "Reserved" above the last */
const char *bfd_cause_name(BfdCause cause);
const char *bfd_drop_name(BfdDrop drop);

/* Packets */

/* A control packet's fields, as they are on the wire (microseconds). */
typedef struct {
    uint8_t diag; /* BfdDiag, or a reserved value up to 31 */
    BfdState state;
    bool poll;
    bool final;
    bool independent;
    bool auth; /* decoded only: an authentication section follows */
    bool demand;
    uint8_t detect_mult;
    uint32_t my_discriminator;
    uint32_t your_discriminator;
    uint32_t desired_min_tx;
    uint32_t required_min_rx;
    uint32_t required_min_echo_rx;
} BfdPacket;

/* The checks of RFC 5880 6.8.6 that need no session, in its order. RET_PACKET
 * is untouched unless BFD_DROP_NONE comes back. */
BfdDrop
bfd_packet_decode(const uint8_t *data, size_t length, BfdPacket *ret_packet);

/* The 24 octets of a packet without authentication (transfer full). */
GBytes *bfd_packet_encode(const BfdPacket *packet);

/* For choosing the session: the field, unchecked; 0 if the packet ends before
 * it. */
uint32_t bfd_packet_your_discriminator(const uint8_t *data, size_t length);

/* Sessions */

typedef struct BfdSession BfdSession;

/* How an interval is drawn. 6.8.7 allows 75 to 100 % of it, and 75 to 90 % with
 * a multiplier of 1 (tests/golden/bfd shows what the daemons do). */
typedef enum {
    BFD_JITTER_RFC,  /* evenly */
    BFD_JITTER_FRR,  /* a whole number of percent */
    BFD_JITTER_BIRD, /* 75 to 90 % with any multiplier */
} BfdJitter;

typedef struct {
    uint32_t discriminator;     /* unique on this system, not 0 */
    HsDuration desired_min_tx;  /* whole microseconds, from 1us */
    HsDuration required_min_rx; /* the same */
    uint8_t detect_mult;        /* not 0 */
    bool passive;  /* RFC 5880 6.1: silent until the other side is heard */
    bool disabled; /* begins in AdminDown */
    /* The C bit: it goes on when the control plane restarts. */
    bool independent;
    BfdJitter jitter;
    const HsTrace *trace; /* borrowed: outlives us; may be NULL */
} BfdConfig;

typedef enum {
    BFD_OUTPUT_SEND,
    BFD_OUTPUT_STATE,
} BfdOutputKind;

/* One output. Which fields are set depends on the kind. */
typedef struct {
    BfdOutputKind kind;
    GBytes *packet;       /* SEND: owned, a UDP payload */
    BfdState from, to;    /* STATE */
    BfdDiag diag;         /* STATE: our diagnostic from now on */
    BfdCause cause;       /* STATE */
    HsTime last_packet;   /* STATE: when the last good packet came, or NEVER */
    HsDuration detection; /* STATE: detection time in force before it */
} BfdOutput;

void bfd_output_clear(BfdOutput *output);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BfdOutput, bfd_output_clear)

/* RNG is borrowed and outlives the session; CONFIG is copied. */
BfdSession *bfd_session_new(const BfdConfig *config, HsRng *rng, HsTime now);
void bfd_session_free(BfdSession *s); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BfdSession, bfd_session_free)

void bfd_session_receive(BfdSession *s, HsTime now, GBytes *packet);
void bfd_session_expire(BfdSession *s, HsTime now);
HsTime bfd_session_next_expiry(const BfdSession *s); /* or HS_TIME_NEVER */
bool bfd_session_poll(BfdSession *s, BfdOutput *ret_output);

/* New intervals under way: a poll sequence announces them (6.8.3). */
void
bfd_session_set_intervals(BfdSession *s, HsTime now, HsDuration desired_min_tx,
                          HsDuration required_min_rx);

/* Another multiplier, from the next packet on (6.8.12); not 0. */
void
bfd_session_set_detect_mult(BfdSession *s, HsTime now, uint8_t detect_mult);

/* Into AdminDown and out of it (6.8.16). */
void bfd_session_set_enabled(BfdSession *s, HsTime now, bool enabled);

/* The lower layer reports that the path is gone (carrier lost). */
void bfd_session_path_down(BfdSession *s, HsTime now);

/* This system forwards nothing of what the other was promised (6.8.15). */
void bfd_session_forwarding_reset(BfdSession *s, HsTime now);

/* Queries */

BfdState bfd_session_state(const BfdSession *s);
BfdState bfd_session_remote_state(const BfdSession *s);
BfdDiag bfd_session_diag(const BfdSession *s);
unsigned bfd_session_remote_diag(const BfdSession *s);
uint32_t bfd_session_discriminator(const BfdSession *s);
uint32_t bfd_session_remote_discriminator(const BfdSession *s); /* or 0 */

/* The C bit of its last packet, also after the session went down. */
bool bfd_session_remote_independent(const BfdSession *s);

/* The interval between our packets before jitter (6.8.2); HS_TIME_NEVER while
 * periodic packets are not allowed. */
HsDuration bfd_session_tx_interval(const BfdSession *s);

/* Silence for this long ends the session (6.8.4); HS_TIME_NEVER before the
 * first packet. */
HsDuration bfd_session_detection_time(const BfdSession *s);

/* The last packet that passed every check, or HS_TIME_NEVER. */
HsTime bfd_session_last_received(const BfdSession *s);

uint64_t bfd_session_sent(const BfdSession *s);
uint64_t bfd_session_received(const BfdSession *s);
uint64_t bfd_session_dropped(const BfdSession *s, BfdDrop drop);

#endif
