/* Reading [expect]: a figure or a path of result.json, what bounds it, and the
 * limit.
 *
 *     failover.pool.max = 2s                    a figure of the run
 *     fault.cut.failover.pool.max = 2s          of one fault
 *     db.during.p95.within = 20ms..80ms         any percentile, a range
 *     link.primary.to_aws.queue_full.max = 0    a path: see path.h
 *     fault.cut.client.pool.recovery = recovered, no interruption
 *
 * What is a text or a yes or no has no suffix: one of some words is expected.
 */

#include "config.h"

#include "sim/scenario/path.h"
#include "sim/scenario/private.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/value.h"

#include <string.h>

static const char *const comparisons[] = {
#define X(name, text) [HS_COMPARISON_##name] = text,
    HS_COMPARISONS(X)
#undef X
};

const char *
hs_comparison_name(HsComparison comparison)
{
    g_assert((unsigned)comparison < HS_COMPARISON_COUNT);
    return comparisons[comparison];
}

const char *
hs_expectation_key(const HsExpectation *e)
{
    g_autofree char *key =
        e->comparison == HS_COMPARISON_WORDS
            ? g_strdup(e->name)
            : g_strconcat(e->name, ".", hs_comparison_name(e->comparison),
                          NULL);

    return g_intern_string(key);
}

void
hs_expectation_free(void *expectation)
{
    HsExpectation *e = expectation;

    if (e == NULL)
        return;
    hs_path_free(e->path);
    g_strfreev(e->words);
    g_free(e->text);
    g_free(e);
}

/* The last dot parts name and comparison: "db.max" is a figure, too. */
HsComparison
hs_expectation_split_key(const char *key, char **ret_name)
{
    const char *dot = strrchr(key, '.');

    for (unsigned i = 0; dot != NULL && i < HS_COMPARISON_WORDS; i++) {
        if (g_str_equal(dot + 1, comparisons[i])) {
            *ret_name = g_strndup(key, (size_t)(dot - key));
            return i;
        }
    }
    *ret_name = g_strdup(key);
    return HS_COMPARISON_WORDS;
}

/* Names that the scenario itself decides */

static void
add_elements(GPtrArray *names, const HsScenario *scenario, HsKind kind)
{
    const HsElement *element;

    for (unsigned i = 0;
         (element = hs_scenario_element(scenario, kind, i)) != NULL; i++)
        g_ptr_array_add(names, g_strdup(element->name));
}

static void
add_tunnels(GPtrArray *names, const HsScenario *scenario)
{
    const HsElement *vpn;

    for (unsigned i = 0;
         (vpn = hs_scenario_element(scenario, HS_KIND_VPN, i)) != NULL; i++)
        for (unsigned t = 1; t <= 2; t++)
            g_ptr_array_add(names,
                            g_strdup_printf("%s.tunnel%u", vpn->name, t));
}

GPtrArray *
hs_scenario_entry_names(const void *scenario, const char *kind, const char *key)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    if ((g_str_equal(kind, "fault") && g_str_equal(key, "name")) ||
        g_str_equal(key, "fault"))
        add_elements(names, scenario, HS_KIND_FAULT);
    else if (g_str_equal(kind, "stream") && g_str_equal(key, "name"))
        add_elements(names, scenario, HS_KIND_STREAM);
    else if (g_str_equal(kind, "alarm") &&
             hs_scenario_element(scenario, HS_KIND_ALARM, 0) != NULL)
        add_elements(names, scenario, HS_KIND_ALARM); /* or those of AWS */
    else if (g_str_equal(kind, "tunnel") && g_str_equal(key, "name"))
        add_tunnels(names, scenario);
    else
        g_clear_pointer(&names, g_ptr_array_unref);
    return names;
}

/* What there is */

static bool
is_fault(const HsScenario *scenario, const char *name)
{
    const HsElement *element = hs_scenario_find(scenario, name);

    return element != NULL && element->kind == HS_KIND_FAULT;
}

/* Those that begin as no path does; for the rest a path's complaint is better.
 */
