#include "config.h"

#include "sim/observe/series.h"

#include "tests/harness/run.h"
#include "tests/harness/story.h"

#define CELL(cells, type, i) (&g_array_index(cells, type, i))

START_TEST(buckets_divide_a_minute_and_are_few)
{
    static const HsDuration spans[] = {HS_SEC(1),    HS_SEC(60),
                                       HS_SEC(300),  HS_SEC(2400),
                                       HS_SEC(7200), HS_SEC(86400)};

    ck_assert_int_eq(hs_series_bucket(HS_SEC(60), 10), HS_MSEC(100));
    ck_assert_int_eq(hs_series_bucket(HS_SEC(300), 10), HS_MSEC(500));
    ck_assert_int_eq(hs_series_bucket(HS_SEC(2400), 10), HS_SEC(5));
    /* 30 cells for each of 10,000 links. */
    ck_assert_int_eq(hs_series_bucket(HS_SEC(300), 10000), HS_SEC(10));
    for (size_t i = 0; i < G_N_ELEMENTS(spans); i++)
        for (unsigned links = 1; links < 100000; links *= 10)
            ck_assert_int_eq(HS_SEC(60) % hs_series_bucket(spans[i], links), 0);
    ck_assert_uint_eq(hs_series_buckets(HS_MSEC(500), HS_SEC(300)), 600);
    ck_assert_uint_eq(hs_series_buckets(HS_MSEC(500), HS_SEC(300) + 1), 601);
    ck_assert_uint_eq(hs_series_buckets(HS_MSEC(500), 0), 0);
}
END_TEST

/* A request each 10 ms; those of [100 s, 102 s) wait until 102 s. */
START_TEST(requests_are_counted_where_they_were_due)
{
    g_auto(Story) s = {0};
    g_autoptr(GArray) cells = NULL;
    const HsClientSamples *client;
    uint64_t due = 0, answered = 0;

    story_init(&s);
    tell_requests(&s, "pool", HS_SEC(100), HS_SEC(102), HS_MSEC(5), HS_MSEC(9));
    story_close(&s);
    client = hs_samples_client(s.samples, "pool");
    cells = hs_series_requests_new(client, HS_SEC(1), s.end);
    ck_assert_uint_eq(cells->len, 300);
    for (guint i = 0; i < cells->len; i++) {
        due += CELL(cells, HsSeriesRequests, i)->due;
        answered += CELL(cells, HsSeriesRequests, i)->answered;
    }
    ck_assert_uint_eq(due, client->requests->len);
    ck_assert_uint_eq(answered, client->answers->len);
    ck_assert_uint_eq(CELL(cells, HsSeriesRequests, 50)->due, 100);
    ck_assert_int_eq(CELL(cells, HsSeriesRequests, 50)->p50, HS_MSEC(5));
    ck_assert_int_eq(CELL(cells, HsSeriesRequests, 50)->max, HS_MSEC(5));
    /* The first of them waited longest; the one in the middle about 1.5 s. */
    ck_assert_int_ge(CELL(cells, HsSeriesRequests, 100)->max, HS_SEC(2));
    ck_assert_int_ge(CELL(cells, HsSeriesRequests, 100)->p50, HS_MSEC(1490));
    ck_assert_int_le(CELL(cells, HsSeriesRequests, 100)->p50, HS_MSEC(1520));
    ck_assert_int_eq(CELL(cells, HsSeriesRequests, 200)->p99, HS_MSEC(9));
}
END_TEST

START_TEST(unanswered_requests_have_no_latency)
{
    g_auto(Story) s = {0};
    g_autoptr(GArray) cells = NULL;

    story_init(&s);
    tell_requests(&s, "pool", HS_SEC(100), HS_TIME_NEVER, HS_MSEC(5), 0);
    story_close(&s);
    cells = hs_series_requests_new(hs_samples_client(s.samples, "pool"),
                                   HS_SEC(1), s.end);
    ck_assert_uint_eq(CELL(cells, HsSeriesRequests, 150)->due, 100);
    ck_assert_uint_eq(CELL(cells, HsSeriesRequests, 150)->answered, 0);
    ck_assert_int_eq(CELL(cells, HsSeriesRequests, 150)->p50, 0);
}
END_TEST

