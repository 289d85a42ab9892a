/* TCP as the models use it, over a socket of either profile.
 *
 * ns-3 calls back in the middle of its own work, where the socket must not be
 * closed or let go. So nothing is passed on from there: the callbacks of ns-3
 * take notes (`news`), and an event at the same time, the poll, delivers them
 * in their order. From the models' callbacks everything is therefore allowed.
 * It is also what an operating system does: the process is woken after the
 * stack is done, and an answer then carries the acknowledgement.
 *
 *   ns-3 ─► on_…() ─► news ─► poll ─► connected, received, acked, …, ended
 *   hs_sim_tcp_send() ─► socket's buffer, and what does not fit: outbox ─► poll
 *
 * A socket that was closed and freed lives on only as long as its outbox is not
 * empty; then ns-3 has all it needs to finish by itself. */

#include "config.h"

#include "sim/engine/ns3_private.hh"

#include <ns3/inet-socket-address.h>
#include <ns3/packet.h>

#include <algorithm>
#include <deque>

using namespace ns3;

static const size_t CHUNK = 65536; /* into the socket's buffer at a time */

struct News {
    enum Kind {
        ACCEPTED,
        CONNECTED,
        RECEIVED,
        RETRANSMITTED,
        ACKED,
        STATE,
        ENDED
    } kind;
    std::vector<uint8_t> data;
    const char *from, *to;
    uint64_t number; /* attempt, or bytes */
    HsDuration rto;
    HsSimTcpEnd why;
};

struct HsSimTcpListener {
    HsSimHost *host; /* borrowed */
    Ptr<TcpSocketBase> socket;
    HsSimAcceptFunc accept;
    void *user_data;
    bool freed; /* but kept: half-open connections still refer to it */
};

struct HsSimTcp {
    HsSimHost *host; /* borrowed */
    const HsTcpProfile *profile;
    Ptr<TcpSocketBase> socket;
    HsSimTcpListener *listener; /* borrowed; of an accepted one */
    HsAddr local, peer;
    uint16_t peer_port;
    HsSimTcpEvents events;
    void *user_data;

    std::deque<News> news;
    std::vector<uint8_t> outbox;
    size_t outbox_sent;
    uint64_t fed, acked; /* bytes the socket took; of them acknowledged */
    EventId poll;
    bool polling;
    bool connect;  /* still to be done */
    bool open;     /* established once */
    bool dead;     /* nothing can be sent any more */
    bool closing;  /* hs_sim_tcp_close() was called */
    bool closed;   /* and passed on to ns-3 */
    bool aborting; /* as soon as the stack is not in the middle of something */
    bool freed;
};

static Ptr<TcpSocketBase>
create_linux(HsSimHost *host)
{
    return hs_tcp_linux_new(host->node->node, host->linux_tcp);
}

static void
set_linux_hooks(Ptr<TcpSocketBase> socket, const HsTcpHooks *hooks,
                void *user_data)
{
    HsTcpLinuxEvents events{};

    if (hooks != nullptr)
        events = {hooks->retransmitted, hooks->acked, hooks->state_changed,
                  hooks->ended};
    hs_tcp_linux_set_events(socket, &events, user_data);
}

static const HsTcpProfile profile_linux = {
    create_linux, set_linux_hooks, hs_tcp_linux_info, hs_tcp_linux_abort,
    hs_tcp_linux_set_limits};

static const HsTcpProfile *
profile_of(const HsSimHost *host)
{
    switch (host->profile) {
    case HS_SIM_TCP_LINUX:
        return &profile_linux;
    case HS_SIM_TCP_NS3:
        return &hs_tcp_profile_ns3;
    }
    g_assert_not_reached();
}

/* What is put into the socket's buffer, and FIN behind it. */

static size_t
outbox_left(const HsSimTcp *tcp)
{
    return tcp->outbox.size() - tcp->outbox_sent;
}

/* How much of DATA the socket took. */
static size_t
feed(HsSimTcp *tcp, const uint8_t *data, size_t length)
{
    size_t fed = 0;

    while (fed < length) {
        size_t n = std::min<size_t>(
            {length - fed, tcp->socket->GetTxAvailable(), CHUNK});

        if (n == 0 ||
            tcp->socket->Send(Create<Packet>(data + fed, (uint32_t)n), 0) < 0)
            break;
        fed += n;
    }
    tcp->fed += fed;
    return fed;
}

