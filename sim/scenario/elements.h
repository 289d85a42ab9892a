/* The elements of a scenario, as they are when it has been read. */

#ifndef HS_SCENARIO_ELEMENTS_H
#define HS_SCENARIO_ELEMENTS_H

#include "models/base/addr.h"
#include "models/base/distribution.h"
#include "models/base/simtime.h"
#include "sim/scenario/words.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values that are more than a number */

/* An instant that the seed draws from [low, high]; low == high: no draw. */
typedef struct {
    HsTime low, high;
} HsRange;

/* "300ms x 3"; interval 0: off. The interval is both sent and required. */
typedef struct {
    HsDuration interval;
    uint8_t multiplier;
} HsBfdTimers;

/* Several words of one list, in the order written, each once. */
typedef struct {
    uint8_t values[16];
    uint8_t count;
} HsWords;

bool hs_words_have(const HsWords *words, unsigned value);

/* What one side of a VPN negotiates in one phase. */
typedef struct {
    HsWords encryption; /* of HsEncryption, and so on */
    HsWords integrity;
    HsWords groups;
    HsDuration lifetime;
} HsVpnPhase;

/* Prefixes, in the order written, each once. */
typedef struct {
    HsPrefix *values; /* owned */
    unsigned count;
} HsPrefixes;

/* True if one of them covers PREFIX. */
bool hs_prefixes_cover(const HsPrefixes *prefixes, const HsPrefix *prefix);

/* RFC 1997 communities, in the order written. */
typedef struct {
    uint32_t values[16];
    uint8_t count;
} HsCommunities;

/* Where an element ends in `hybridsim live`: on a TUN device of this name, with
 * a real host or router behind it; "" simulated. */
typedef struct {
    char device[16]; /* as long as Linux has it */
} HsPort;

static inline bool
hs_port_is_real(const HsPort *port)
{
    return port->device[0] != '\0';
}

/* What every link of a scenario has. */
typedef struct {
    uint64_t rate;     /* bits per second */
    HsDuration delay;  /* one way */
    uint32_t mtu;      /* of the IP packet */
    uint32_t queue;    /* packets at each end */
    uint32_t overhead; /* bytes of the medium around each IP packet */
} HsLinkSettings;

/* One side of a BGP session. */
typedef struct {
    HsDuration keepalive, hold;  /* hold 0 is refused: AWS takes 3 s or more */
    uint32_t med;                /* sent to the other side */
    HsDuration graceful_restart; /* restart time; 0: none */
} HsBgpTimers;

/* How the customer's router steers by one session. */
typedef struct {
    uint32_t local_preference; /* of routes learned here */
    uint32_t prepend;          /* own AS, extra times, on routes sent here */
    HsCommunities communities; /* on routes sent here */
} HsBgpPolicy;

/* Elements. The first member of each is its HsElement; a cast goes there and
 * back. Pointers to other elements are borrowed from the scenario. */

/* Kind's enumerator, struct, accessor, word in the file. */
#define HS_SCENARIO_KINDS(X)                                                   \
    X(SETTINGS, HsSettings, settings, "scenario")                              \
    X(ONPREM, HsOnprem, onprem, "onprem")                                      \
    X(FIREWALL, HsFirewall, firewall, "firewall")                              \
    X(VPC, HsVpc, vpc, "vpc")                                                  \
    X(NAT_GATEWAY, HsNatGateway, nat_gateway, "nat-gateway")                   \
    X(GATEWAY, HsGateway, gateway, "gateway")                                  \
    X(DXGW, HsDxgw, dxgw, "dxgw")                                              \
    X(ASSOCIATION, HsAssociation, association, "association")                  \
    X(PEERING, HsPeering, peering, "peering")                                  \
    X(TABLE, HsTable, table, "table")                                          \
    X(CONNECTION, HsConnection, connection, "connection")                      \
    X(DX, HsDx, dx, "dx")                                                      \
    X(INTERNET, HsInternet, internet, "internet")                              \
    X(VPN, HsVpn, vpn, "vpn")                                                  \
    X(DATABASE, HsDatabase, database, "database")                              \
    X(QUERY, HsQuery, query, "query")                                          \
    X(PROBE, HsProbing, probe, "probe")                                        \
    X(STREAM, HsBulkStream, stream, "stream")                                  \
    X(FAULT, HsFault, fault, "fault")                                          \
    X(MONITORING, HsMonitoring, monitoring, "monitoring")                      \
    X(ALARM, HsMetricAlarm, alarm, "alarm")                                    \
    X(CAPTURE, HsCapture, capture, "capture")                                  \
    X(EXPECT, HsExpect, expect, "expect")

