/* The life of an SA: its limits, its replacement without loss, what it tells
 * its owner, and what travels through it that carries nothing. */

#include "config.h"

#include "models/esp/esp.h"
#include "tests/harness/esp_pair.h"
#include "tests/harness/run.h"

#include <string.h>

/* One packet of LENGTH bytes as A sends it. */
static HsPacket *
sent(EspSa *a, size_t length)
{
    HsPacket *packet = esp_pair_packet(length);

    ck_assert(esp_encapsulate(a, &packet, NULL));
    return packet;
}

static HsPacket *
copy_of(const HsPacket *packet)
{
    return hs_packet_new(hs_packet_data(packet), hs_packet_length(packet));
}

/* Rekeying */

/* How the sender goes over to the new SA while the path reorders: the k-th
 * packet arrives LATE[k % 8] places behind its turn. */
static const unsigned late[8] = {0, 2, 3, 0, 9, 20, 1, 0};

enum { BEFORE = 102, AFTER = 98, ALL = BEFORE + AFTER };

/* RFC 4301 4.4.2.1, RFC 7296 2.8: inbound SAs are installed before anybody
 * sends on them and stay until the last packet on the old one is here. */
START_TEST(rekeying_loses_nothing)
{
    EspSaConfig old_config = esp_pair_config((EspSuite)(_i / 2));
    EspSaConfig new_config = old_config;
    g_autoptr(HsRng) rng = hs_rng_new(1, "test", "esp");
    g_autoptr(HsRng) keys = hs_rng_new(2, "test", "keys");
    g_autoptr(GPtrArray) flight =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    g_autoptr(EspSad) sad = esp_sad_new();
    HsAddr here = hs_addr_ipv4(ESP_PAIR_LOCAL);
    unsigned got[2] = {0}, of_old_after_new = 0;
    EspSa *in[2];
    EspDrop why;

    old_config.nat_t = new_config.nat_t = _i & 1;
    new_config.spi = 0xc0005678;
    esp_keys_draw(&new_config.keys, new_config.suite, keys);
    g_autoptr(EspSa) old = esp_sa_new(&old_config, rng);
    g_autoptr(EspSa) new = esp_sa_new(&new_config, rng);
    in[0] = esp_sa_new(&old_config, rng);
    in[1] = esp_sa_new(&new_config, rng);
    ck_assert(esp_sad_add(sad, in[0]));
    ck_assert(esp_sad_add(sad, in[1]));
    g_ptr_array_set_size(flight, 2 * ALL);
    for (unsigned k = 0; k < ALL; k++) {
        unsigned at = k + late[k % 8];

        while (flight->pdata[at] != NULL)
            at++;
        flight->pdata[at] = sent(k < BEFORE ? old : new, 40 + k);
    }
    esp_pair_expect_no_event(in[1]); /* nobody has sent on it yet */
    for (guint i = 0; i < flight->len; i++) {
        EspSa *sa = NULL;

        if (flight->pdata[i] == NULL)
            continue;
        ck_assert(esp_sad_decapsulate(sad, (HsPacket **)&flight->pdata[i], &sa,
                                      NULL));
        ck_assert(sa == in[0] || sa == in[1]);
        of_old_after_new += sa == in[0] && got[1] > 0;
        got[sa == in[1]]++;
    }
    ck_assert_uint_eq(got[0], BEFORE);
    ck_assert_uint_eq(got[1], AFTER);
    ck_assert_uint_ge(of_old_after_new, 3); /* or nothing overlapped */
    esp_pair_expect_event(in[1], ESP_EVENT_IN_USE);
    esp_pair_expect_no_event(in[1]);

    /* Then the old one goes, and what still comes on it has no SA. */
    ck_assert(esp_sad_remove(sad, old_config.spi, &here));
    g_autoptr(HsPacket) straggler = sent(old, 60);
    g_autoptr(HsPacket) fresh = sent(new, 60);
    ck_assert(!esp_sad_decapsulate(sad, &straggler, NULL, &why));
    ck_assert_int_eq(why, ESP_DROP_NO_SA);
    ck_assert_uint_eq(esp_sad_counters(sad)->drops[ESP_DROP_NO_SA], 1);
    ck_assert(esp_sad_decapsulate(sad, &fresh, NULL, NULL));
}
END_TEST

