/* What each action of a fault does, what it acts on, and which keys speak of
 * it. What the table allows the world must be able to do. */

#include "config.h"

#include "sim/scenario/private.h"

#include <string.h>

typedef struct {
    const char *help;
    const char *targets; /* for people */
    const char *keys;    /* of [fault], apart from target, action, at and for */
} Action;

#define LINKS   "a link, or what has one"
#define SESSION "a [dx], a [vpn] or one of its tunnels"
#define NODE    "a node"
#define TUNNEL  "a [vpn] or one of its tunnels"

static const Action actions[] = {
    [HS_FAULT_LINK_DOWN] = {"both ends lose carrier",
                            LINKS ", location, device", ""},
    [HS_FAULT_BLACKHOLE] = {"packets vanish and nobody is told",
                            LINKS ", location, device, zone", "direction"},
    [HS_FAULT_BROWNOUT] = {"packets are lost or late, or the rate is less",
                           LINKS, "direction loss delay jitter rate ramp"},
    [HS_FAULT_FLAP] = {"down and up, again and again", LINKS,
                       "direction period duty count how"},
    [HS_FAULT_MTU] = {"packets above a size vanish and nobody is told", LINKS,
                      "direction mtu"},
    [HS_FAULT_BGP_ADMIN_DOWN] = {"AWS closes the session and keeps it closed, "
                                 "as its failover test does",
                                 SESSION, ""},
    [HS_FAULT_WITHDRAW] = {"the customer withdraws what it announces there",
                           SESSION, ""},
    [HS_FAULT_PREFIX_LIMIT] = {"the customer announces more than AWS takes",
                               SESSION, "count"},
    [HS_FAULT_NODE_CRASH] = {"the node stops; when the fault ends it starts "
                             "with nothing",
                             NODE ", device, zone", ""},
    [HS_FAULT_NODE_FREEZE] = {"it goes on forwarding, but its BGP, BFD and IKE "
                              "stand still",
                              NODE, ""},
    [HS_FAULT_NODE_STALL] = {"its BGP, BFD and IKE go on, but it forwards "
                             "nothing",
                             NODE, ""},
    [HS_FAULT_IKE_PSK_MISMATCH] = {"AWS's pre-shared key is another one",
                                   TUNNEL, ""},
    [HS_FAULT_SA_DELETE] = {"AWS deletes the SAs", TUNNEL, ""},
    [HS_FAULT_ENDPOINT_REPLACE] = {"AWS takes one endpoint after the other "
                                   "away and brings a new one",
                                   TUNNEL, ""},
    [HS_FAULT_MTU_CHANGE] = {"the interface gets another MTU, which takes all "
                             "interfaces of its connection down meanwhile",
                             "a [dx]", "mtu"},
    [HS_FAULT_NAT_RESET] = {"a translator forgets its mappings",
                            "SITE.nat or a [nat-gateway]", ""},
    [HS_FAULT_CORRUPT] = {"bits of packets are turned", LINKS,
                          "direction probability"},
    [HS_FAULT_DUPLICATE] = {"packets arrive twice", LINKS,
                            "direction probability"},
    [HS_FAULT_REORDER] = {"packets are passed by later ones", LINKS,
                          "direction probability"},
    [HS_FAULT_REPLAY] = {"old packets arrive again", LINKS,
                         "direction probability"},
    [HS_FAULT_LAG_MEMBER_DOWN] = {"links of a LAG lose their light",
                                  "a [connection], or a [dx] with lag",
                                  "count"},
};

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

        g_string_append_printf(text, "| `%s` | %s | %s | %s%s%s |\n",
                               hs_fault_action_name((HsFaultAction)i),
                               actions[i].help, actions[i].targets,
                               *list != '\0' ? "`" : "", list,
                               *list != '\0' ? "`" : "");
    }
}
