#include "config.h"

#include "tests/harness/node_link.h"

static void
arrive(void *user_data)
{
    NodeLinkEnd *end = user_data;
    HsPacket *packet = g_queue_pop_head(&end->under_way);

    if (end->router != NULL)
        hs_router_receive(end->router, end->port, packet);
    else
        g_ptr_array_add(end->inbox, packet);
}

static void
output(void *user_data, HsPacket *packet)
{
    NodeLinkEnd *from = user_data;
    NodeLink *link = from->link;
    NodeLinkEnd *to = &link->end[from == &link->end[0] ? 1 : 0];

    g_clear_pointer(&from->newest, hs_packet_unref);
    from->newest =
        hs_packet_new(hs_packet_data(packet), hs_packet_length(packet));
    from->sent++;
    if (link->cut) {
        from->lost++;
        hs_packet_unref(packet);
        return;
    }
    g_queue_push_tail(&to->under_way, packet);
    fake_world_at(link->world, fake_world_now(link->world) + link->delay,
                  arrive, to);
}

void
node_link_init(NodeLink *link, FakeWorld *world, HsDuration delay)
{
    *link = (NodeLink){.world = world, .delay = delay};
    for (unsigned i = 0; i < 2; i++) {
        link->end[i].link = link;
        g_queue_init(&link->end[i].under_way);
        link->end[i].inbox =
            g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    }
}

void
node_link_clear(NodeLink *link)
{
    for (unsigned i = 0; i < 2; i++) {
        g_queue_clear_full(&link->end[i].under_way,
                           (GDestroyNotify)hs_packet_unref);
        g_ptr_array_unref(link->end[i].inbox);
        hs_packet_unref(link->end[i].newest);
    }
}

HsPortConfig
node_link_port(NodeLink *link, unsigned end, const char *name)
{
    return (HsPortConfig){
        .name = name,
        .output = output,
        .user_data = &link->end[end],
    };
}

void
node_link_join(NodeLink *link, unsigned end, HsRouter *router, unsigned port)
{
    link->end[end].router = router;
    link->end[end].port = port;
}

void
node_link_send(NodeLink *link, unsigned end, HsPacket *packet)
{
    output(&link->end[end], packet);
}
