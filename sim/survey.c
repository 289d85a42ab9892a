/* The cases of a survey: made, run and read.
 *
 * Each run is as long as the slowest timer of the design can need: sessions
 * come up, the fault strikes and stays, the last hold timer may expire, and
 * TCP's next retransmission may be as far away again. The database's rate and
 * the probe's interval are lowered to what resolves the outage; what is not
 * as in the scenario stands at the head of each case's file. */

#include "config.h"

#include "sim/survey.h"

#include "sim/cli.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define RATE     "20/s"
#define INTERVAL "20ms"

/* The fault comes so long after the warm-up: drawn from here. */
#define STEADY HS_SEC(5)
#define DRAW   HS_SEC(5)

/* Beyond twice the detection: convergence, tunnels made anew, settling. */
#define SLACK HS_SEC(30)

struct HsSurvey {
    GPtrArray *elements; /* HsSurveyElement *, owned */
    GPtrArray *left_out; /* HsSurveyLeftOut *, owned */
    GPtrArray *cases;    /* HsSurveyCase *, owned */
    GPtrArray *children; /* HsChild *, borrowed: by case, NULL: not run */
    char *folder;        /* owned */
    HsDuration length;
};

static const struct {
    const char *name, *action, *direction;
} failures[] = {
#define X(name, text, action, direction)                                       \
    [HS_FAILURE_##name] = {text, action, direction},
    HS_FAILURES(X)
#undef X
};

const char *
hs_failure_name(HsFailure failure)
{
    g_assert((unsigned)failure < G_N_ELEMENTS(failures));
    return failures[failure].name;
}

const char *
hs_survey_state_name(HsSurveyState state)
{
    static const char *const names[] = {
#define X(name, text) [HS_SURVEY_##name] = text,
        HS_SURVEY_STATES(X)
#undef X
    };

    g_assert((unsigned)state < G_N_ELEMENTS(names));
    return names[state];
}

static void
case_free(void *data)
{
    HsSurveyCase *c = data;

    g_free(c->name);
    g_free(c->path);
    g_free(c->why);
    g_free(c->detected);
    g_free(c);
}

/* How long */

static HsDuration
of_session(const HsBgpTimers *a, const HsBgpTimers *b)
{
    return MIN(a->hold, b->hold) +
           MAX(a->graceful_restart, b->graceful_restart);
}

/* The longest that anything may go unnoticed. BFD counts only where nothing
 * slower may have to do its work: a session's own timers always run. */
static HsDuration
slowest_detection(const HsScenario *scenario)
{
    HsDuration slowest = HS_SEC(10);
    const HsDx *dx;
    const HsVpn *vpn;
    const HsOnprem *site;

    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)) != NULL; i++)
        slowest = MAX(slowest, of_session(&dx->customer, &dx->aws));
    for (unsigned i = 0; (vpn = hs_scenario_vpn(scenario, i)) != NULL; i++) {
        slowest = MAX(slowest, of_session(&vpn->customer, &vpn->aws));
        slowest = MAX(slowest, vpn->aws_dpd_timeout);
    }
    for (unsigned i = 0; (site = hs_scenario_onprem(scenario, i)) != NULL; i++)
        if (site->routers > 1)
            slowest = MAX(slowest, of_session(&site->ibgp, &site->ibgp));
    return slowest;
}

static HsTime
earliest_fault(const HsScenario *scenario)
{
    return hs_scenario_settings(scenario, 0)->warmup + STEADY;
}

/* The files */

static void
set_time(HsVariant *variant, const char *group, const char *key, HsTime value)
{
    char text[HS_TIME_TEXT];

    hs_variant_set(variant, group, key, hs_duration_format(value, text));
}