/* Limits */

/* With GCM an inner packet of 60 bytes is 64 encrypted ones. */
static const struct {
    const char *name;
    EspLimit soft, hard;
    unsigned soft_at, hard_at; /* by which packet; 0: never */
} limits[] = {
    {"none", {0}, {0}, 0, 0},
    {"packets", {.packets = 3}, {.packets = 5}, 3, 5},
    {"bytes, padding counted", {.bytes = 128}, {.bytes = 320}, 2, 5},
    {"bytes, passed in a packet", {.bytes = 129}, {.bytes = 321}, 3, 6},
    {"the first of both counts",
     {.packets = 9, .bytes = 64},
     {.packets = 4, .bytes = 6400},
     1,
     4},
    {"soft only", {.packets = 1}, {0}, 1, 0},
    {"hard only", {0}, {.packets = 1}, 0, 1},
    {"both at once", {.packets = 2}, {.packets = 2}, 2, 2},
};

static void
expect_events_of(EspSa *sa, int row, unsigned packet)
{
    if (packet == 1)
        esp_pair_expect_event(sa, ESP_EVENT_IN_USE);
    if (packet == limits[row].soft_at)
        esp_pair_expect_event(sa, ESP_EVENT_SOFT_LIMIT);
    if (packet == limits[row].hard_at)
        esp_pair_expect_event(sa, ESP_EVENT_HARD_LIMIT);
    esp_pair_expect_no_event(sa);
}

static bool
is_over(int row, unsigned packet)
{
    return limits[row].hard_at != 0 && packet > limits[row].hard_at;
}

START_TEST(limits_end_an_outbound_sa)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);

    config.soft = limits[_i].soft;
    config.hard = limits[_i].hard;
    g_auto(EspPair) pair = esp_pair_new(&config);
    for (unsigned n = 1; n <= 8; n++) {
        g_autoptr(HsPacket) packet = esp_pair_packet(60);
        bool passed = esp_encapsulate(pair.a, &packet, NULL);

        ck_assert_msg(passed == !is_over(_i, n), "%s: packet %u",
                      limits[_i].name, n);
        if (!passed)
            ck_assert_uint_eq(hs_packet_length(packet), 60);
        expect_events_of(pair.a, _i, n);
    }
    ck_assert_uint_eq(esp_sa_counters(pair.a)->drops[ESP_DROP_EXPIRED],
                      limits[_i].hard_at == 0 ? 0 : 8 - limits[_i].hard_at);
}
END_TEST

START_TEST(limits_end_an_inbound_sa)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_autoptr(HsRng) rng = hs_rng_new(3, "test", "esp");
    g_autoptr(EspSa) a = esp_sa_new(&config, rng);
    g_autoptr(EspSa) b = NULL;

    config.soft = limits[_i].soft;
    config.hard = limits[_i].hard;
    b = esp_sa_new(&config, rng);
    for (unsigned n = 1; n <= 8; n++) {
        g_autoptr(HsPacket) packet = sent(a, 60);
        g_autoptr(HsPacket) forged = copy_of(packet);
        g_autoptr(HsPacket) again = copy_of(packet);

        /* What is refused uses nothing up. */
        hs_packet_bytes(forged)[hs_packet_length(forged) - 1] ^= 1;
        ck_assert(!esp_decapsulate(b, &forged, NULL));
        if (is_over(_i, n)) {
            esp_pair_expect_drop(b, &packet, ESP_DROP_EXPIRED, limits[_i].name);
        } else {
            ck_assert(esp_decapsulate(b, &packet, NULL));
            ck_assert(!esp_decapsulate(b, &again, NULL));
        }
        expect_events_of(b, _i, n);
    }
}
END_TEST