static void
flush(HsSimTcp *tcp)
{
    if (!tcp->open || tcp->dead)
        return;
    tcp->outbox_sent +=
        feed(tcp, tcp->outbox.data() + tcp->outbox_sent, outbox_left(tcp));
    if (outbox_left(tcp) == 0) {
        tcp->outbox.clear();
        tcp->outbox_sent = 0;
        if (tcp->closing && !tcp->closed) {
            tcp->closed = true;
            tcp->socket->Close();
        }
    }
}

/* The poll */

static void poll_now(HsSimTcp *tcp);

class Poll final : public EventImpl
{
  public:
    explicit Poll(HsSimTcp *tcp_) : tcp(tcp_)
    {
    }

  protected:
    void Notify() override
    {
        poll_now(tcp);
    }

  private:
    HsSimTcp *tcp; /* borrowed: cancels this before it goes */
};

static void
post(HsSimTcp *tcp)
{
    if (!tcp->polling && !tcp->poll.IsRunning())
        tcp->poll =
            Simulator::GetImplementation()->Schedule(Time(0), new Poll(tcp));
}

static News *
add_news(HsSimTcp *tcp, News::Kind kind)
{
    post(tcp);
    if (!tcp->news.empty() && tcp->news.back().kind == kind &&
        (kind == News::RECEIVED || kind == News::ACKED))
        return &tcp->news.back();
    tcp->news.push_back(News{});
    tcp->news.back().kind = kind;
    return &tcp->news.back();
}

static void
tell(HsSimTcp *tcp, const News &news)
{
    const HsSimTcpEvents *events = &tcp->events;

    switch (news.kind) {
    case News::ACCEPTED:
        if (tcp->listener->freed)
            hs_sim_tcp_free(tcp);
        else
            tcp->listener->accept(tcp->listener->user_data, tcp, &tcp->peer,
                                  tcp->peer_port);
        return;
    case News::CONNECTED:
        if (events->connected != nullptr)
            events->connected(tcp->user_data);
        return;
    case News::RECEIVED:
        if (events->received != nullptr)
            events->received(tcp->user_data, news.data.data(),
                             news.data.size());
        return;
    case News::RETRANSMITTED:
        if (events->retransmitted != nullptr)
            events->retransmitted(tcp->user_data, (unsigned)news.number,
                                  news.rto);
        return;
    case News::ACKED:
        if (events->acked != nullptr)
            events->acked(tcp->user_data, news.number);
        return;
    case News::STATE:
        if (events->state_changed != nullptr)
            events->state_changed(tcp->user_data, news.from, news.to);
        return;
    case News::ENDED:
        if (events->ended != nullptr)
            events->ended(tcp->user_data, news.why);
        return;
    }
}

static void
let_go(HsSimTcp *tcp)
{
    tcp->profile->set_hooks(tcp->socket, nullptr, nullptr);
    tcp->socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
    tcp->socket->SetSendCallback(
        MakeNullCallback<void, Ptr<Socket>, uint32_t>());
    tcp->socket->SetConnectCallback(MakeNullCallback<void, Ptr<Socket>>(),
                                    MakeNullCallback<void, Ptr<Socket>>());
    tcp->poll.Cancel();
    remove_item(tcp->host->tcps, tcp);
    delete tcp;
}

static void
connect_now(HsSimTcp *tcp)
{
    tcp->connect = false;
    if (tcp->socket->Bind(InetSocketAddress(to_ns3(&tcp->local), 0)) != 0 ||
        tcp->socket->Connect(
            InetSocketAddress(to_ns3(&tcp->peer), tcp->peer_port)) != 0) {
        tcp->dead = true;
        add_news(tcp, News::ENDED)->why = HS_SIM_TCP_END_UNREACHABLE;
    }
}

static void
poll_now(HsSimTcp *tcp)
{
    tcp->polling = true;
    if (tcp->connect && !tcp->aborting && !tcp->freed)
        connect_now(tcp);
    while (!tcp->freed && !tcp->news.empty()) {
        News news = std::move(tcp->news.front());

        tcp->news.pop_front();
        tell(tcp, news);
    }
    if (tcp->aborting && !tcp->dead) {
        tcp->dead = true;
        tcp->profile->abort(tcp->socket);
    }
    flush(tcp);
    tcp->polling = false;
    if (tcp->freed && (tcp->dead || tcp->closed))
        let_go(tcp);
    else if (!tcp->freed && !tcp->news.empty())
        post(tcp);
}