START_TEST(probes_are_counted_where_they_were_sent)
{
    g_auto(Story) s = {0};
    g_autoptr(GArray) cells = NULL;

    story_init(&s);
    tell_probes(&s, "app->db", HS_SEC(100), HS_SEC(100) + HS_MSEC(500));
    story_close(&s);
    cells =
        hs_series_probes_new(s.samples->directions->pdata[0], HS_SEC(1), s.end);
    ck_assert_uint_eq(CELL(cells, HsSeriesProbes, 99)->lost, 0);
    ck_assert_uint_eq(CELL(cells, HsSeriesProbes, 100)->sent, 100);
    ck_assert_uint_eq(CELL(cells, HsSeriesProbes, 100)->lost, 50);
    ck_assert_uint_eq(CELL(cells, HsSeriesProbes, 101)->lost, 0);
}
END_TEST

static const HsLaneSpan *
span(const HsLane *lane, guint i)
{
    ck_assert_uint_lt(i, lane->spans->len);
    return &g_array_index(lane->spans, HsLaneSpan, i);
}

START_TEST(a_lane_has_no_gaps)
{
    g_auto(Story) s = {0};
    g_autoptr(GPtrArray) lanes = NULL;
    const HsLane *lane;

    story_init(&s);
    TELL(&s, .at = HS_SEC(1), .kind = HS_FACT_BGP, .node = "dc",
         .subject = "primary bgp", .from = "Idle", .to = "Connect");
    TELL(&s, .at = HS_SEC(1), .kind = HS_FACT_BGP, .node = "dc",
         .subject = "primary bgp", .from = "Connect", .to = "OpenSent");
    TELL(&s, .at = HS_SEC(2), .kind = HS_FACT_BGP, .node = "dc",
         .subject = "primary bgp", .from = "OpenSent", .to = "Established");
    TELL(&s, .at = HS_SEC(90), .kind = HS_FACT_BGP, .node = "dc",
         .subject = "primary bgp", .from = "Established", .to = "Idle",
         .cause = "hold timer");
    TELL(&s, .at = HS_SEC(30), .kind = HS_FACT_CARRIER, .node = "dc",
         .subject = "primary", .to = "down");
    TELL(&s, .at = HS_SEC(40), .kind = HS_FACT_TUNNEL, .node = "dc",
         .subject = "backup ike", .from = "established", .to = "rekeying");
    story_close(&s);
    lanes = hs_lanes_new(s.facts, s.end);
    ck_assert_uint_eq(lanes->len, 3);
    lane = lanes->pdata[0];
    ck_assert_uint_eq(lane->spans->len, 4);
    ck_assert_str_eq(span(lane, 0)->state, "Idle");
    ck_assert_int_eq(span(lane, 0)->from, 0);
    /* Connect lasted no time. */
    ck_assert_str_eq(span(lane, 1)->state, "OpenSent");
    ck_assert(!span(lane, 1)->works);
    ck_assert(span(lane, 2)->works);
    ck_assert_str_eq(span(lane, 3)->cause, "hold timer");
    ck_assert_int_eq(span(lane, 3)->until, s.end);
    for (guint i = 1; i < lane->spans->len; i++)
        ck_assert_int_eq(span(lane, i - 1)->until, span(lane, i)->from);
    lane = lanes->pdata[1];
    ck_assert_str_eq(span(lane, 0)->state, "up");
    ck_assert_int_eq(span(lane, 0)->until, HS_SEC(30));
    lane = lanes->pdata[2];
    ck_assert(span(lane, 0)->works && span(lane, 1)->works);
}
END_TEST

static Suite *
make_suite(void)
{
    Suite *s = suite_create("series");
    TCase *t = tcase_create("series");

    tcase_add_test(t, buckets_divide_a_minute_and_are_few);
    tcase_add_test(t, requests_are_counted_where_they_were_due);
    tcase_add_test(t, unanswered_requests_have_no_latency);
    tcase_add_test(t, probes_are_counted_where_they_were_sent);
    tcase_add_test(t, a_lane_has_no_gaps);
    suite_add_tcase(s, t);
    return s;
}

int
main(void)
{
    return run_suite(make_suite());
}
