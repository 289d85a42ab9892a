/* Bulk streams in the fake world, 10 ms away each way. Its TCP has no window,
 * so what limits a stream here is its rate or its buffer. */

#include "config.h"

#include "models/load/bulk.h"
#include "tests/harness/fake_env.h"
#include "tests/harness/run.h"

#define DELAY HS_MSEC(10)

typedef struct {
    FakeWorld *w;
    HsEnv *app, *db;
    HsBulkConfig config;
    HsBulk *bulk;
} Site;

static void
site_init(Site *s, HsBulkProtocol protocol)
{
    *s = (Site){.w = fake_world_new(1)};
    s->app = fake_world_node(s->w, "app", "10.0.0.1");
    s->db = fake_world_node(s->w, "db", "172.16.0.1");
    fake_world_set_delay(s->w, s->app, s->db, DELAY);
    s->config = (HsBulkConfig){
        .protocol = protocol,
        .client = fake_world_address(s->w, s->app),
        .server = fake_world_address(s->w, s->db),
        .port = HS_BULK_PORT,
        .rate = 8000000, /* a byte a microsecond */
        .parallel = 1,
        .length = 1000,
        .window = 1 << 20,
        .start = HS_SEC(1),
        .duration = HS_MSEC(2500),
    };
}

static void
site_clear(Site *s)
{
    hs_bulk_free(s->bulk);
    fake_world_free(s->w);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Site, site_clear)

static const HsBulkCounts *
run(Site *s)
{
    s->bulk = hs_bulk_new(s->app, s->db, &s->config);
    fake_world_run(s->w, HS_SEC(10));
    return &hs_bulk_report(s->bulk, 0)->total;
}

static const HsBulkCounts *
mark(const Site *s, unsigned stream, guint index)
{
    const GArray *marks = hs_bulk_report(s->bulk, stream)->marks;

    ck_assert_uint_lt(index, marks->len);
    return &g_array_index(marks, HsBulkCounts, index);
}

/* A block of 1000 bytes each millisecond, beginning when the connection is
 * there, 20 ms after the start. */
START_TEST(tcp_at_its_rate)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_TCP);
    n = run(&s);
    ck_assert_uint_eq(n->sent_bytes, 2480000);
    ck_assert_uint_eq(hs_bulk_report(s.bulk, 0)->marks->len, 3);
    ck_assert_uint_eq(mark(&s, 0, 0)->sent_bytes, 980000);
    ck_assert_uint_eq(mark(&s, 0, 1)->sent_bytes, 1980000);
    ck_assert_uint_eq(mark(&s, 0, 0)->bytes, 970000);
    ck_assert_int_eq(hs_bulk_mark_at(s.bulk, 2), HS_MSEC(3500));
    ck_assert_ptr_null(hs_bulk_report(s.bulk, 0)->error);
}
END_TEST

/* 5000 bytes a round trip of 20 ms, whatever the rate. */
START_TEST(tcp_in_its_window)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_TCP);
    s.config.window = 5000;
    s.config.duration = HS_SEC(1);
    n = run(&s);
    ck_assert_uint_ge(n->bytes, 48 * 5000);
    ck_assert_uint_le(n->bytes, 50 * 5000);
}
END_TEST

START_TEST(tcp_reversed)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_TCP);
    s.config.reverse = true;
    n = run(&s);
    /* The server begins when the cookie is there: 30 ms. */
    ck_assert_uint_eq(n->sent_bytes, 2470000);
    ck_assert_uint_ge(n->bytes, 2450000);
    ck_assert_ptr_null(hs_bulk_report(s.bulk, 0)->error);
}
END_TEST

START_TEST(side_by_side)
{
    g_auto(Site) s;

    site_init(&s, HS_BULK_TCP);
    s.config.parallel = 3;
    run(&s);
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(hs_bulk_report(s.bulk, i)->total.sent_bytes, 2480000);
        ck_assert_uint_ge(hs_bulk_report(s.bulk, i)->total.bytes, 2460000);
    }
}
END_TEST

