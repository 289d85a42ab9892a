#include "config.h"

#include "sim/advice.h"

#include "sim/folder.h"
#include "sim/interrupt.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define FIGURE "failover"

/* Below this it is the draw of the timers' phases, and no advice. */
#define WORTH HS_MSEC(1)

/* A change to be tried. */
typedef struct {
    char *change;    /* owned: in words */
    GPtrArray *sets; /* char *: for --set; owned */
    char *folder;    /* owned: of its result */
} Trial;

typedef struct {
    const HsScenario *scenario;
    const HsResult *result;
    GPtrArray *trials; /* Trial *, owned */
} Search;

static void
trial_free(void *data)
{
    Trial *trial = data;

    g_free(trial->change);
    g_ptr_array_unref(trial->sets);
    g_free(trial->folder);
    g_free(trial);
}

/* CHANGE (transfer full) with SETS of "[kind name]", ended by NULL. */
static void
try(Search *search, const HsElement *element, char *change, ...)
{
    Trial *trial = g_new0(Trial, 1);
    const char *set;
    va_list sets;

    trial->change = change;
    trial->sets = g_ptr_array_new_with_free_func(g_free);
    va_start(sets, change);
    while ((set = va_arg(sets, const char *)) != NULL)
        g_ptr_array_add(trial->sets,
                        g_strdup_printf("%s %s.%s", hs_kind_name(element->kind),
                                        element->name, set));
    va_end(sets);
    g_ptr_array_add(search->trials, trial);
}

/* What could help */

/* The virtual interface or VPN of a session: "backup.tunnel1 bgp". */
static const HsElement *
element_of(const Search *search, const char *subject)
{
    gsize length = strcspn(subject != NULL ? subject : "", " .");
    g_autofree char *name =
        subject != NULL ? g_strndup(subject, length) : g_strdup("");
    const HsElement *element = hs_scenario_find(search->scenario, name);

    return element != NULL &&
                   (element->kind == HS_KIND_DX || element->kind == HS_KIND_VPN)
               ? element
               : NULL;
}

/* HOLD: what the customer gateway offers now. */
static void
try_timers(Search *search, const HsElement *element, HsDuration hold)
{
    if (hold <= HS_SEC(9))
        return;
    try(search, element,
        g_strdup_printf("hold 9s and keepalive 3s on %s", element->name),
        "hold=9s", "keepalive=3s", NULL);
}

static void
try_dx(Search *search, const HsDx *dx, HsDetectMeans means)
{
    const char *name = dx->element.name;

    if (dx->bfd.interval == 0 && means != HS_DETECT_BFD)
        try(search, &dx->element, g_strdup_printf("BFD on %s", name),
            "bfd=300ms x 3", NULL);
    if (dx->bfd.interval > 0 &&
        (dx->bfd.interval > HS_MSEC(300) || dx->bfd.multiplier > 3))
        try(search, &dx->element,
            g_strdup_printf("BFD at AWS's least, 300ms x 3, on %s", name),
            "bfd=300ms x 3", NULL);
    if (dx->customer.graceful_restart > 0)
        try(search, &dx->element,
            g_strdup_printf("no graceful restart on %s", name),
            "graceful-restart=0s", NULL);
    if (means == HS_DETECT_HOLD_TIMER)
        try_timers(search, &dx->element, dx->customer.hold);
}

static void
try_vpn(Search *search, const HsVpn *vpn, HsDetectMeans means)
{
    if (vpn->routing == HS_ROUTING_BGP &&
        (means == HS_DETECT_HOLD_TIMER || means == HS_DETECT_DPD))
        try_timers(search, &vpn->element, vpn->customer.hold);
}

/* The site's ports wait before they believe that the light is gone. */
static void
try_carrier(Search *search, const HsElement *element)
{
    const HsOnprem *site = element->kind == HS_KIND_DX
                               ? ((const HsDx *)element)->site
                               : ((const HsVpn *)element)->site;

    if (site->carrier_delay > HS_MSEC(10))
        try(search, &site->element,
            g_strdup_printf("no carrier delay at %s", site->element.name),
            "carrier-delay=0s", NULL);
}

static void
try_session(Search *search, const HsDetection *detection)
{
    const HsElement *element = element_of(search, detection->subject);

    if (element == NULL)
        return;
    if (detection->means == HS_DETECT_CARRIER)
        try_carrier(search, element);
    else if (element->kind == HS_KIND_DX)
        try_dx(search, (const HsDx *)element, detection->means);
    else
        try_vpn(search, (const HsVpn *)element, detection->means);
}

