/* Whole worlds: a scenario built, run and looked at from all sides. The worlds
 * are small and short; what they are asked is what must hold for every world:
 * nothing gets lost without a counter, the seed decides everything, the capture
 * nothing, a fault touches what it names, and theory holds. */

#include "config.h"

#include "pcap/capture.h"
#include "sim/observe/samples.h"
#include "sim/observe/timeline.h"
#include "sim/world/private.h"
#include "sim/world/theory.h"
#include "sim/world/world.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <string.h>

/* Half a minute of a run of one minute is the fault's. */
static const char text[] = "[scenario]\n"
                           "duration = 60s\n"
                           "warmup = 5s\n"
                           "[onprem dc]\n"
                           "asn = 65001\n"
                           "prefix = 172.16.0.0/24\n"
                           "[vpc app]\n"
                           "cidr = 10.0.0.0/16\n"
                           "[gateway vgw]\n"
                           "attach = app\n"
                           "[dx primary]\n"
                           "between = dc, vgw\n"
                           "bfd = 300ms x 3\n"
                           "[vpn backup]\n"
                           "between = dc, vgw\n"
                           "[internet]\n"
                           "[database orders]\n"
                           "client = app\n"
                           "server = dc\n"
                           "rate = 20/s\n"
                           "[probe]\n"
                           "interval = 50ms\n"
                           "[fault cut]\n"
                           "target = primary\n"
                           "action = blackhole\n"
                           "at = 20s..25s\n"
                           "for = 15s\n";

typedef struct {
    HsScenario *scenario;
    HsWorld *world;
    HsWorldOptions options;
} Run;

static void
run_clear(Run *run)
{
    hs_world_free(run->world);
    hs_scenario_free(run->scenario);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static void
load(Run *run, const char *source, const char *const *sets)
{
    g_autoptr(GError) error = NULL;

    run->scenario =
        hs_scenario_load_data("test.ini", source, strlen(source), sets, &error);
    ck_assert_msg(run->scenario != NULL, "%s",
                  error != NULL ? error->message : "");
    run->world = hs_world_new(run->scenario, &run->options);
}

#define SETS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A run of TEXT to its end; the arguments are options, "group.key=value". One
 * at a time: the engine has one simulation in a process. */
#define RUN(name, ...)                                                         \
    g_auto(Run) name = {0};                                                    \
    load(&name, text, SETS(__VA_ARGS__));                                      \
    hs_world_run(name.world)

/* Facts as lines; EVIDENCE: with the packets that they point at. */
static char *
facts_text(const HsWorld *world, bool evidence)
{
    GString *lines = g_string_new(NULL);
    HsFact f;

    for (size_t i = 0;
         hs_facts_next(hs_world_facts(world), &i, HS_FACT_ALL, &f);) {
        g_string_append_printf(
            lines,
            "%" G_GINT64_FORMAT " %s %s %s %s %s %s %s %" G_GUINT64_FORMAT
            " %" G_GINT64_FORMAT,
            f.at, f.node, hs_fact_kind_name(f.kind),
            f.subject != NULL ? f.subject : "-", f.peer != NULL ? f.peer : "-",
            f.from != NULL ? f.from : "-", f.to != NULL ? f.to : "-",
            f.cause != NULL ? f.cause : "-", f.id, f.value);
        if (evidence)
            g_string_append_printf(lines, " %s %" G_GUINT64_FORMAT,
                                   f.evidence.link != NULL ? f.evidence.link
                                                           : "-",
                                   f.evidence.packet);
        g_string_append_c(lines, '\n');
    }
    return g_string_free(lines, FALSE);
}

/* The facts of a run of TEXT (transfer full). */
static char *
facts_of(bool evidence, const char *const *sets)
{
    g_auto(Run) run = {0};

    load(&run, text, sets);
    hs_world_run(run.world);
    return facts_text(run.world, evidence);
}

/* The instant of the first fault fact that says TO. */
static HsTime
fault_at(const HsWorld *world, const char *fault, const char *to)
{
    HsFact f;

    for (size_t i = 0; hs_facts_next(hs_world_facts(world), &i,
                                     HS_FACT_BIT(HS_FACT_FAULT), &f);)
        if (strcmp(f.subject, fault) == 0 && strcmp(f.to, to) == 0)
            return f.at;
    ck_abort_msg("fault %s never %s", fault, to);
    return 0;
}

/* Facts of KIND about SUBJECT (NULL: any) from FROM on, which say TO. */
static unsigned
count(const HsWorld *world, HsFactKind kind, const char *subject,
      const char *to, HsTime from)
{
    unsigned n = 0;
    HsFact f;

    for (size_t i = hs_facts_from(hs_world_facts(world), from);
         hs_facts_next(hs_world_facts(world), &i, HS_FACT_BIT(kind), &f);)
        if ((subject == NULL || strcmp(f.subject, subject) == 0) &&
            (to == NULL || g_strcmp0(f.to, to) == 0))
            n++;
    return n;
}

static HsWorldLinkReport
link_of(const HsWorld *world, const char *name)
{
    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport report = hs_world_link_report(world, i);

        if (strcmp(report.name, name) == 0)
            return report;
    }
    ck_abort_msg("no link %s", name);
    return (HsWorldLinkReport){0};
}