static bool
complain_of_figure(const HsExpectation *e, GString *problem)
{
    const char *name = e->name;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *word = g_strndup(name, strcspn(name, "."));
    const char *nearest;

    for (const HsField *f = hs_format_result[0].fields; f->name != NULL; f++)
        if (g_str_equal(word, f->word) ||
            (f->single != NULL && g_str_equal(word, f->single)))
            return false;
    hs_figure_add_names(names);
    nearest = hs_nearest(name, names);
    g_string_append(problem, "unknown figure");
    if (nearest != NULL)
        g_string_append_printf(
            problem, "; did you mean \"%s.%s\"?", nearest,
            hs_comparison_name(e->comparison == HS_COMPARISON_WORDS
                                   ? HS_COMPARISON_MAX
                                   : e->comparison));
    else /* there are too many to name them */
        g_string_append(problem, "; expected one of those in "
                                 "scenarios/README.md, such as failover.max, "
                                 "or a path of result.json");
    return true;
}

static bool
find_target(HsExpectation *e, const HsScenario *scenario, GString *problem)
{
    g_autofree char *fault = NULL;
    HsFigure figure;

    if (hs_figure_find(e->name, &figure)) {
        e->unit = hs_figure_unit(figure);
        return true;
    }
    if (hs_figure_parse(e->name, &e->unit, &fault) &&
        (fault == NULL || is_fault(scenario, fault)))
        return true;
    if (complain_of_figure(e, problem))
        return false;
    e->path =
        hs_path_parse(e->name, hs_scenario_entry_names, scenario, problem);
    if (e->path == NULL)
        return false;
    e->unit = e->path->unit;
    return true;
}

/* Limits */

/* Decimals as they are written, in millionths. */
static bool
read_decimal(const char *text, int64_t *ret_value, GString *problem)
{
    size_t whole = strspn(text, "0123456789");
    const char *dot = text + whole;
    size_t decimals = *dot == '.' ? strspn(dot + 1, "0123456789") : 0;
    int64_t value = 0;

    if (whole == 0 || whole > 12 || decimals > 6 ||
        (*dot == '.' && decimals == 0) ||
        dot[decimals + (*dot == '.')] != '\0') {
        g_string_append_printf(problem,
                               "\"%s\" is no number with at most six "
                               "decimals; expected something like 0.5",
                               text);
        return false;
    }
    for (size_t i = 0; i < whole; i++)
        value = value * 10 + (text[i] - '0');
    for (size_t i = 0; i < 6; i++)
        value = value * 10 + (i < decimals ? dot[1 + i] - '0' : 0);
    *ret_value = value;
    return true;
}

static bool
read_limit(HsUnit unit, const char *text, int64_t *ret_value, GString *problem)
{
    return unit == HS_UNIT_NUMBER
               ? read_decimal(text, ret_value, problem)
               : hs_limit_parse(unit, text, ret_value, problem);
}

/* "1s..2s" */
static bool
read_range(HsExpectation *e, const char *text, GString *problem)
{
    g_auto(GStrv) ends = g_strsplit(text, "..", 2);

    if (g_strv_length(ends) != 2) {
        g_string_append_printf(
            problem,
            "\"%s\" is no range; expected two limits with \"..\" "
            "between",
            text);
        return false;
    }
    if (!read_limit(e->unit, g_strstrip(ends[0]), &e->limit, problem) ||
        !read_limit(e->unit, g_strstrip(ends[1]), &e->upper, problem))
        return false;
    if (e->limit > e->upper)
        g_string_append_printf(problem,
                               "\"%s\" has nothing in it: the lower limit "
                               "comes first",
                               text);
    return e->limit <= e->upper;
}

/* All that a field can be, in words; NULL: anything. */
static GPtrArray *
words_for(const HsField *f)
{
    g_auto(GStrv) words = NULL;
    GPtrArray *list;

    if (f->type != HS_FIELD_BOOLEAN && f->words == NULL)
        return NULL;
    words =
        g_strsplit(f->type == HS_FIELD_BOOLEAN ? "yes|no" : f->words, "|", -1);
    list = g_ptr_array_new_with_free_func(g_free);
    for (char **word = words; *word != NULL; word++)
        g_ptr_array_add(list, g_strdup(*word));
    return list;
}

