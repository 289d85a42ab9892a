/* The verdict: each demand against the reading of its figure. */

#include "config.h"

#include "sim/observe/verdict.h"

const char *
hs_demand_sense_name(HsDemandSense sense)
{
    static const char *const names[] = {
#define X(name, text) [HS_DEMAND_##name] = text,
        HS_DEMAND_SENSES(X)
#undef X
    };

    g_assert((unsigned)sense < G_N_ELEMENTS(names));
    return names[sense];
}

const char *
hs_outcome_name(HsOutcome outcome)
{
    static const char *const names[] = {
#define X(name, text) [HS_OUTCOME_##name] = text,
        HS_OUTCOMES(X)
#undef X
    };

    g_assert((unsigned)outcome < G_N_ELEMENTS(names));
    return names[outcome];
}

static char *
value_text(HsReadingUnit unit, int64_t value)
{
    char text[HS_TIME_TEXT];

    switch (unit) {
    case HS_READING_IN_TIME:
        return g_strdup(hs_duration_format(value, text));
    case HS_READING_IN_BYTES:
        return g_strdup_printf("%" G_GINT64_FORMAT " B", value);
    case HS_READING_IN_COUNT:
        return g_strdup_printf("%" G_GINT64_FORMAT, value);
    case HS_READING_IN_NUMBER:
        return g_strdup_printf("%.15g", (double)value / 1e6);
    }
    g_assert_not_reached();
}

bool
hs_demand_is_met(const HsDemand *demand, const HsReading *found)
{
    if (found->state == HS_READING_NONE)
        return demand->sense == HS_DEMAND_MAX;
    if (found->state != HS_READING_VALUE)
        return false;
    switch (demand->sense) {
    case HS_DEMAND_MAX:
        return found->value <= demand->limit;
    case HS_DEMAND_MIN:
        return found->value >= demand->limit;
    case HS_DEMAND_EQUALS:
        return found->value == demand->limit;
    case HS_DEMAND_WITHIN:
        return found->value >= demand->limit && found->value <= demand->upper;
    case HS_DEMAND_WORDS: /* of no figure */
        break;
    }
    g_assert_not_reached();
}

/* "at most 2s" */
static char *
limit_text(const HsDemand *demand, HsReadingUnit unit)
{
    static const char *const senses[] = {[HS_DEMAND_MAX] = "at most",
                                         [HS_DEMAND_MIN] = "at least",
                                         [HS_DEMAND_EQUALS] = "exactly",
                                         [HS_DEMAND_WITHIN] = "within",
                                         [HS_DEMAND_WORDS] = "one of"};
    g_autofree char *limit = value_text(unit, demand->limit);
    g_autofree char *upper = value_text(unit, demand->upper);

    if (demand->sense == HS_DEMAND_WITHIN)
        return g_strdup_printf("from %s to %s", limit, upper);
    return g_strdup_printf("%s %s", senses[demand->sense], limit);
}

static HsCheck
check_demand(const HsDemand *demand, const HsReading *found, const char *where)
{
    HsCheck check = {.demand = *demand};
    g_autofree char *value = NULL, *limit = NULL;

    if (found == NULL) {
        check.outcome = HS_OUTCOME_UNKNOWN;
        check.text =
            g_strdup_printf("%s: there is no such figure", demand->figure);
        return check;
    }
    check.reading = *found;
    check.outcome =
        hs_demand_is_met(demand, found) ? HS_OUTCOME_PASS : HS_OUTCOME_FAIL;
    if (found->state == HS_READING_NOT_OBSERVED)
        check.outcome = HS_OUTCOME_NOT_OBSERVED;
    value = found->state == HS_READING_VALUE
                ? value_text(found->unit, found->value)
                : g_strdup(hs_reading_state_name(found->state));
    limit = limit_text(demand, found->unit);
    check.text = g_strdup_printf(
        "%s %s%s%s%s, %s", demand->figure, value, where != NULL ? " (" : "",
        where != NULL ? where : "", where != NULL ? ")" : "", limit);
    return check;
}