static uint64_t
taken(const HsSimLinkCounters *c)
{
    return c->packets[HS_SIM_LINK_BLACK_HOLE] +
           c->packets[HS_SIM_LINK_NO_CARRIER];
}

/* Counters */

/* What a link was given and has no fate is on its way. At the end only a few
 * packets are: the workload stopped two seconds before. */
#define IN_FLIGHT 3

static void
check_link(const HsWorldLinkReport *link)
{
    for (unsigned end = 0; end < 2; end++) {
        const HsSimLinkCounters *c = &link->direction[end];
        uint64_t packets = 0, bytes = 0;

        for (unsigned fate = 0; fate < HS_SIM_LINK_FATE_COUNT; fate++) {
            packets += c->packets[fate];
            bytes += c->bytes[fate];
        }
        ck_assert_uint_ge(c->sent_packets, packets);
        ck_assert_uint_ge(c->sent_bytes, bytes);
        ck_assert_msg(c->sent_packets - packets <= IN_FLIGHT,
                      "%s, from end %u: %" G_GUINT64_FORMAT
                      " sent, %" G_GUINT64_FORMAT " accounted for",
                      link->name, end, c->sent_packets, packets);
        ck_assert_msg(c->packets[HS_SIM_LINK_TOO_BIG] == 0, "%s", link->name);
    }
}

static void
check_router(const WorldNode *node)
{
    HsRouterCounters c = hs_router_counters(node->router);
    uint64_t drops = 0;

    for (unsigned i = 0; i < HS_DROP_COUNT; i++)
        drops += c.drops[i];
    ck_assert_msg(c.received + c.originated + c.fragments_made +
                          c.reassembled ==
                      c.delivered + c.sent + drops + c.fragmented +
                          c.fragments_joined + c.fragments_held,
                  "the counters of %s do not add up", node->name);
}

/* What links delivered is what their nodes received, and what nodes sent is
 * what links were given. */
static void
check_books(const HsWorld *world)
{
    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport report = hs_world_link_report(world, i);
        const WorldLink *link = world->links->pdata[i];

        check_link(&report);
        for (unsigned end = 0; end < 2; end++) {
            const WorldEnd *e = &link->end[end];
            HsPortCounters port;

            if (e->node->router == NULL)
                continue;
            port = hs_router_port_counters(e->node->router, e->port);
            ck_assert_msg(
                port.rx_packets ==
                    report.direction[1 - end].packets[HS_SIM_LINK_DELIVERED],
                "%s at %s", link->name, e->node->name);
            ck_assert_msg(port.tx_packets == report.direction[end].sent_packets,
                          "%s at %s", link->name, e->node->name);
        }
    }
    for (guint i = 0; i < world->nodes->len; i++) {
        const WorldNode *node = world->nodes->pdata[i];

        if (node->router != NULL)
            check_router(node);
    }
}

/* What a fault said that it took is what its links lost. */
static void
check_fault(const HsWorld *world, const char *link)
{
    HsWorldLinkReport report = link_of(world, link);
    HsFact f, last = {0};

    for (size_t i = 0; hs_facts_next(hs_world_facts(world), &i,
                                     HS_FACT_BIT(HS_FACT_FAULT), &f);)
        last = f;
    ck_assert_uint_gt(last.id, 0);
    ck_assert_uint_eq((uint64_t)last.value, taken(&report.direction[0]) +
                                                taken(&report.direction[1]));
}

static const struct {
    const char *name, *set;
} variants[] = {
    {"BFD", "dx primary.bfd=300ms x 3"},
    {"carrier", "fault cut.action=link-down"},
    {"one direction", "fault cut.direction=to-aws"},
    {"NAT-T", "vpn backup.nat-t=yes"},
    {"CBC", "vpn backup.esp.encryption=aes128"},
    {"one tunnel", "vpn backup.tunnels=1"},
    {"lasting", "fault cut.for=forever"},
    {"loss", "internet.loss=1%"},
    {"a narrow queue", "dx primary.queue=2"},
};