/* RFC 4303 3.3.3: the owner hears of it in time to have a new SA before the
 * numbers are used up. */
START_TEST(numbers_running_low_are_told)
{
    bool esn = _i == 1;
    uint64_t low = esn ? UINT64_C(0xf000000000000000) : UINT64_C(0xf0000000);
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);

    config.esn = esn;
    config.sequence = low - 2;
    g_auto(EspPair) pair = esp_pair_new(&config);
    for (unsigned n = 0; n < 3; n++) {
        g_autoptr(HsPacket) packet = sent(pair.a, 60);

        ck_assert(esp_decapsulate(pair.b, &packet, NULL));
        for (unsigned side = 0; side < 2; side++) {
            EspSa *sa = side == 0 ? pair.a : pair.b;

            if (n == 0)
                esp_pair_expect_event(sa, ESP_EVENT_IN_USE);
            if (n == 1)
                esp_pair_expect_event(sa, ESP_EVENT_NUMBERS_LOW);
            esp_pair_expect_no_event(sa);
        }
    }
}
END_TEST

/* Reorder and loss */

typedef struct {
    unsigned accepted, replayed, old, integrity;
} Verdicts;

/* Sends COUNT packets through a path that loses every LOSE-th (0: none), brings
 * every seventh SHIFT places too late and every eleventh twice. */
static Verdicts
walk(EspPair *pair, unsigned count, unsigned lose, unsigned shift)
{
    g_autoptr(GPtrArray) flight =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_packet_unref);
    Verdicts v = {0};

    g_ptr_array_set_size(flight, (int)((count + shift + 1) * 3));
    for (unsigned k = 0; k < count; k++) {
        HsPacket *packet = sent(pair->a, 40);

        if (lose != 0 && k % lose == lose - 1) {
            hs_packet_unref(packet);
            continue;
        }
        if (k % 11 == 10)
            flight->pdata[(k + shift / 2) * 3 + 2] = copy_of(packet);
        flight->pdata[k % 7 == 6 ? (k + shift) * 3 + 1 : k * 3] = packet;
    }
    for (guint i = 0; i < flight->len; i++) {
        EspDrop why = ESP_DROP_NONE;

        if (flight->pdata[i] == NULL)
            continue;
        v.accepted +=
            esp_decapsulate(pair->b, (HsPacket **)&flight->pdata[i], &why);
        v.replayed += why == ESP_DROP_REPLAY;
        v.old += why == ESP_DROP_OLD;
        v.integrity += why == ESP_DROP_INTEGRITY;
    }
    ck_assert_uint_eq(esp_sa_counters(pair->b)->packets, v.accepted);
    ck_assert_uint_eq(esp_sa_counters(pair->b)->drops[ESP_DROP_REPLAY],
                      v.replayed);
    ck_assert_uint_eq(esp_sa_counters(pair->b)->drops[ESP_DROP_OLD], v.old);
    return v;
}

/* The walk's own figures, by counting. */
static Verdicts
expected_of(unsigned count, unsigned lose)
{
    Verdicts v = {0};

    for (unsigned k = 0; k < count; k++) {
        if (lose != 0 && k % lose == lose - 1)
            continue;
        v.accepted++;
        v.replayed += k % 11 == 10;
    }
    return v;
}

/* RFC 4303 A2: over 2^32 with loss and reordering inside the window, every
 * packet that arrives is accepted once; without extended numbers likewise. */
START_TEST(reordering_inside_the_window_costs_nothing)
{
    static const uint64_t firsts[] = {0, UINT64_C(0x1ffffff00),
                                      UINT64_C(0xffffff80)};
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);
    unsigned lose = _i % 2 == 0 ? 0 : 5;
    Verdicts v, expected = expected_of(600, lose);

    config.sequence = firsts[_i / 2];
    config.esn = config.sequence != 0;
    g_auto(EspPair) pair = esp_pair_new(&config);
    v = walk(&pair, 600, lose, 60);
    ck_assert_uint_eq(v.accepted, expected.accepted);
    ck_assert_uint_eq(v.replayed, expected.replayed);
    ck_assert_uint_eq(v.old + v.integrity, 0);
}
END_TEST