typedef enum {
#define X(name, type, field, text) HS_KIND_##name,
    HS_SCENARIO_KINDS(X)
#undef X
        HS_KIND_COUNT
} HsKind;

const char *hs_kind_name(HsKind kind);

typedef struct {
    HsKind kind;
    const char *name; /* interned; that of a kind without names is its word */
    unsigned line;    /* of its group in the file; 0: implied */
    unsigned index;   /* among its kind, from 0 */
    struct HsProvenance *from; /* owned: where each value came from */
} HsElement;

/* Several elements, in the order written, each once. ALL: whatever there is;
 * then values is empty. */
typedef struct {
    HsElement **values; /* owned; what it points to is borrowed */
    unsigned count;
    bool all;
} HsElements;

bool hs_elements_have(const HsElements *elements, const HsElement *element);

typedef struct {
    HsElement element;
    char *title;
    char *description;
    HsDuration duration;
    HsDuration warmup; /* statistics start here */
    uint64_t seed;
    char **expected_failures; /* owned: expectations that must fail, as
                               * [expect] has them; NULL: none, all must hold */
} HsSettings;

/* A site: its hosts on a LAN behind one customer gateway, or behind two with a
 * core in front of them. */
typedef struct {
    HsElement element;
    uint32_t asn;
    HsPrefix prefix;
    HsPreset preset;
    HsAddr router_id;
    HsLinkSettings lan;
    HsLinkSettings uplink; /* the customer gateway to the internet */
    HsAddr outside;        /* the customer gateway's address on the internet */
    HsDuration fib_delay;
    HsDuration carrier_delay; /* from loss of light to the router acting */
    unsigned routers;         /* customer gateways: 1 or 2 */
    HsAddr router2_id, router2_outside; /* of the second */
    HsLinkSettings core;   /* of the links core1, core2 and interlink */
    HsPrefix core_cidr;    /* a /28 of which these links have a /30 each */
    HsAddr core_router_id; /* of the core */
    HsBgpTimers ibgp;      /* of all iBGP sessions, both sides */
    HsBfdTimers ibgp_bfd;
    bool nat;               /* a NAPT device towards the internet; outside is
                             * its address then */
    HsDuration nat_timeout; /* of an idle UDP mapping */
    HsPrefix nat_cidr;      /* behind it: its own address, and a gateway's */
    HsPort port;            /* of the customer gateway: a prefix of the */
    HsPort lan_port, uplink_port; /* device of each of its links */
    char *netns;                  /* where they are */
} HsOnprem;

/* A stateful firewall of a site, at the customer's end of some interfaces and
 * tunnels: what belongs to no flow whose opening it saw is dropped. */
typedef struct {
    HsElement element;
    HsOnprem *site;
    HsElements on; /* HsDx and HsVpn */
    HsDuration idle_timeout;
} HsFirewall;

typedef struct {
    HsElement element;
    HsPrefix cidr;
    HsLinkSettings lan;
    char *region;
    HsZone zone; /* key "az": where its host is */
    bool internet_gateway;
} HsVpc;

/* A NAT gateway, in a subnet of its own. */
typedef struct {
    HsElement element;
    HsVpc *vpc;
    HsNatGatewayType type;
    HsAddr address; /* what is translated has it as its source */
    HsDuration idle_timeout;
    unsigned ports; /* connections to one destination */
} HsNatGateway;