START_TEST(nothing_is_lost_without_a_counter)
{
    RUN(run, variants[_i].set);

    check_books(run.world);
    check_fault(run.world, "primary");
    ck_assert_uint_gt(count(run.world, HS_FACT_REPLY, "persistent", NULL, 0),
                      500);
}
END_TEST

/* Tunnels */

/* The first fact of SUBJECT at NODE that says TO. */
static HsFact
tunnel_fact(const HsWorld *world, const char *node, const char *subject,
            const char *to)
{
    HsFact f;

    for (size_t i = 0; hs_facts_next(hs_world_facts(world), &i,
                                     HS_FACT_BIT(HS_FACT_TUNNEL), &f);)
        if (strcmp(f.node, node) == 0 && strcmp(f.subject, subject) == 0 &&
            strcmp(f.to, to) == 0)
            return f;
    ck_abort_msg("%s of %s never %s", subject, node, to);
    return (HsFact){0};
}

#define CGW     "dc.gateway"
#define AWS_END "backup.tunnel1.aws"

/* IKE_SA_INIT and IKE_AUTH are two round trips. One way there are 1 ms of the
 * uplink, 8 ms of the internet and 0.25 ms of AWS's edge, and jitter. */
START_TEST(a_handshake_takes_two_round_trips)
{
    HsFact up;
    RUN(run, "internet.jitter=none", "fault cut.for=2s",
        "scenario.duration=30s");

    up = tunnel_fact(run.world, CGW, "backup.tunnel1 esp", "established");
    ck_assert_int_ge(up.value, 4 * HS_USEC(9250));
    ck_assert_int_lt(up.value, 4 * HS_USEC(9250) + HS_MSEC(1));
    ck_assert_str_eq(up.peer, "aes256-gcm16");
    /* AWS is up half a round trip before. */
    up = tunnel_fact(run.world, AWS_END, "backup.tunnel1 esp", "established");
    ck_assert_int_lt(up.value, 3 * HS_USEC(9250));
    ck_assert_uint_eq(count(run.world, HS_FACT_TUNNEL, "backup.tunnel1 ike",
                            "established", 0),
                      2);
    /* BGP in it comes up behind it. */
    ck_assert_uint_ge(
        count(run.world, HS_FACT_BGP, "backup.tunnel1 bgp", "Established", 0),
        2);
}
END_TEST

/* AWS takes its own lowest of what the customer offers, in whatever order. */
static const struct {
    const char *ike, *integrity, *group, *suite;
} offers[] = {
    {"aes256, aes128", "sha2-512, sha1", "20, 14, 2",
     "aes128-cbc/sha1/prf-sha1/modp1024"},
    {"aes256-gcm16, aes256", "sha2-384", "21, 19",
     "aes256-cbc/sha2-384/prf-sha2-384/ecp256"},
    {"aes256-gcm16", "sha2-256", "31, 20", "aes256-gcm16/prf-sha2-256/ecp384"},
};

START_TEST(aws_takes_its_lowest)
{
    g_autofree char *ike =
        g_strconcat("vpn backup.ike.encryption=", offers[_i].ike, NULL);
    g_autofree char *integrity =
        g_strconcat("vpn backup.ike.integrity=", offers[_i].integrity, NULL);
    g_autofree char *group =
        g_strconcat("vpn backup.ike.dh-group=", offers[_i].group, NULL);
    HsFact up;
    RUN(run, ike, integrity, group,
        "vpn backup.esp.encryption=aes256-gcm16, aes256",
        "vpn backup.esp.integrity=sha2-512, sha2-256", "fault cut.for=2s",
        "scenario.duration=30s");

    up = tunnel_fact(run.world, CGW, "backup.tunnel1 ike", "established");
    ck_assert_str_eq(up.peer, offers[_i].suite);
    up = tunnel_fact(run.world, CGW, "backup.tunnel1 esp", "established");
    ck_assert_str_eq(up.peer, "aes256-cbc-sha2-256");
}
END_TEST

/* What does not fit does not come up, and says why; the other tunnel does. */
static const struct {
    const char *set, *cause;
} misfits[] = {
    {"vpn backup.tunnel1.cgw-psk=another.one", "AUTHENTICATION_FAILED"},
    {"vpn backup.ike.dh-group=31", "NO_PROPOSAL_CHOSEN"},
};

