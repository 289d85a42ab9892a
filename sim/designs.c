/* The runs of a comparison, in two rounds: first the normal state of each
 * design, and the burst that finds its ceiling; then, of those in which the
 * database got answers at all, the failures. A design without a path has
 * nothing to lose.
 *
 * The burst is a probe of large datagrams, paced, in both directions at once,
 * somewhat faster than the fastest line of the design, for a fraction of a
 * second; what arrives from its middle on is the ceiling. It is shorter than
 * any detection time, so no session is lost to it. */

#include "config.h"

#include "sim/designs.h"

#include "sim/cli.h"
#include "sim/interrupt.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define STEADY HS_SEC(40) /* of the normal state, behind the warm-up */
#define DRAIN  HS_SEC(5)
#define WINDOW HS_MSEC(800)
#define MOST   90000 /* datagrams of a burst, each way: 0.8 s at 1.2 Gbit/s */
#define EXCESS 1.2   /* offered, of the fastest line */

struct HsDesigns {
    HsRequirements required;
    char *folder;    /* owned */
    GPtrArray *list; /* HsDesign *, owned */
    bool fail_elements;
    unsigned died;
};

static const struct {
    const char *name, *key;
} criteria[] = {
#define X(id, name, key) [HS_CRITERION_##id] = {name, key},
    HS_CRITERIA(X)
#undef X
};

const char *
hs_criterion_name(HsCriterion criterion)
{
    g_assert((unsigned)criterion < G_N_ELEMENTS(criteria));
    return criteria[criterion].name;
}

const char *
hs_criterion_key(HsCriterion criterion)
{
    g_assert((unsigned)criterion < G_N_ELEMENTS(criteria));
    return criteria[criterion].key;
}

const char *
hs_mark_name(HsMark mark)
{
    static const char *const names[] = {
#define X(name, text) [HS_MARK_##name] = text,
        HS_MARKS(X)
#undef X
    };

    g_assert((unsigned)mark < G_N_ELEMENTS(names));
    return names[mark];
}

static void
design_free(void *data)
{
    HsDesign *design = data;

    for (unsigned i = 0; i < HS_CRITERION_COUNT; i++)
        g_free(design->cells[i].text);
    hs_survey_free(design->survey);
    hs_scenario_free(design->scenario);
    g_free(design->label);
    g_free(design->file);
    g_strfreev(design->sets);
    g_free(design->folder);
    g_free(design);
}

HsDesigns *
hs_designs_new(const HsRequirements *required, const char *folder,
               bool fail_elements)
{
    HsDesigns *designs = g_new0(HsDesigns, 1);

    designs->required = *required;
    designs->folder = g_strdup(folder);
    designs->list = g_ptr_array_new_with_free_func(design_free);
    designs->fail_elements = fail_elements;
    return designs;
}

void
hs_designs_free(HsDesigns *designs)
{
    if (designs == NULL)
        return;
    g_ptr_array_unref(designs->list);
    g_free(designs->folder);
    g_free(designs);
}

void
hs_designs_add(HsDesigns *designs, const char *label, const char *file,
               char *const *sets, HsScenario *scenario)
{
    HsDesign *design = g_new0(HsDesign, 1);

    design->label = g_strdup(label);
    design->file = g_strdup(file);
    design->sets = g_strdupv((char **)(uintptr_t)sets);
    design->scenario = scenario;
    design->folder =
        g_strdup_printf("%s/%u-%s", designs->folder, designs->list->len + 1,
                        hs_scenario_name(scenario));
    g_ptr_array_add(designs->list, design);
}

/* The files */

static void
set_time(HsVariant *variant, const char *group, const char *key, HsTime value)
{
    char text[HS_TIME_TEXT];

    hs_variant_set(variant, group, key, hs_duration_format(value, text));
}

/* Without what breaks, what is expected, and what is kept. */
static HsVariant *
normal_variant(const HsDesign *design, HsDuration length, GError **error)
{
    g_autoptr(HsVariant) variant =
        hs_variant_new(design->file, design->sets, error);
    const HsSettings *settings = hs_scenario_settings(design->scenario, 0);
    g_autofree char *seed =
        g_strdup_printf("%" G_GUINT64_FORMAT, settings->seed);

    if (variant == NULL)
        return NULL;
    hs_variant_drop(variant, "fault");
    hs_variant_drop(variant, "expect");
    hs_variant_drop(variant, "capture");
    hs_variant_drop(variant, "probe");
    hs_variant_drop_load(variant);
    hs_variant_unset(variant, "scenario", "expected-verdict");
    hs_variant_set(variant, "scenario", "seed", seed);
    set_time(variant, "scenario", "duration", settings->warmup + length);
    hs_variant_set(variant, "capture", "file", "no");
    return g_steal_pointer(&variant);
}