/* Beyond the window they are refused by name. With extended numbers the guess
 * of A2.2 takes them for packets of the next span, so it is the integrity
 * check that refuses them, and the window stays where it is. */
START_TEST(reordering_beyond_the_window_is_refused)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);
    unsigned late_ones = 600 / 7;
    Verdicts v;

    config.esn = _i == 1;
    config.sequence = config.esn ? UINT64_C(0xffffff00) : 0;
    g_auto(EspPair) pair = esp_pair_new(&config);
    v = walk(&pair, 600, 0, 150);
    /* The last 150 - 64 places have nothing newer behind them. */
    ck_assert_uint_ge(v.old + v.integrity, late_ones - 150 / 7 - 1);
    ck_assert_uint_eq(config.esn ? v.old : v.integrity, 0);
    ck_assert_uint_eq(v.accepted + v.old + v.integrity + v.replayed,
                      600 + 600 / 11);
    ck_assert_uint_eq(esp_sa_sequence(pair.b), config.sequence + 600);

    /* A larger window takes them all (RFC 4303 3.4.3). */
    config.window = 256;
    g_auto(EspPair) wide = esp_pair_new(&config);
    v = walk(&wide, 600, 0, 150);
    ck_assert_uint_eq(v.accepted, 600);
    ck_assert_uint_eq(v.replayed, 600 / 11);
}
END_TEST

/* A NAT changes its mind */

/* As if a NAT on the path had written them. */
static HsPacket *
through_nat(EspSa *a, uint32_t address, uint16_t port)
{
    HsPacket *packet = sent(a, 60);
    uint8_t *data = hs_packet_bytes(packet);

    for (unsigned i = 0; i < 4; i++)
        data[12 + i] = (uint8_t)(address >> (24 - 8 * i) & 0xff);
    data[20] = (uint8_t)(port >> 8);
    data[21] = (uint8_t)(port & 0xff);
    esp_pair_fix_sum(data);
    return packet;
}

START_TEST(a_new_mapping_is_told)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    HsAddr moved = hs_addr_ipv4(0xc6336402);
    EspEvent event;

    config.nat_t = true;
    config.source_port = 20001;
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) first = through_nat(pair.a, ESP_PAIR_REMOTE, 20001);
    g_autoptr(HsPacket) straggler = through_nat(pair.a, ESP_PAIR_REMOTE, 20001);
    g_autoptr(HsPacket) other_port =
        through_nat(pair.a, ESP_PAIR_REMOTE, 20002);
    g_autoptr(HsPacket) same_port = through_nat(pair.a, ESP_PAIR_REMOTE, 20002);
    g_autoptr(HsPacket) other_address = through_nat(pair.a, 0xc6336402, 20002);
    g_autoptr(HsPacket) forged = through_nat(pair.a, 0xc6336403, 20009);
    g_autoptr(HsPacket) replayed = copy_of(first);

    ck_assert(esp_decapsulate(pair.b, &first, NULL));
    esp_pair_expect_event(pair.b, ESP_EVENT_IN_USE);
    esp_pair_expect_no_event(pair.b); /* where it was configured to come from */

    ck_assert(esp_decapsulate(pair.b, &other_port, NULL));
    event = esp_pair_expect_event(pair.b, ESP_EVENT_PEER_MOVED);
    ck_assert_uint_eq(hs_addr_to_ipv4(&event.address), ESP_PAIR_REMOTE);
    ck_assert_uint_eq(event.port, 20002);
    esp_pair_expect_no_event(pair.b);

    ck_assert(esp_decapsulate(pair.b, &straggler, NULL)); /* late, old port */
    ck_assert(esp_decapsulate(pair.b, &same_port, NULL));
    esp_pair_expect_no_event(pair.b);

    ck_assert(esp_decapsulate(pair.b, &other_address, NULL));
    event = esp_pair_expect_event(pair.b, ESP_EVENT_PEER_MOVED);
    ck_assert(hs_addr_equal(&event.address, &moved));
    ck_assert_uint_eq(event.port, 20002);
    ck_assert_uint_eq(esp_sa_config(pair.b)->source_port, 20002);

    /* Only who has the key moves it (RFC 7296 2.23). */
    hs_packet_bytes(forged)[60] ^= 1;
    esp_pair_expect_drop(pair.b, &forged, ESP_DROP_INTEGRITY, "forged");
    hs_packet_bytes(replayed)[21] ^= 1;
    esp_pair_expect_drop(pair.b, &replayed, ESP_DROP_REPLAY, "replayed");
    esp_pair_expect_no_event(pair.b);
}
END_TEST