START_TEST(a_misfit_does_not_come_up)
{
    HsFact down;
    RUN(run, misfits[_i].set, "fault cut.for=2s", "scenario.duration=30s");

    down = tunnel_fact(run.world, CGW, "backup.tunnel1 ike", "down");
    ck_assert_str_eq(down.from, "negotiating");
    ck_assert_msg(strstr(down.cause, misfits[_i].cause) != NULL, "%s",
                  down.cause);
    ck_assert_uint_eq(count(run.world, HS_FACT_TUNNEL, "backup.tunnel1 esp",
                            "established", 0),
                      0);
    ck_assert_uint_eq(
        count(run.world, HS_FACT_BGP, "backup.tunnel1 bgp", "Established", 0),
        0);
    ck_assert_uint_eq(count(run.world, HS_FACT_TUNNEL, "backup.tunnel2 esp",
                            "established", 0),
                      _i == 0 ? 2 : 0);
    check_books(run.world);
}
END_TEST

/* A tunnel swallowed: AWS asks after 10 s of silence, three times, and gives
 * up; its session inside went by its hold time before. It deletes without a
 * word, since nobody hears it, and the customer makes the tunnel anew. */
START_TEST(aws_gives_a_silent_peer_up)
{
    HsFact down;
    HsTime cut;
    RUN(run, "scenario.duration=120s", "fault cut.target=backup.tunnel1",
        "fault cut.for=60s", "vpn backup.cgw=cisco");

    cut = fault_at(run.world, "cut", "applied");
    down = tunnel_fact(run.world, AWS_END, "backup.tunnel1 ike", "down");
    ck_assert_str_eq(down.from, "established");
    ck_assert_str_eq(down.cause, "dead peer");
    /* Of the last packet, which is up to a keepalive time old. */
    ck_assert_int_ge(down.at - cut, HS_SEC(40) - HS_SEC(10));
    ck_assert_int_le(down.at - cut, HS_SEC(40) + HS_SEC(1));
    down = tunnel_fact(run.world, AWS_END, "backup.tunnel1 esp", "down");
    ck_assert_str_eq(down.cause, "dead peer");
    /* The other tunnel is none the worse. */
    ck_assert_uint_eq(
        count(run.world, HS_FACT_TUNNEL, "backup.tunnel2 ike", "down", 0), 0);
    ck_assert_uint_ge(count(run.world, HS_FACT_TUNNEL, "backup.tunnel1 esp",
                            "established", cut + HS_SEC(60)),
                      2);
    ck_assert_uint_ge(count(run.world, HS_FACT_BGP, "backup.tunnel1 bgp",
                            "Established", cut + HS_SEC(60)),
                      2);
    check_books(run.world);
}
END_TEST

/* Every key that was ever used is noted, once. */
START_TEST(keys_are_noted)
{
    RUN(run, "scenario.seed=1");

    ck_assert_uint_eq(hs_world_ike_sas(run.world), 2);
    ck_assert_uint_eq(hs_world_sas(run.world), 4);
    ck_assert_str_eq(hs_world_sa(run.world, 0).name, "backup.tunnel1 to AWS");
    ck_assert_str_eq(hs_world_ike_sa(run.world, 0).encryption,
                     "AES-CBC-256 [RFC3602]");
}
END_TEST

/* Seeds */

START_TEST(same_seed_same_facts)
{
    g_autofree char *a = facts_of(true, SETS("scenario.seed=7"));
    g_autofree char *b = facts_of(true, SETS("scenario.seed=7"));

    ck_assert_uint_gt(strlen(a), 10000);
    ck_assert(strcmp(a, b) == 0);
}
END_TEST

START_TEST(another_seed_another_instant)
{
    static const char *const seeds[] = {"scenario.seed=7", "scenario.seed=8",
                                        "scenario.seed=9"};
    HsTime at[G_N_ELEMENTS(seeds)];

    for (unsigned i = 0; i < G_N_ELEMENTS(seeds); i++) {
        RUN(run, seeds[i]);

        at[i] = fault_at(run.world, "cut", "applied");
        ck_assert(HS_SEC(20) <= at[i] && at[i] <= HS_SEC(25));
        ck_assert_int_eq(fault_at(run.world, "cut", "cleared"),
                         at[i] + HS_SEC(15));
    }
    ck_assert(at[0] != at[1] && at[1] != at[2] && at[0] != at[2]);
}
END_TEST

START_TEST(instant_without_a_range_is_exact)
{
    RUN(run, "fault cut.at=21s");

    ck_assert_int_eq(fault_at(run.world, "cut", "applied"), HS_SEC(21));
}
END_TEST