/* What all cases have in common. */
static HsVariant *
base_variant(const HsSurvey *survey, const HsScenario *scenario,
             const char *file, const HsSurveyOptions *options, GError **error)
{
    g_autoptr(HsVariant) variant = hs_variant_new(file, options->sets, error);
    const HsSettings *settings = hs_scenario_settings(scenario, 0);
    const HsDatabase *database = hs_scenario_database(scenario, 0);
    g_autofree char *group = NULL, *seed = NULL;

    if (variant == NULL)
        return NULL;
    hs_variant_drop(variant, "fault");
    hs_variant_drop(variant, "expect");
    hs_variant_drop(variant, "capture");
    hs_variant_drop(variant, "probe");
    hs_variant_drop_load(variant);
    hs_variant_unset(variant, "scenario", "expected-verdict");
    set_time(variant, "scenario", "duration", survey->length);
    seed = g_strdup_printf("%" G_GUINT64_FORMAT,
                           options->has_seed ? options->seed : settings->seed);
    hs_variant_set(variant, "scenario", "seed", seed);
    group = g_strdup_printf("database %s", database->element.name);
    hs_variant_set(variant, group, "rate", RATE);
    hs_variant_set(variant, "probe", "interval", INTERVAL);
    hs_variant_set(variant, "capture", "file", "no");
    return g_steal_pointer(&variant);
}

static void
add_fault(HsVariant *variant, const char *name, const char *target,
          HsFailure failure, HsTime low, HsTime high)
{
    g_autofree char *group = g_strdup_printf("fault %s", name);
    g_autofree char *at = NULL;
    char first[HS_TIME_TEXT], last[HS_TIME_TEXT];

    at = g_strdup_printf("%s..%s", hs_duration_format(low, first),
                         hs_duration_format(high, last));
    hs_variant_set(variant, group, "target", target);
    hs_variant_set(variant, group, "action", failures[failure].action);
    if (failures[failure].direction != NULL)
        hs_variant_set(variant, group, "direction",
                       failures[failure].direction);
    hs_variant_set(variant, group, "at", at);
    hs_variant_set(variant, group, "for", "forever");
}

static char *
case_name(const HsSurveyCase *c)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (unsigned i = 0; i < 2 && c->element[i] != NULL; i++)
        g_string_append_printf(name, "%s%s-%s", i > 0 ? "+" : "",
                               c->element[i]->name,
                               hs_failure_name(c->failure[i]));
    g_string_replace(name, ", ", "-", 0);
    g_string_replace(name, " ", "-", 0);
    return g_string_free(g_steal_pointer(&name), FALSE);
}

/* The first line of a complaint, without the file's name. */
static char *
first_line(const char *message, const char *path)
{
    g_autofree char *line = g_strndup(message, strcspn(message, "\n"));
    const char *text = line;

    if (g_str_has_prefix(text, path)) {
        text += strlen(path);
        text += strspn(text, ":0123456789 ");
    }
    return g_strdup(text);
}

/* Whether the scenario takes such faults: loading decides. */
static void
try_to_load(HsSurveyCase *c)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(HsScenario) scenario = hs_scenario_load(c->path, NULL, &error);

    if (scenario == NULL)
        c->why = first_line(error->message, c->path);
}

/* The second of two failures follows at once: as good as together, and each has
 * its own timeline. */
static bool
add_case(HsSurvey *survey, const HsVariant *base, HsTime at,
         const HsSurveyCase *what, GError **error)
{
    g_autoptr(HsVariant) variant = hs_variant_copy(base);
    HsSurveyCase *c = g_new0(HsSurveyCase, 1);
    g_autofree char *file = NULL, *comment = NULL;

    c->element[0] = what->element[0];
    c->element[1] = what->element[1];
    c->failure[0] = what->failure[0];
    c->failure[1] = what->failure[1];
    c->name = case_name(c);
    file = g_strconcat(c->name, ".ini", NULL);
    c->path = g_build_filename(survey->folder, file, NULL);
    g_ptr_array_add(survey->cases, c);
    if (c->element[1] == NULL) {
        add_fault(variant, "survey", c->element[0]->name, c->failure[0], at,
                  at + DRAW);
    } else {
        add_fault(variant, "first", c->element[0]->name, c->failure[0],
                  at + DRAW, at + DRAW);
        add_fault(variant, "second", c->element[1]->name, c->failure[1],
                  at + DRAW + HS_MSEC(1), at + DRAW + HS_MSEC(1));
    }
    comment = g_strdup_printf(
        "A case of hybridsim survive. Not as in the scenario: its faults,\n"
        "expectations and probes, the duration, the database's rate (%s) and\n"
        "the probe's interval (%s).",
        RATE, INTERVAL);
    if (!hs_variant_write(variant, c->path, comment, error))
        return false;
    try_to_load(c);
    return true;
}