/* A virtual private gateway or a transit gateway. */
typedef struct {
    HsElement element;
    HsGatewayType type;
    uint32_t asn;
    HsElements attach; /* HsVpc; a VGW has one at most */
    HsVpc *vpc;        /* the first of them, or NULL */
    char *region;
    HsPreset preset;
    HsAddr router_id;
    HsLinkSettings edge;    /* AWS's edge to the internet, of each endpoint */
    HsDuration convergence; /* a route change, from one endpoint of AWS's to
                             * the gateway and the VPC */
    HsDuration fib_delay;
    HsDuration carrier_delay;
    /* Of a TGW alone: */
    bool vpn_ecmp;
    HsPrefix cidr;      /* AWS's outside addresses of private-IP VPNs; not set:
                         * none (hs_addr_is_set) */
    bool default_table; /* all attachments propagate into it, and those of no
                         * [table] are associated with it */
    HsElements appliance_mode; /* HsVpc */
    uint32_t mtu;
} HsGateway;

/* The VPC of a virtual private gateway; NULL for one without. */
static inline HsVpc *
hs_gateway_vpc(const HsGateway *gateway)
{
    return gateway->attach.count > 0 ? (HsVpc *)gateway->attach.values[0]
                                     : NULL;
}

/* A Direct Connect gateway: BGP with the customer on behalf of gateways. */
typedef struct {
    HsElement element;
    uint32_t asn;
    HsPreset preset;
    HsAddr router_id;
    HsDuration convergence; /* a route change, from an endpoint to the
                             * associated gateways */
    HsDuration fib_delay, carrier_delay; /* of its endpoints */
} HsDxgw;

typedef struct {
    HsElement element;
    HsDxgw *dxgw;
    HsGateway *gateway;
    HsPrefixes allowed; /* VGW: what may pass, empty for all; TGW: what is
                         * announced */
    HsDuration backbone_delay; /* from the endpoints to the gateway */
} HsAssociation;

/* Of two VPCs or of two TGWs. */
typedef struct {
    HsElement element;
    HsElement *ends[2];
    HsDuration delay;
    uint32_t mtu;
} HsPeering;

/* A route table of AWS's. */

typedef enum {
    HS_ROUTE_VIA,       /* an element */
    HS_ROUTE_BLACKHOLE, /* drops */
    HS_ROUTE_INTERNET,  /* the VPC's internet gateway */
} HsRouteKind;

typedef struct {
    HsPrefix prefix;
    HsRouteKind kind;
    HsElement *via; /* a VPC's table: HsGateway, HsNatGateway, HsPeering; a
                     * TGW's: HsVpc, HsVpn, HsDxgw, HsPeering */
} HsTableRoute;

typedef struct {
    HsTableRoute *values; /* owned */
    unsigned count;
} HsTableRoutes;

typedef struct {
    HsElement element;
    HsElement *of; /* HsVpc, or HsGateway of type TGW */
    HsTableRoutes routes;
    HsElements propagate; /* attachments, see hs_table_propagates() */
    HsElements associate; /* see hs_scenario_table_for() */
} HsTable;

/* True if what ATTACHMENT learns goes into the table: for a VPC's the HsGateway
 * (a VGW), for a TGW's a HsVpc, HsVpn or HsDxgw. */
bool hs_table_propagates(const HsTable *table, const HsElement *attachment);

/* A physical connection between the customer's router and AWS's device. */
typedef struct {
    HsConnectionType type;
    char *location, *device; /* AWS's; the element's name if not given */
    char *region;            /* of the location */
    unsigned router;         /* the customer's: 1 or 2 */
    unsigned lag;            /* member links; link.rate is that of each */
    unsigned lag_min_links;
    HsMacsec macsec;
} HsPhysical;

