/* The numbers of BGP-4 on the wire: RFC 4271, and where another document gives
 * them, its number behind the name. Enumerators and their printed names come
 * from one list each, so that a log never shows a bare number. */

#ifndef HS_BGP_WIRE_H
#define HS_BGP_WIRE_H

#include <stdint.h>

#define BGP_PORT    179
#define BGP_VERSION 4

/* RFC 4271 4.1 */
#define BGP_MARKER_LENGTH  16
#define BGP_HEADER_LENGTH  19
#define BGP_MESSAGE_MAX    4096
#define BGP_OPEN_MIN       29
#define BGP_UPDATE_MIN     23
#define BGP_NOTIFY_MIN     21
#define BGP_REFRESH_LENGTH 23 /* RFC 2918 3 */

/* RFC 6793: stands for an AS number that needs four octets. */
#define BGP_AS_TRANS 23456

typedef enum {
    BGP_MSG_OPEN = 1,
    BGP_MSG_UPDATE = 2,
    BGP_MSG_NOTIFICATION = 3,
    BGP_MSG_KEEPALIVE = 4,
    BGP_MSG_ROUTE_REFRESH = 5, /* RFC 2918 */
} BgpMessageType;

/* RFC 4271 4.5 and 6 */
#define BGP_ERRORS(X)                                                          \
    X(HEADER, 1, "Message Header Error")                                       \
    X(OPEN, 2, "OPEN Message Error")                                           \
    X(UPDATE, 3, "UPDATE Message Error")                                       \
    X(HOLD_TIMER, 4, "Hold Timer Expired")                                     \
    X(FSM, 5, "Finite State Machine Error")                                    \
    X(CEASE, 6, "Cease")

typedef enum {
#define X(name, number, text) BGP_ERR_##name = number,
    BGP_ERRORS(X)
#undef X
} BgpErrorCode;

#define BGP_SUBCODES(X)                                                        \
    X(HEADER, NOT_SYNCHRONIZED, 1, "Connection Not Synchronized")              \
    X(HEADER, BAD_LENGTH, 2, "Bad Message Length")                             \
    X(HEADER, BAD_TYPE, 3, "Bad Message Type")                                 \
    X(OPEN, UNSUPPORTED_VERSION, 1, "Unsupported Version Number")              \
    X(OPEN, BAD_PEER_AS, 2, "Bad Peer AS")                                     \
    X(OPEN, BAD_BGP_ID, 3, "Bad BGP Identifier")                               \
    X(OPEN, UNSUPPORTED_PARAMETER, 4, "Unsupported Optional Parameter")        \
    X(OPEN, BAD_HOLD_TIME, 6, "Unacceptable Hold Time")                        \
    X(OPEN, UNSUPPORTED_CAPABILITY, 7, "Unsupported Capability") /* 5492 */    \
    X(UPDATE, MALFORMED_LIST, 1, "Malformed Attribute List")                   \
    X(UPDATE, UNRECOGNIZED, 2, "Unrecognized Well-known Attribute")            \
    X(UPDATE, MISSING, 3, "Missing Well-known Attribute")                      \
    X(UPDATE, BAD_FLAGS, 4, "Attribute Flags Error")                           \
    X(UPDATE, BAD_ATTR_LENGTH, 5, "Attribute Length Error")                    \
    X(UPDATE, BAD_ORIGIN, 6, "Invalid ORIGIN Attribute")                       \
    X(UPDATE, BAD_NEXT_HOP, 8, "Invalid NEXT_HOP Attribute")                   \
    X(UPDATE, BAD_OPTIONAL, 9, "Optional Attribute Error")                     \
    X(UPDATE, BAD_NETWORK, 10, "Invalid Network Field")                        \
    X(UPDATE, BAD_AS_PATH, 11, "Malformed AS_PATH")                            \
    X(FSM, IN_OPEN_SENT, 1, "Unexpected Message in OpenSent") /* RFC 6608 */   \
    X(FSM, IN_OPEN_CONFIRM, 2, "Unexpected Message in OpenConfirm")            \
    X(FSM, IN_ESTABLISHED, 3, "Unexpected Message in Established")             \
    X(CEASE, MAX_PREFIXES, 1, "Maximum Number of Prefixes Reached") /* 4486 */ \
    X(CEASE, ADMIN_SHUTDOWN, 2, "Administrative Shutdown")                     \
    X(CEASE, DECONFIGURED, 3, "Peer De-configured")                            \
    X(CEASE, ADMIN_RESET, 4, "Administrative Reset")                           \
    X(CEASE, REJECTED, 5, "Connection Rejected")                               \
    X(CEASE, CONFIG_CHANGE, 6, "Other Configuration Change")                   \
    X(CEASE, COLLISION, 7, "Connection Collision Resolution")                  \
    X(CEASE, RESOURCES, 8, "Out of Resources")                                 \
    X(CEASE, HARD_RESET, 9, "Hard Reset") /* RFC 8538 */                       \
    X(CEASE, BFD_DOWN, 10, "BFD Down")    /* RFC 9384 */

