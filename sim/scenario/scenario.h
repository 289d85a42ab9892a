/* A scenario: what a file like scenarios/dx-cut.ini says, typed and checked.
 *
 * Loading reads the file strictly, applies the --set overrides, fills in every
 * default, derives what follows from the rest (addresses, router ids) and
 * holds the whole against AWS's and the RFCs' rules. What comes out is
 * complete: the world builder finds no field unset and no reference dangling.
 * Every value remembers where it came from (hs_scenario_values).
 *
 * Units are those of the models: nanoseconds, bits per second, bytes. What the
 * seed has to draw (the instant of a fault) stays a range here; the world
 * draws it. */

#ifndef HS_SCENARIO_SCENARIO_H
#define HS_SCENARIO_SCENARIO_H

#include "models/base/addr.h"
#include "models/base/distribution.h"
#include "models/base/simtime.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct HsScenario HsScenario;

/* Words. Each list is what a scenario writes, in the order it is offered. */

#define HS_PRESETS(X)                                                          \
    X(RFC, "rfc")                                                              \
    X(FRR, "frr")                                                              \
    X(BIRD, "bird")                                                            \
    X(AWS, "aws")

#define HS_GATEWAY_TYPES(X) X(VGW, "vgw")

#define HS_VIFS(X)                                                             \
    X(PRIVATE, "private")                                                      \
    X(PUBLIC, "public")

#define HS_ENCRYPTIONS(X)                                                      \
    X(AES128, "aes128") /* CBC */                                              \
    X(AES256, "aes256")                                                        \
    X(AES128_GCM16, "aes128-gcm16")                                            \
    X(AES256_GCM16, "aes256-gcm16")

/* HMACs; with GCM, which authenticates by itself, the PRF of IKE. */
#define HS_INTEGRITIES(X)                                                      \
    X(SHA1, "sha1")                                                            \
    X(SHA2_256, "sha2-256")                                                    \
    X(SHA2_384, "sha2-384")                                                    \
    X(SHA2_512, "sha2-512")

/* Diffie-Hellman groups, by IANA's numbers. */
#define HS_DH_GROUPS(X)                                                        \
    X(2, "2")                                                                  \
    X(5, "5")                                                                  \
    X(14, "14")                                                                \
    X(15, "15")                                                                \
    X(16, "16")                                                                \
    X(17, "17")                                                                \
    X(18, "18")                                                                \
    X(19, "19")                                                                \
    X(20, "20")                                                                \
    X(21, "21")                                                                \
    X(22, "22")                                                                \
    X(23, "23")                                                                \
    X(24, "24")                                                                \
    X(31, "31")

#define HS_IKE_PRESETS(X)                                                      \
    X(STRONGSWAN, "strongswan")                                                \
    X(CISCO, "cisco")

#define HS_STARTUPS(X)                                                         \
    X(ADD, "add") /* waits for the other side */                               \
    X(START, "start")

#define HS_DPD_MODES(X)                                                        \
    X(OFF, "off")                                                              \
    X(ON_DEMAND, "on-demand") /* only when something was sent */               \
    X(PERIODIC, "periodic")

#define HS_DPD_ACTIONS(X)                                                      \
    X(CLEAR, "clear")                                                          \
    X(NONE, "none")                                                            \
    X(RESTART, "restart")

#define HS_ARRIVAL_KINDS(X)                                                    \
    X(POISSON, "poisson")                                                      \
    X(CONSTANT, "constant")

#define HS_FAULT_ACTIONS(X)                                                    \
    X(LINK_DOWN, "link-down") /* both ends lose carrier */                     \
    X(BLACKHOLE, "blackhole") /* packets vanish, nobody is told */

#define HS_DIRECTIONS(X)                                                       \
    X(BOTH, "both")                                                            \
    X(TO_AWS, "to-aws")                                                        \
    X(TO_ONPREM, "to-onprem")