START_TEST(evidence_has_no_number_without_a_capture)
{
    HsFact f;
    RUN(run, "scenario.seed=1");

    for (size_t i = 0;
         hs_facts_next(hs_world_facts(run.world), &i, HS_FACT_ALL, &f);)
        ck_assert_uint_eq(f.evidence.packet, 0);
}
END_TEST

/* Who looks does not change what happens: only the evidence has a number. */
START_TEST(capture_changes_nothing_but_the_evidence)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("test_world-XXXXXX", &error);
    g_autofree char *path = g_build_filename(folder, "capture.pcapng", NULL);
    CaptureWriter *capture = capture_writer_new(
        path, &(CaptureConfig){.application = "test"}, &error);
    g_auto(Run) run = {.options = {.capture = capture}};
    g_autofree char *a = NULL, *b = facts_of(false, SETS("scenario.seed=1"));
    unsigned pointing = 0;
    HsFact f;

    ck_assert_msg(capture != NULL, "%s", error != NULL ? error->message : "");
    load(&run, text, SETS("scenario.seed=1"));
    hs_world_run(run.world);
    a = facts_text(run.world, false);
    ck_assert(strcmp(a, b) == 0);
    for (size_t i = 0;
         hs_facts_next(hs_world_facts(run.world), &i, HS_FACT_ALL, &f);) {
        ck_assert_uint_le(f.evidence.packet,
                          capture_writer_counters(capture)->packets);
        pointing += f.evidence.packet != 0;
    }
    ck_assert_uint_gt(pointing, 1000);
    ck_assert(capture_writer_finish(capture, &error));
    g_unlink(path);
    g_rmdir(folder);
}
END_TEST

static void
take_line(void *user_data, const char *line)
{
    g_string_append_printf(user_data, "%s\n", line);
}

static void
take_progress(void *user_data, HsTime now, HsTime end)
{
    (void)user_data;
    ck_assert(now > 0 && now <= end);
}

START_TEST(trace_is_told_and_changes_nothing)
{
    GString *lines = g_string_new(NULL);
    g_auto(Run) run = {.options = {.trace = take_line,
                                   .progress = take_progress,
                                   .user_data = lines}};
    g_autofree char *a = NULL, *b = facts_of(true, SETS("scenario.seed=1"));

    load(&run, text, SETS("scenario.seed=1"));
    hs_world_run(run.world);
    a = facts_text(run.world, true);
    ck_assert(strcmp(a, b) == 0);
    ck_assert_ptr_nonnull(strstr(lines->str, "dc.gateway bfd"));
    ck_assert_ptr_nonnull(strstr(lines->str, "-> Established"));
    g_string_free(lines, TRUE);
}
END_TEST

/* Faults */

/* Every link but NAME lost nothing to faults. */
static void
check_untouched_but(const HsWorld *world, const char *name)
{
    for (unsigned i = 0; i < hs_world_links(world); i++) {
        HsWorldLinkReport report = hs_world_link_report(world, i);
        uint64_t lost =
            taken(&report.direction[0]) + taken(&report.direction[1]);

        if (strcmp(report.name, name) == 0)
            ck_assert_uint_gt(lost, 0);
        else
            ck_assert_msg(lost == 0, "%s was touched", report.name);
    }
}

START_TEST(fault_of_a_tunnel_touches_only_that)
{
    RUN(run, "fault cut.target=backup.tunnel1", "fault cut.for=forever",
        "vpn backup.keepalive=1s", "vpn backup.hold=3s");
    HsTime t0 = fault_at(run.world, "cut", "applied");

    check_untouched_but(run.world, "backup.tunnel1.edge");
    ck_assert_uint_eq(
        count(run.world, HS_FACT_BGP, "backup.tunnel1 bgp", "Idle", t0), 2);
    ck_assert_uint_eq(
        count(run.world, HS_FACT_BGP, "backup.tunnel2 bgp", NULL, t0), 0);
    ck_assert_uint_eq(count(run.world, HS_FACT_BGP, "primary bgp", NULL, t0),
                      0);
    ck_assert_uint_eq(count(run.world, HS_FACT_REQUEST_FAILED, NULL, NULL, 0),
                      0);
    check_books(run.world);
}
END_TEST