START_TEST(raw_esp_has_no_mapping)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES256_GCM16);
    g_auto(EspPair) pair = esp_pair_new(&config);
    g_autoptr(HsPacket) packet = sent(pair.a, 60);

    hs_packet_bytes(packet)[15] = 77;
    esp_pair_fix_sum(hs_packet_bytes(packet));
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
    esp_pair_expect_event(pair.b, ESP_EVENT_IN_USE);
    esp_pair_expect_no_event(pair.b);
}
END_TEST

START_TEST(the_way_back_follows)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_CBC_SHA2_256);
    HsAddr moved = hs_addr_ipv4(0xc6336402);
    const uint8_t *data;

    config.nat_t = true;
    g_auto(EspPair) pair = esp_pair_new(&config);
    esp_sa_set_destination(pair.a, &moved, 20002);
    g_autoptr(HsPacket) packet = sent(pair.a, 60);
    g_autoptr(HsPacket) keepalive = esp_keepalive_new(pair.a);
    data = hs_packet_data(packet);
    ck_assert_mem_eq(data + 16, "\xc6\x33\x64\x02", 4);
    ck_assert_uint_eq(esp_pair_u16(data + 20), 4500);
    ck_assert_uint_eq(esp_pair_u16(data + 22), 20002);
    ck_assert_uint_eq(esp_pair_sum(data, 20), 0xffff);
    data = hs_packet_data(keepalive);
    ck_assert_mem_eq(data + 16, "\xc6\x33\x64\x02", 4);
    ck_assert_uint_eq(esp_pair_u16(data + 22), 20002);
    /* The inside is the same to a receiver there. */
    ck_assert(esp_decapsulate(pair.b, &packet, NULL));
}
END_TEST

/* What carries nothing */

/* RFC 4303 2.7: packets of every length up to FILL look alike outside. */
START_TEST(filled_packets_have_one_length)
{
    EspSaConfig config = esp_pair_config((EspSuite)_i);

    config.fill = 100;
    g_auto(EspPair) pair = esp_pair_new(&config);
    for (size_t length = 20; length < 120; length++) {
        g_autoptr(HsPacket) packet = esp_pair_packet(length);
        g_autoptr(HsPacket) original = copy_of(packet);

        ck_assert(esp_encapsulate(pair.a, &packet, NULL));
        ck_assert_uint_eq(hs_packet_length(packet),
                          esp_outer_length(&config, MAX(length, 100)));
        ck_assert(esp_decapsulate(pair.b, &packet, NULL));
        ck_assert_uint_eq(hs_packet_length(packet), length);
        ck_assert_mem_eq(hs_packet_data(packet), hs_packet_data(original),
                         length);
    }
}
END_TEST

/* RFC 4303 2.6: made, and dropped without being an error of the sender's; its
 * number is used up like any. */