#define X(name, text) HS_PRESET_##name,
typedef enum { HS_PRESETS(X) } HsPreset;
#undef X
#define X(name, text) HS_GATEWAY_##name,
typedef enum { HS_GATEWAY_TYPES(X) } HsGatewayType;
#undef X
#define X(name, text) HS_VIF_##name,
typedef enum { HS_VIFS(X) } HsVif;
#undef X
#define X(name, text) HS_ENCRYPTION_##name,
typedef enum { HS_ENCRYPTIONS(X) } HsEncryption;
#undef X
#define X(name, text) HS_INTEGRITY_##name,
typedef enum { HS_INTEGRITIES(X) } HsIntegrity;
#undef X
#define X(name, text) HS_DH_GROUP_##name,
typedef enum { HS_DH_GROUPS(X) } HsDhGroup;
#undef X
#define X(name, text) HS_IKE_PRESET_##name,
typedef enum { HS_IKE_PRESETS(X) } HsIkePreset;
#undef X
#define X(name, text) HS_STARTUP_##name,
typedef enum { HS_STARTUPS(X) } HsStartup;
#undef X
#define X(name, text) HS_DPD_MODE_##name,
typedef enum { HS_DPD_MODES(X) } HsDpdMode;
#undef X
#define X(name, text) HS_DPD_ACTION_##name,
typedef enum { HS_DPD_ACTIONS(X) } HsDpdAction;
#undef X
#define X(name, text) HS_ARRIVE_##name,
typedef enum { HS_ARRIVAL_KINDS(X) } HsArrivalKind;
#undef X
#define X(name, text) HS_FAULT_##name,
typedef enum { HS_FAULT_ACTIONS(X) } HsFaultAction;
#undef X
#define X(name, text) HS_DIRECTION_##name,
typedef enum { HS_DIRECTIONS(X) } HsDirection;
#undef X

const char *hs_preset_name(HsPreset preset);
const char *hs_gateway_type_name(HsGatewayType type);
const char *hs_vif_name(HsVif vif);
const char *hs_encryption_name(HsEncryption encryption);
const char *hs_integrity_name(HsIntegrity integrity);
const char *hs_dh_group_name(HsDhGroup group);
const char *hs_ike_preset_name(HsIkePreset preset);
const char *hs_startup_name(HsStartup startup);
const char *hs_dpd_mode_name(HsDpdMode mode);
const char *hs_dpd_action_name(HsDpdAction action);
const char *hs_arrival_kind_name(HsArrivalKind arrivals);
const char *hs_fault_action_name(HsFaultAction action);
const char *hs_direction_name(HsDirection direction);

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
    X(VPC, HsVpc, vpc, "vpc")                                                  \
    X(GATEWAY, HsGateway, gateway, "gateway")                                  \
    X(DX, HsDx, dx, "dx")                                                      \
    X(INTERNET, HsInternet, internet, "internet")                              \
    X(VPN, HsVpn, vpn, "vpn")                                                  \
    X(DATABASE, HsDatabase, database, "database")                              \
    X(PROBE, HsProbing, probe, "probe")                                        \
    X(FAULT, HsFault, fault, "fault")                                          \
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

typedef struct {
    HsElement element;
    char *title;
    char *description;
    HsDuration duration;
    HsDuration warmup; /* statistics start here */
    uint64_t seed;
} HsSettings;

/* A site: its hosts on a LAN behind one customer gateway. */
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
    HsDuration carrier_delay;     /* from loss of light to the router acting */
    HsPort port;                  /* of the customer gateway: a prefix of the */
    HsPort lan_port, uplink_port; /* device of each of its links */
    char *netns;                  /* where they are */
} HsOnprem;

typedef struct {
    HsElement element;
    HsPrefix cidr;
    HsLinkSettings lan;
} HsVpc;