/* Shared by several virtual interfaces. */
typedef struct {
    HsElement element;
    HsLinkSettings link;
    HsPhysical physical;
    HsOnprem *site; /* that of its virtual interfaces; NULL: it has none */
} HsConnection;

/* One virtual interface. With a connection of its own, or a shared one, whose
 * link and physical are copied here, except for the MTU. */
typedef struct {
    HsElement element;
    HsOnprem *site;
    HsGateway *gateway; /* one of the two is NULL */
    HsDxgw *dxgw;
    HsConnection *connection; /* NULL: one of its own */
    HsPhysical physical;
    HsVif vif;
    HsPrefixes announce;     /* by the customer */
    uint32_t announce_extra; /* and so many /24 of 198.18.0.0/15 */
    uint32_t cgw_remote_asn; /* what the customer gateway takes AWS for */
    uint32_t aws_remote_asn; /* and AWS the customer gateway */
    uint32_t prefix_limit;   /* AWS's: above it the session goes down */
    uint32_t aws_asn;        /* the gateway's, or 7224 on a public interface */
    uint16_t vlan;
    HsLinkSettings link;
    HsPrefix peer; /* the subnet of the two addresses below */
    HsAddr customer_address, aws_address;
    HsBgpTimers customer, aws;
    HsBgpPolicy policy;
    HsBfdTimers bfd, aws_bfd; /* bfd is the customer's, which starts it */
    HsPort port;              /* the customer's end */
} HsDx;

typedef struct {
    HsElement element;
    HsLinkSettings link;   /* between the two edges */
    HsDistribution jitter; /* added to delay, each packet for itself */
    bool reorder;          /* a packet may overtake */
    double loss;           /* probability, each way */
    double burst_loss;     /* of a packet in the bad state, which is entered */
    double burst_enter, burst_leave; /* and left with these, by each packet */
    double duplicate;
    double reorder_probability; /* a packet is sent before those in front */
    double load;                /* share of the rate that other traffic takes */
} HsInternet;

#define HS_VPN_TUNNELS 2

typedef struct {
    HsPrefix inside; /* a /30; AWS takes the first host */
    HsAddr customer_inside, aws_inside;
    HsAddr aws_outside;
    uint32_t med; /* sent by AWS: its preferred tunnel has the lower */
    uint32_t local_preference; /* the customer's, of routes learned here */
    char *psk;                 /* AWS's; "": drawn from the seed */
    char *cgw_psk;             /* the customer gateway's; "": AWS's */
} HsTunnelSettings;

typedef struct {
    HsElement element;
    HsOnprem *site;
    HsGateway *gateway;
    HsDx *underlay_dx; /* the first of underlays; one of the two is NULL */
    HsInternet *underlay_internet;
    HsElements underlays; /* a HsInternet, or HsDx */
    bool pinned;          /* dies with the one interface that has its address */
    bool private_ip;      /* over a transit virtual interface */
    HsRouting routing;
    HsPrefixes static_routes;     /* AWS's, towards the site */
    HsPrefixes cgw_static_routes; /* the customer's, towards AWS */
    unsigned router;              /* the customer's: 1 or 2 */
    HsPrefixes announce;          /* by the customer, as with HsDx */
    uint32_t announce_extra;
    uint32_t cgw_remote_asn, aws_remote_asn; /* as with HsDx */
    uint32_t prefix_limit;                   /* AWS's */
    HsBandwidth bandwidth;
    uint64_t aws_rate; /* a tunnel's policer, bits per second each way */
    uint32_t aws_pps;  /* the same in packets */
    bool accelerated;
    unsigned tunnels;
    HsTunnelSettings tunnel[HS_VPN_TUNNELS]; /* the first TUNNELS are used */
    HsAddr outside; /* the customer's, of both tunnels */
    HsIkePreset cgw;
    HsStartup startup, aws_startup;
    HsVpnPhase ike, esp;         /* the customer's */
    HsVpnPhase aws_ike, aws_esp; /* AWS's */
    HsDuration aws_rekey_margin;
    double aws_rekey_fuzz; /* 1: of the whole margin */
    HsDpdMode dpd;         /* the customer's */
    HsDuration dpd_delay;
    HsDpdAction dpd_action;
    HsDuration aws_dpd_timeout;
    HsDpdAction aws_dpd_action;
    bool nat_t; /* the customer gateway insists on ESP in UDP */
    bool esn;
    uint32_t replay_window; /* the customer's, in packets */
    uint32_t aws_replay_window;
    bool mss_clamp; /* the customer gateway rewrites the MSS of SYNs */
    HsBgpTimers customer, aws; /* aws.med is unused: each tunnel has its own */
    HsBgpPolicy policy;
} HsVpn;

