/* A mapping stands in two tables: by what a packet from inside shows, and by
 * what one from outside does. Ports are dealt in turn, so that a mapping that
 * was forgotten comes back with another one, and both ends notice. Checksums
 * are corrected by what changed (RFC 1624, RFC 3022 4.2), so that a packet that
 * was damaged stays so. */

#include "config.h"

#include "models/net/napt.h"

#include "models/net/icmp.h"
#include "models/net/ipv4.h"

#include <string.h>

#define FIRST_PORT 1024

/* After a reset, or both FIN. */
#define CLOSING_TIMEOUT HS_SEC(60)

#define SWEEP_EVERY     4096 /* mappings made */

#define TCP_FIN         0x01
#define TCP_SYN         0x02
#define TCP_RST         0x04
#define TCP_ACK         0x10

/* All bytes count: there is no padding. PORT of ICMP echo is its identifier,
 * PEER_PORT 0. */
typedef struct {
    uint32_t address; /* inside: the host's; outside: not used */
    uint32_t peer;
    uint16_t port;
    uint16_t peer_port;
    uint32_t protocol;
} Key;

typedef struct {
    Key inside;
    Key outside;
    HsTime expires;
    unsigned has_fin; /* 1: from inside, 2: from outside */
    bool closing;
} Mapping;

struct HsNapt {
    HsEnv *env; /* borrowed */
    HsNaptConfig config;
    uint32_t outside;
    GHashTable *by_inside;  /* Key to Mapping, owned */
    GHashTable *by_outside; /* Key to Mapping */
    GHashTable *peers; /* Key without port to number of mappings, keys owned */
    unsigned next;     /* port to be dealt */
    unsigned made_since_sweep;
    HsNaptCounters counters;
};

const char *
hs_napt_drop_name(HsNaptDrop drop)
{
    static const char *const names[] = {
#define X(name, text) [HS_NAPT_##name] = text,
        HS_NAPT_DROPS(X)
#undef X
    };

    g_assert(drop < HS_NAPT_DROP_COUNT);
    return names[drop];
}

static guint
key_hash(gconstpointer data)
{
    const Key *key = data;
    uint32_t hash = key->protocol;

    hash = (hash ^ key->address) * UINT32_C(0x9e3779b1);
    hash = (hash ^ key->peer) * UINT32_C(0x85ebca6b);
    hash = (hash ^ ((uint32_t)key->port << 16 | key->peer_port)) *
           UINT32_C(0xc2b2ae35);
    return hash ^ hash >> 15;
}

static gboolean
key_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(Key)) == 0;
}

HsNapt *
hs_napt_new(HsEnv *env, const HsNaptConfig *config)
{
    HsNapt *napt = g_new0(HsNapt, 1);

    napt->env = env;
    napt->config = *config;
    if (napt->config.first_port == 0)
        napt->config.first_port = FIRST_PORT;
    if (napt->config.ports == 0)
        napt->config.ports = 65536u - napt->config.first_port;
    g_assert(napt->config.first_port + napt->config.ports <= 65536);
    napt->outside = hs_addr_to_ipv4(&config->outside);
    napt->by_inside = g_hash_table_new_full(key_hash, key_equal, NULL, g_free);
    napt->by_outside = g_hash_table_new(key_hash, key_equal);
    napt->peers = g_hash_table_new_full(key_hash, key_equal, g_free, NULL);
    return napt;
}

void
hs_napt_free(HsNapt *napt)
{
    if (napt == NULL)
        return;
    g_hash_table_unref(napt->peers);
    g_hash_table_unref(napt->by_outside);
    g_hash_table_unref(napt->by_inside);
    g_free(napt);
}

/* Mappings */

static Key
peer_of(const Mapping *mapping)
{
    Key key = mapping->outside;

    key.port = 0;
    return key;
}

static unsigned
to_peer(const HsNapt *napt, const Key *peer)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(napt->peers, peer));
}

static void
count_peer(HsNapt *napt, const Mapping *mapping, int change)
{
    Key key = peer_of(mapping);
    unsigned n = to_peer(napt, &key) + (unsigned)change;

    if (n == 0)
        g_hash_table_remove(napt->peers, &key);
    else
        g_hash_table_replace(napt->peers, g_memdup2(&key, sizeof key),
                             GUINT_TO_POINTER(n));
}

static void
forget(HsNapt *napt, Mapping *mapping)
{
    count_peer(napt, mapping, -1);
    g_hash_table_remove(napt->by_outside, &mapping->outside);
    g_hash_table_remove(napt->by_inside, &mapping->inside);
}

