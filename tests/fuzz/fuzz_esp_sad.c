/* Several SAs of one tunnel, rekeyed one after the other, over a path that the
 * input makes bad.
 *
 * The first byte chooses the suite and the kind of numbers, then come steps of
 * two bytes: a packet or a dummy is sent on the newest SA or an older one, one
 * of those under way arrives, arrives once more or damaged, the SA is replaced,
 * the oldest goes, the NAT changes its mind. What becomes of each packet is
 * foretold from a plain table of what has arrived, and compared. */

#include "config.h"

#include "models/esp/esp.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONFIG_SUITE = 0x03,
    CONFIG_ESN = 0x04,
    CONFIG_NAT_T = 0x08,
    CONFIG_TURN = 0x10, /* the first SA begins before 2^32, or before its end */
    CONFIG_LIMIT = 0x20,
    CONFIG_FILL = 0x40,

    SAS = 4,
    SENT_MAX = 300, /* of one SA */
    FLIGHT_MAX = 64,
    STEPS_MAX = 1000,
    WINDOW = 64,
    HARD_LIMIT = 100,
};

#define FIRST_SPI 0xc0001000
#define LOCAL     0xcb007109
#define REMOTE    0xc6336401

typedef struct {
    EspSa *out; /* owned; NULL: never made */
    bool in;    /* one is in the SAD */
    uint64_t base;
    unsigned sent;
    uint64_t newest; /* accepted, from BASE on */
    unsigned accepted;
    bool seen[SENT_MAX + 1];
} Sa;

typedef struct {
    HsPacket *packet; /* owned; NULL: free */
    unsigned sa, number;
    size_t inner; /* 0: a dummy */
    uint16_t port;
} Flight;

typedef struct {
    EspSaConfig config;
    HsRng *rng;
    EspSad *sad;
    Sa sas[SAS];
    unsigned newest, oldest;
    Flight flight[FLIGHT_MAX];
    uint16_t port;       /* that the NAT gives now */
    uint16_t known[SAS]; /* where each SA's peer is thought to be */
} World;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
    if (!holds)
        abort();
}

static void
add_sa(World *w)
{
    Sa *sa = &w->sas[w->newest];
    EspSaConfig config = w->config;

    config.spi = FIRST_SPI + w->newest;
    config.keys.key[0] = (uint8_t)w->newest;
    if (w->newest > 0)
        config.sequence = 0;
    sa->base = config.sequence;
    sa->out = esp_sa_new(&config, w->rng);
    sa->in = true;
    w->known[w->newest] = w->port;
    config.source_port = w->port;
    must(esp_sad_add(w->sad, esp_sa_new(&config, w->rng)));
}

static HsPacket *
inner_packet(size_t length)
{
    HsPacket *packet = hs_packet_new(NULL, length);
    uint8_t *data = hs_packet_bytes(packet);

    data[0] = 0x45;
    data[2] = (uint8_t)(length >> 8);
    data[3] = (uint8_t)(length & 0xff);
    return packet;
}

/* As a NAT would, by its port. */
static void
set_port(HsPacket *packet, uint16_t port)
{
    uint8_t *data = hs_packet_bytes(packet);

    data[20] = (uint8_t)(port >> 8);
    data[21] = (uint8_t)(port & 0xff);
}

/* LENGTH 0: a dummy. */
static void
send_packet(World *w, unsigned which, size_t length)
{
    Sa *sa = &w->sas[which];
    uint64_t last = w->config.esn ? UINT64_MAX : UINT32_MAX;
    HsPacket *packet = NULL;
    EspDrop why = ESP_DROP_NONE;
    bool passed;
    Flight *flight = NULL;

    for (unsigned i = 0; i < FLIGHT_MAX && flight == NULL; i++)
        if (w->flight[i].packet == NULL)
            flight = &w->flight[i];
    if (flight == NULL || sa->sent == SENT_MAX)
        return;
    if (length == 0) {
        packet = esp_dummy_new(sa->out, 33, &why);
        passed = packet != NULL;
    } else {
        packet = inner_packet(length);
        passed = esp_encapsulate(sa->out, &packet, &why);
    }
    if (w->config.hard.packets > 0 && sa->sent >= HARD_LIMIT)
        must(!passed && why == ESP_DROP_EXPIRED);
    else if (sa->sent >= last - sa->base)
        must(!passed && why == ESP_DROP_SEQUENCE_END);
    else
        must(passed);
    if (!passed) {
        hs_packet_unref(packet);
        return;
    }
    if (w->config.nat_t)
        set_port(packet, w->port);
    sa->sent++;
    must(esp_sa_sequence(sa->out) == sa->base + sa->sent);
    *flight = (Flight){packet, which, sa->sent, length, w->port};
}

/* What must become of it, from the table. */
static EspDrop
verdict(const World *w, const Flight *flight, bool damaged)
{
    const Sa *sa = &w->sas[flight->sa];

    if (!sa->in)
        return ESP_DROP_NO_SA;
    if (w->config.hard.packets > 0 && sa->accepted >= HARD_LIMIT)
        return ESP_DROP_EXPIRED;
    if (sa->newest >= flight->number + WINDOW) {
        /* With ESN the guess is the next span, and the code does not fit. */
        return w->config.esn ? ESP_DROP_INTEGRITY : ESP_DROP_OLD;
    }
    if (sa->seen[flight->number])
        return ESP_DROP_REPLAY;
    if (damaged)
        return ESP_DROP_INTEGRITY;
    return flight->inner == 0 ? ESP_DROP_DUMMY : ESP_DROP_NONE;
}