typedef struct {
    HsElement element;
    HsGatewayType type;
    uint32_t asn;
    HsVpc *vpc; /* key "attach" */
    HsPreset preset;
    HsAddr router_id;
    HsLinkSettings edge;    /* AWS's edge to the internet, of each endpoint */
    HsDuration convergence; /* a route change, from one endpoint of AWS's to
                             * the gateway and the VPC */
    HsDuration fib_delay;
    HsDuration carrier_delay;
} HsGateway;

/* One virtual interface on one Direct Connect connection. */
typedef struct {
    HsElement element;
    HsOnprem *site;
    HsGateway *gateway;
    HsVif vif;
    uint32_t aws_asn; /* the gateway's, or 7224 on a public interface */
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
} HsInternet;

#define HS_VPN_TUNNELS 2

typedef struct {
    HsPrefix inside; /* a /30; AWS takes the first host */
    HsAddr customer_inside, aws_inside;
    HsAddr aws_outside;
    uint32_t med;  /* sent by AWS: its preferred tunnel has the lower */
    char *psk;     /* AWS's; "": drawn from the seed */
    char *cgw_psk; /* the customer gateway's; "": AWS's */
} HsTunnelSettings;

typedef struct {
    HsElement element;
    HsOnprem *site;
    HsGateway *gateway;
    HsDx *underlay_dx; /* one of the two is NULL */
    HsInternet *underlay_internet;
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

typedef struct {
    HsElement element;
    HsVpc *client;
    HsOnprem *server;
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
} HsDatabase;

/* The data-plane probe, both ways between the database's two hosts. */
typedef struct {
    HsElement element;
    HsDatabase *database;
    HsDuration interval;
    uint32_t size; /* of the UDP payload */
    uint16_t port;
} HsProbing;

typedef struct {
    HsElement element;
    HsElement *target; /* a HsDx, HsVpn or HsInternet */
    unsigned tunnel;   /* of a HsVpn: 1 or 2; 0: all of them */
    HsFaultAction action;
    HsDirection direction;
    HsRange at;
    HsDuration length; /* key "for"; HS_TIME_NEVER: forever */
} HsFault;

typedef struct {
    HsElement element;
    bool file;        /* write capture.pcapng */
    char *filter;     /* a BPF expression; "" for all */
    uint32_t snaplen; /* bytes; 0 for whole packets */
    uint64_t limit;   /* bytes of the file; 0 for no limit */
    char **links;     /* NULL: all; else names as in the capture */
    bool per_link;    /* one classic pcap for each link as well */
} HsCapture;

/* What a result can be held against. */

typedef enum {
    HS_UNIT_DURATION, /* ns */
    HS_UNIT_BYTES,
    HS_UNIT_COUNT,
} HsUnit;

/* A figure of the result ("failover.pool"), by its number. Unqualified, one of
 * the clients' is the worse client's, or the sum where requests are counted.
 * sim/observe gives the readings under the same names. */
typedef unsigned HsFigure;

unsigned hs_figure_count(void);
bool hs_figure_find(const char *name, HsFigure *ret_figure);
const char *hs_figure_name(HsFigure figure); /* interned */
HsUnit hs_figure_unit(HsFigure figure);

typedef enum {
    HS_COMPARISON_MAX, /* holds if figure <= limit */
    HS_COMPARISON_MIN, /* holds if figure >= limit */
} HsComparison;

const char *hs_comparison_name(HsComparison comparison); /* "max" */

typedef struct {
    HsFigure figure;
    HsComparison comparison;
    int64_t limit; /* in the figure's unit */
    char *text;    /* as written: "2s" */
    unsigned line; /* 0: from --set */
} HsExpectation;

typedef struct {
    HsElement element;
    GPtrArray *expectations; /* HsExpectation *, in the file's order */
} HsExpect;

/* Loading */

#define HS_SCENARIO_ERROR hs_scenario_error_quark()
GQuark hs_scenario_error_quark(void);

typedef enum {
    HS_SCENARIO_ERROR_READ,    /* the file cannot be read */
    HS_SCENARIO_ERROR_INVALID, /* one or more lines of complaints */
} HsScenarioError;

/* SETS: NULL, or a NULL-terminated array of "group.key=value" ("fault
 * cut.action=link-down"). The message of an error has a line for each of the
 * first ten complaints, each starting with file and line. */
HsScenario *
hs_scenario_load(const char *path, const char *const *sets, GError **error);

/* The same from memory; NAME stands for the path in messages. */
HsScenario *
hs_scenario_load_data(const char *name, const char *data, size_t length,
                      const char *const *sets, GError **error);
void hs_scenario_free(HsScenario *scenario); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HsScenario, hs_scenario_free)