/* Linux's socket options: tcp(7). 0: off. */
typedef struct {
    HsDuration user_timeout;
    HsDuration keepalive_idle, keepalive_interval;
    unsigned keepalive_count;
} HsTcpLimits;

typedef struct {
    HsElement element;
    HsElement *client, *server; /* each a HsVpc or HsOnprem */
    HsAddr client_address, server_address;
    uint16_t port;
    HsDuration interval; /* the mean gap of requests: 1 / rate */
    HsArrivalKind arrivals;
    uint32_t request, reply; /* payload bytes */
    HsDistribution think;
    unsigned pool;        /* connections of the pooled client */
    HsDuration timeout;   /* of a query, in the pooled client */
    HsDuration reconnect; /* before the pooled client tries again */
    HsPort client_port, server_port;
    char *client_netns, *server_netns;
    /* Durations that are 0 are off, unless said otherwise. */
    HsProfile profile;
    HsLoop loop;
    unsigned users;            /* closed loop */
    HsDistribution user_think; /* closed loop */
    unsigned round_trips;      /* of a transaction */
    HsDistribution pause;      /* of the client, between them */
    bool prepare;              /* one more on each connection */
    unsigned login_round_trips;
    HsDuration connect_timeout; /* 0: the pool's 1 s, else TCP's */
    HsDuration socket_timeout;  /* of the persistent client */
    HsDuration statement_timeout;
    HsDuration acquire_timeout; /* 0: as timeout */
    unsigned retries;
    HsDuration retry_delay;
    HsDuration reconnect_max;
    double reconnect_jitter;
    unsigned min_idle; /* 0: all of the pool */
    HsDuration idle_timeout, max_lifetime, check_after;
    HsTcpLimits tcp, server_tcp;
    unsigned max_connections, login_rate; /* 0: no limit */
    char *replay;              /* the capture's path as written; "": none */
    char *replay_server;       /* "ADDRESS:PORT"; "": the only one */
    uint32_t replay_speed;     /* times as fast as it was */
    bool replay_loop;          /* from the beginning when all is done */
    HsDuration replay_timeout; /* of a request; HS_TIME_NEVER: none */
} HsDatabase;

#define HS_QUERIES_MAX 16

/* One kind of transaction of the database's mix. */
typedef struct {
    HsElement element;
    unsigned weight;
    unsigned round_trips;
    uint32_t request, reply; /* of each round trip */
    HsDistribution think, pause;
    bool prepare;
} HsQuery;

/* The network and the LAN of a HsVpc or HsOnprem. */
const HsPrefix *hs_place_prefix(const HsElement *place);
const HsLinkSettings *hs_place_lan(const HsElement *place);

/* The data-plane probe, both ways between two hosts: the database's, or those
 * of two places. */
typedef struct {
    HsElement element;
    HsDatabase *database; /* NULL if from and to are given */
    HsElement *from, *to; /* each a HsVpc or HsOnprem */
    HsAddr from_address, to_address;
    HsReach expect;
    HsTime start;
    HsDuration length; /* key "for"; HS_TIME_NEVER: to the end */
    HsDuration interval;
    uint32_t size; /* of the UDP payload */
    uint16_t port;
} HsProbing;