static void
sweep(HsNapt *napt)
{
    HsTime now = hs_env_now(napt->env);
    GHashTableIter iter;
    gpointer value;
    g_autoptr(GPtrArray) old = g_ptr_array_new();

    g_hash_table_iter_init(&iter, napt->by_inside);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((Mapping *)value)->expires <= now)
            g_ptr_array_add(old, value);
    for (guint i = 0; i < old->len; i++)
        forget(napt, old->pdata[i]);
    napt->counters.expired += old->len;
    napt->made_since_sweep = 0;
}

static Mapping *
find(HsNapt *napt, GHashTable *table, const Key *key)
{
    Mapping *mapping = g_hash_table_lookup(table, key);

    if (mapping == NULL || mapping->expires > hs_env_now(napt->env))
        return mapping;
    forget(napt, mapping);
    napt->counters.expired++;
    return NULL;
}

static void
touch(const HsNapt *napt, Mapping *mapping)
{
    HsDuration idle = napt->config.udp_idle;

    if (mapping->inside.protocol == HS_IP_TCP)
        idle = mapping->closing ? MIN(napt->config.tcp_idle, CLOSING_TIMEOUT)
                                : napt->config.tcp_idle;
    else if (mapping->inside.protocol == HS_IP_ICMP)
        idle = napt->config.icmp_idle;
    mapping->expires = hs_time_add(hs_env_now(napt->env), idle);
}

/* NULL: no port is left for this destination. */
static Mapping *
make(HsNapt *napt, const Key *inside)
{
    Key outside = {.peer = inside->peer,
                   .peer_port = inside->peer_port,
                   .protocol = inside->protocol};
    Mapping *mapping;

    if (to_peer(napt, &outside) >= napt->config.ports)
        sweep(napt);
    if (to_peer(napt, &outside) >= napt->config.ports)
        return NULL;
    do {
        outside.port = (uint16_t)(napt->config.first_port + napt->next);
        napt->next = (napt->next + 1) % napt->config.ports;
    } while (g_hash_table_contains(napt->by_outside, &outside));
    mapping = g_new0(Mapping, 1);
    mapping->inside = *inside;
    mapping->outside = outside;
    g_hash_table_insert(napt->by_inside, &mapping->inside, mapping);
    g_hash_table_insert(napt->by_outside, &mapping->outside, mapping);
    count_peer(napt, mapping, 1);
    napt->counters.made++;
    if (++napt->made_since_sweep >= SWEEP_EVERY) {
        touch(napt, mapping);
        sweep(napt);
    }
    return mapping;
}

/* Reading */

