/* Which places reach which, in whole worlds of several VPCs: what a peering, a
 * transit gateway, a CloudHub or a NAT gateway connects, and what none of them
 * does. Each way of each probe arrives always or never. */

#include "config.h"

#include "sim/observe/samples.h"
#include "sim/world/world.h"
#include "tests/harness/run.h"

#include <string.h>

#define SCENARIO                                                               \
    "[scenario]\nduration = 40s\nwarmup = 15s\n"                               \
    "[capture]\nfile = no\n"
#define DC                                                                     \
    "[onprem dc]\nasn = 65001\nprefix = 172.16.0.0/24\n"                       \
    "lan.delay = 1ms\n"
#define BRANCH   "[onprem branch]\nasn = 65002\nprefix = 172.17.0.0/24\n"
#define APP      "[vpc app]\ncidr = 10.0.0.0/16\n"
#define HUB      "[vpc hub]\ncidr = 10.1.0.0/16\n"
#define FAR      "[vpc far]\ncidr = 10.2.0.0/16\nregion = far\n"
#define INTERNET "[internet]\n"
#define PEERING  "[peering peer]\nbetween = app, hub\n"
#define DX       "[dx primary]\nbetween = dc, vgw\n"
#define VPN      "[vpn main]\nbetween = dc, vgw\n"
#define BETWEEN(a, b)                                                          \
    "[database orders]\nclient = " a "\nserver = " b "\nrate = 1/s\n"          \
    "[probe]\ninterval = 200ms\n"
#define PROBE(a, b)                                                            \
    "[probe " a "-" b "]\nfrom = " a "\nto = " b "\ninterval = 200ms\n"

typedef struct {
    const char *name, *text;
    /* Directions that arrive; all others do not. */
    const char *arrive[8];
    /* And how long the first takes: at least. */
    HsDuration delay;
} Design;

static const Design designs[] = {
    {"a peered VPC, with routes on both sides",
     SCENARIO APP HUB PEERING
     "[table a]\nof = app\nroutes = 10.1.0.0/16 via peer\n"
     "[table h]\nof = hub\nroutes = 10.0.0.0/16 via peer\n" BETWEEN("app",
                                                                    "hub"),
     {"app to hub", "hub to app"},
     0},
    {"a peered VPC that has no route back",
     SCENARIO APP HUB PEERING
     "[table a]\nof = app\nroutes = 10.1.0.0/16 via peer\n" BETWEEN("app",
                                                                    "hub"),
     {"app to hub"},
     0},
    {"a peering between Regions, by its delay",
     SCENARIO APP FAR
     "[peering peer]\nbetween = app, far\ndelay = 40ms\n"
     "[table a]\nof = app\nroutes = 10.2.0.0/16 via peer\n"
     "[table f]\nof = far\nroutes = 10.0.0.0/16 via peer\n" BETWEEN("app",
                                                                    "far"),
     {"app to far", "far to app"},
     HS_MSEC(40)},
    {"peering is not transitive",
     SCENARIO APP HUB FAR PEERING
     "[peering two]\nbetween = hub, far\n"
     "[table a]\nof = app\n"
     "routes = 10.1.0.0/16 via peer, 10.2.0.0/16 via peer\n"
     "[table h]\nof = hub\n"
     "routes = 10.0.0.0/16 via peer, 10.2.0.0/16 via two\n"
     "[table f]\nof = far\n"
     "routes = 10.1.0.0/16 via two, 10.0.0.0/16 via two\n" BETWEEN("app", "far")
         PROBE("app", "hub") PROBE("hub", "far"),
     {"app to hub (app-hub)", "hub to app (app-hub)", "hub to far (hub-far)",
      "far to hub (hub-far)"},
     0},
    {"no edge-to-edge routing to a peer's Direct Connect",
     SCENARIO DC APP HUB PEERING
     "[gateway vgw]\nattach = hub\n" DX "[table a]\nof = app\n"
     "routes = 10.1.0.0/16 via peer, 172.16.0.0/24 via peer\n"
     "[table h]\nof = hub\nroutes = 10.0.0.0/16 via peer\n" BETWEEN("app", "dc")
         PROBE("hub", "dc") PROBE("hub", "app"),
     {"hub to dc (hub-dc)", "dc to hub (hub-dc)", "hub to app (hub-app)",
      "app to hub (hub-app)"},
     0},
    {"a route table without propagation",
     SCENARIO DC APP
     "[gateway vgw]\nattach = app\n" DX
     "[table a]\nof = app\npropagate = none\n" BETWEEN("app", "dc"),
     {"to AWS"},
     0},
    {"a static route to the gateway in its place",
     SCENARIO DC APP "[gateway vgw]\nattach = app\n" DX
                     "[table a]\nof = app\npropagate = none\n"
                     "routes = 172.16.0.0/24 via vgw\n" BETWEEN("app", "dc"),
     {"to AWS", "to on-premises"},
     0},
    {"two VPCs and a site on a transit gateway",
     SCENARIO DC APP HUB INTERNET
     "[gateway tgw]\ntype = tgw\nattach = app, hub\n"
     "[vpn main]\nbetween = dc, tgw\n" BETWEEN("app", "hub") PROBE("app", "dc")
         PROBE("hub", "dc"),
     {"app to hub", "hub to app", "app to dc (app-dc)", "dc to app (app-dc)",
      "hub to dc (hub-dc)", "dc to hub (hub-dc)"},
     0},
    {"CloudHub: two sites by one virtual private gateway",
     SCENARIO DC BRANCH APP INTERNET
     "[gateway vgw]\nattach = app\n" VPN
     "[vpn two]\nbetween = branch, vgw\n" BETWEEN("branch", "dc")
         PROBE("app", "branch"),
     {"branch to dc", "dc to branch", "app to branch (app-branch)",
      "branch to app (app-branch)"},
     0},
    {"a public NAT gateway is no way to a private address",
     SCENARIO DC
     "[vpc app]\ncidr = 10.0.0.0/16\ninternet-gateway = yes\n"
     "[nat-gateway nat]\nvpc = app\n"
     "[table a]\nof = app\nroutes = 0.0.0.0/0 via nat\n" INTERNET BETWEEN("app",
                                                                          "dc"),
     {NULL},
     0},
    {"a private NAT gateway, by the VPC's own gateway, one way",
     SCENARIO DC APP "[gateway vgw]\nattach = app\n" DX
                     "[nat-gateway nat]\nvpc = app\ntype = private\n"
                     "[table a]\nof = app\npropagate = vgw\n"
                     "routes = 172.16.0.10/32 via nat\n" BETWEEN("app", "dc"),
     {"to AWS", "to on-premises"},
     0},
    {"a NAT gateway of a peered VPC",
     SCENARIO DC APP
     "[vpc hub]\ncidr = 10.1.0.0/16\n"
     "[gateway vgw]\nattach = hub\n" DX PEERING
     "[nat-gateway nat]\nvpc = hub\ntype = private\n"
     "[table a]\nof = app\n"
     "routes = 10.1.0.0/16 via peer, 172.16.0.0/24 via peer\n"
     "[table h]\nof = hub\n"
     "routes = 10.0.0.0/16 via peer, 172.16.0.0/24 via nat\n" BETWEEN(
         "app", "dc") PROBE("hub", "dc"),
     {"hub to dc (hub-dc)", "dc to hub (hub-dc)"},
     0},
};