#define BRIEF                                                                  \
    (HS_FAILURE_BIT(CUT) | HS_FAILURE_BIT(SILENT) | HS_FAILURE_BIT(CRASH))

static bool
add_singles(HsSurvey *survey, const HsVariant *base, HsTime at, bool brief,
            GError **error)
{
    for (guint i = 0; i < survey->elements->len; i++) {
        const HsSurveyElement *element = survey->elements->pdata[i];

        for (unsigned f = 0; f < HS_FAILURE_COUNT; f++) {
            HsSurveyCase c = {.element = {element}, .failure = {(HsFailure)f}};

            if ((element->failures & 1u << f) == 0 ||
                (brief && (BRIEF & 1u << f) == 0))
                continue;
            if (!add_case(survey, base, at, &c, error))
                return false;
        }
    }
    return true;
}

static bool
has_part(const HsSurveyElement *element, const char *part)
{
    return g_ptr_array_find_with_equal_func(element->parts, part, g_str_equal,
                                            NULL);
}

/* Of two that fail together, one must not be a part of the other. */
static bool
is_apart(const HsSurveyElement *a, const HsSurveyElement *b)
{
    return !has_part(a, b->name) && !has_part(b, a->name);
}

/* The worst way in which an element fails: nobody is told. */
static bool
worst_failure(const HsSurveyElement *element, HsFailure *ret_failure)
{
    static const HsFailure order[] = {HS_FAILURE_SILENT, HS_FAILURE_CRASH,
                                      HS_FAILURE_CUT};

    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        if ((element->failures & 1u << order[i]) != 0) {
            *ret_failure = order[i];
            return true;
        }
    return false;
}

static bool
add_pairs(HsSurvey *survey, const HsVariant *base, HsTime at, GError **error)
{
    for (guint i = 0; i < survey->elements->len; i++)
        for (guint j = i + 1; j < survey->elements->len; j++) {
            HsSurveyCase c = {.element = {survey->elements->pdata[i],
                                          survey->elements->pdata[j]}};

            if (!is_apart(c.element[0], c.element[1]) ||
                !worst_failure(c.element[0], &c.failure[0]) ||
                !worst_failure(c.element[1], &c.failure[1]))
                continue;
            if (!add_case(survey, base, at, &c, error))
                return false;
        }
    return true;
}

HsSurvey *
hs_survey_new(const HsScenario *scenario, const char *file,
              const HsSurveyOptions *options, const char *folder,
              GError **error)
{
    g_autoptr(HsSurvey) survey = g_new0(HsSurvey, 1);
    g_autoptr(HsVariant) base = NULL;
    HsTime at = earliest_fault(scenario);

    hs_survey_list(scenario, &survey->elements, &survey->left_out);
    survey->cases = g_ptr_array_new_with_free_func(case_free);
    survey->children = g_ptr_array_new();
    survey->folder = g_strdup(folder);
    survey->length = at + DRAW + slowest_detection(scenario) * 2 + SLACK;
    if (g_mkdir_with_parents(folder, 0777) != 0) {
        g_set_error(error, G_FILE_ERROR, (int)g_file_error_from_errno(errno),
                    "%s: cannot write results there: %s", folder,
                    g_strerror(errno));
        return NULL;
    }
    base = base_variant(survey, scenario, file, options, error);
    if (base == NULL || !add_singles(survey, base, at, options->brief, error) ||
        (options->pairs && !add_pairs(survey, base, at, error)))
        return NULL;
    return g_steal_pointer(&survey);
}