/* A probe between each two places; the word says which criterion it is of. */
static void
add_reach(HsVariant *variant, const HsScenario *scenario)
{
    const HsVpc *vpc, *other;
    const HsOnprem *site;
    unsigned number = 0;

    for (unsigned i = 0; (vpc = hs_scenario_vpc(scenario, i)) != NULL; i++) {
        for (unsigned s = 0; (site = hs_scenario_onprem(scenario, s)) != NULL;
             s++) {
            g_autofree char *group =
                g_strdup_printf("probe reach-site-%u", ++number);

            hs_variant_set(variant, group, "from", vpc->element.name);
            hs_variant_set(variant, group, "to", site->element.name);
            hs_variant_set(variant, group, "interval", "200ms");
        }
        for (unsigned o = i + 1; (other = hs_scenario_vpc(scenario, o)) != NULL;
             o++) {
            g_autofree char *group =
                g_strdup_printf("probe reach-vpc-%u", ++number);

            hs_variant_set(variant, group, "from", vpc->element.name);
            hs_variant_set(variant, group, "to", other->element.name);
            hs_variant_set(variant, group, "interval", "200ms");
        }
    }
}

static bool
is_runnable(const char *path)
{
    g_autoptr(HsScenario) scenario = hs_scenario_load(path, NULL, NULL);

    return scenario != NULL;
}

static bool
write_steady(const HsDesign *design, const char *path, GError **error)
{
    static const char comment[] =
        "The normal state of a design, as hybridsim compare runs it.";
    g_autoptr(HsVariant) variant = normal_variant(design, STEADY, error);
    g_autoptr(HsVariant) reach = NULL;

    if (variant == NULL)
        return false;
    hs_variant_set(variant, "probe", "interval", "10ms");
    reach = hs_variant_copy(variant);
    add_reach(reach, design->scenario);
    if (!hs_variant_write(reach, path, comment, error))
        return false;
    return is_runnable(path) || hs_variant_write(variant, path, comment, error);
}

/* The fastest line that a packet may take, but no faster than the LANs at both
 * ends: what is lost there costs time and shows nothing. */
static uint64_t
fastest(const HsScenario *scenario)
{
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    uint64_t rate = 0;
    const HsDx *dx;
    const HsVpn *vpn;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        rate = MAX(rate, dx->link.rate * MAX(dx->physical.lag, 1));
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++)
        if (vpn->underlay_internet != NULL)
            rate = MAX(rate, MIN(vpn->aws_rate * vpn->tunnels,
                                 vpn->underlay_internet->link.rate));
    if (rate == 0)
        rate = 1000000000;
    rate = MIN(rate, hs_place_lan(database->client)->rate);
    return MIN(rate, hs_place_lan(database->server)->rate);
}

static bool
write_burst(HsDesign *design, const char *path, GError **error)
{
    g_autoptr(HsVariant) variant = normal_variant(design, DRAIN, error);
    const HsDatabase *database = hs_scenario_database(design->scenario, 0);
    const HsSettings *settings = hs_scenario_settings(design->scenario, 0);
    uint64_t rate = (uint64_t)((double)fastest(design->scenario) * EXCESS);
    HsDuration interval =
        MAX((HsDuration)(HS_BURST_PACKET * 8 * UINT64_C(1000000000) / rate),
            HS_USEC(1));
    g_autofree char *group = NULL, *size = NULL;

    if (variant == NULL)
        return false;
    design->window = MIN(WINDOW, interval * MOST);
    design->offered =
        HS_BURST_PACKET * 8 * UINT64_C(1000000000) / (uint64_t)interval;
    group = g_strdup_printf("database %s", database->element.name);
    size = g_strdup_printf("%uB", HS_BURST_PAYLOAD);
    hs_variant_set(variant, group, "rate", "1/s");
    hs_variant_set(variant, "probe", "size", size);
    set_time(variant, "probe", "interval", interval);
    set_time(variant, "probe", "start", settings->warmup + HS_SEC(1));
    set_time(variant, "probe", "for", design->window);
    return hs_variant_write(
        variant, path,
        "More datagrams than a design can carry, as hybridsim compare runs it.",
        error);
}

/* The runs */

static char *
path_in(const HsDesign *design, const char *run)
{
    g_autofree char *file = g_strconcat(run, ".ini", NULL);

    return g_build_filename(design->folder, file, NULL);
}