static void
expect_events(World *w, EspSa *in, const Flight *flight, bool first, bool moved)
{
    bool saw_first = false, saw_moved = false;
    EspEvent event;

    while (esp_sa_poll(in, &event)) {
        saw_first |= event.kind == ESP_EVENT_IN_USE;
        if (event.kind == ESP_EVENT_PEER_MOVED) {
            saw_moved = true;
            must(event.port == flight->port &&
                 hs_addr_to_ipv4(&event.address) == REMOTE);
            w->known[flight->sa] = event.port;
        }
    }
    must(saw_first == first && saw_moved == moved);
}

static void
arrive(World *w, Flight *flight, HsPacket *packet, bool damaged)
{
    Sa *sa = &w->sas[flight->sa];
    EspDrop expected = verdict(w, flight, damaged), why = ESP_DROP_NONE;
    bool authentic = expected == ESP_DROP_NONE || expected == ESP_DROP_DUMMY;
    bool moved = authentic && w->config.nat_t && flight->number > sa->newest &&
                 flight->port != w->known[flight->sa];
    bool first = authentic && sa->accepted == 0;
    EspSa *in = NULL;
    bool passed = esp_sad_decapsulate(w->sad, &packet, &in, &why);

    must(passed == (expected == ESP_DROP_NONE));
    must(passed || why == expected);
    must((in != NULL) == sa->in);
    if (passed)
        must(hs_packet_length(packet) == flight->inner);
    if (authentic) {
        sa->seen[flight->number] = true;
        sa->newest = MAX(sa->newest, flight->number);
        sa->accepted++;
    }
    if (in != NULL)
        expect_events(w, in, flight, first, moved);
    hs_packet_unref(packet);
}

static HsPacket *
copy_of(const HsPacket *packet)
{
    return hs_packet_new(hs_packet_data(packet), hs_packet_length(packet));
}

/* One that is under way, chosen by WHICH; NULL if none is. */
static Flight *
pick(World *w, uint8_t which)
{
    for (unsigned i = 0; i < FLIGHT_MAX; i++) {
        Flight *flight = &w->flight[(which + i) % FLIGHT_MAX];

        if (flight->packet != NULL)
            return flight;
    }
    return NULL;
}

static void
arrive_damaged(World *w, Flight *flight)
{
    HsPacket *packet = copy_of(flight->packet);
    size_t length = hs_packet_length(packet);

    hs_packet_bytes(packet)[length - 1 - flight->number % 12] ^= 0x10;
    arrive(w, flight, packet, true);
}

static void
replace(World *w)
{
    if (w->newest + 1 < SAS) {
        w->newest++;
        add_sa(w);
    }
}

static void
remove_oldest(World *w)
{
    HsAddr here = hs_addr_ipv4(LOCAL);

    if (w->oldest == w->newest)
        return;
    must(esp_sad_remove(w->sad, FIRST_SPI + w->oldest, &here));
    must(!esp_sad_remove(w->sad, FIRST_SPI + w->oldest, &here));
    w->sas[w->oldest++].in = false;
}

static void
step(World *w, uint8_t what, uint8_t operand)
{
    Flight *flight = pick(w, operand);
    HsPacket *packet;

    switch (what % 10) {
    case 0:
    case 1:
        send_packet(w, w->newest, 20 + operand);
        return;
    case 2: /* an older one, which its sender has not yet left */
        send_packet(w, operand % (w->newest + 1), 40);
        return;
    case 3:
        send_packet(w, w->newest, 0);
        return;
    case 4: /* arrives */
        if (flight == NULL)
            return;
        packet = g_steal_pointer(&flight->packet);
        arrive(w, flight, packet, false);
        return;
    case 5: /* and once more, later */
        if (flight != NULL)
            arrive(w, flight, copy_of(flight->packet), false);
        return;
    case 6:
        if (flight != NULL)
            arrive_damaged(w, flight);
        return;
    case 7: /* lost */
        if (flight != NULL)
            g_clear_pointer(&flight->packet, hs_packet_unref);
        return;
    case 8:
        if (operand & 1)
            remove_oldest(w);
        else
            replace(w);
        return;
    default:
        w->port = (uint16_t)(20000 + operand);
    }
}

static void
begin(World *w, uint8_t flags)
{
    static const EspSuite suites[] = {
        ESP_SUITE_AES128_GCM16, ESP_SUITE_AES256_GCM16,
        ESP_SUITE_AES128_CBC_SHA1, ESP_SUITE_AES256_CBC_SHA2_256};

    w->rng = hs_rng_new(1, "fuzz", "esp");
    w->sad = esp_sad_new();
    w->port = 4500;
    w->config = (EspSaConfig){
        .suite = suites[flags & CONFIG_SUITE],
        .keys = {.key = {1, 2, 3}, .salt = {4}, .integrity = {5}},
        .esn = (flags & CONFIG_ESN) != 0,
        .nat_t = (flags & CONFIG_NAT_T) != 0,
        .source = hs_addr_ipv4(REMOTE),
        .destination = hs_addr_ipv4(LOCAL),
        .fill = (flags & CONFIG_FILL) != 0 ? 200 : 0,
        .hard = {.packets = (flags & CONFIG_LIMIT) != 0 ? HARD_LIMIT : 0},
    };
    if ((flags & CONFIG_TURN) != 0)
        w->config.sequence = UINT32_MAX - 20;
    add_sa(w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    World w = {0};

    if (size == 0)
        return 0;
    begin(&w, data[0]);
    for (size_t i = 1; i + 1 < size && i < 2 * STEPS_MAX; i += 2)
        step(&w, data[i], data[i + 1]);
    for (unsigned i = 0; i < FLIGHT_MAX; i++)
        hs_packet_unref(w.flight[i].packet);
    for (unsigned i = 0; i < SAS; i++)
        esp_sa_free(w.sas[i].out);
    esp_sad_free(w.sad);
    hs_rng_free(w.rng);
    return 0;
}