/* The whole VPN is both tunnels. */
START_TEST(fault_of_a_vpn_touches_both_tunnels)
{
    RUN(run, "fault cut.target=backup", "fault cut.for=forever",
        "vpn backup.keepalive=1s", "vpn backup.hold=3s");
    HsTime t0 = fault_at(run.world, "cut", "applied");

    for (unsigned i = 1; i <= 2; i++) {
        g_autofree char *session = g_strdup_printf("backup.tunnel%u bgp", i);

        ck_assert_uint_eq(count(run.world, HS_FACT_BGP, session, "Idle", t0),
                          2);
    }
    ck_assert_uint_eq(count(run.world, HS_FACT_BGP, "primary bgp", NULL, t0),
                      0);
}
END_TEST

/* A fault that outlives the run says what it took, is not cleared, and begins
 * no phase of the exposure at the end. */
START_TEST(lasting_fault_is_reported)
{
    RUN(run, "fault cut.for=forever");
    const HsFacts *facts = hs_world_facts(run.world);
    g_autoptr(HsSamples) samples = hs_samples_new(facts);
    g_autoptr(HsTimeline) timeline =
        hs_timeline_new(facts, samples, HS_SEC(5), HS_SEC(60));
    const HsFaultTimeline *fault = timeline->faults->pdata[0];

    ck_assert_int_eq(fault_at(run.world, "cut", "lasting"), HS_SEC(60));
    ck_assert_uint_eq(timeline->faults->len, 1);
    ck_assert_int_eq(fault->cleared, HS_TIME_NEVER);
    ck_assert(fault->had_effect);
    ck_assert_uint_gt(fault->touched, 0);
    ck_assert_int_eq(fault->failback.status, HS_STATUS_DID_NOT_HAPPEN);
    ck_assert_uint_eq(hs_exposure_marks(hs_world_exposure(run.world)), 1);
    check_fault(run.world, "primary");
}
END_TEST

/* Two faults of one link: it is well when the last one has left it. */
START_TEST(overlapping_faults_end_with_the_last)
{
    g_autofree char *both = g_strconcat(text,
                                        "[fault again]\n"
                                        "target = primary\n"
                                        "action = blackhole\n"
                                        "at = 30s\n"
                                        "for = 15s\n",
                                        NULL);
    g_auto(Run) run = {0};

    load(&run, both, SETS("fault cut.at=20s"));
    hs_world_run(run.world);
    ck_assert_int_eq(fault_at(run.world, "cut", "cleared"), HS_SEC(35));
    ck_assert_int_eq(fault_at(run.world, "again", "cleared"), HS_SEC(45));
    ck_assert_uint_eq(
        count(run.world, HS_FACT_BFD, "primary bfd", "Up", HS_SEC(20)), 2);
    ck_assert_uint_eq(
        count(run.world, HS_FACT_BFD, "primary bfd", "Up", HS_SEC(45)), 2);
    check_books(run.world);
}
END_TEST

/* A public virtual interface */

static const char public_text[] = "[scenario]\n"
                                  "duration = 60s\n"
                                  "warmup = 5s\n"
                                  "[onprem dc]\n"
                                  "asn = 65001\n"
                                  "prefix = 172.16.0.0/24\n"
                                  "[vpc app]\n"
                                  "cidr = 10.0.0.0/16\n"
                                  "[gateway vgw]\n"
                                  "attach = app\n"
                                  "[dx primary]\n"
                                  "between = dc, vgw\n"
                                  "vif = public\n"
                                  "keepalive = 1s\n"
                                  "hold = 3s\n"
                                  "[vpn main]\n"
                                  "between = dc, vgw\n"
                                  "underlay = primary\n"
                                  "local-preference = 200\n"
                                  "keepalive = 2s\n"
                                  "hold = 6s\n"
                                  "[vpn backup]\n"
                                  "between = dc, vgw\n"
                                  "prepend = 1\n"
                                  "[database orders]\n"
                                  "client = app\n"
                                  "server = dc\n"
                                  "rate = 20/s\n"
                                  "[fault cut]\n"
                                  "target = primary\n"
                                  "action = blackhole\n"
                                  "at = 20s\n"
                                  "for = forever\n";

/* The edges' counters while the fault lasts. */
typedef struct {
    Run *run;
    uint64_t early[2], late[2]; /* delivered to main's two endpoints */
} Watch;

static void
watch_edges(void *user_data, HsTime now, HsTime end)
{
    Watch *watch = user_data;

    for (unsigned i = 0; i < 2; i++) {
        g_autofree char *name = g_strdup_printf("main.tunnel%u.edge", i + 1);
        HsWorldLinkReport edge = link_of(watch->run->world, name);
        uint64_t delivered = edge.direction[0].packets[HS_SIM_LINK_DELIVERED];

        if (now <= HS_SEC(21))
            watch->early[i] = delivered;
        if (now == end)
            watch->late[i] = delivered;
    }
}