START_TEST(nobody_answers)
{
    g_auto(Site) s;

    site_init(&s, HS_BULK_TCP);
    fake_world_cut(s.w, s.app, s.db, true);
    ck_assert_uint_eq(run(&s)->sent_bytes, 0);
    ck_assert_str_eq(hs_bulk_report(s.bulk, 0)->error, "not connected in time");
}
END_TEST

/* Datagrams 3, 4 and 9 of 2500 are lost. */
START_TEST(udp_counts_what_is_skipped)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_UDP);
    fake_world_path(s.w, s.app, s.db)->lose = 0x10c;
    n = run(&s);
    ck_assert_uint_eq(n->sent_packets, 2500);
    ck_assert_uint_eq(n->packets, 2500);
    ck_assert_uint_eq(n->lost, 3);
    ck_assert_uint_eq(n->bytes, 2497 * 1000);
    ck_assert_uint_eq(n->out_of_order, 0);
    ck_assert_int_eq(n->jitter, 0);
}
END_TEST

static void
further(void *user_data)
{
    Site *s = user_data;

    fake_world_set_delay(s->w, s->app, s->db, DELAY + HS_MSEC(16));
}

static void
nearer(void *user_data)
{
    Site *s = user_data;

    fake_world_set_delay(s->w, s->app, s->db, DELAY);
}

/* One step of 16 ms: a sixteenth of it is 1 ms, and 15/16 of that are left one
 * datagram later, and so on (RFC 3550 6.4.1). */
START_TEST(jitter_is_rfc_3550s)
{
    g_auto(Site) s;
    const HsBulkCounts *n;
    HsDuration expected = HS_MSEC(1);

    site_init(&s, HS_BULK_UDP);
    s.config.duration = HS_MSEC(100);
    fake_world_at(s.w, HS_SEC(1) + HS_USEC(94500), further, &s);
    n = run(&s);
    /* Datagrams leave at 0, 1, ... 99 ms: 95 is the first that is late. */
    for (unsigned i = 0; i < 4; i++)
        expected += (0 - expected) / 16;
    ck_assert_uint_eq(n->sent_packets, 100);
    ck_assert_int_eq(n->jitter, expected);
}
END_TEST

/* The path gets shorter by more than a gap: later ones come first. */
START_TEST(overtaken)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_UDP);
    further(&s);
    fake_world_at(s.w, HS_SEC(2) + HS_USEC(500), nearer, &s);
    n = run(&s);
    ck_assert_uint_eq(n->lost, 0);
    ck_assert_uint_ge(n->out_of_order, 15);
    ck_assert_uint_eq(n->bytes, n->sent_bytes);
}
END_TEST

/* The server learns from a hello where to send to. */
START_TEST(udp_reversed)
{
    g_auto(Site) s;
    const HsBulkCounts *n;

    site_init(&s, HS_BULK_UDP);
    s.config.reverse = true;
    s.config.parallel = 2;
    n = run(&s);
    ck_assert_uint_eq(n->sent_packets, 2490);
    ck_assert_uint_eq(n->bytes, n->sent_bytes);
    ck_assert_uint_eq(hs_bulk_report(s.bulk, 1)->total.lost, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bulk streams");
    TCase *tcase = tcase_create("bulk");

    tcase_add_test(tcase, tcp_at_its_rate);
    tcase_add_test(tcase, tcp_in_its_window);
    tcase_add_test(tcase, tcp_reversed);
    tcase_add_test(tcase, side_by_side);
    tcase_add_test(tcase, nobody_answers);
    tcase_add_test(tcase, udp_counts_what_is_skipped);
    tcase_add_test(tcase, jitter_is_rfc_3550s);
    tcase_add_test(tcase, overtaken);
    tcase_add_test(tcase, udp_reversed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
