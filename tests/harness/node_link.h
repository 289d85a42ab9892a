/* A link between two routers of a fake world: a delay, and a switch that cuts
 * it. What is sent while it is cut is lost, what is under way arrives. Streams
 * do not pass here: the fake world carries them between the nodes themselves
 * (fake_world_cut). */

#ifndef HS_TESTS_HARNESS_NODE_LINK_H
#define HS_TESTS_HARNESS_NODE_LINK_H

#include "models/net/router.h"
#include "tests/harness/fake_env.h"

typedef struct NodeLink NodeLink;

typedef struct {
    NodeLink *link;
    HsRouter *router; /* NULL: a sink, which keeps what arrives */
    unsigned port;
    GQueue under_way; /* HsPacket, owned: to this end, in order */
    GPtrArray *inbox; /* HsPacket, owned: what the sink got */
    uint64_t sent;    /* by this end, lost ones among them */
    uint64_t lost;    /* of those */
    HsPacket *newest; /* owned: the last that this end sent */
} NodeLinkEnd;

struct NodeLink {
    FakeWorld *world;
    HsDuration delay;
    bool cut;
    NodeLinkEnd end[2];
};

/* In place: the link must not move. A link outlives the routers at its ends. */
void node_link_init(NodeLink *link, FakeWorld *world, HsDuration delay);
void node_link_clear(NodeLink *link);

/* Name, MTU and output of the port at END, and then the port itself. */
HsPortConfig node_link_port(NodeLink *link, unsigned end, const char *name);
void
node_link_join(NodeLink *link, unsigned end, HsRouter *router, unsigned port);

/* PACKET (transfer full) leaves a sink at END towards the other one. */
void node_link_send(NodeLink *link, unsigned end, HsPacket *packet);

#endif