/* The interface's own BGP (AS 7224) ends first, and with it the route that
 * pinned the tunnels; what still is sent into them goes to the internet, which
 * knows no way to those addresses. The tunnels' BGP expires by its own hold
 * time: nobody tells it. */
START_TEST(dead_public_interface_carries_nothing)
{
    Watch watch = {0};
    g_auto(Run)
        run = {.options = {.progress = watch_edges, .user_data = &watch}};
    g_autoptr(GArray) drops = NULL;
    g_autofree char *facts = NULL;
    uint64_t no_route = 0;

    watch.run = &run;
    load(&run, public_text, NULL);
    hs_world_run(run.world);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_gt(watch.early[i], 0);
        ck_assert_uint_eq(watch.late[i], watch.early[i]);
    }
    drops = hs_world_drops(run.world);
    for (guint i = 0; i < drops->len; i++) {
        const HsWorldDrop *drop = &g_array_index(drops, HsWorldDrop, i);

        if (strcmp(drop->node, "internet") == 0 &&
            strcmp(drop->reason, hs_drop_name(HS_DROP_NO_ROUTE)) == 0)
            no_route = drop->packets;
    }
    ck_assert_uint_gt(no_route, 0);

    facts = facts_text(run.world, false);
    ck_assert_ptr_nonnull(strstr(facts, "dc.gateway bgp main.tunnel1 bgp - "
                                        "Established Idle HoldTimer"));
    ck_assert_ptr_nonnull(strstr(facts, "dc.gateway bgp primary bgp - "
                                        "Established Idle HoldTimer"));
    ck_assert_ptr_nonnull(strstr(facts, "primary.aws bgp primary bgp - "
                                        "Established Idle HoldTimer"));
    /* The backup took over, and nothing was ever in clear outside. */
    ck_assert_uint_gt(count(run.world, HS_FACT_REPLY, NULL, NULL, HS_SEC(40)),
                      100);
    for (unsigned i = 0; i < hs_world_links(run.world); i++) {
        const HsExposureLink *link =
            hs_exposure_link(hs_world_exposure(run.world), i);

        ck_assert_msg(link->trusted || !link->seen_clear, "%s", link->name);
    }
    check_books(run.world);
}
END_TEST

/* Theory */

static const struct {
    const char *name;
    const char *sets[6];
} designs[] = {
    {"BFD", {"dx primary.bfd=300ms x 3"}},
    {"carrier", {"dx primary.bfd=off", "fault cut.action=link-down"}},
    {"hold time of 9 s",
     {"dx primary.bfd=off", "dx primary.keepalive=3s", "dx primary.hold=9s"}},
    {"hold time of 9 s, BIRD",
     {"dx primary.bfd=off", "dx primary.keepalive=3s", "dx primary.hold=9s",
      "onprem dc.preset=bird"}},
    {"to AWS only", {"fault cut.direction=to-aws"}},
    {"to on-premises only", {"fault cut.direction=to-onprem"}},
};

#define SEEDS 20

static void
check_within(const HsBounds *bounds, HsBoundTerm term, HsDuration value,
             const char *design, unsigned seed)
{
    const HsBoundResult *result = &bounds->terms[term];

    ck_assert(result->applies);
    ck_assert_msg(value >= result->bound.min && value <= result->bound.max,
                  "%s, seed %u: %s after %.6f s, not within %.6f and %.6f",
                  design, seed, hs_bound_term_name(term), (double)value / 1e9,
                  (double)result->bound.min / 1e9,
                  (double)result->bound.max / 1e9);
}

