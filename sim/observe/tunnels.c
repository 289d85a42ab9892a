/* Each end of a tunnel reports two machines: "NAME ike" and "NAME esp", with
 * the states down, negotiating, established and rekeying. The tunnel is up
 * while its ESP is not down; of a change to established the fact has the suite
 * as its peer, and as its value how long it took. */

#include "config.h"

#include "sim/observe/tunnels.h"

#include <string.h>

#define IKE " ike"
#define ESP " esp"

static HsTunnelLife *
life_of(GArray *lives, const HsFact *fact, bool ike)
{
    size_t length = strlen(fact->subject) - strlen(ike ? IKE : ESP);
    g_autofree char *text = g_strndup(fact->subject, length);
    const char *name = g_intern_string(text);
    HsTunnelLife life = {.name = name,
                         .node = fact->node,
                         .speaks = true,
                         .first_up = HS_TIME_NEVER,
                         .last_lost = HS_TIME_NEVER};

    for (guint i = 0; i < lives->len; i++) {
        HsTunnelLife *known = &g_array_index(lives, HsTunnelLife, i);

        if (known->name == name && known->node == fact->node)
            return known;
        life.speaks &= known->name != name;
    }
    g_array_append_val(lives, life);
    return &g_array_index(lives, HsTunnelLife, lives->len - 1);
}

static bool
is(const char *state, const char *name)
{
    return g_strcmp0(state, name) == 0;
}

static void
take_ike(HsTunnelLife *life, const HsFact *fact)
{
    if (is(fact->to, "negotiating") && is(fact->cause, "started"))
        life->began = true;
    if (is(fact->to, "established")) {
        life->ike_suite = fact->peer;
        life->ike_rekeys += is(fact->from, "rekeying");
    }
    if (is(fact->from, "negotiating") && is(fact->to, "down")) {
        life->refused++;
        life->refused_cause = fact->cause;
    }
}

static void
take_esp(HsTunnelLife *life, const HsFact *fact)
{
    bool was_up = !is(fact->from, "down"), is_up = !is(fact->to, "down");

    if (is(fact->to, "established")) {
        life->esp_suite = fact->peer;
        life->esp_rekeys += is(fact->from, "rekeying");
    }
    life->up = is_up;
    if (was_up && !is_up) {
        life->lost++;
        life->last_lost = fact->at;
        life->lost_cause = fact->cause;
    }
    if (was_up || !is_up)
        return;
    life->made++;
    if (life->last_lost != HS_TIME_NEVER)
        life->down += fact->at - life->last_lost;
    if (life->first_up == HS_TIME_NEVER) {
        life->first_up = fact->at;
        life->handshake = fact->value;
    }
}

/* That an IKE SA is replaced is only said by the end that asked for it. */
static void
share_rekeys(GArray *lives)
{
    for (guint i = 0; i < lives->len; i++) {
        HsTunnelLife *a = &g_array_index(lives, HsTunnelLife, i);

        for (guint j = 0; j < i; j++) {
            HsTunnelLife *b = &g_array_index(lives, HsTunnelLife, j);

            if (a->name == b->name)
                a->ike_rekeys = b->ike_rekeys += a->ike_rekeys;
        }
    }
}

GArray *
hs_tunnels_new(const HsFacts *facts, HsTime end)
{
    GArray *lives = g_array_new(FALSE, FALSE, sizeof(HsTunnelLife));
    HsFact fact;

    for (size_t i = 0;
         hs_facts_next(facts, &i, HS_FACT_BIT(HS_FACT_TUNNEL), &fact);) {
        if (g_str_has_suffix(fact.subject, IKE))
            take_ike(life_of(lives, &fact, true), &fact);
        else if (g_str_has_suffix(fact.subject, ESP))
            take_esp(life_of(lives, &fact, false), &fact);
    }
    share_rekeys(lives);
    for (guint i = 0; i < lives->len; i++) {
        HsTunnelLife *life = &g_array_index(lives, HsTunnelLife, i);

        if (!life->up && life->last_lost != HS_TIME_NEVER)
            life->down += end - life->last_lost;
    }
    return lives;
}
