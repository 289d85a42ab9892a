/* Traffic selectors: text, intersection, narrowing (RFC 7296 2.9). A list is
 * written as "10.0.0.0/8 6:80-443", with " | " between selectors. */

#include "config.h"

#include "models/ikev2/payload.h"
#include "tests/harness/hex.h"
#include "tests/harness/run.h"

#include <stdio.h>
#include <string.h>

static IkeTs
selector(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, " ", -1);
    g_auto(GStrv) ends = g_strsplit(parts[0], "-", -1);
    unsigned protocol, start, end;
    HsPrefix prefix;
    IkeTs ts;

    if (hs_prefix_parse(parts[0], &prefix)) {
        ts = ike_ts_prefix(&prefix);
    } else {
        ts = ike_ts_any(HS_FAMILY_IPV4);
        ck_assert(hs_addr_parse(ends[0], &ts.start));
        ck_assert(hs_addr_parse(ends[1], &ts.end));
    }
    if (parts[1] != NULL) {
        ck_assert_int_eq(sscanf(parts[1], "%u:%u-%u", &protocol, &start, &end),
                         3);
        ts.protocol = (uint8_t)protocol;
        ts.start_port = (uint16_t)start;
        ts.end_port = (uint16_t)end;
    }
    return ts;
}

static IkeTsList
list_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, " | ", -1);
    IkeTsList list = {0};

    for (unsigned i = 0; parts[i] != NULL; i++)
        list.selectors[list.count++] = selector(parts[i]);
    return list;
}

static char *
text_of(const IkeTsList *list)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < list->count; i++) {
        g_autofree char *one = ike_ts_format(&list->selectors[i]);

        g_string_append_printf(text, "%s%s", i > 0 ? " | " : "", one);
    }
    return g_string_free(text, FALSE);
}

START_TEST(texts)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"10.1.2.3/8", "10.0.0.0/8"},
        {"192.0.2.1/32 6:80-80", "192.0.2.1/32 proto 6 port 80-80"},
        {"10.0.0.0-10.0.0.255", "10.0.0.0/24"},
        {"10.0.0.1-10.0.1.0", "10.0.0.1-10.0.1.0"},
        {"10.0.0.0/8 0:0-65535", "10.0.0.0/8"},
        {"10.0.0.0/8 17:65535-0", "10.0.0.0/8 proto 17 port opaque"},
        {"2001:db8::/32", "2001:db8::/32"},
        {"::/0", "::/0"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        IkeTs ts = selector(rows[i].in);
        g_autofree char *text = ike_ts_format(&ts);

        ck_assert_str_eq(text, rows[i].out);
    }
}
END_TEST

static const struct {
    const char *a, *b, *both; /* NULL: nothing */
} meetings[] = {
    {"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/8"},
    {"10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/16"},
    {"10.0.0.0-10.0.0.20", "10.0.0.16-10.0.0.40", "10.0.0.16-10.0.0.20"},
    {"10.0.0.0/9", "10.128.0.0/9", NULL},
    {"10.0.0.0/8", "::/0", NULL},
    {"0.0.0.0/0 6:0-65535", "0.0.0.0/0 17:0-65535", NULL},
    {"0.0.0.0/0 6:0-65535", "10.0.0.0/8", "10.0.0.0/8 proto 6"},
    {"0.0.0.0/0 6:80-443", "0.0.0.0/0 6:100-500",
     "0.0.0.0/0 proto 6 port 100-443"},
    {"0.0.0.0/0 6:80-90", "0.0.0.0/0 6:91-100", NULL},
    /* RFC 4301 4.4.1.1: any port has the opaque ones, a range has not */
    {"0.0.0.0/0 6:65535-0", "0.0.0.0/0", "0.0.0.0/0 proto 6 port opaque"},
    {"0.0.0.0/0 6:65535-0", "0.0.0.0/0 6:65535-0",
     "0.0.0.0/0 proto 6 port opaque"},
    {"0.0.0.0/0 6:65535-0", "0.0.0.0/0 6:80-80", NULL},
    {"0.0.0.0/0 6:80-80", "0.0.0.0/0 6:65535-0", NULL},
    {"2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::/48"},
};