/* Nobody noticed: what was hit is asked to. */
static void
try_target(Search *search, const HsFaultTimeline *fault)
{
    const HsElement *element = element_of(search, fault->target);

    if (element != NULL && element->kind == HS_KIND_DX)
        try_dx(search, (const HsDx *)element, HS_DETECT_OTHER);
}

/* TCP's back-off is a good part of it: a limit on it makes the client connect
 * anew. */
static void
try_transport(Search *search, const HsFaultTimeline *fault)
{
    const HsDatabase *database = hs_scenario_database(search->scenario, 0);
    const HsClientFailover *client = hs_fault_client(fault, "persistent");
    const HsPart *part =
        client != NULL ? &client->parts[HS_PART_TRANSPORT] : NULL;

    if (database == NULL || part == NULL || database->tcp.user_timeout > 0 ||
        part->status != HS_STATUS_HAPPENED || part->share < 0.2)
        return;
    try(search, &database->element,
        g_strdup("TCP_USER_TIMEOUT of 1s on the database's connections"),
        "tcp-user-timeout=1s", NULL);
}

static const HsFaultTimeline *
worst_fault(const HsResult *result, const HsReading *reading)
{
    for (guint i = 0; i < result->timeline->faults->len; i++) {
        const HsFaultTimeline *fault = result->timeline->faults->pdata[i];

        if (g_strcmp0(fault->name, reading->fault) == 0)
            return fault;
    }
    return result->timeline->faults->len > 0
               ? result->timeline->faults->pdata[0]
               : NULL;
}

static void
find_trials(Search *search, const HsFaultTimeline *fault)
{
    if (fault->governing >= 0)
        try_session(search, &g_array_index(fault->detections, HsDetection,
                                           fault->governing));
    else
        try_target(search, fault);
    try_transport(search, fault);
}

/* Trying it */

static HsChild *
child_of(Trial *trial, const HsScenarioOptions *options, const char *file,
         unsigned number, const char *folder)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    HsChild *child = g_new0(HsChild, 1);

    trial->folder = g_strdup_printf("%s/%u", folder, number);
    g_ptr_array_add(words, g_strdup("run"));
    g_ptr_array_add(words, g_strdup("--quiet"));
    g_ptr_array_add(words, g_strdup("--no-capture"));
    g_ptr_array_add(words, g_strdup_printf("--out=%s", trial->folder));
    if (options->has_seed)
        g_ptr_array_add(
            words, g_strdup_printf("--seed=%" G_GUINT64_FORMAT, options->seed));
    for (char **set = options->sets; set != NULL && *set != NULL; set++)
        g_ptr_array_add(words, g_strdup_printf("--set=%s", *set));
    for (guint i = 0; i < trial->sets->len; i++)
        g_ptr_array_add(
            words, g_strdup_printf("--set=%s", (char *)trial->sets->pdata[i]));
    g_ptr_array_add(words, g_strdup("--"));
    g_ptr_array_add(words, g_strdup(file));
    g_ptr_array_add(words, NULL);
    child->argv = g_strdupv((char **)words->pdata);
    return child;
}

/* The figure in the result below FOLDER. */
static bool
read_figure(const char *folder, const char *name, HsDuration *ret_value)
{
    g_autofree char *path = g_build_filename(folder, name, "result.json", NULL);
    json_t *result = json_load_file(path, 0, NULL);
    const json_t *reading =
        json_object_get(json_object_get(result, "figures"), FIGURE);
    const char *state = json_string_value(json_object_get(reading, "state"));
    bool known = true;

    if (g_strcmp0(state, "value") == 0)
        *ret_value = (HsDuration)llround(
            json_number_value(json_object_get(reading, "value_ms")) * 1e6);
    else if (g_strcmp0(state, "none") == 0)
        *ret_value = 0;
    else
        known = false;
    json_decref(result);
    return known;
}

/* "[dx primary] hold = 9s": as it stands in a file. */
static char *
words_of(const Trial *trial)
{
    g_autoptr(GString) words = g_string_new("--set");

    for (guint i = 0; i < trial->sets->len; i++)
        g_string_append_printf(words, "%s \"%s\"", i > 0 ? " --set" : "",
                               (char *)trial->sets->pdata[i]);
    return g_strdup(words->str);
}