/* As given to hs_scenario_load(). */
const char *hs_scenario_path(const HsScenario *scenario);

/* "dx-cut": the path without folder and ".ini"; names the results' folder. */
const char *hs_scenario_name(const HsScenario *scenario);

/* Of the file's bytes, in hex. */
const char *hs_scenario_sha256(const HsScenario *scenario);

/* What it holds */

/* The element number INDEX of a kind, in the file's order, or NULL past the
 * last: `for (i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)`. There
 * is always exactly one HsSettings, HsCapture and HsExpect, and a
 * HsProbing if there is a HsDatabase. Borrowed. */
HsElement *
hs_scenario_element(const HsScenario *scenario, HsKind kind, unsigned index);

#define X(NAME, type, field, text)                                             \
    static inline const type *hs_scenario_##field(const HsScenario *scenario,  \
                                                  unsigned index)              \
    {                                                                          \
        return (const type *)hs_scenario_element(scenario, HS_KIND_##NAME,     \
                                                 index);                       \
    }
HS_SCENARIO_KINDS(X)
#undef X

/* By name, over all kinds; NULL if there is none. Names are unique. */
HsElement *hs_scenario_find(const HsScenario *scenario, const char *name);

/* --seed: replaces the file's seed, as if by --set. */
void hs_scenario_set_seed(HsScenario *scenario, uint64_t seed);

/* Where values came from */

#define HS_ORIGINS(X)                                                          \
    X(FILE, "file")                                                            \
    X(SET, "--set")                                                            \
    X(AWS, "AWS default")                                                      \
    X(RFC, "RFC default")                                                      \
    X(IEEE, "IEEE default")                                                    \
    X(ASSUMED, "assumed") /* nobody publishes it: may move the result */       \
    X(DEFAULT, "default") /* of hybridsim: says nothing about the world */     \
    X(DERIVED, "derived") /* follows from other values */                      \
    X(SEED, "drawn from the seed")

typedef enum {
#define X(name, text) HS_ORIGIN_##name,
    HS_ORIGINS(X)
#undef X
} HsOrigin;

const char *hs_origin_name(HsOrigin origin);

typedef struct {
    HsKind kind;
    const char *element; /* interned; NULL for a kind without names */
    const char *key;     /* interned */
    char *value;         /* owned, as a scenario would write it */
    HsOrigin origin;
    unsigned line;      /* for HS_ORIGIN_FILE */
    const char *source; /* what vouches for a default: "RFC 4271 10" */
    bool random;        /* the value is what the seed draws from */
} HsValue;

void hs_value_free(HsValue *value); /* NULL is fine */

/* Every effective value, by kind, element and key in a stable order (transfer
 * full: HsValue *, freed with the array). Those with HS_ORIGIN_ASSUMED are the
 * assumptions that a result has to name. */
GPtrArray *hs_scenario_values(const HsScenario *scenario);

/* `hybridsim explain`: the same as a table, appended to TEXT. */
void hs_scenario_explain(const HsScenario *scenario, GString *text);

/* The tables of scenarios/README.md: every kind and key. */
void hs_scenario_manual(GString *text);

#endif