START_TEST(intersection)
{
    IkeTs a = selector(meetings[_i].a), b = selector(meetings[_i].b), ts;
    g_autofree char *text = NULL, *back = NULL;

    if (meetings[_i].both == NULL) {
        ck_assert(!ike_ts_intersect(&a, &b, &ts));
        ck_assert(!ike_ts_intersect(&b, &a, &ts));
        return;
    }
    ck_assert(ike_ts_intersect(&a, &b, &ts));
    text = ike_ts_format(&ts);
    ck_assert_str_eq(text, meetings[_i].both);
    ck_assert(ike_ts_intersect(&b, &a, &ts));
    back = ike_ts_format(&ts);
    ck_assert_str_eq(back, meetings[_i].both);
}
END_TEST

static const struct {
    const char *name, *offered, *policy, *result;
} narrowings[] = {
    {"all of it", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/8"},
    {"a part", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/8"},
    {"several parts", "0.0.0.0/0", "10.0.0.0/8 | 172.16.0.0/12",
     "10.0.0.0/8 | 172.16.0.0/12"},
    {"nothing", "10.0.0.0/8", "172.16.0.0/12", NULL},
    /* 2.9: the packet that started it comes first, and is in the result */
    {"the packet first", "10.1.2.3/32 6:22-22 | 10.0.0.0/8", "10.0.0.0/8",
     "10.0.0.0/8"},
    {"the packet alone is allowed", "10.1.2.3/32 6:22-22 | 10.0.0.0/8",
     "10.1.0.0/16 6:22-22", "10.1.0.0/16 proto 6 port 22-22"},
    {"the packet stays first", "10.1.2.3/32 | 172.16.0.0/12",
     "172.16.0.0/16 | 10.1.2.0/24", "10.1.2.3/32 | 172.16.0.0/16"},
    {"no selector twice", "10.0.0.0/8 | 10.0.0.0/8", "10.0.0.0/8 | 0.0.0.0/0",
     "10.0.0.0/8"},
    {"each family for itself", "0.0.0.0/0 | ::/0", "2001:db8::/32",
     "2001:db8::/32"},
};

START_TEST(narrowing)
{
    IkeTsList offered = list_of(narrowings[_i].offered);
    IkeTsList policy = list_of(narrowings[_i].policy), result;
    g_autofree char *text = NULL;

    if (narrowings[_i].result == NULL) {
        ck_assert(!ike_ts_narrow(&offered, &policy, &result));
        return;
    }
    ck_assert(ike_ts_narrow(&offered, &policy, &result));
    text = text_of(&result);
    ck_assert_str_eq(text, narrowings[_i].result);
    ck_assert(ike_ts_within(&result, &offered));
    ck_assert(ike_ts_within(&result, &policy));
}
END_TEST

START_TEST(within)
{
    IkeTsList all = list_of("0.0.0.0/0"), ten = list_of("10.0.0.0/8");
    IkeTsList two = list_of("10.0.0.0/8 | 192.0.2.0/24");

    ck_assert(ike_ts_within(&ten, &all));
    ck_assert(ike_ts_within(&two, &all));
    ck_assert(ike_ts_within(&ten, &two));
    ck_assert(!ike_ts_within(&two, &ten));
    ck_assert(!ike_ts_within(&all, &ten));
}
END_TEST

/* What does not fit a list is left out: a narrower answer is a right one. */
START_TEST(too_many_selectors)
{
    IkeTsList offered = {0}, policy = {0}, result, again;
    g_auto(IkeBuilder) b = {0};
    IkePayload payload = {.type = IKE_PAYLOAD_TSI};
    g_autoptr(GByteArray) body = g_byte_array_new();
    static const uint8_t count[] = {IKE_TS_MAX + 1, 0, 0, 0};

    for (unsigned i = 0; i < IKE_TS_MAX; i++) {
        HsPrefix p = {.addr = hs_addr_ipv4(0x0a000000 + i * 0x100),
                      .length = 24};

        offered.selectors[i] = ike_ts_prefix(&p);
        p.addr = hs_addr_ipv4(0x0a000000 + i * 0x100 + 4);
        p.length = 30;
        policy.selectors[i] = ike_ts_prefix(&p);
    }
    offered.count = policy.count = IKE_TS_MAX;
    ck_assert(ike_ts_narrow(&offered, &policy, &result));
    ck_assert_uint_eq(result.count, IKE_TS_MAX);
    /* each /24 has two, so twice as many as there is room */
    for (unsigned i = 0; i < IKE_TS_MAX; i++) {
        HsPrefix p = {.addr =
                          hs_addr_ipv4(0x0a000000 + i / 2 * 0x100 + i % 2 * 8),
                      .length = 30};

        policy.selectors[i] = ike_ts_prefix(&p);
        offered.selectors[i] = ike_ts_any(HS_FAMILY_IPV4);
        offered.selectors[i].protocol = (uint8_t)(i + 1);
    }
    ck_assert(ike_ts_narrow(&offered, &policy, &result));
    ck_assert_uint_eq(result.count, IKE_TS_MAX);

    ike_builder_init(&b);
    ike_ts_encode(&b, IKE_PAYLOAD_TSI, &offered);
    g_byte_array_append(body, count, sizeof count);
    g_byte_array_append(body, b.writer.bytes->data + 8,
                        b.writer.bytes->len - 8);
    g_byte_array_append(body, b.writer.bytes->data + 8, 16);
    payload.body = body->data;
    payload.length = body->len;
    ck_assert_int_eq(ike_ts_decode(&payload, &again), IKE_FAULT_NONE);
    ck_assert_uint_eq(again.count, IKE_TS_MAX);
    ck_assert(ike_ts_within(&again, &offered));
}
END_TEST

START_TEST(bytes)
{
    g_autoptr(GBytes) expected =
        hex_bytes("00 00 0040 02 000000"
                  "07 06 0010 0050 01bb 0a000000 0affffff"
                  "08 00 0028 0000 ffff 20010db8000000000000000000000000"
                  "20010db8ffffffffffffffffffffffff");
    IkeTsList list = list_of("10.0.0.0/8 6:80-443 | 2001:db8::/32"), again;
    g_auto(IkeBuilder) b = {0};
    IkePayload payload = {.type = IKE_PAYLOAD_TSR};

    ike_builder_init(&b);
    ike_ts_encode(&b, IKE_PAYLOAD_TSR, &list);
    ck_assert_uint_eq(b.writer.bytes->len, g_bytes_get_size(expected));
    ck_assert_mem_eq(b.writer.bytes->data, g_bytes_get_data(expected, NULL),
                     b.writer.bytes->len);
    payload.body = b.writer.bytes->data + 4;
    payload.length = b.writer.bytes->len - 4;
    ck_assert_int_eq(ike_ts_decode(&payload, &again), IKE_FAULT_NONE);
    ck_assert_uint_eq(again.count, 2);
    for (unsigned i = 0; i < 2; i++)
        ck_assert(ike_ts_equal(&again.selectors[i], &list.selectors[i]));
    ck_assert(!ike_ts_equal(&again.selectors[0], &again.selectors[1]));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("ikev2 traffic selectors");
    TCase *tcase = tcase_create("ts");

    tcase_add_test(tcase, texts);
    tcase_add_loop_test(tcase, intersection, 0, G_N_ELEMENTS(meetings));
    tcase_add_loop_test(tcase, narrowing, 0, G_N_ELEMENTS(narrowings));
    tcase_add_test(tcase, within);
    tcase_add_test(tcase, too_many_selectors);
    tcase_add_test(tcase, bytes);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