static bool
should_arrive(const Design *design, const char *direction)
{
    for (unsigned i = 0;
         i < G_N_ELEMENTS(design->arrive) && design->arrive[i] != NULL; i++)
        if (g_str_equal(design->arrive[i], direction))
            return true;
    return false;
}

/* How many of the directions that should arrive are there. */
static unsigned
check_directions(const Design *design, const GPtrArray *directions,
                 HsTime warmup)
{
    unsigned found = 0;

    for (guint i = 0; i < directions->len; i++) {
        const HsDirectionSamples *direction = directions->pdata[i];
        bool wanted = should_arrive(design, direction->direction);
        unsigned counted = 0;

        found += wanted;
        for (guint k = 0; k < direction->probes->len; k++) {
            const HsProbeSample *probe =
                &g_array_index(direction->probes, HsProbeSample, k);

            if (probe->sent < warmup)
                continue;
            counted++;
            ck_assert_msg((probe->arrived != HS_TIME_NEVER) == wanted,
                          "%s: %s, probe %u", design->name,
                          direction->direction, k);
            ck_assert_msg(
                !wanted || probe->arrived - probe->sent >= design->delay,
                "%s: %s took too little", design->name, direction->direction);
        }
        ck_assert_uint_gt(counted, 50);
    }
    return found;
}

START_TEST(reach)
{
    const Design *design = &designs[_i];
    const HsWorldOptions options = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario = hs_scenario_load_data(
        "test.ini", design->text, strlen(design->text), NULL, &error);
    g_autoptr(HsWorld) world = NULL;
    g_autoptr(HsSamples) samples = NULL;
    unsigned found, wanted = 0;

    ck_assert_msg(scenario != NULL, "%s: %s", design->name,
                  error != NULL ? error->message : "");
    world = hs_world_new(scenario, &options);
    hs_world_run(world);
    samples = hs_samples_new(hs_world_facts(world));
    found = check_directions(design, samples->directions, HS_SEC(15));
    found += check_directions(design, samples->apart, HS_SEC(15));
    while (wanted < G_N_ELEMENTS(design->arrive) &&
           design->arrive[wanted] != NULL)
        wanted++;
    ck_assert_msg(found == wanted, "%s: %u of %u ways", design->name, found,
                  wanted);
}
END_TEST

static Suite *
suite(void)
{
    Suite *s = suite_create("world_vpc");
    TCase *tc = tcase_create("reach");

    tcase_add_loop_test(tc, reach, 0, G_N_ELEMENTS(designs));
    tcase_set_timeout(tc, 30);
    suite_add_tcase(s, tc);
    return s;
}

int
main(void)
{
    return run_suite(suite());
}
