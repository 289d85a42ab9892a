/* Faults: when, on what, and whether the action can do anything there. */

#include "config.h"

#include "sim/scenario/check.h"

#include <string.h>

static void
check_fault_time(const HsCheckRun *c, const HsFault *fault,
                 const HsSettings *settings)
{
    char at[HS_TIME_TEXT], end[HS_TIME_TEXT];

    if (fault->at.low < settings->warmup)
        hs_check_bad(c, &fault->element, "at",
                     "%s is in the warm-up, which lasts %s: there would be no "
                     "\"before\"",
                     hs_duration_format(fault->at.low, at),
                     hs_duration_format(settings->warmup, end));
    if (fault->at.high >= settings->duration)
        hs_check_bad(c, &fault->element, "at",
                     "%s is not before the end of the run at %s",
                     hs_duration_format(fault->at.high, at),
                     hs_duration_format(settings->duration, end));
    else if (fault->length != HS_TIME_NEVER &&
             fault->length >= settings->duration - fault->at.high)
        hs_check_bad(
            c, &fault->element, "for",
            "the fault would end at %s, not before the end of the run at %s; "
            "\"forever\" if it need not heal",
            hs_duration_format(hs_time_add(fault->at.high, fault->length), at),
            hs_duration_format(settings->duration, end));
    if (fault->length == 0)
        hs_check_bad(c, &fault->element, "for",
                     "a fault of no length does nothing");
}

/* A location, device or zone that something is in. */
static bool
is_place(const HsScenario *scenario, const HsFault *fault)
{
    const HsDx *dx;

    if (fault->target_kind == HS_TARGET_ZONE)
        return true;
    for (unsigned i = 0; (dx = hs_scenario_dx(scenario, i)); i++)
        if (g_str_equal(fault->target_kind == HS_TARGET_LOCATION
                            ? dx->physical.location
                            : dx->physical.device,
                        fault->target_name))
            return true;
    return false;
}

/* Nodes and links that there are only with some other value. */
static bool
is_missing_part(const HsFault *fault)
{
    const char *part = strchr(fault->target_name, '.') + 1;
    const HsOnprem *site = (const HsOnprem *)fault->target;
    const HsVpn *vpn = (const HsVpn *)fault->target;

    if (fault->target->kind == HS_KIND_ONPREM)
        return (site->routers < 2 && hs_is_part_of_two(part)) ||
               (!site->nat && g_str_has_prefix(part, "nat"));
    return fault->target->kind == HS_KIND_VPN && vpn->tunnels < 2 &&
           g_str_has_prefix(part, "tunnel2.");
}

static void
complain_of_target(const HsCheckRun *c, const HsFault *fault)
{
    g_autofree char *targets = hs_fault_targets(fault->action);

    hs_check_bad(
        c, &fault->element, "action", "%s acts on %s, which \"%s\" is not",
        hs_fault_action_name(fault->action), targets, fault->target_name);
}

static void
check_target(const HsCheckRun *c, const HsFault *fault)
{
    bool vpn = fault->target != NULL && fault->target->kind == HS_KIND_VPN;

    if (fault->target == NULL && !is_place(c->scenario, fault))
        hs_check_bad(c, &fault->element, "target", "no [dx] is at such a %s",
                     fault->target_kind == HS_TARGET_LOCATION ? "location"
                                                              : "device");
    else if (fault->target_kind == HS_TARGET_PART && is_missing_part(fault))
        hs_check_bad(c, &fault->element, "target",
                     "[%s %s] has no such node or link in this scenario",
                     hs_kind_name(fault->target->kind), fault->target->name);
    else if (vpn && fault->tunnel > ((const HsVpn *)fault->target)->tunnels)
        hs_check_bad(c, &fault->element, "target", "[vpn %s] has one tunnel",
                     fault->target->name);
    else if (vpn && fault->target_kind == HS_TARGET_ELEMENT &&
             fault->action == HS_FAULT_LINK_DOWN)
        hs_check_bad(c, &fault->element, "action",
                     "a tunnel has no carrier to lose; expected blackhole");
    else if (!hs_fault_acts_on(fault))
        complain_of_target(c, fault);
}

/* What the action does not ask says nothing. */
static void
check_keys(const HsCheckRun *c, const HsFault *fault)
{
    const HsRow *row;

    if (fault->action == HS_FAULT_LINK_DOWN &&
        fault->direction != HS_DIRECTION_BOTH) {
        hs_check_bad(c, &fault->element, "direction",
                     "link-down takes the carrier from both ends; expected "
                     "both");
        return;
    }
    for (unsigned i = 0; (row = hs_schema_next(HS_KIND_FAULT, &i)) != NULL;)
        if (hs_element_given(&fault->element, row->key) &&
            !hs_fault_uses(fault->action, row->key) &&
            !g_str_equal(row->key, "direction"))
            hs_check_bad(c, &fault->element, row->key,
                         "says nothing with \"action = %s\"",
                         hs_fault_action_name(fault->action));
}

static void
check_amount(const HsCheckRun *c, const HsFault *fault)
{
    const HsElement *element = &fault->element;

    if (fault->action == HS_FAULT_BROWNOUT && fault->loss <= 0 &&
        fault->delay == 0 && fault->rate == 0 &&
        fault->jitter.shape == HS_DISTRIBUTION_NONE)
        hs_check_bad(c, element, "action",
                     "a brownout takes one or more of loss, delay, jitter and "
                     "rate");
    if (fault->ramp > 0 && fault->length != HS_TIME_NEVER &&
        fault->ramp > fault->length)
        hs_check_bad(c, element, "ramp", "is longer than the fault");
    if (fault->action == HS_FAULT_FLAP &&
        (fault->duty <= 0 || fault->duty >= 1))
        hs_check_bad(c, element, "duty",
                     "is out of range: above 0%% and below 100%%");
    if (hs_fault_uses(fault->action, "probability") && fault->probability <= 0)
        hs_check_bad(c, element, "probability",
                     "is 0%%: the fault would do nothing");
}

void
hs_check_faults(const HsCheckRun *c)
{
    const HsSettings *settings = hs_scenario_settings(c->scenario, 0);
    const HsFault *fault;

    for (unsigned i = 0; (fault = hs_scenario_fault(c->scenario, i)); i++) {
        check_fault_time(c, fault, settings);
        check_target(c, fault);
        check_keys(c, fault);
        check_amount(c, fault);
    }
}