static void
check_clear(gpointer data)
{
    HsCheck *check = data;

    g_free(check->text);
    g_free(check->why);
}

static void
append(HsVerdict *verdict, const HsCheck *check)
{
    bool passed = check->outcome == HS_OUTCOME_PASS;

    verdict->passed += passed;
    verdict->failed += !passed;
    verdict->unmet += !passed;
    g_array_append_vals(verdict->checks, check, 1);
}

HsVerdict *
hs_verdict_new(const HsReadings *readings, const HsDemand *demands,
               unsigned count)
{
    HsVerdict *verdict = g_new0(HsVerdict, 1);

    verdict->checks = g_array_new(FALSE, FALSE, sizeof(HsCheck));
    g_array_set_clear_func(verdict->checks, check_clear);
    verdict->missing = g_ptr_array_new_with_free_func(g_free);
    verdict->idle = g_ptr_array_new_with_free_func(g_free);
    for (unsigned i = 0; i < count; i++)
        hs_verdict_check(verdict, &demands[i],
                         hs_readings_find(readings, demands[i].figure), NULL);
    return verdict;
}

void
hs_verdict_check(HsVerdict *verdict, const HsDemand *demand,
                 const HsReading *found, const char *where)
{
    HsCheck check = check_demand(demand, found, where);

    append(verdict, &check);
}

void
hs_verdict_add(HsVerdict *verdict, const HsDemand *demand, HsOutcome outcome,
               char *text, char *why)
{
    HsCheck check = {
        .demand = *demand, .outcome = outcome, .text = text, .why = why};

    append(verdict, &check);
}

bool
hs_check_is_met(const HsCheck *check)
{
    return check->outcome ==
           (check->must_fail ? HS_OUTCOME_FAIL : HS_OUTCOME_PASS);
}

/* "plaintext.bytes.max" is the demand of this check. */
static bool
is_named(const HsCheck *check, const char *name)
{
    g_autofree char *own =
        g_strdup_printf("%s.%s", check->demand.figure,
                        hs_demand_sense_name(check->demand.sense));

    if (check->demand.sense == HS_DEMAND_WORDS)
        return g_str_equal(check->demand.figure, name);
    return g_str_equal(own, name);
}

static bool
name_check(HsVerdict *verdict, const char *name)
{
    bool found = false;

    for (guint i = 0; i < verdict->checks->len; i++) {
        HsCheck *check = &g_array_index(verdict->checks, HsCheck, i);

        if (is_named(check, name))
            check->must_fail = found = true;
    }
    return found;
}

void
hs_verdict_must_fail(HsVerdict *verdict, char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        verdict->lesson = true;
        if (!name_check(verdict, *names))
            g_ptr_array_add(verdict->missing, g_strdup(*names));
    }
    verdict->unmet = verdict->missing->len + verdict->idle->len;
    for (guint i = 0; i < verdict->checks->len; i++)
        verdict->unmet +=
            !hs_check_is_met(&g_array_index(verdict->checks, HsCheck, i));
}

void
hs_verdict_faults(HsVerdict *verdict, const HsTimeline *timeline)
{
    for (guint i = 0; i < timeline->faults->len; i++) {
        const HsFaultTimeline *fault = timeline->faults->pdata[i];

        if (fault->had_effect)
            continue;
        g_ptr_array_add(
            verdict->idle,
            g_strdup_printf("the fault %s touched nothing: %s of %s",
                            fault->name, fault->action, fault->target));
        verdict->unmet++;
    }
}

void
hs_verdict_free(HsVerdict *verdict)
{
    if (verdict == NULL)
        return;
    g_array_unref(verdict->checks);
    g_ptr_array_unref(verdict->missing);
    g_ptr_array_unref(verdict->idle);
    g_free(verdict);
}

int
hs_verdict_exit_code(const HsVerdict *verdict)
{
    if (verdict->unmet > 0)
        return 1;
    return verdict->checks->len > 0 ? 0 : 4;
}