static void
check_theory(const char *design, unsigned seed, const Run *run)
{
    const HsFacts *facts = hs_world_facts(run->world);
    g_autoptr(HsSamples) samples = hs_samples_new(facts);
    g_autoptr(HsTimeline) timeline =
        hs_timeline_new(facts, samples, HS_SEC(5), HS_SEC(60));
    const HsFaultTimeline *fault = timeline->faults->pdata[0];
    static const struct {
        const char *client;
        HsBoundTerm term;
    } clients[] = {{"persistent", HS_BOUND_PERSISTENT},
                   {"pool", HS_BOUND_POOL}};
    HsBounds bounds;

    ck_assert(hs_theory_bounds(run->scenario,
                               hs_scenario_fault(run->scenario, 0), &bounds));
    ck_assert_int_ge(fault->governing, 0);
    check_within(&bounds, HS_BOUND_DETECT,
                 fault->network[HS_PART_DETECT].since_t0, design, seed);
    ck_assert_int_eq(fault->network[HS_PART_DATAPLANE].status,
                     HS_STATUS_HAPPENED);
    check_within(&bounds, HS_BOUND_NETWORK,
                 fault->network[HS_PART_DATAPLANE].since_t0, design, seed);
    for (unsigned i = 0; i < G_N_ELEMENTS(clients); i++) {
        const HsClientFailover *client =
            hs_fault_client(fault, clients[i].client);

        ck_assert_ptr_nonnull(client);
        /* A request a while: over before one noticed. */
        if (client->recovery == HS_RECOVERY_UNINTERRUPTED)
            continue;
        ck_assert_int_eq(client->recovery, HS_RECOVERY_RECOVERED);
        check_within(&bounds, clients[i].term, client->failover, design, seed);
    }
}

START_TEST(theory_holds)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        g_autofree char *set = g_strdup_printf("scenario.seed=%u", seed);
        const char *sets[8] = {set};
        g_auto(Run) run = {0};

        for (unsigned i = 0; designs[_i].sets[i] != NULL; i++)
            sets[i + 1] = designs[_i].sets[i];
        load(&run, text, sets);
        hs_world_run(run.world);
        check_theory(designs[_i].name, seed, &run);
    }
}
END_TEST

/* Nothing hangs on the tunnel of a fault elsewhere. */
START_TEST(theory_keeps_out_of_other_faults)
{
    g_auto(Run) run = {0};
    HsBounds bounds;

    load(&run, text, SETS("fault cut.target=backup"));
    ck_assert(!hs_theory_bounds(run.scenario,
                                hs_scenario_fault(run.scenario, 0), &bounds));
}
END_TEST

/* Several in one process: also what valgrind looks at. */

START_TEST(worlds_one_after_another)
{
    static const char *const shorter = "scenario.duration=30s";
    static const char *const healed = "fault cut.for=2s";
    g_autofree char *a = facts_of(true, SETS(shorter, healed));
    g_autofree char *b = NULL, *c = NULL;
    g_auto(Run) never_run = {0};

    load(&never_run, public_text, NULL);
    run_clear(&never_run);
    never_run = (Run){0};
    b = facts_of(true, SETS(shorter, healed, "fault cut.action=link-down",
                            "vpn backup.nat-t=yes"));
    c = facts_of(true, SETS(shorter, healed));
    ck_assert(strcmp(a, b) != 0);
    ck_assert(strcmp(a, c) == 0);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("world");
    TCase *tc = tcase_create("books");

    tcase_add_loop_test(tc, nothing_is_lost_without_a_counter, 0,
                        G_N_ELEMENTS(variants));
    suite_add_tcase(s, tc);
    tc = tcase_create("tunnels");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_handshake_takes_two_round_trips);
    tcase_add_loop_test(tc, aws_takes_its_lowest, 0, G_N_ELEMENTS(offers));
    tcase_add_loop_test(tc, a_misfit_does_not_come_up, 0,
                        G_N_ELEMENTS(misfits));
    tcase_add_test(tc, aws_gives_a_silent_peer_up);
    tcase_add_test(tc, keys_are_noted);
    suite_add_tcase(s, tc);
    tc = tcase_create("seeds");
    tcase_add_test(tc, same_seed_same_facts);
    tcase_add_test(tc, another_seed_another_instant);
    tcase_add_test(tc, instant_without_a_range_is_exact);
    tcase_add_test(tc, capture_changes_nothing_but_the_evidence);
    tcase_add_test(tc, evidence_has_no_number_without_a_capture);
    tcase_add_test(tc, trace_is_told_and_changes_nothing);
    suite_add_tcase(s, tc);
    tc = tcase_create("faults");
    tcase_add_test(tc, fault_of_a_tunnel_touches_only_that);
    tcase_add_test(tc, fault_of_a_vpn_touches_both_tunnels);
    tcase_add_test(tc, lasting_fault_is_reported);
    tcase_add_test(tc, overlapping_faults_end_with_the_last);
    tcase_add_test(tc, dead_public_interface_carries_nothing);
    suite_add_tcase(s, tc);
    tc = tcase_create("theory");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, theory_holds, 0, G_N_ELEMENTS(designs));
    tcase_add_test(tc, theory_keeps_out_of_other_faults);
    suite_add_tcase(s, tc);
    tc = tcase_create("several");
    tcase_add_test(tc, worlds_one_after_another);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