/* What ns-3 and the profile call */

static void
on_connected(HsSimTcp *tcp, Ptr<Socket>)
{
    tcp->open = true;
    add_news(tcp, News::CONNECTED);
}

static void
on_not_connected(HsSimTcp *, Ptr<Socket>)
{
    /* on_ended() knows why */
}

static void
on_received(HsSimTcp *tcp, Ptr<Socket> socket)
{
    while (Ptr<Packet> packet = socket->Recv()) {
        uint32_t length = packet->GetSize();
        std::vector<uint8_t> *data;

        if (length == 0)
            break; /* the end, which on_ended() tells */
        data = &add_news(tcp, News::RECEIVED)->data;
        data->resize(data->size() + length);
        packet->CopyData(data->data() + data->size() - length, length);
    }
}

static void
on_room(HsSimTcp *tcp, Ptr<Socket>, uint32_t)
{
    if (outbox_left(tcp) > 0)
        post(tcp);
}

static void
on_retransmitted(void *user_data, unsigned attempt, HsDuration rto)
{
    HsSimTcp *tcp = static_cast<HsSimTcp *>(user_data);
    News *news = add_news(tcp, News::RETRANSMITTED);

    news->number = attempt;
    news->rto = rto;
}

static void
on_acked(void *user_data, uint64_t total)
{
    HsSimTcp *tcp = static_cast<HsSimTcp *>(user_data);

    total = std::min(total, tcp->fed); /* a FIN is acknowledged, but no byte */
    if (tcp->events.acked != nullptr && total > tcp->acked)
        add_news(tcp, News::ACKED)->number = total;
    tcp->acked = total;
}

static void
on_state(void *user_data, const char *from, const char *to)
{
    HsSimTcp *tcp = static_cast<HsSimTcp *>(user_data);
    News *news = add_news(tcp, News::STATE);

    news->from = from;
    news->to = to;
}

static void
on_ended(void *user_data, HsSimTcpEnd why)
{
    HsSimTcp *tcp = static_cast<HsSimTcp *>(user_data);

    if (why != HS_SIM_TCP_END_CLOSED)
        tcp->dead = true;
    add_news(tcp, News::ENDED)->why = why;
}

static const HsTcpHooks hooks = {on_retransmitted, on_acked, on_state,
                                 on_ended};

static HsSimTcp *
adopt(HsSimHost *host, Ptr<TcpSocketBase> socket)
{
    HsSimTcp *tcp = new HsSimTcp{};

    tcp->host = host;
    tcp->profile = profile_of(host);
    tcp->socket = socket;
    tcp->profile->set_hooks(socket, &hooks, tcp);
    socket->SetRecvCallback(MakeBoundCallback(&on_received, tcp));
    socket->SetSendCallback(MakeBoundCallback(&on_room, tcp));
    host->tcps.push_back(tcp);
    return tcp;
}

/* The API */

HsSimTcp *
hs_sim_tcp_connect(HsSimHost *host, const HsAddr *local, const HsAddr *remote,
                   uint16_t remote_port, const HsSimTcpEvents *events,
                   void *user_data)
{
    HsSimTcp *tcp = adopt(host, profile_of(host)->create(host));

    g_assert(remote->family == HS_FAMILY_IPV4 && remote_port != 0);
    tcp->socket->SetConnectCallback(MakeBoundCallback(&on_connected, tcp),
                                    MakeBoundCallback(&on_not_connected, tcp));
    if (local != nullptr)
        tcp->local = *local;
    tcp->peer = *remote;
    tcp->peer_port = remote_port;
    hs_sim_tcp_set_events(tcp, events, user_data);
    tcp->connect = true;
    post(tcp);
    return tcp;
}

void
hs_sim_tcp_set_events(HsSimTcp *tcp, const HsSimTcpEvents *events,
                      void *user_data)
{
    tcp->events = events != nullptr ? *events : HsSimTcpEvents{};
    tcp->user_data = user_data;
}

void
hs_sim_tcp_set_limits(HsSimTcp *tcp, const HsSimTcpLimits *limits)
{
    tcp->profile->set_limits(tcp->socket, limits);
}