START_TEST(dummies_are_made_and_dropped)
{
    EspSaConfig config = esp_pair_config((EspSuite)_i);

    config.df = ESP_DF_SET;
    g_auto(EspPair) pair = esp_pair_new(&config);
    for (size_t length = 0; length < 40; length++) {
        g_autoptr(HsPacket) dummy = esp_dummy_new(pair.a, length, NULL);
        g_autoptr(HsPacket) again = NULL;

        ck_assert_ptr_nonnull(dummy);
        again = copy_of(dummy);
        ck_assert_uint_eq(hs_packet_length(dummy),
                          esp_outer_length(&config, length));
        ck_assert_uint_eq(hs_packet_data(dummy)[6], 0x40);
        esp_pair_expect_drop(pair.b, &dummy, ESP_DROP_DUMMY, "dummy");
        esp_pair_expect_drop(pair.b, &again, ESP_DROP_REPLAY, "twice");
    }
    ck_assert_uint_eq(esp_sa_sequence(pair.a), 40);
    ck_assert_uint_eq(esp_sa_sequence(pair.b), 40);
    ck_assert_uint_eq(esp_sa_counters(pair.a)->packets, 0);
    ck_assert_uint_eq(esp_sa_counters(pair.b)->packets, 0);
}
END_TEST

static const struct {
    uint64_t sequence;
    EspLimit hard;
    size_t length;
    EspDrop why;
} refused_dummies[] = {
    {UINT32_MAX, {0}, 40, ESP_DROP_SEQUENCE_END},
    {0, {.packets = 1}, 40, ESP_DROP_EXPIRED},
    {0, {0}, 65500, ESP_DROP_TOO_BIG},
};

START_TEST(dummies_are_refused_as_packets_are)
{
    EspSaConfig config = esp_pair_config(ESP_SUITE_AES128_GCM16);
    EspDrop why = ESP_DROP_NONE;

    config.sequence = refused_dummies[_i].sequence;
    config.hard = refused_dummies[_i].hard;
    g_auto(EspPair) pair = esp_pair_new(&config);
    if (config.hard.packets > 0)
        hs_packet_unref(sent(pair.a, 40));
    ck_assert_ptr_null(esp_dummy_new(pair.a, refused_dummies[_i].length, &why));
    ck_assert_int_eq(why, refused_dummies[_i].why);
    ck_assert_uint_eq(esp_sa_counters(pair.a)->drops[why], 1);
}
END_TEST

START_TEST(events_have_their_names)
{
    ck_assert_str_eq(esp_event_name(ESP_EVENT_IN_USE), "first packet");
    ck_assert_str_eq(esp_event_name(ESP_EVENT_PEER_MOVED),
                     "the peer's address changed");
    ck_assert_str_eq(esp_drop_name(ESP_DROP_EXPIRED), "hard lifetime reached");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("esp rekey");
    TCase *life = tcase_create("life");
    TCase *path = tcase_create("path");

    tcase_add_loop_test(life, rekeying_loses_nothing, 0, 2 * ESP_SUITE_COUNT);
    tcase_add_loop_test(life, limits_end_an_outbound_sa, 0,
                        G_N_ELEMENTS(limits));
    tcase_add_loop_test(life, limits_end_an_inbound_sa, 0,
                        G_N_ELEMENTS(limits));
    tcase_add_loop_test(life, numbers_running_low_are_told, 0, 2);
    tcase_add_loop_test(life, filled_packets_have_one_length, 0,
                        ESP_SUITE_COUNT);
    tcase_add_loop_test(life, dummies_are_made_and_dropped, 0, ESP_SUITE_COUNT);
    tcase_add_loop_test(life, dummies_are_refused_as_packets_are, 0,
                        G_N_ELEMENTS(refused_dummies));
    tcase_add_test(life, events_have_their_names);
    suite_add_tcase(suite, life);

    tcase_add_loop_test(path, reordering_inside_the_window_costs_nothing, 0, 6);
    tcase_add_loop_test(path, reordering_beyond_the_window_is_refused, 0, 2);
    tcase_add_test(path, a_new_mapping_is_told);
    tcase_add_test(path, raw_esp_has_no_mapping);
    tcase_add_test(path, the_way_back_follows);
    suite_add_tcase(suite, path);
    return run_suite(suite);
}
