/* For the files of rows: what they are written with.
 *
 * Defaults are texts, read by the same functions as a file's values, so that a
 * default cannot be what a file could not say.
 *
 * Sources: "AWS ..." names a page of AWS's user guides. What nobody publishes
 * is ASSUMED, with the reason for the value, and a result names it if it moved
 * the result. */

#ifndef HS_SCENARIO_ROWS_H
#define HS_SCENARIO_ROWS_H

#include "sim/scenario/pages.h"
#include "sim/scenario/schema.h"

#include <stddef.h>

#define NETNS_HELP                                                             \
    "the network namespace of a real one, made if there is none of that "      \
    "name; or the path of one, such as /proc/self/ns/net for hybridsim's own"

#define ROW(kind_, struct_, member_, key_, type_, fallback_, origin_, source_, \
            help_, ...)                                                        \
    {                                                                          \
        .kind = HS_KIND_##kind_, .key = key_, .type = HS_TYPE_##type_,         \
        .offset = offsetof(struct_, member_), .fallback = fallback_,           \
        .origin = HS_ORIGIN_##origin_, .source = source_, .help = help_,       \
        ##__VA_ARGS__                                                          \
    }
#define REQUIRED(kind_, struct_, member_, key_, type_, help_, ...)             \
    ROW(kind_, struct_, member_, key_, type_, NULL, FILE, NULL, help_,         \
        .required = true, ##__VA_ARGS__)
#define RANGE(low_, high_, rule_)                                              \
    .low = (low_), .high = (high_), .rule = (rule_)

#define LINK_RATE  RANGE(1000, INT64_C(1600000000000), NULL)
#define LINK_DELAY RANGE(0, HS_SEC(10), NULL)
#define LINK_MTU   RANGE(576, 9216, "RFC 791: 576 at least")

/* What every link has; PREFIX is "" or ends with a dot. */
#define LINK_ROWS(kind_, struct_, member_, prefix_, rate_, rate_why_, delay_,  \
                  delay_why_, mtu_, mtu_origin_, mtu_why_, overhead_,          \
                  overhead_why_)                                               \
    ROW(kind_, struct_, member_.rate, prefix_ "rate", RATE, rate_, ASSUMED,    \
        rate_why_, "bit rate of the link", LINK_RATE),                         \
        ROW(kind_, struct_, member_.delay, prefix_ "delay", DURATION, delay_,  \
            ASSUMED, delay_why_, "one-way delay of the link", LINK_DELAY),     \
        ROW(kind_, struct_, member_.mtu, prefix_ "mtu", SIZE, mtu_,            \
            mtu_origin_, mtu_why_, "largest IP packet", LINK_MTU),             \
        ROW(kind_, struct_, member_.queue, prefix_ "queue", COUNT32, "1000",   \
            ASSUMED, "Linux's transmit queue; routers differ",                 \
            "packets that wait at each end before one is dropped",             \
            RANGE(1, 1000000, NULL)),                                          \
        ROW(kind_, struct_, member_.overhead, prefix_ "overhead", SIZE,        \
            overhead_, IEEE, overhead_why_,                                    \
            "bytes of the medium around each IP packet", RANGE(0, 256, NULL))

#define ETHERNET      "802.3: preamble 8, header 14, FCS 4, gap 12"
#define ETHERNET_VLAN "802.3 and 802.1Q: Ethernet 38 and tag 4"

#define BGP_TIMERS                                                             \
    RANGE(HS_SEC(1), HS_SEC(65535), DX_QUOTAS ": keepalive 1 s or more")
#define BGP_HOLD                                                               \
    RANGE(HS_SEC(3), HS_SEC(65535),                                            \
          DX_QUOTAS ": hold time 3 s or more; RFC 4271 4.2: whole seconds"),   \
        .step = HS_SEC(1)

#define BGP_ROWS(kind_, struct_, keepalive_, hold_, why_, preference_,         \
                 preference_why_)                                              \
    ROW(kind_, struct_, customer.keepalive, "keepalive", DURATION, keepalive_, \
        AWS, why_, "BGP keepalive time of the customer gateway", BGP_TIMERS),  \
        ROW(kind_, struct_, customer.hold, "hold", DURATION, hold_, AWS, why_, \
            "BGP hold time that the customer gateway offers; the lower offer " \
            "counts",                                                          \
            BGP_HOLD),                                                         \
        ROW(kind_, struct_, aws.keepalive, "aws.keepalive", DURATION,          \
            keepalive_, AWS, why_, "BGP keepalive time of AWS", BGP_TIMERS),   \
        ROW(kind_, struct_, aws.hold, "aws.hold", DURATION, hold_, AWS, why_,  \
            "BGP hold time that AWS offers", BGP_HOLD),                        \
        ROW(kind_, struct_, policy.local_preference, "local-preference",       \
            COUNT32, preference_, ASSUMED, preference_why_,                    \
            "the customer gateway's preference of routes learned here; the "   \
            "highest wins"),                                                   \
        ROW(kind_, struct_, policy.prepend, "prepend", COUNT32, "0", DEFAULT,  \
            NULL,                                                              \
            "times the customer gateway adds its AS to routes it sends here",  \
            RANGE(0, 16, "longer paths are refused in practice")),             \
        ROW(kind_, struct_, customer.med, "med", COUNT32, "0", DEFAULT, NULL,  \
            "MED that the customer gateway sends here"),                       \
        ROW(kind_, struct_, policy.communities, "communities", COMMUNITIES,    \
            "none", DEFAULT, NULL,                                             \
            "communities on routes that the customer gateway "                 \
            "sends here, or none")

#define KINDS(kind_) HS_KIND_BIT(HS_KIND_##kind_)

/* The files, each with the rows of some kinds. */
typedef struct {
    const HsRow *rows;
    unsigned count;
} HsRows;

extern const HsRows hs_run_rows;
extern const HsRows hs_site_rows;
extern const HsRows hs_aws_rows;
extern const HsRows hs_dx_rows;
extern const HsRows hs_vpn_rows;
extern const HsRows hs_monitor_rows;

#endif
