/* What each action of a fault does, what it acts on, and which keys speak of
 * it. What the table allows the world must be able to do. */

#include "config.h"

#include "sim/scenario/private.h"

#include <string.h>

/* Classes of targets. */
#define LINKS    (1U << 0) /* a virtual interface, the internet, any link */
#define TUNNELS  (1U << 1) /* a VPN, or one of its tunnels */
#define SESSIONS (1U << 2) /* of BGP: an interface, a VPN, a tunnel */
#define NODES    (1U << 3)
#define PLACES   (1U << 4) /* locations and devices */
#define ZONES    (1U << 5)
#define NATS     (1U << 6)
#define PORTS    (1U << 7) /* a connection, or an interface's own */

static const struct {
    unsigned class;
    const char *text;
} classes[] = {
    {LINKS, "a link"},
    {TUNNELS, "a VPN or one of its tunnels"},
    {SESSIONS, "a DX, a VPN or one of its tunnels"},
    {PORTS, "a DX or a connection"},
    {NODES, "a node"},
    {PLACES, "a location, a device"},
    {ZONES, "an availability zone"},
    {NATS, "SITE.nat or a NAT gateway"},
};

typedef struct {
    const char *help;
    unsigned targets; /* classes */
    const char *keys; /* of [fault], apart from target, action, at and for */
} Action;

static const Action actions[] = {
    [HS_FAULT_LINK_DOWN] = {"both ends lose carrier", LINKS | PLACES, ""},
    [HS_FAULT_BLACKHOLE] = {"packets vanish and nobody is told",
                            LINKS | TUNNELS | PLACES | ZONES, "direction"},
    [HS_FAULT_BROWNOUT] = {"packets are lost or late, or the rate is less",
                           LINKS | TUNNELS,
                           "direction loss delay jitter rate ramp"},
    [HS_FAULT_FLAP] = {"down and up, again and again", LINKS | TUNNELS,
                       "direction period duty count how"},
    [HS_FAULT_MTU] = {"packets above a size vanish and nobody is told",
                      LINKS | TUNNELS, "direction mtu"},
    [HS_FAULT_BGP_ADMIN_DOWN] = {"AWS closes the session and keeps it closed, "
                                 "as its failover test does",
                                 SESSIONS, ""},
    [HS_FAULT_WITHDRAW] = {"the customer withdraws what it announces there",
                           SESSIONS, ""},
    [HS_FAULT_PREFIX_LIMIT] = {"the customer announces more than AWS takes",
                               SESSIONS, "count"},
    [HS_FAULT_NODE_CRASH] = {"the node stops; when the fault ends it starts "
                             "with nothing",
                             NODES | PLACES | ZONES, ""},
    [HS_FAULT_NODE_FREEZE] = {"it goes on forwarding, but its BGP, BFD and IKE "
                              "stand still",
                              NODES | PLACES | ZONES, ""},
    [HS_FAULT_NODE_STALL] = {"its BGP, BFD and IKE go on, but it forwards "
                             "nothing",
                             NODES | PLACES | ZONES, ""},
    [HS_FAULT_IKE_PSK_MISMATCH] = {"AWS's pre-shared key is another one, and "
                                   "the SAs are gone",
                                   TUNNELS, ""},
    [HS_FAULT_SA_DELETE] = {"AWS deletes the SAs", TUNNELS, ""},
    [HS_FAULT_ENDPOINT_REPLACE] = {"AWS takes one endpoint after the other "
                                   "away and brings a new one",
                                   TUNNELS, ""},
    [HS_FAULT_MTU_CHANGE] = {"the interface gets another MTU, which takes all "
                             "interfaces of its connection down meanwhile",
                             PORTS, "mtu"},
    [HS_FAULT_NAT_RESET] = {"the translator forgets its mappings", NATS, ""},
    [HS_FAULT_CORRUPT] = {"bits of packets are turned", LINKS | TUNNELS,
                          "direction probability"},
    [HS_FAULT_DUPLICATE] = {"packets arrive twice", LINKS | TUNNELS,
                            "direction probability"},
    [HS_FAULT_REORDER] = {"packets are passed by later ones", LINKS | TUNNELS,
                          "direction probability"},
    [HS_FAULT_REPLAY] = {"old packets arrive again", LINKS | TUNNELS,
                         "direction probability"},
    [HS_FAULT_LAG_MEMBER_DOWN] = {"links of a LAG lose their light", PORTS,
                                  "count"},
};