enum {
#define X(code, name, number, text) BGP_##code##_##name = number,
    BGP_SUBCODES(X)
#undef X
};

/* "Cease", "Administrative Shutdown"; "unknown" for what no RFC names. Subcode
 * 0 is "unspecific". */
const char *bgp_error_name(uint8_t code);
const char *bgp_subcode_name(uint8_t code, uint8_t subcode);

/* OPEN: RFC 5492 4, and the registry of capabilities */
#define BGP_PARAM_CAPABILITIES 2
#define BGP_PARAM_EXTENDED     255 /* RFC 9072 */
#define BGP_CAP_MULTIPROTOCOL  1   /* RFC 4760 8 */
#define BGP_CAP_ROUTE_REFRESH  2   /* RFC 2918 2 */
#define BGP_CAP_RESTART        64  /* RFC 4724 3 */
#define BGP_CAP_FOUR_OCTET_AS  65  /* RFC 6793 9 */
#define BGP_AFI_IPV4           1
#define BGP_AFI_IPV6           2
#define BGP_SAFI_UNICAST       1

/* RFC 4724 3, RFC 8538 2: flags above the twelve bits of the restart time, and
 * those of each family. */
#define BGP_RESTART_STATE        0x8000u
#define BGP_RESTART_NOTIFICATION 0x4000u
#define BGP_RESTART_TIME_MAX     4095
#define BGP_RESTART_FORWARDING   0x80

/* Path attributes: RFC 4271 4.3 and 5 */
#define BGP_ATTR_OPTIONAL   0x80
#define BGP_ATTR_TRANSITIVE 0x40
#define BGP_ATTR_PARTIAL    0x20
#define BGP_ATTR_EXTENDED   0x10

typedef enum {
    BGP_ATTR_ORIGIN = 1,
    BGP_ATTR_AS_PATH = 2,
    BGP_ATTR_NEXT_HOP = 3,
    BGP_ATTR_MED = 4,
    BGP_ATTR_LOCAL_PREF = 5,
    BGP_ATTR_ATOMIC_AGGREGATE = 6,
    BGP_ATTR_AGGREGATOR = 7,
    BGP_ATTR_COMMUNITIES = 8,           /* RFC 1997 */
    BGP_ATTR_ORIGINATOR_ID = 9,         /* RFC 4456 */
    BGP_ATTR_CLUSTER_LIST = 10,         /* RFC 4456 */
    BGP_ATTR_MP_REACH = 14,             /* RFC 4760 */
    BGP_ATTR_MP_UNREACH = 15,           /* RFC 4760 */
    BGP_ATTR_EXTENDED_COMMUNITIES = 16, /* RFC 4360 */
    BGP_ATTR_AS4_PATH = 17,             /* RFC 6793 */
    BGP_ATTR_AS4_AGGREGATOR = 18,       /* RFC 6793 */
    BGP_ATTR_IPV6_COMMUNITIES = 25,     /* RFC 5701 */
} BgpAttrType;

#define BGP_AS_SET             1
#define BGP_AS_SEQUENCE        2
#define BGP_AS_CONFED_SEQUENCE 3 /* RFC 5065 */
#define BGP_AS_CONFED_SET      4

/* RFC 1997 */
#define BGP_NO_EXPORT           0xffffff01u
#define BGP_NO_ADVERTISE        0xffffff02u
#define BGP_NO_EXPORT_SUBCONFED 0xffffff03u

#endif