static void
add_child(GPtrArray *children, const HsDesign *design, const char *run)
{
    g_autofree char *path = path_in(design, run);
    const char *const words[] = {
        "run",          "--quiet", "--no-capture", "--out",
        design->folder, "--",      path,           NULL};
    HsChild *child = g_new0(HsChild, 1);

    child->argv = g_strdupv((char **)(uintptr_t)words);
    g_ptr_array_add(children, child);
}

static bool
make_normal(HsDesign *design, GPtrArray *children, GError **error)
{
    g_autofree char *steady = path_in(design, "steady");
    g_autofree char *burst = path_in(design, "burst");

    if (g_mkdir_with_parents(design->folder, 0777) != 0) {
        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
                    "%s: cannot write results there: %s", design->folder,
                    g_strerror(errno));
        return false;
    }
    if (!write_steady(design, steady, error) ||
        !write_burst(design, burst, error))
        return false;
    add_child(children, design, "steady");
    add_child(children, design, "burst");
    return true;
}

static bool
make_survey(HsDesign *design, GPtrArray *children, GError **error)
{
    g_autofree char *folder = g_build_filename(design->folder, "survive", NULL);
    HsSurveyOptions options = {
        .brief = true,
        .sets = design->sets,
        .has_seed = true,
        .seed = hs_scenario_settings(design->scenario, 0)->seed,
    };

    design->survey =
        hs_survey_new(design->scenario, design->file, &options, folder, error);
    if (design->survey == NULL)
        return false;
    hs_survey_add_children(design->survey, children);
    return true;
}

/* Runs that died; what they said is printed by nobody else. */
static unsigned
report_died(const GPtrArray *children)
{
    unsigned died = 0;

    for (guint i = 0; i < children->len; i++) {
        const HsChild *child = children->pdata[i];

        if (child->status == HS_EXIT_OK || child->status == HS_EXIT_FAILED ||
            child->status == HS_EXIT_NOTHING)
            continue;
        died++;
        hs_cli_error("%s: %s", child->argv[g_strv_length(child->argv) - 1],
                     child->errors != NULL ? g_strchomp(child->errors) : "");
    }
    return died;
}

static bool
read_normal(const HsDesigns *designs, HsDesign *design)
{
    g_autofree char *steady =
        g_build_filename(design->folder, "steady", "result.json", NULL);
    g_autofree char *burst =
        g_build_filename(design->folder, "burst", "result.json", NULL);

    return hs_designs_read(design, &designs->required, steady, burst).answered;
}

/* False: interrupted. */
static bool
run_children(GPtrArray *children, unsigned jobs,
             void (*done)(void *user_data, unsigned ended, unsigned all),
             void *user_data, GError **error)
{
    unsigned finished;

    hs_children_run(children, jobs, done, user_data);
    if (hs_interrupt_signal() == 0)
        return true;
    finished = hs_children_finished(children);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INTR,
                "interrupted: %u of %u runs had finished", finished,
                children->len);
    return false;
}

bool
hs_designs_run(HsDesigns *designs, unsigned jobs,
               void (*done)(void *user_data, unsigned ended, unsigned all),
               void *user_data, GError **error)
{
    g_autoptr(GPtrArray) normal =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);
    g_autoptr(GPtrArray) failed =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);

    for (guint i = 0; i < designs->list->len; i++)
        if (!make_normal(designs->list->pdata[i], normal, error))
            return false;
    if (!run_children(normal, jobs, done, user_data, error))
        return false;
    designs->died += report_died(normal);
    for (guint i = 0; i < designs->list->len; i++) {
        HsDesign *design = designs->list->pdata[i];

        if (read_normal(designs, design) && designs->fail_elements &&
            !make_survey(design, failed, error))
            return false;
    }
    if (failed->len > 0 && !run_children(failed, jobs, done, user_data, error))
        return false;
    designs->died += report_died(failed);
    for (guint i = 0; i < designs->list->len; i++) {
        HsDesign *design = designs->list->pdata[i];

        if (design->survey != NULL)
            hs_survey_collect(design->survey);
        hs_designs_read_survey(design, &designs->required);
    }
    return true;
}

/* Looking at it */

unsigned
hs_designs_count(const HsDesigns *designs)
{
    return designs->list->len;
}

const HsDesign *
hs_designs_design(const HsDesigns *designs, unsigned index)
{
    return designs->list->pdata[index];
}

const HsRequirements *
hs_designs_required(const HsDesigns *designs)
{
    return &designs->required;
}

unsigned
hs_designs_died(const HsDesigns *designs)
{
    return designs->died;
}