/* Bulk traffic beside the database, as iperf3 runs it. */
typedef struct {
    HsElement element;
    HsElement *from, *to; /* each a HsVpc or HsOnprem; FROM connects */
    HsAddr from_address, to_address;
    HsBulkKind protocol;
    uint64_t rate; /* of each of its streams */
    unsigned parallel;
    uint32_t length; /* of a block or datagram */
    uint32_t window;
    bool reverse;
    HsTime start;
    HsDuration duration; /* key "for" */
    uint16_t port;
} HsBulkStream;

typedef enum {
    HS_TARGET_ELEMENT,  /* target, and tunnel if that is not 0 */
    HS_TARGET_PART,     /* target_name is a node or a link of target */
    HS_TARGET_LOCATION, /* target_name is a location, ... */
    HS_TARGET_DEVICE,   /* ... a device, ... */
    HS_TARGET_ZONE,     /* ... "a" or "b" */
} HsTargetKind;

typedef struct {
    HsElement element;
    HsElement *target; /* NULL: a location, device or zone */
    unsigned tunnel;   /* of a HsVpn: 1 or 2; 0: all of them */
    HsTargetKind target_kind;
    char *target_name; /* owned: as written, less "location." and such */
    HsFaultAction action;
    HsDirection direction;
    HsRange at;
    HsDuration length; /* key "for"; HS_TIME_NEVER: forever */
    /* Of some actions alone: */
    double loss;           /* brownout */
    HsDuration delay;      /* brownout: more of it */
    HsDistribution jitter; /* brownout: more of it */
    uint64_t rate;         /* brownout: what is left; 0: all */
    HsDuration ramp;       /* brownout: from nothing to all of it */
    HsDuration period;     /* flap */
    double duty;           /* flap: share of the period that it is down */
    unsigned count;        /* flap: periods, 0: as long as it lasts;
                            * prefix-limit: prefixes; lag-member-down: members */
    HsFlapWay how;         /* flap */
    uint32_t mtu;          /* mtu, mtu-change */
    double probability;    /* corrupt, duplicate, reorder, replay */
} HsFault;

/* How AWS's monitoring shows the run. */
typedef struct {
    HsElement element;
    char *start;   /* the wall clock at 0, ISO 8601 in UTC */
    char *account; /* AWS's, twelve digits */
    char *region;  /* of AWS, which the scenario calls "home" */
    HsDuration dx_period, dx_bgp_period, vpn_period; /* of a datapoint */
    HsDuration metric_delay; /* from a period's end until it can be read */
    HsDuration stream_delay; /* the same, in a metric stream's bucket */
    HsDuration alarm_delay;  /* from there to the alarm's new state */
    HsDuration sns_delay;    /* from that to the reader */
    HsDuration event_delay;  /* or to an EventBridge rule's target */
    HsDuration network_manager_delay; /* from a tunnel's end to its event */
    HsDuration log_delay; /* from a tunnel's end to the line in its log */
    bool global_network;  /* the transit gateways are registered in one */
    bool tunnel_logs;
} HsMonitoring;

/* A CloudWatch alarm. */
typedef struct {
    HsElement element;
    HsMetricName metric;
    HsElement *target; /* a HsConnection, HsDx, HsVpn, HsGateway (TGW), ... */
    unsigned tunnel;   /* of a HsVpn; 0: all of the connection */
    HsStatistic statistic;
    HsDuration period;
    double threshold;
    HsAlarmComparison comparison;
    unsigned periods;    /* N: the newest ones count */
    unsigned datapoints; /* M of them breach: alarm */
    HsMissingData missing;
} HsMetricAlarm;

typedef struct {
    HsElement element;
    bool file;        /* write capture.pcapng */
    char *filter;     /* a BPF expression; "" for all */
    uint32_t snaplen; /* bytes; 0 for whole packets */
    uint64_t limit;   /* bytes of the file; 0 for no limit */
    char **links;     /* NULL: all; else names as in the capture */
    bool per_link;    /* one classic pcap for each link as well */
} HsCapture;

#endif