static uint16_t
u16_at(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

static bool
is_icmp_error(uint8_t type)
{
    return type == HS_ICMP_UNREACHABLE || type == HS_ICMP_TIME_EXCEEDED ||
           type == 4 || type == 12; /* source quench, parameter problem */
}

/* A packet, or one that an error quotes: AT is where its transport begins, of
 * which LENGTH bytes are there. */
typedef struct {
    HsIpv4 ip;
    size_t start; /* of its IP header */
    size_t at;
    size_t length;
} View;

static HsNaptDrop
look(const HsPacket *packet, View *view)
{
    view->start = 0;
    if (hs_ipv4_parse(hs_packet_data(packet), hs_packet_length(packet),
                      &view->ip) != HS_DROP_NONE)
        return HS_NAPT_MALFORMED;
    if (hs_ipv4_is_fragment(&view->ip))
        return HS_NAPT_FRAGMENT;
    view->at = view->ip.header_length;
    view->length = view->ip.total_length - view->at;
    return HS_NAPT_NONE;
}

/* The head that the ICMP error at VIEW quotes: RFC 792, eight bytes of its
 * transport at least. */
static bool
look_quoted(const uint8_t *data, const View *view, View *quoted)
{
    const uint8_t *head = data + view->at + HS_ICMP_HEADER;
    size_t length = view->length - HS_ICMP_HEADER, header;

    if (length < HS_IPV4_HEADER || head[0] >> 4 != 4)
        return false;
    header = (size_t)(head[0] & 0xf) * 4;
    if (header < HS_IPV4_HEADER || length < header + 8)
        return false;
    quoted->ip = (HsIpv4){
        .header_length = (uint8_t)header,
        .fragment = u16_at(head + 6),
        .protocol = head[9],
        .source = (uint32_t)u16_at(head + 12) << 16 | u16_at(head + 14),
        .destination = (uint32_t)u16_at(head + 16) << 16 | u16_at(head + 18),
    };
    quoted->start = view->at + HS_ICMP_HEADER;
    quoted->at = quoted->start + header;
    quoted->length = length - header;
    return hs_ipv4_fragment_offset(&quoted->ip) == 0;
}

/* The ports of VIEW, by sender and receiver; false: it has none. */
static HsNaptDrop
ports_of(const uint8_t *data, const View *view, uint16_t ports[2])
{
    const uint8_t *transport = data + view->at;

    if (view->length < 8)
        return HS_NAPT_MALFORMED;
    switch (view->ip.protocol) {
    case HS_IP_TCP:
    case HS_IP_UDP:
        ports[0] = u16_at(transport);
        ports[1] = u16_at(transport + 2);
        return HS_NAPT_NONE;
    case HS_IP_ICMP:
        if (transport[0] != HS_ICMP_ECHO && transport[0] != HS_ICMP_ECHO_REPLY)
            return HS_NAPT_PROTOCOL;
        ports[0] = ports[1] = u16_at(transport + 4);
        return HS_NAPT_NONE;
    default:
        return HS_NAPT_PROTOCOL;
    }
}

/* As a host inside has it, if FROM_INSIDE, or as the outside has it. MINE: the
 * number of the end, sender or receiver, that is this NAPT's side. */
static Key
key_of(const View *view, const uint16_t ports[2], unsigned mine,
       bool from_inside)
{
    uint32_t ends[2] = {view->ip.source, view->ip.destination};

    return (Key){
        .address = from_inside ? ends[mine] : 0,
        .peer = ends[!mine],
        .port = ports[mine],
        .peer_port = view->ip.protocol == HS_IP_ICMP ? 0 : ports[!mine],
        .protocol = view->ip.protocol,
    };
}

/* Writing */

/* The word at DATA becomes VALUE, and the checksum at SUM, if it is one, with
 * it. */
static void
set_u16(uint8_t *data, uint16_t value, uint8_t *sum)
{
    uint16_t old = u16_at(data), updated;

    data[0] = (uint8_t)(value >> 8);
    data[1] = (uint8_t)value;
    if (sum == NULL)
        return;
    updated = hs_checksum_update(u16_at(sum), old, value);
    sum[0] = (uint8_t)(updated >> 8);
    sum[1] = (uint8_t)updated;
}

/* Where VIEW's transport has its checksum, which covers the addresses too;
 * NULL: it has none here, or none at all (RFC 768). */
static uint8_t *
sum_of(uint8_t *data, const View *view)
{
    uint8_t *transport = data + view->at;

    switch (view->ip.protocol) {
    case HS_IP_TCP:
        return view->length >= 18 ? transport + 16 : NULL;
    case HS_IP_UDP:
        return u16_at(transport + 6) != 0 ? transport + 6 : NULL;
    default:
        return NULL;
    }
}

/* END 0 is the sender of VIEW, 1 its receiver: gets ADDRESS and PORT. */
static void
rewrite(uint8_t *data, const View *view, unsigned end, uint32_t address,
        uint16_t port)
{
    uint8_t *header = data + view->start, *transport = data + view->at;
    uint8_t *sum = sum_of(data, view);
    size_t offset = end == 0 ? 12 : 16;
    uint16_t words[2] = {(uint16_t)(address >> 16), (uint16_t)address};

    for (unsigned i = 0; i < 2; i++) {
        uint8_t *word = header + offset + 2 * i;
        uint16_t old = u16_at(word);

        hs_ipv4_set_u16(header, offset + 2 * i, words[i]);
        if (sum != NULL) {
            uint16_t updated = hs_checksum_update(u16_at(sum), old, words[i]);

            sum[0] = (uint8_t)(updated >> 8);
            sum[1] = (uint8_t)updated;
        }
    }
    if (view->ip.protocol == HS_IP_ICMP)
        set_u16(transport + 4, port, transport + 2);
    else
        set_u16(transport + (end == 0 ? 0 : 2), port, sum);
    /* RFC 768: a sum that comes out as zero is sent as all ones. */
    if (view->ip.protocol == HS_IP_UDP && sum != NULL && u16_at(sum) == 0)
        sum[0] = sum[1] = 0xff;
}

/* The whole of an ICMP message, after what it quotes was changed. */
static void
sum_icmp(uint8_t *data, const View *view)
{
    uint8_t *icmp = data + view->at;
    uint16_t sum;

    icmp[2] = icmp[3] = 0;
    sum = hs_checksum_finish(hs_checksum_add(0, icmp, view->length));
    icmp[2] = (uint8_t)(sum >> 8);
    icmp[3] = (uint8_t)sum;
}

/* What TCP's flags say about the mapping. */
static void
watch_tcp(Mapping *mapping, const uint8_t *data, const View *view,
          unsigned side)
{
    uint8_t flags = view->length >= 14 ? data[view->at + 13] : 0;

    if (view->ip.protocol != HS_IP_TCP)
        return;
    if (flags & TCP_FIN)
        mapping->has_fin |= side;
    if ((flags & TCP_RST) || mapping->has_fin == 3)
        mapping->closing = true;
}

static bool
may_open(const uint8_t *data, const View *view)
{
    if (view->ip.protocol == HS_IP_TCP)
        return view->length >= 20 &&
               (data[view->at + 13] & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
    return view->ip.protocol == HS_IP_UDP || data[view->at] == HS_ICMP_ECHO;
}

/* An error about a packet that came by a mapping, the other way: outwards it is
 * about one that was sent in, inwards about one that was sent out. The inner
 * packet's own end is the one that was translated. */
static HsNaptDrop
translate_error(HsNapt *napt, HsPacket **packet, const View *view,
                bool outwards)
{
    const uint8_t *data = hs_packet_data(*packet);
    unsigned mine = outwards ? 1 : 0; /* of the quoted packet's two ends */
    const Mapping *mapping;
    uint16_t ports[2];
    uint8_t *bytes;
    View quoted;
    Key key;

    if (!look_quoted(data, view, &quoted) ||
        ports_of(data, &quoted, ports) != HS_NAPT_NONE)
        return HS_NAPT_MALFORMED;
    key = key_of(&quoted, ports, mine, outwards);
    mapping = find(napt, outwards ? napt->by_inside : napt->by_outside, &key);
    if (mapping == NULL || (!outwards && quoted.ip.source != napt->outside))
        return HS_NAPT_NO_MAPPING;
    *packet = hs_packet_writable(*packet);
    bytes = hs_packet_bytes(*packet);
    rewrite(bytes, &quoted, mine,
            outwards ? napt->outside : mapping->inside.address,
            outwards ? mapping->outside.port : mapping->inside.port);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t address = outwards ? napt->outside : mapping->inside.address;

        hs_ipv4_set_u16(bytes, (outwards ? 12 : 16) + 2 * i,
                        (uint16_t)(address >> (i == 0 ? 16 : 0)));
    }
    sum_icmp(bytes, view);
    return HS_NAPT_NONE;
}

static HsNaptDrop
translate(HsNapt *napt, HsPacket **packet, bool outwards)
{
    const uint8_t *data = hs_packet_data(*packet);
    unsigned mine = outwards ? 0 : 1;
    Mapping *mapping;
    uint16_t ports[2];
    HsNaptDrop why;
    View view;
    Key key;

    why = look(*packet, &view);
    if (why != HS_NAPT_NONE)
        return why;
    if (view.ip.protocol == HS_IP_ICMP && view.length >= HS_ICMP_HEADER &&
        is_icmp_error(data[view.at]))
        return translate_error(napt, packet, &view, outwards);
    why = ports_of(data, &view, ports);
    if (why != HS_NAPT_NONE)
        return why;
    key = key_of(&view, ports, mine, outwards);
    mapping = find(napt, outwards ? napt->by_inside : napt->by_outside, &key);
    if (mapping == NULL && (!outwards || !may_open(data, &view)))
        return HS_NAPT_NO_MAPPING;
    if (mapping == NULL)
        mapping = make(napt, &key);
    if (mapping == NULL)
        return HS_NAPT_NO_PORT;
    if (outwards && mapping->closing && may_open(data, &view)) {
        mapping->closing = false; /* the same ports again */
        mapping->has_fin = 0;
    }
    watch_tcp(mapping, data, &view, outwards ? 1 : 2);
    touch(napt, mapping);
    *packet = hs_packet_writable(*packet);
    rewrite(hs_packet_bytes(*packet), &view, mine,
            outwards ? napt->outside : mapping->inside.address,
            outwards ? mapping->outside.port : mapping->inside.port);
    return HS_NAPT_NONE;
}

HsNaptDrop
hs_napt_out(HsNapt *napt, HsPacket **packet)
{
    HsNaptDrop why = translate(napt, packet, true);

    napt->counters.drops[why] += why != HS_NAPT_NONE;
    napt->counters.out += why == HS_NAPT_NONE;
    return why;
}

HsNaptDrop
hs_napt_in(HsNapt *napt, HsPacket **packet)
{
    HsNaptDrop why = translate(napt, packet, false);

    napt->counters.drops[why] += why != HS_NAPT_NONE;
    napt->counters.in += why == HS_NAPT_NONE;
    return why;
}

uint64_t
hs_napt_reset(HsNapt *napt)
{
    unsigned n = hs_napt_mappings(napt);

    g_hash_table_remove_all(napt->peers);
    g_hash_table_remove_all(napt->by_outside);
    g_hash_table_remove_all(napt->by_inside);
    return n;
}

unsigned
hs_napt_mappings(HsNapt *napt)
{
    sweep(napt);
    return g_hash_table_size(napt->by_inside);
}

HsNaptCounters
hs_napt_counters(const HsNapt *napt)
{
    return napt->counters;
}