static char *
sentence(const char *change, HsDuration before, HsDuration after)
{
    double seconds = (double)after / 1e9;

    if (before == HS_TIME_NEVER)
        return after == 0
                   ? g_strdup_printf("with %s nothing is interrupted", change)
                   : g_strdup_printf("with %s it is back after %.3f s", change,
                                     seconds);
    if (after == 0)
        return g_strdup_printf("with %s nothing is interrupted, instead of "
                               "%.3f s",
                               change, (double)before / 1e9);
    return g_strdup_printf("with %s it takes %.3f s instead of %.3f s", change,
                           seconds, (double)before / 1e9);
}

static void
add(GPtrArray *advice, char *change, char *set, bool observed,
    HsDuration before, HsDuration after)
{
    HsAdvice *entry = g_new0(HsAdvice, 1);

    entry->change = change;
    entry->set = set;
    entry->figure = FIGURE;
    entry->before = before;
    entry->after = after;
    entry->observed = observed;
    entry->text = sentence(change, before, after);
    g_ptr_array_add(advice, entry);
}

/* Both clients were there: the difference between them is a change too, of the
 * application. */
static void
add_pool(GPtrArray *advice, const HsFaultTimeline *fault)
{
    const HsClientFailover *one = hs_fault_client(fault, "persistent");
    const HsClientFailover *pool = hs_fault_client(fault, "pool");
    HsDuration before;

    if (one == NULL || pool == NULL || pool->recovery != HS_RECOVERY_RECOVERED)
        return;
    if (one->recovery == HS_RECOVERY_NOT_RECOVERED)
        before = HS_TIME_NEVER;
    else if (one->recovery == HS_RECOVERY_RECOVERED)
        before = one->failover;
    else
        return;
    if (before - WORTH > pool->failover)
        add(advice,
            g_strdup("a pool of connections with a query time-out instead of "
                     "one connection"),
            NULL, true, before, pool->failover);
}

static int
by_saving(const void *a, const void *b)
{
    const HsAdvice *x = *(HsAdvice *const *)a, *y = *(HsAdvice *const *)b;

    return (x->after > y->after) - (x->after < y->after);
}

/* False: interrupted. */
static bool
run_trials(const Search *search, const HsScenarioOptions *options,
           const char *folder, unsigned jobs)
{
    g_autoptr(GPtrArray) children =
        g_ptr_array_new_with_free_func((GDestroyNotify)hs_child_free);

    for (guint i = 0; i < search->trials->len; i++)
        g_ptr_array_add(children, child_of(search->trials->pdata[i], options,
                                           hs_scenario_path(search->scenario),
                                           i, folder));
    hs_children_run(children, jobs, NULL, NULL);
    return hs_interrupt_signal() == 0;
}

GPtrArray *
hs_advice_find(const HsScenario *scenario, const HsScenarioOptions *options,
               const HsResult *result, unsigned jobs, unsigned *ret_tried)
{
    const HsReading *reading = hs_readings_find(result->readings, FIGURE);
    Search search = {.scenario = scenario, .result = result};
    g_autoptr(GPtrArray) advice =
        g_ptr_array_new_with_free_func(hs_advice_free);
    g_autoptr(GPtrArray) trials = g_ptr_array_new_with_free_func(trial_free);
    g_autofree char *folder = NULL;
    const HsFaultTimeline *fault;
    HsDuration before, after;
    bool ran;

    *ret_tried = 0;
    if (reading->state != HS_READING_VALUE &&
        reading->state != HS_READING_NEVER)
        return g_steal_pointer(&advice);
    before =
        reading->state == HS_READING_VALUE ? reading->value : HS_TIME_NEVER;
    fault = worst_fault(result, reading);
    if (fault == NULL)
        return g_steal_pointer(&advice);
    search.trials = trials;
    find_trials(&search, fault);
    if (trials->len > 0) {
        folder = g_dir_make_tmp("hybridsim-XXXXXX", NULL);
        if (folder == NULL)
            return NULL;
        ran = run_trials(&search, options, folder, jobs);
        for (guint i = 0; ran && i < trials->len; i++) {
            const Trial *trial = trials->pdata[i];

            if (read_figure(trial->folder, hs_scenario_name(scenario),
                            &after) &&
                after < before - WORTH)
                add(advice, g_strdup(trial->change), words_of(trial), false,
                    before, after);
        }
        hs_folder_remove(folder);
        if (!ran)
            return NULL;
        *ret_tried = trials->len;
    }
    add_pool(advice, fault);
    g_ptr_array_sort(advice, by_saving);
    return g_steal_pointer(&advice);
}