/* Of an element itself. */
static unsigned
classes_of_element(HsKind kind)
{
    switch (kind) {
    case HS_KIND_DX:
        return LINKS | SESSIONS | PORTS;
    case HS_KIND_CONNECTION:
        return LINKS | PORTS;
    case HS_KIND_INTERNET:
        return LINKS | NODES; /* the link has the node's name */
    case HS_KIND_PEERING:
        return LINKS;
    case HS_KIND_VPN:
        return TUNNELS | SESSIONS;
    case HS_KIND_VPC:
    case HS_KIND_GATEWAY:
    case HS_KIND_DXGW:
        return NODES;
    case HS_KIND_NAT_GATEWAY:
        return NODES | NATS;
    case HS_KIND_SETTINGS:
    case HS_KIND_ONPREM:
    case HS_KIND_FIREWALL:
    case HS_KIND_ASSOCIATION:
    case HS_KIND_TABLE:
    case HS_KIND_DATABASE:
    case HS_KIND_QUERY:
    case HS_KIND_PROBE:
    case HS_KIND_STREAM:
    case HS_KIND_FAULT:
    case HS_KIND_MONITORING:
    case HS_KIND_ALARM:
    case HS_KIND_CAPTURE:
    case HS_KIND_EXPECT:
    case HS_KIND_COUNT:
        break;
    }
    return 0;
}

static unsigned
classes_of_part(const HsFault *fault)
{
    const char *part = strchr(fault->target_name, '.') + 1;

    if (hs_is_link_part(fault->target->kind, part))
        return LINKS;
    return NODES | (g_str_equal(part, "nat") ? NATS : 0);
}

bool
hs_fault_acts_on(const HsFault *fault)
{
    unsigned class = 0;

    g_assert((unsigned)fault->action < G_N_ELEMENTS(actions));
    switch (fault->target_kind) {
    case HS_TARGET_ELEMENT:
        class = classes_of_element(fault->target->kind);
        break;
    case HS_TARGET_PART:
        class = classes_of_part(fault);
        break;
    case HS_TARGET_LOCATION:
    case HS_TARGET_DEVICE:
        class = PLACES;
        break;
    case HS_TARGET_ZONE:
        class = ZONES;
        break;
    }
    return (class & actions[fault->action].targets) != 0;
}

char *
hs_fault_targets(HsFaultAction action)
{
    GString *text = g_string_new(NULL);

    g_assert((unsigned)action < G_N_ELEMENTS(actions));
    for (unsigned i = 0; i < G_N_ELEMENTS(classes); i++)
        if ((actions[action].targets & classes[i].class) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                   classes[i].text);
    return g_string_free(text, FALSE);
}

bool
hs_fault_uses(HsFaultAction action, const char *key)
{
    static const char *const always[] = {"target", "action", "at", "for"};
    g_auto(GStrv) keys = NULL;

    g_assert((unsigned)action < G_N_ELEMENTS(actions));
    for (unsigned i = 0; i < G_N_ELEMENTS(always); i++)
        if (g_str_equal(key, always[i]))
            return true;
    keys = g_strsplit(actions[action].keys, " ", -1);
    return g_strv_contains((const char *const *)keys, key);
}

void
hs_fault_manual(GString *text)
{
    g_string_append(text, "\n| action | what happens | target | keys |\n"
                          "| --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(actions); i++) {
        g_auto(GStrv) keys = g_strsplit(actions[i].keys, " ", -1);
        g_autofree char *list = g_strjoinv("`, `", keys);
        g_autofree char *targets = hs_fault_targets((HsFaultAction)i);

        g_string_append_printf(
            text, "| `%s` | %s | %s | %s%s%s |\n",
            hs_fault_action_name((HsFaultAction)i), actions[i].help, targets,
            *list != '\0' ? "`" : "", list, *list != '\0' ? "`" : "");
    }
}