void
hs_sim_tcp_send(HsSimTcp *tcp, const void *data, size_t length)
{
    const uint8_t *bytes = static_cast<const uint8_t *>(data);
    size_t fed = 0;

    g_assert(!tcp->closing);
    if (tcp->dead || tcp->aborting)
        return;
    if (tcp->open && outbox_left(tcp) == 0)
        fed = feed(tcp, bytes, length);
    tcp->outbox.insert(tcp->outbox.end(), bytes + fed, bytes + length);
}

void
hs_sim_tcp_close(HsSimTcp *tcp)
{
    if (tcp->closing || tcp->dead)
        return;
    tcp->closing = true;
    if (!tcp->open && outbox_left(tcp) == 0)
        tcp->aborting = true; /* nobody there yet to say FIN to */
    post(tcp);
}

void
hs_sim_tcp_reset(HsSimTcp *tcp)
{
    if (tcp->dead)
        return;
    tcp->aborting = true;
    if (tcp->polling || tcp->host->sending > 0) {
        post(tcp);
        return;
    }
    tcp->dead = true;
    tcp->profile->abort(tcp->socket);
}

void
hs_sim_tcp_info(HsSimTcp *tcp, HsSimTcpInfo *ret_info)
{
    tcp->profile->info(tcp->socket, ret_info);
    ret_info->acked = std::min(ret_info->acked, tcp->fed);
    ret_info->unsent += outbox_left(tcp);
}

void
hs_sim_tcp_free(HsSimTcp *tcp)
{
    if (tcp == nullptr)
        return;
    tcp->events = HsSimTcpEvents{};
    tcp->freed = true;
    tcp->news.clear();
    if (!tcp->closing)
        hs_sim_tcp_reset(tcp);
    if (tcp->polling)
        return; /* which takes care of the rest */
    flush(tcp);
    if (tcp->dead || tcp->closed)
        let_go(tcp);
    else
        post(tcp);
}

void
hs_tcp_destroy(HsSimTcp *tcp)
{
    let_go(tcp);
}

bool
hs_tcp_receive(HsSimHost *host, uint32_t source, uint32_t destination,
               const uint8_t *segment, size_t length)
{
    if (host->profile != HS_SIM_TCP_LINUX)
        return false;
    for (HsSimTcp *tcp : host->tcps)
        if (hs_tcp_linux_receive(tcp->socket, source, destination, segment,
                                 length))
            return true; /* and TCPS may be another by now */
    return false;
}

static void
on_accepted(HsSimTcpListener *listener, Ptr<Socket> socket, const Address &from)
{
    InetSocketAddress peer = InetSocketAddress::ConvertFrom(from);
    HsSimTcp *tcp = adopt(listener->host, StaticCast<TcpSocketBase>(socket));

    tcp->open = true;
    tcp->listener = listener;
    tcp->peer = hs_addr_ipv4(peer.GetIpv4().Get());
    tcp->peer_port = peer.GetPort();
    add_news(tcp, News::ACCEPTED);
}

HsSimTcpListener *
hs_sim_tcp_listen(HsSimHost *host, const HsAddr *local, uint16_t port,
                  HsSimAcceptFunc accept, void *user_data)
{
    HsSimTcpListener *listener = new HsSimTcpListener{};
    int bound, listens;

    g_assert(port != 0 && accept != nullptr);
    listener->host = host;
    listener->accept = accept;
    listener->user_data = user_data;
    listener->socket = profile_of(host)->create(host);
    bound = listener->socket->Bind(InetSocketAddress(to_ns3(local), port));
    g_assert(bound == 0); /* the port is taken: two models disagree */
    listens = listener->socket->Listen();
    g_assert(listens == 0);
    listener->socket->SetAcceptCallback(
        MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
        MakeBoundCallback(&on_accepted, listener));
    host->listeners.push_back(listener);
    return listener;
}

void
hs_sim_tcp_listener_free(HsSimTcpListener *listener)
{
    if (listener == nullptr || listener->freed)
        return;
    listener->freed = true;
    listener->socket->Close();
    listener->socket = nullptr;
}

void
hs_tcp_listener_destroy(HsSimTcpListener *listener)
{
    remove_item(listener->host->listeners, listener);
    if (listener->socket)
        listener->socket->SetAcceptCallback(
            MakeNullCallback<bool, Ptr<Socket>, const Address &>(),
            MakeNullCallback<void, Ptr<Socket>, const Address &>());
    delete listener;
}