void
hs_survey_free(HsSurvey *survey)
{
    if (survey == NULL)
        return;
    g_ptr_array_unref(survey->elements);
    g_ptr_array_unref(survey->left_out);
    g_ptr_array_unref(survey->cases);
    g_ptr_array_unref(survey->children);
    g_free(survey->folder);
    g_free(survey);
}

void
hs_survey_add_children(HsSurvey *survey, GPtrArray *children)
{
    for (guint i = 0; i < survey->cases->len; i++) {
        const HsSurveyCase *c = survey->cases->pdata[i];
        HsChild *child = NULL;

        if (c->why == NULL) {
            const char *const words[] = {
                "run",          "--quiet", "--no-capture", "--out",
                survey->folder, "--",      c->path,        NULL};

            child = g_new0(HsChild, 1);
            child->argv = g_strdupv((char **)(uintptr_t)words);
            g_ptr_array_add(children, child);
        }
        g_ptr_array_add(survey->children, child);
    }
}

static void
collect_case(const HsSurvey *survey, HsSurveyCase *c, const HsChild *child)
{
    if (child == NULL)
        return;
    if (child->status != HS_EXIT_OK && child->status != HS_EXIT_FAILED &&
        child->status != HS_EXIT_NOTHING) {
        c->state = HS_SURVEY_DIED;
        c->why =
            g_strchomp(g_strdup(child->errors != NULL ? child->errors : ""));
        return;
    }
    hs_survey_read(c, survey->folder);
}

void
hs_survey_collect(HsSurvey *survey)
{
    for (guint i = 0; i < survey->cases->len; i++)
        collect_case(survey, survey->cases->pdata[i],
                     survey->children->pdata[i]);
}

/* Looking at it */

const GPtrArray *
hs_survey_elements(const HsSurvey *survey)
{
    return survey->elements;
}

const GPtrArray *
hs_survey_left_out(const HsSurvey *survey)
{
    return survey->left_out;
}

const GPtrArray *
hs_survey_cases(const HsSurvey *survey)
{
    return survey->cases;
}

HsDuration
hs_survey_length(const HsSurvey *survey)
{
    return survey->length;
}

bool
hs_survey_case_survived(const HsSurveyCase *c)
{
    return c->state == HS_SURVEY_RECOVERED ||
           c->state == HS_SURVEY_UNINTERRUPTED;
}

HsElementVerdict
hs_survey_element_verdict(const HsSurvey *survey,
                          const HsSurveyElement *element)
{
    HsElementVerdict verdict = HS_ELEMENT_UNKNOWN;

    for (guint i = 0; i < survey->cases->len; i++) {
        const HsSurveyCase *c = survey->cases->pdata[i];

        if (c->element[0] != element || c->element[1] != NULL)
            continue;
        if (c->state == HS_SURVEY_LOST)
            return HS_ELEMENT_SINGLE;
        if (hs_survey_case_survived(c))
            verdict = HS_ELEMENT_REDUNDANT;
    }
    return verdict;
}

unsigned
hs_survey_singles(const HsSurvey *survey)
{
    unsigned count = 0;

    for (guint i = 0; i < survey->elements->len; i++)
        count += hs_survey_element_verdict(
                     survey, survey->elements->pdata[i]) == HS_ELEMENT_SINGLE;
    return count;
}

unsigned
hs_survey_died(const HsSurvey *survey)
{
    unsigned count = 0;

    for (guint i = 0; i < survey->cases->len; i++)
        count += ((const HsSurveyCase *)survey->cases->pdata[i])->state ==
                 HS_SURVEY_DIED;
    return count;
}

const HsSurveyCase *
hs_survey_worst(const HsSurvey *survey)
{
    const HsSurveyCase *worst = NULL;

    for (guint i = 0; i < survey->cases->len; i++) {
        const HsSurveyCase *c = survey->cases->pdata[i];

        if (c->element[1] != NULL ||
            (c->state != HS_SURVEY_LOST && !hs_survey_case_survived(c)))
            continue;
        if (worst == NULL || c->pool.outage > worst->pool.outage ||
            (c->pool.outage == worst->pool.outage &&
             c->persistent.outage > worst->persistent.outage))
            worst = c;
    }
    return worst;
}