static bool
read_words(HsExpectation *e, const char *text, GString *problem)
{
    g_autoptr(GPtrArray) all = words_for(hs_path_field(e->path));

    e->words = g_strsplit(*text != '\0' ? text : " ", ",", -1);
    for (char **word = e->words; *word != NULL; word++) {
        g_strstrip(*word);
        if (**word != '\0' &&
            (all == NULL ||
             g_ptr_array_find_with_equal_func(all, *word, g_str_equal, NULL)))
            continue;
        g_string_append_printf(problem, "\"%s\" is nothing that it can be",
                               *word);
        if (all != NULL)
            hs_suggest(problem, *word, all);
        return false;
    }
    return true;
}

static bool
read_value(HsExpectation *e, const char *text, GString *problem)
{
    bool words = e->unit == HS_UNIT_NONE;

    if (words != (e->comparison == HS_COMPARISON_WORDS)) {
        if (words)
            g_string_append_printf(problem,
                                   "%s is a text, which has no limit; expected "
                                   "%s = WORD, ...",
                                   e->name, e->name);
        else
            g_string_append_printf(problem,
                                   "a figure is bounded by %s.max, %s.min, "
                                   "%s.equals or %s.within",
                                   e->name, e->name, e->name, e->name);
        return false;
    }
    if (words)
        return read_words(e, text, problem);
    if (e->comparison == HS_COMPARISON_WITHIN)
        return read_range(e, text, problem);
    return read_limit(e->unit, text, &e->limit, problem);
}

HsExpectation *
hs_expectation_read(const HsScenario *scenario, const char *key,
                    const char *text, GString *problem)
{
    HsExpectation *e = g_new0(HsExpectation, 1);
    g_autofree char *name = NULL;

    e->comparison = hs_expectation_split_key(key, &name);
    e->name = g_intern_string(name);
    e->text = g_strdup(text);
    if (!find_target(e, scenario, problem) || !read_value(e, text, problem))
        g_clear_pointer(&e, hs_expectation_free);
    return e;
}

/* Names that only the world knows */

bool
hs_scenario_check_paths(const HsScenario *scenario, HsEntryNames names,
                        const void *user_data, GError **error)
{
    const GPtrArray *all = hs_scenario_expect(scenario, 0)->expectations;
    g_auto(HsComplaints) complaints = {0};
    g_autofree char *text = NULL;

    hs_complaints_init(&complaints, scenario->path);
    for (guint i = 0; i < all->len; i++) {
        const HsExpectation *e = all->pdata[i];
        g_autoptr(GString) problem = g_string_new(NULL);
        HsPlace place = {.line = e->line,
                         .set = e->line == 0 ? "expect" : NULL};

        if (e->path != NULL &&
            !hs_path_check_names(e->path, names, user_data, problem))
            hs_complain(&complaints, place, "expect", hs_expectation_key(e),
                        "%s", problem->str);
    }
    if (complaints.lines->len == 0)
        return true;
    text = hs_complaints_text(&complaints);
    g_set_error_literal(error, HS_SCENARIO_ERROR, HS_SCENARIO_ERROR_INVALID,
                        text);
    return false;
}

/* All that there are */

static void
append_figure(GString *text, const char *fault, HsFigure figure)
{
    g_string_append_printf(
        text, "%s%s%s%s\t%s\t%s\n", fault != NULL ? "fault." : "",
        fault != NULL ? fault : "", fault != NULL ? "." : "",
        hs_figure_name(figure), hs_unit_name(hs_figure_unit(figure)),
        hs_figure_help(figure));
}

static void
append_path(void *user_data, const char *path, const HsField *f, HsUnit unit)
{
    GString *text = user_data;

    g_string_append_printf(text, "%s\t%s\t%s\n", path, hs_unit_name(unit),
                           g_str_has_suffix(path, ".count") &&
                                   !g_str_equal(f->word, "count")
                               ? "how many there are"
                               : f->help);
}

void
hs_scenario_figures(const HsScenario *scenario, HsEntryNames names,
                    const void *user_data, GString *text)
{
    const HsFault *fault;

    for (HsFigure figure = 0; figure < hs_figure_count(); figure++)
        append_figure(text, NULL, figure);
    for (unsigned i = 0; (fault = hs_scenario_fault(scenario, i)) != NULL; i++)
        for (HsFigure figure = 0; figure < hs_figure_count(); figure++)
            if (hs_figure_is_of_fault(figure))
                append_figure(text, fault->element.name, figure);
    hs_path_each(names, user_data, append_path, text);
}
